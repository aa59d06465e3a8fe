"""What a variant must pass, in the order in which it is tried: `tests/variants/test_<name>.py`."""

CHECKS = {
    "render": "renders without trust",
    "files": "files parse and lint",
    "leftovers": "nothing of the template left",
    "install": "installs",
    "style": "formatter and linter",
    "types": "strict types",
    "own": "its own tests",
    "migrations": "migrations up, down, up, no drift",
    "service": "serves every path",
    "refusals": "refuses each kind",
    "hostile": "answers the hostile corpus",
    "doctor": "its own doctor finds nothing",
    "stop": "stops with exit code 0",
}

# Where one of these fails, those after it cannot say anything.
BLOCKING = ("render", "install")

# What an answer can break that only fills in text.
CHECKS_OF_TEXT = ("render", "files", "leftovers", "install", "style", "types", "service")
