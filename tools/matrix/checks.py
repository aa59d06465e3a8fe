"""The checks of a variant, in the order they run: `tests/variants/test_<name>.py`."""

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

# If one of these fails, the checks after it are meaningless.
BLOCKING = ("render", "install")

# The checks that an answer can break if it only fills in text.
CHECKS_OF_TEXT = ("render", "files", "leftovers", "install", "style", "types", "service")
