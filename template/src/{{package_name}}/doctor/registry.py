"""Registry of checks: each is one function, with an explanation and a remedy."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .context import Context

Severity = Literal["info", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")

Judge = Callable[[Context], Iterable[str]]
"""Inspects the deployment, and yields one sentence per finding. None contains a value."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check; its function's docstring says what it judges."""

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str
    source: str
    judge: Judge
    asks: Literal["", "live", "url"]
    deploy: bool
    alone: bool
    dependency: str

    @property
    def judged(self) -> str:
        """What the check judges."""
        return inspect.cleandoc(self.judge.__doc__ or "").replace("\n", " ")

    def applies(self, context: Context) -> bool:
        """Return whether to run the check with these options."""
        if self.deploy and not context.production:
            return False
        return {"": True, "live": context.options.live, "url": bool(context.options.url)}[self.asks]


REGISTRY: dict[str, Check] = {}


class Located(str):
    """A finding with a location in the code."""

    file: str
    line: int

    @classmethod
    def at(cls, function: Any, text: str) -> "Located":
        """Return the sentence with the location of a function, whatever decorators wrap it."""
        code = inspect.unwrap(function).__code__
        return cls.on(code.co_filename, code.co_firstlineno, text)

    @classmethod
    def on(cls, file: str | Path, line: int, text: str) -> "Located":
        """Return the sentence with a line of a file."""
        located = cls(text)
        located.file, located.line = str(file), line
        return located


def check(
    id: str,
    severity: Severity,
    title: str,
    *,
    why: str,
    remedy: str,
    source: str = "",
    asks: Literal["", "live", "url"] = "",
    deploy: bool = False,
    alone: bool = False,
    dependency: str = "",
) -> Callable[[Judge], Judge]:
    """Register the decorated function as a check.

    `deploy`: for production only; `asks`: only with `--live` or `--url`; `alone`: after the other
    checks; `dependency`: the name of the dependency in the health report that it judges.
    """

    def register(judge: Judge) -> Judge:
        assert id not in REGISTRY, id  # noqa: S101
        REGISTRY[id] = Check(
            id=id,
            severity=severity,
            title=title,
            why=why,
            remedy=inspect.cleandoc(remedy),
            source=source,
            judge=judge,
            asks=asks,
            deploy=deploy,
            alone=alone,
            dependency=dependency,
        )
        return judge

    return register


def load() -> dict[str, Check]:
    """Return the checks of every module in `checks/`, including your own, by ID."""
    package = importlib.import_module(f"{__package__}.checks")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f".checks.{module.name}", __package__)
    return dict(sorted(REGISTRY.items()))
