"""docs/troubleshooting.md names only existing doctor checks, and covers the promised symptoms."""

import re

import pytest

from tools.render import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)[2:]
DOCTOR = ROOT / "template" / "src" / "{{package_name}}" / "doctor"
REGISTERED = {
    id
    for module in DOCTOR.rglob("*.py")
    for id in re.findall(r'^@check\(\n    "([A-Z]{2,3}\d{3})"', module.read_text(), re.MULTILINE)
}


def test_every_check_named_on_the_page_is_registered() -> None:
    assert len(REGISTERED) > 30
    named = {id for _, ids, _ in ROWS for id in ids.split(", ")}
    assert named
    assert named <= REGISTERED
    assert set(re.findall(r"\b[A-Z]{2,3}\d{3}\b", PAGE)) <= REGISTERED


@pytest.mark.parametrize(
    "symptom",
    [
        "ModuleNotFoundError",
        "Connection refused",
        "429 from the model",
        "Memory grows",
        "request hangs",
        "CORS refuses",
        "502 after a deployment",
    ],
)
def test_each_symptom_has_a_check_and_a_remedy(symptom: str) -> None:
    found = [row for row in ROWS if symptom in row[0]]
    assert found
    assert all(ids and remedy for _, ids, remedy in found)
