"""The forms for issues are valid, and what people read before they take part exists."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.render import ROOT

FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


@pytest.mark.parametrize("form", sorted(FORMS.glob("*.yml")), ids=lambda form: form.stem)
def test_issue_form_is_valid(form: Path) -> None:
    schema = "github-issue-config" if form.stem == "config" else "github-issue-forms"
    command = [Path(sys.executable).with_name("check-jsonschema"), form]
    done = subprocess.run(
        [*command, f"--builtin-schema=vendor.{schema}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_pull_request_template_asks_for_what_contributing_requires() -> None:
    text = (ROOT / ".github" / "PULL_REQUEST_TEMPLATE.md").read_text()
    for asked in ("uvx nox", "test", "CHANGELOG.md", "AGENTS.md"):
        assert asked in text


def test_code_of_conduct_says_where_to_report() -> None:
    assert "[SECURITY.md](SECURITY.md)" in (ROOT / "CODE_OF_CONDUCT.md").read_text()
