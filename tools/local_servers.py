"""Start the servers that a rendered project's own tests provide, for the project itself to use."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .project import INHERITED, STOP_SECONDS


@contextmanager
def printing(project: Path, count: int, *module: str) -> Iterator[list[str]]:
    """Run a module of the project until the block ends, and give the first lines that it prints."""
    process = subprocess.Popen(
        [project / ".venv" / "bin" / "python", "-m", *module],
        cwd=project,
        env=INHERITED,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(count)]
        assert all(lines), f"{module[0]} did not start"
        yield lines
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


@contextmanager
def servers(project: Path) -> Iterator[dict[str, str]]:
    """Run the servers that this project's answers require, and give their variables."""
    if not (project / "tests/support/servers.py").exists():
        yield {}
        return
    with printing(project, 2, "tests.support.servers") as lines:
        yield dict(line.split("=", 1) for line in lines)


@contextmanager
def model_api(project: Path) -> Iterator[dict[str, str]]:
    """Run a model API, and give its variables."""
    with printing(project, 3, "tests.support.model_api", "--port=0") as lines:
        yield dict(line.split("=", 1) for line in lines)


@contextmanager
def issuer(project: Path, scopes: str) -> Iterator[tuple[dict[str, str], str]]:
    """Run an identity provider, and give its variables and a token with these scopes."""
    told = ["--port=0", "--audience=variant", f"--scope={scopes}"]
    with printing(project, 4, "tests.support.issuer", *told) as lines:
        yield dict(line.split("=", 1) for line in lines[:3]), lines[3]
