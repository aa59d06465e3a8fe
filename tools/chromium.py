"""Find an installed Chromium, which the tests of the API page need."""

import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
MISSING = "Chromium is not installed: run `apt-get install chromium`"


def path() -> str | None:
    """The path of the browser, if one is installed."""
    return next((found for program in PROGRAMS if (found := shutil.which(program))), None)
