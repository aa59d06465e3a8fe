"""The registry: a check is one function, with what its reader needs to judge and to mend it."""

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
"""Looks at the deployment; each sentence that it gives is a finding. None shows a value."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check; its function's docstring says what is judged."""

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
        """What is judged."""
        return inspect.cleandoc(self.judge.__doc__ or "").replace("\n", " ")

    def applies(self, context: Context) -> bool:
        """Whether this run is one that it is made for."""
        if self.deploy and not context.production:
            return False
        return {"": True, "live": context.options.live, "url": bool(context.options.url)}[self.asks]


REGISTRY: dict[str, Check] = {}


class Located(str):
    """A finding that tells of a function in the code."""

    file: str
    line: int

    @classmethod
    def at(cls, function: Any, text: str) -> "Located":
        """The sentence, with the place where the function, whatever wraps it, is written."""
        code = inspect.unwrap(function).__code__
        return cls.on(code.co_filename, code.co_firstlineno, text)

    @classmethod
    def on(cls, file: str | Path, line: int, text: str) -> "Located":
        """The sentence, with a line of a file."""
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
    """Register the function below as a check.

    `deploy`: in production only; `asks`: only with `--live` or `--url`; `alone`: after the others;
    `dependency`: the name of the one in the health report that it judges.
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
    """Every check of every module in this folder, a file of your own included; by id."""
    package = importlib.import_module(f"{__package__}.checks")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f".checks.{module.name}", __package__)
    return dict(sorted(REGISTRY.items()))
