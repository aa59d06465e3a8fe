"""The variant's own doctor finds nothing in it, but for what these tests ask for."""

import json
from pathlib import Path

from ..project import Service, must, run


def test_in_development_nothing_is_found(project: Path) -> None:
    said = must(project, "flask", "doctor", "--fail-level=warning")
    assert said.startswith("Nothing found")


def test_nothing_is_found_in_what_it_runs_on(project: Path, migrated: dict[str, str]) -> None:
    said = must(project, "flask", "doctor", "--live", "--fail-level=warning", **migrated)
    assert said.startswith("Nothing found")


def test_from_outside_only_the_trust_in_these_tests_is_found(
    project: Path, service: Service
) -> None:
    done = run(project, "flask", "doctor", f"--url={service.url}", "--format=json")
    assert {each["id"] for each in json.loads(done.stdout)["findings"]} == {"OUT005"}


def test_broken_settings_are_named_without_a_traceback(project: Path) -> None:
    done = run(project, "flask", "doctor", APP_ENV="production", PORT="eighty")
    assert done.returncode == 1
    assert "SECRET_KEY: Not set." in done.stdout
    assert "PORT: Not a valid integer." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
