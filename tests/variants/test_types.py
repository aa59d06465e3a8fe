"""The variant passes its strict type checker."""

from pathlib import Path

from tools.environments import types_cache
from tools.project import must


def test_strict_type_check_passes(project: Path, python: str) -> None:
    with types_cache(python) as cache:
        must(project, "mypy", MYPY_CACHE_DIR=str(cache))
