"""What the checks look at: settings, application, database, and how the doctor was asked."""

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
    """What a check looks at is not there; another check says so."""


@dataclass
class Options:
    """How the doctor was asked; the numbers are those of the platform, in seconds."""

    deploy: bool = False
    live: bool = False
    url: str = ""
    replicas: int = 1
    proxy_timeout: int = 60  # of nginx and of most load balancers
    grace_period: int = 30  # of Kubernetes; Docker gives 10
    silence: Mapping[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)  # of the file that they were read from

    def read(self, path: Path) -> None:
        """Take `[tool.doctor]` of a pyproject.toml, where there is one."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            self.faults.append("pyproject.toml does not parse.")
            return
        for name, value in table.get("doctor", {}).items():
            if name in NUMBERS and type(value) is int and value > 0:
                setattr(self, name, value)
            elif name == "silence" and isinstance(value, dict):
                self.silence = value
            elif name in (*NUMBERS, "silence"):
                self.faults.append(f"{name} is of another kind, or below 1.")
            else:
                self.faults.append(f"{name} is unknown; there are {', '.join(NUMBERS)}, silence.")


@dataclass
class Context:
    """One deployment; a part that is not there raises NotJudgedError."""

    options: Options
    faults: Mapping[str, str]  # of the settings, by the variable's name
    found_settings: Settings | None
    found_app: Flask | None
    app_error: str = ""
    shared: dict[str, Any] = field(default_factory=dict)  # what several checks ask once

    @property
    def settings(self) -> Settings:
        """The settings, where they are valid."""
        if self.found_settings is None:
            raise NotJudgedError
        return self.found_settings

    @property
    def app(self) -> Flask:
        """The application, where it could be made."""
        if self.found_app is None:
            raise NotJudgedError
        return self.found_app

    @property
    def production(self) -> bool:
        """Whether this is judged as production."""
        settings = self.found_settings
        return self.options.deploy or (settings is not None and settings.app_env == "production")

    @cached_property
    def processes(self) -> int:
        """The processes that serve, all replicas together."""
        return self.settings.web_concurrency * self.options.replicas

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask the application itself, without a server and without limits."""
        with self.unlimited():
            return self.app.test_client().get(path, headers=headers)

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Count nothing meanwhile: the limits' storage is not asked."""
        service = service_of(self.app)
        limited, service.limits_requests = service.limits_requests, False
        try:
            yield
        finally:
            service.limits_requests = limited


def is_this_machine(host: str) -> bool:
    """Whether a connection to it does not leave the machine; a socket's folder is a path."""
    return host in LOCAL or host.startswith("/")
