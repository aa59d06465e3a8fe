"""Security document: the tests that it names exist, and every OWASP ASVS item has a status."""

import re

from ..conftest import ROOT

DOCUMENT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
SECTION = DOCUMENT.partition("## OWASP ASVS")[2]
ROW = re.compile(r"^\| ([0-9]+\.[0-9]+\.[0-9]+) \| (.+) \| (.+) \|$", re.MULTILINE)
STANDS = ("`test_", "the platform", "not met", " above", "`flask doctor", "`uv.lock`", "is bound")


def test_tests_named_in_the_security_document_exist() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    for name in re.findall(r"`(test_\w+)`", DOCUMENT):
        assert any(f"def {name}(" in source for source in sources), name


def test_every_asvs_item_has_a_status() -> None:
    items = ROW.findall(SECTION)
    assert len(items) > 30
    for item, _, how in items:
        assert any(word in how for word in STANDS), item
    assert len({item for item, _, _ in items}) == len(items)
