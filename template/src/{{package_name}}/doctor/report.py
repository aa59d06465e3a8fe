"""The report as text and as JSON: worst findings first, with remedies to paste."""

import itertools
import json
import textwrap
from collections.abc import Iterable, Iterator

import click

from .registry import SEVERITIES, Check
from .running import Finding, Report

COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
WIDTH = 100
INDENT = " " * 16
HINTS = {"live": "--live", "url": "--url URL"}


def text(report: Report) -> str:
    """Format the report for a terminal; elsewhere, `click.echo` removes the colours."""
    parts = [
        _finding(check, list(group))
        for check, group in itertools.groupby(report.findings, lambda each: each.check)
    ]
    return "\n\n".join([*parts, "\n".join(_closing(report))])


def _finding(check: Check, findings: list[Finding]) -> str:
    severity = click.style(f"{check.severity:<7}", fg=COLOURS[check.severity], bold=True)
    lines = [f"{severity}  {check.id}  {click.style(check.title, bold=True)}"]
    for finding in findings:
        lines += _wrapped(finding.detail)
    lines += [click.style(line, dim=True) for line in _wrapped(f"Why: {check.why}")]
    return "\n".join([*lines, *_remedy(check, INDENT)])


def _wrapped(sentence: str, indent: str = INDENT) -> list[str]:
    return textwrap.wrap(
        sentence, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _remedy(check: Check, indent: str) -> list[str]:
    """Format the remedy; indented lines are there to be pasted, and are never wrapped."""
    lines: list[str] = []
    parts = itertools.groupby(
        f"Fix: {check.remedy}".splitlines(), lambda line: line.startswith(" ")
    )
    for is_code, group in parts:
        if is_code:
            lines += [f"{indent}{line}" for line in group]
        else:
            lines += _wrapped(" ".join(group), indent)
    return lines


def _closing(report: Report) -> Iterator[str]:
    for finding in report.silenced:
        yield f"silenced {finding.check.id}: {finding.reason}"
    counts = [
        f"{count} {severity}{'s' if count > 1 and severity != 'info' else ''}"
        for severity in reversed(SEVERITIES)
        if (count := len({each.check.id for each in report.findings if _is(each, severity)}))
    ]
    yield f"{', '.join(counts) or 'Nothing found'}; checks passed: {len(report.passed)}."
    if report.not_judged:
        yield f"Skipped, because what they check is not available: {_ids(report.not_judged)}."
    hints = dict.fromkeys(HINTS.get(check.asks, "--deploy") for check in report.left_out)
    if hints:
        yield f"{len(report.left_out)} more checks run with {', '.join(sorted(hints))}."
    if report.findings:
        yield f"For details, run: uv run flask doctor --explain {report.findings[0].check.id}"


def _is(finding: Finding, severity: str) -> bool:
    return finding.check.severity == severity


def _ids(checks: Iterable[Check]) -> str:
    return ", ".join(check.id for check in checks)


def explain(check: Check) -> str:
    """Format everything that the registry knows about one check."""
    when = []
    if check.deploy:
        when.append("production only (--deploy)")
    if check.asks:
        when.append(HINTS[check.asks])
    parts = {
        "Checks": check.judged,
        "When": ", ".join(when) or "always",
        "Why": check.why,
        "Source": check.source or "this service's own rules",
    }
    lines = [f"{check.id} ({check.severity}): {check.title}", ""]
    for name, sentence in parts.items():
        lines += _wrapped(f"{name + ':':<8}{sentence}", "")
    silence = f'{check.id} = "the reason"'
    lines += [*_remedy(check, ""), "", "To accept it, silence it in pyproject.toml:", ""]
    return "\n".join([*lines, "    [tool.doctor.silence]", f"    {silence}"])


def as_json(report: Report) -> str:
    """Format the report for programs."""

    def shown(finding: Finding) -> dict[str, str]:
        check = finding.check
        reason = {"reason": finding.reason} if finding.reason else {}
        return {
            "id": check.id,
            "severity": check.severity,
            "title": check.title,
            "detail": finding.detail,
            "why": check.why,
            "remedy": check.remedy,
            "source": check.source,
            **reason,
        }

    return json.dumps(
        {
            "findings": [shown(finding) for finding in report.findings],
            "silenced": [shown(finding) for finding in report.silenced],
            "passed": [check.id for check in report.passed],
            "not_judged": [check.id for check in report.not_judged],
            "left_out": [check.id for check in report.left_out],
        },
        indent=2,
    )
