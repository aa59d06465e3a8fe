"""Settings in files: compose.yaml and the deployment page set only variables that exist.

test_docs.py and test_sources.py check that docs/settings.md and .env.example list every setting
and no other.
"""

import dataclasses
import re
from pathlib import Path

from ...support.service import settings

ROOT = Path(__file__).parents[3]
DEFAULTS = {field.name.upper(): field.default for field in dataclasses.fields(settings.Settings)}
FOREIGN = {"TEST_DATABASE_URL", "TEST_REDIS_URL"}  # used by the tests

# How each file sets a variable, and which default it repeats, if any. A project without a part does
# not have that part's file.
FILES = {
    "compose.yaml": r"^    (?P<name>[A-Z][A-Z0-9_]*?)(?:_FILE)?: (?P<default>)",
    "docs/deployment.md": r"^(?P<name>[A-Z][A-Z0-9_]*)=(?P<default>)",
}


def handed(file: str, pattern: str) -> list[tuple[str, str]]:
    """Return the variables that a file sets, with the defaults that it repeats."""
    path = ROOT / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [(match["name"], match["default"]) for match in re.finditer(pattern, text, re.MULTILINE)]


def test_files_set_only_known_variables_and_repeat_their_defaults() -> None:
    assert handed("docs/deployment.md", FILES["docs/deployment.md"])
    for file, pattern in FILES.items():
        for name, default in handed(file, pattern):
            if name in FOREIGN:
                continue
            assert name in DEFAULTS, f"{file}: {name}"
            if default:
                assert default.lower() == str(DEFAULTS[name]).lower(), f"{file}: {name}"
