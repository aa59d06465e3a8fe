"""The variant's own tests pass on its own kind of database and limiter storage."""

from pathlib import Path

from ..project import must


def test_its_own_tests_pass(project: Path, is_preset: bool, processes: str) -> None:
    """Presets measure what their tests cover, too, and hold it to their own bound.

    Schemathesis goes through all of its phases here, which a plain `pytest` spares its user.
    """
    coverage = ["--cov"] if is_preset else []
    must(project, "pytest", "-q", f"--numprocesses={processes}", *coverage, FUZZ_EXAMPLES="1")
