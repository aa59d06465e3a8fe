"""The report as SARIF 2.1.0, for code scanning (docs.oasis-open.org/sarif/sarif/v2.1.0)."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .registry import Check, Located
from .running import Finding, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"info": "note", "warning": "warning", "error": "error"}
SETTINGS = Path(__file__).parents[1] / "settings" / "table.py"  # if a finding has no location


def as_sarif(report: Report, checks: Mapping[str, Check]) -> str:
    """Format the findings, the silenced ones as suppressed, and the rules behind them."""
    order = list(checks)
    found = [*report.findings, *report.silenced]
    driver = {
        "name": "flask doctor",
        "version": version(__package__.partition(".")[0]),
        "rules": [_rule(check) for check in checks.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(finding, order.index(finding.check.id)) for finding in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {"text": check.remedy},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    detail, check = finding.detail, finding.check
    digest = hashlib.sha256(f"{check.id} {detail}".encode()).hexdigest()
    result: dict[str, Any] = {
        "ruleId": check.id,
        "ruleIndex": index,
        "level": LEVELS[check.severity],
        "message": {"text": detail},
        "locations": [{"physicalLocation": _place(detail)}],
        "partialFingerprints": {"finding/v1": digest},
    }
    if finding.reason:
        result["suppressions"] = [{"kind": "external", "justification": finding.reason}]
    return result


def _place(detail: str) -> dict[str, Any]:
    """Return a location in the repository, which code scanning requires of each result."""
    file, line = SETTINGS, 1
    if isinstance(detail, Located):
        file, line = Path(detail.file), detail.line
    if file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    return {"artifactLocation": {"uri": file.as_posix()}, "region": {"startLine": line}}
