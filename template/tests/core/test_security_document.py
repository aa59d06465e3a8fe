"""The security document names tests that exist, and tells of each item how it stands."""

import re

from ..conftest import ROOT

DOCUMENT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
SECTION = DOCUMENT.partition("## OWASP ASVS")[2]
ROW = re.compile(r"^\| ([0-9]+\.[0-9]+\.[0-9]+) \| (.+) \| (.+) \|$", re.MULTILINE)
STANDS = ("`test_", "the platform", "not met", " above", "`flask doctor", "`uv.lock`", "is bound")


def test_every_test_that_the_document_names_is_there() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    for name in re.findall(r"`(test_\w+)`", DOCUMENT):
        assert any(f"def {name}(" in source for source in sources), name


def test_every_item_says_how_it_stands() -> None:
    items = ROW.findall(SECTION)
    assert len(items) > 30
    for item, _, how in items:
        assert any(word in how for word in STANDS), item
    assert len({item for item, _, _ in items}) == len(items)
