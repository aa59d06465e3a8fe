"""Run the checks: those for --live and --url run in parallel, each with a timeout."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .context import Context, NotJudgedError
from .registry import SEVERITIES, Check

SECONDS = {"": float("inf"), "live": 2.0, "url": 10.0}


@dataclass(frozen=True)
class Finding:
    """One finding of a check; `reason` says why it is silenced, if it is."""

    check: Check
    detail: str
    reason: str = ""


@dataclass
class Report:
    """The results of all checks."""

    findings: list[Finding] = field(default_factory=list)
    silenced: list[Finding] = field(default_factory=list)
    passed: list[Check] = field(default_factory=list)
    left_out: list[Check] = field(default_factory=list)  # they need other options
    not_judged: list[Check] = field(default_factory=list)  # what they inspect is not available

    def worst(self) -> int:
        """Return the index of the worst finding in SEVERITIES, or -1 if there is none."""
        return max((SEVERITIES.index(each.check.severity) for each in self.findings), default=-1)


def examine(
    context: Context,
    checks: Iterable[Check],
    finished: Callable[[Check], object] = lambda check: None,
) -> Report:
    """Run the checks and report their results; call `finished` after each check."""
    report = Report()
    asked: list[_Asking] = []
    for check in checks:
        if check.applies(context):
            asked.append(_Asking(check, context))
        else:
            report.left_out.append(check)
            finished(check)
    for one in asked:
        if not one.check.asks:
            one.run()
    _ask(report, [one for one in asked if not one.check.alone], finished)
    _ask(report, [one for one in asked if one.check.alone], finished)
    report.findings.sort(key=lambda each: (-SEVERITIES.index(each.check.severity), each.check.id))
    return report


def _ask(report: Report, asked: list["_Asking"], finished: Callable[[Check], object]) -> None:
    """Run the checks for --live and --url in parallel, and record what all of them found."""
    started = time.monotonic()
    for one in asked:
        if one.check.asks:
            threading.Thread(target=one.run, daemon=True).start()
    for one in asked:
        _note(report, one, started)
        finished(one.check)


class _Asking:
    """One check while it runs."""

    def __init__(self, check: Check, context: Context) -> None:
        self.check = check
        self.context = context
        self._details: list[str] | None = None
        self._done = threading.Event()

    def run(self) -> None:
        try:
            self._details = list(self.check.judge(self.context))
        except NotJudgedError:
            pass
        except Exception as error:  # a bug in the check itself; the others continue
            self._details = [f"The check itself failed ({type(error).__name__})."]
        self._done.set()

    def wait(self, started: float) -> list[str] | None:
        """Return what the check found, or None if it could not be judged."""
        seconds = SECONDS[self.check.asks]
        left = None if self._done.is_set() else max(0.0, started + seconds - time.monotonic())
        if self._done.wait(left):
            return self._details
        return [f"The check timed out after {seconds:g} seconds."]


def _note(report: Report, asked: _Asking, started: float) -> None:
    details = asked.wait(started)
    if details is None:
        report.not_judged.append(asked.check)
    elif not details:
        report.passed.append(asked.check)
    reason = asked.context.options.silence.get(asked.check.id, "")
    for detail in details or ():
        if isinstance(reason, str) and reason.strip():
            report.silenced.append(Finding(asked.check, detail, reason))
        else:
            report.findings.append(Finding(asked.check, detail))
