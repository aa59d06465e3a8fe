"""Audit log: docs/security.md lists every security event, and no other."""

import re
from pathlib import Path

from ..conftest import ROOT
from ..support.service import PACKAGE

SOURCE = ROOT / "src" / PACKAGE
RECORDED = re.compile(r'audit\.record\(\s*"([^"]+)"')


def test_document_lists_every_security_event() -> None:
    texts = [Path(file).read_text(encoding="utf-8") for file in SOURCE.rglob("*.py")]
    recorded = {event for text in texts for event in RECORDED.findall(text)}
    document = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    section = document.partition("## Security events")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    listed = {event for row in rows for event in re.findall(r"`([^`]+)`", row)} - {"message"}
    assert "limit reached" in recorded
    assert listed == recorded
