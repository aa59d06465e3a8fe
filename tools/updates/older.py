"""A synthetic older release: the working tree with some improvements reverted."""

import re
from pathlib import Path

from ..releases import clone_template
from ..render import VERSION, commit, git

OLDER = "v998.0.0"
PACKAGE = "template/src/{{package_name}}"

# Each is something that a release may add: a changed module, a setting, a dependency, a paragraph,
# a test, a file with its line in the factory. Those at the end of a list are next to users' lines.
TAKEN_BACK = [
    (f"{PACKAGE}/core/middleware/headers.py", r'    \("Permissions-Policy".*?\n'),
    (f"{PACKAGE}/settings/table.py.jinja", r"    drain_seconds: .*?\n    \)\n"),
    ("template/.env.example.jinja", r"# DRAIN_SECONDS=.*?\n"),
    ("template/docs/settings.md.jinja", r"\| `DRAIN_SECONDS` .*?\n"),
    ("template/pyproject.toml.jinja", r'    "werkzeug>=.*?\n'),
    ("template/docs/errors.md", r"\nOnly the health report, `/api/health`.*?\n"),
    (
        "template/tests/core/server/test_serve.py",
        r"\n\ndef test_serve_lists_invalid_settings_and_exits.*",
    ),
    (f"{PACKAGE}/__init__.py.jinja", r"load_shedding, (?=rate_limits)"),
    (f"{PACKAGE}/__init__.py.jinja", r"    load_shedding\.init_app\(.*?\n"),
    ("template/noxfile.py", r"@nox.session\(default=False\)\ndef fuzz.*?\n\n\n"),
]
MISSING = [
    f"{PACKAGE}/core/middleware/load_shedding.py",
    "template/tests/core/middleware/test_load_shedding.py",
]


def two_releases(folder: Path) -> Path:
    """A template repository with an older release and the working tree's."""
    template = clone_template(folder)
    release(template, OLDER, take_back)
    return template


def take_back(template: Path) -> None:
    """Revert the improvements in the template."""
    for name, pattern in TAKEN_BACK:
        path = template / name
        text, count = re.subn(pattern, "", path.read_text(encoding="utf-8"), count=1, flags=re.S)
        assert count == 1, f"{name} has changed: revert something else"
        path.write_text(text, encoding="utf-8")
    for name in MISSING:
        (template / name).unlink()


def release(template: Path, tag: str, change: object) -> None:
    """Change the working tree's release, and tag the result as another release beside it."""
    assert callable(change)
    change(template)
    commit(template, tag)
    git(template, "tag", "--force", tag)
    if tag != VERSION:
        git(template, "checkout", "--quiet", VERSION)
