"""What the checks inspect: settings, application, database, and the doctor's own options."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from ..core.service import service_of
from ..settings import Settings

NUMBERS = ("replicas", "proxy_timeout", "grace_period")

LOCAL = ("", "localhost", "127.0.0.1", "::1")


class NotJudgedError(Exception):
    """What a check inspects is not available; another check reports that."""


@dataclass
class Options:
    """Options of the doctor; the numbers describe the platform, in seconds."""

    deploy: bool = False
    live: bool = False
    url: str = ""
    replicas: int = 1
    proxy_timeout: int = 60  # the default of nginx and of most load balancers
    grace_period: int = 30  # the default of Kubernetes; Docker's is 10
    silence: Mapping[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)  # in the file that the options come from

    def read(self, path: Path) -> None:
        """Read `[tool.doctor]` of a pyproject.toml, if it exists."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            self.faults.append("pyproject.toml cannot be read, or is not valid TOML.")
            return
        for name, value in table.get("doctor", {}).items():
            if name in NUMBERS and type(value) is int and value > 0:
                setattr(self, name, value)
            elif name == "silence" and isinstance(value, dict):
                self.silence = value
            elif name in (*NUMBERS, "silence"):
                self.faults.append(f"{name} has the wrong type, or is below 1.")
            else:
                self.faults.append(f"{name} is unknown; known are {', '.join(NUMBERS)}, silence.")


@dataclass
class Context:
    """One deployment; a part that is not available raises NotJudgedError."""

    options: Options
    faults: Mapping[str, str]  # in the settings, by the variable's name
    found_settings: Settings | None
    found_app: Flask | None
    app_error: str = ""
    shared: dict[str, Any] = field(default_factory=dict)  # what several checks need, queried once

    @property
    def settings(self) -> Settings:
        """The settings, if they are valid."""
        if self.found_settings is None:
            raise NotJudgedError
        return self.found_settings

    @property
    def app(self) -> Flask:
        """The application, if it could be created."""
        if self.found_app is None:
            raise NotJudgedError
        return self.found_app

    @property
    def production(self) -> bool:
        """Whether to judge this as production."""
        settings = self.found_settings
        return self.options.deploy or (settings is not None and settings.app_env == "production")

    @cached_property
    def processes(self) -> int:
        """The number of worker processes, for all replicas together."""
        return self.settings.web_concurrency * self.options.replicas

    def get(self, path: str, **headers: str) -> TestResponse:
        """Send a request to the application itself, without a server and without rate limits."""
        with self.unlimited():
            return self.app.test_client().get(path, headers=headers)

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Turn rate limits off meanwhile, so that their storage is not used."""
        service = service_of(self.app)
        limited, service.limits_requests = service.limits_requests, False
        try:
            yield
        finally:
            service.limits_requests = limited


def is_this_machine(host: str) -> bool:
    """Return whether the host is this machine; a path is the folder of a Unix socket."""
    return host in LOCAL or host.startswith("/")
