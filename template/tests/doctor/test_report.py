"""The report: text, JSON and SARIF, exit codes, and silenced findings with their reasons."""

import io
import json
import sys
from typing import Any

import pytest

from ..support.service import PACKAGE
from .deployment import CHECKS, World, part

LEVELS = {"error": "error", "warning": "warning", "info": "note"}


class Terminal(io.StringIO):
    """A terminal, as far as programs can tell."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "shown", "expected"),
    [(Terminal(), True, "100%"), (Terminal(), False, ""), (io.StringIO(), True, "")],
)
def test_progress_is_shown_for_slow_checks_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, shown: bool, expected: str
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    checks = list(CHECKS.values())[:3]
    with part("progress").progress(checks, shown=shown) as finished:
        for check in checks:
            finished(check)
    output = stream.getvalue()
    assert expected in output
    assert bool(output) == bool(expected)


def silence(world: World, **reasons: str) -> None:
    lines = [f'{id} = "{reason}"' for id, reason in reasons.items()]
    text = "\n".join(["[tool.doctor.silence]", *lines])
    (world.folder / "pyproject.toml").write_text(text)


@pytest.mark.parametrize(
    ("fail_level", "code"),
    [("never", 0), ("error", 0), ("warning", 1), ("info", 1)],
)
def test_exit_code_follows_the_fail_level(world: World, fail_level: str, code: int) -> None:
    world.variables["TRUSTED_HOSTS"] = ""  # a warning
    assert world.run("--deploy", f"--fail-level={fail_level}").exit_code == code


def test_error_fails_by_default_but_not_with_fail_level_never(world: World) -> None:
    world.variables["RATELIMIT_ENABLED"] = "false"
    assert world.run().exit_code == 1
    assert world.run("--fail-level=never").exit_code == 0


def test_worst_finding_comes_first_with_reason_and_pasteable_remedy(world: World) -> None:
    world.variables |= {"TRUSTED_HOSTS": "", "RATELIMIT_ENABLED": "false"}
    output = world.run("--deploy").stdout
    assert output.index("LIM003") < output.index("HST001")
    for id in ("LIM003", "HST001"):
        assert f"Why: {CHECKS[id].why[:40]}" in output
    assert "\n                    TRUSTED_HOSTS=api.example.com\n" in output
    assert "\x1b" not in output  # no colours without a terminal
    assert max(map(len, output.splitlines())) <= 100


def test_report_without_findings_has_two_lines(world: World) -> None:
    lines = world.run("--fail-level=warning").stdout.splitlines()
    assert lines[0].startswith("Nothing found; checks passed: ")
    assert len(lines) == 2


def test_silenced_finding_is_shown_with_its_reason_and_does_not_fail(world: World) -> None:
    world.variables["TRUSTED_HOSTS"] = ""
    silence(world, HST001="the gateway refuses other hosts")
    result = world.run("--deploy", "--fail-level=info")
    assert result.exit_code == 0
    assert "silenced HST001: the gateway refuses other hosts" in result.stdout
    assert [each["id"] for each in world.diagnose()["silenced"]] == ["HST001"]


@pytest.mark.parametrize("reasons", [{"HST001": ""}, {"HST999": "gone"}])
def test_silencing_without_reason_or_known_check_is_reported(
    world: World, reasons: dict[str, str]
) -> None:
    silence(world, **reasons)
    found = world.diagnose()["findings"]
    assert [each["id"] for each in found] == ["CFG002"]
    assert next(iter(reasons)) in found[0]["detail"]


@pytest.mark.parametrize(
    "text", ["[tool.doctor]\nreplikas = 3", "[tool.doctor]\nreplicas = 0", "["]
)
def test_invalid_pyproject_is_reported(world: World, text: str) -> None:
    (world.folder / "pyproject.toml").write_text(text)
    assert [each["id"] for each in world.diagnose()["findings"]] == ["CFG002"]


@pytest.mark.parametrize("id", CHECKS)
def test_each_check_explains_itself(world: World, id: str) -> None:
    check = CHECKS[id]
    told = " ".join(world.run("--explain", id.lower()).stdout.split())
    for text in (id, check.severity, check.title, check.judged, check.why, check.remedy):
        assert text
        assert " ".join(text.split()) in told


def test_unknown_check_id_gets_a_suggestion(world: World) -> None:
    result = world.run("--explain", "DB07")
    assert result.exit_code == 2
    assert "did you mean DB007?" in result.output


def test_url_without_a_scheme_is_rejected(world: World) -> None:
    result = world.run("--url", "api.example.com")
    assert result.exit_code == 2
    assert "https://api.example.com" in result.output


def test_sarif_output_is_complete(world: World) -> None:
    """Check what SARIF 2.1.0 requires, and what code scanning adds: a location for each result."""
    world.variables |= {"TRUSTED_HOSTS": "", "RATELIMIT_ENABLED": "false"}
    silence(world, HST001="the gateway refuses other hosts")
    log = json.loads(world.run("--deploy", "--format=sarif").stdout)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "flask doctor"
    assert [rule["id"] for rule in rules] == list(CHECKS)
    for rule in rules:
        check = CHECKS[rule["id"]]
        assert rule["defaultConfiguration"] == {"level": LEVELS[check.severity]}
        for name in ("shortDescription", "fullDescription", "help"):
            assert rule[name]["text"]
    assert {result["ruleId"] for result in run["results"]} == {"HST001", "LIM003"}
    for result in run["results"]:
        check_result(result, rules)


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    rule = rules[result["ruleIndex"]]
    assert rule["id"] == result["ruleId"]
    assert result["level"] == rule["defaultConfiguration"]["level"]
    assert result["message"]["text"]
    assert result["partialFingerprints"]
    (place,) = [each["physicalLocation"] for each in result["locations"]]
    assert place["artifactLocation"]["uri"].endswith(f"src/{PACKAGE}/settings/table.py")
    assert place["region"]["startLine"] >= 1
    suppressed = {"kind": "external", "justification": "the gateway refuses other hosts"}
    assert result.get("suppressions", []) == [suppressed] * (rule["id"] == "HST001")
