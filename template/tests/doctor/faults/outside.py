"""Faults that are visible from outside."""

from collections.abc import Callable, Iterable
from typing import Any
from unittest.mock import patch

from flask import Flask

from ...support.ports import free_port
from ..deployment import World, part
from . import broken


def wrapped(app: Flask, wrap: Callable[..., Iterable[bytes]]) -> None:
    """Put a proxy in front of the application."""
    inner = app.wsgi_app
    setattr(app, "wsgi_app", lambda environ, start: wrap(inner, environ, start))  # noqa: B010


@broken("OUT001")
def away(world: World) -> None:
    world.options.append(f"--url=http://127.0.0.1:{free_port()}")


@broken("OUT002")
def headers_taken_away(world: World) -> None:
    def proxy(inner: Any, environ: Any, start: Any) -> Iterable[bytes]:
        def without(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [pair for pair in headers if pair[0] != "X-Frame-Options"]
            return start(status, kept, *rest)

        answer: Iterable[bytes] = inner(environ, without)
        return answer

    world.serve(lambda app: wrapped(app, proxy))


@broken("OUT003")
def any_host(world: World) -> None:
    world.serve(TRUSTED_HOSTS="")


@broken("OUT004")
def no_encryption(world: World) -> None:
    world.serve()
    world.options[-1] = world.options[-1].replace("http:", "https:")


@broken("OUT005")
def believes_everybody(world: World) -> None:
    world.serve(TRUSTED_PROXIES="127.0.0.1")


@broken("OUT006")
def pages_for_errors(world: World) -> None:
    world.serve(lambda app: app.register_error_handler(404, lambda _: ("<h1>Not here</h1>", 404)))


@broken("OUT007")
def open_metrics(world: World) -> None:
    def proxy(inner: Any, environ: Any, start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            environ["PATH_INFO"] = "/livez"
        answer: Iterable[bytes] = inner(environ, start)
        return answer

    world.serve(lambda app: wrapped(app, proxy))


@broken("OUT008")
def one_client_after_the_other(world: World) -> None:
    world.stack.enter_context(patch.object(part("checks.connections"), "SECONDS", 0.5))
    world.serve(threaded=False)
