"""The checks of a variant, in the order they run: `tests/variants/test_<name>.py`."""

CHECKS = {
    "render": "renders without trust",
    "files": "files parse and lint",
    "leftovers": "no template leftovers",
    "install": "installs",
    "style": "formatter and linter",
    "types": "strict type check",
    "own": "its own tests",
    "migrations": "migrations up, down, up, no drift",
    "service": "serves every path",
    "document": "its API document lints and makes clients",
    "api_page": "its API page works in a browser",
    "refusals": "rejects invalid requests",
    "hostile": "handles hostile requests",
    "doctor": "its doctor finds no problems",
    "stop": "stops with exit code 0",
}

# If one of these fails, the checks after it are meaningless.
BLOCKING = ("render", "install")

# The checks that an answer can break if it only fills in text.
CHECKS_OF_TEXT = ("render", "files", "leftovers", "install", "style", "types", "service")
