"""The variant's own doctor finds nothing, except for what these tests cause."""

import json
from pathlib import Path

import pytest

from tools.project import Service, must, run


@pytest.mark.thorough
def test_doctor_finds_nothing_in_development(project: Path) -> None:
    said = must(project, "flask", "doctor", "--fail-level=warning")
    assert said.startswith("Nothing found")


def test_doctor_finds_only_the_trusted_test_proxy_in_a_live_service(
    project: Path, migrated: dict[str, str], service: Service
) -> None:
    asked = ("--live", f"--url={service.url}", "--format=json")
    done = run(project, "flask", "doctor", *asked, **migrated)
    assert {each["id"] for each in json.loads(done.stdout)["findings"]} == {"OUT005"}


@pytest.mark.thorough
def test_doctor_lists_broken_settings_without_a_traceback(project: Path) -> None:
    done = run(project, "flask", "doctor", APP_ENV="production", PORT="eighty")
    assert done.returncode == 1
    assert "SECRET_KEY: Not set." in done.stdout
    assert "PORT: Not a valid integer." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
