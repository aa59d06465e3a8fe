"""Files that hand variables to the service name settings that exist; test_readme and
test_settings_sources hold the README's table and .env.example to all of them, both ways."""

import dataclasses
import re
from pathlib import Path

from ...support.service import settings

ROOT = Path(__file__).parents[3]
DEFAULTS = {field.name.upper(): field.default for field in dataclasses.fields(settings.Settings)}
FOREIGN = {"TEST_DATABASE_URL", "TEST_REDIS_URL"}  # of the tests

# How a file hands a variable over, and which default it repeats, if any. A file of a part that was
# not asked for is not there.
FILES = {
    "compose.yaml": r"^    (?P<name>[A-Z][A-Z0-9_]*?)(?:_FILE)?: (?P<default>)",
    "README.md": r"^(?P<name>[A-Z][A-Z0-9_]*)=(?P<default>)",
}


def handed(file: str, pattern: str) -> list[tuple[str, str]]:
    """The variables that a file hands over, with the defaults that it repeats."""
    path = ROOT / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [(match["name"], match["default"]) for match in re.finditer(pattern, text, re.MULTILINE)]


def test_no_file_hands_over_a_variable_that_does_not_exist_or_another_default() -> None:
    assert handed("README.md", FILES["README.md"])
    for file, pattern in FILES.items():
        for name, default in handed(file, pattern):
            if name in {*FOREIGN, "KEY", "TOKEN"}:  # of the shell, in the README's examples
                continue
            assert name in DEFAULTS, f"{file}: {name}"
            if default:
                assert default.lower() == str(DEFAULTS[name]).lower(), f"{file}: {name}"
