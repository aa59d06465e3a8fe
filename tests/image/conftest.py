"""Fixtures for the image tests: one project, its locked requirements and the built image."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

import pytest

from tools.environments import installed
from tools.image import engine
from tools.local_servers import issuer, model_api, servers
from tools.matrix import questions
from tools.matrix.presets import PRESETS
from tools.matrix.rendered import rendered
from tools.project import must
from tools.resilience.engines import Postgresql


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--preset", choices=PRESETS, default="default")


@pytest.fixture(scope="session", autouse=True)
def able() -> None:
    """Skip the tests if images cannot be built here. In CI, fail instead."""
    if reason := engine.why_not():
        (pytest.fail if "CI" in os.environ else pytest.skip)(reason)


@pytest.fixture(scope="session")
def project(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A project with the preset's answers, locked and with its requirements exported."""
    answers = questions.answers(questions.row(PRESETS[request.config.getoption("preset")]))
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    with installed(rendered(answers), here) as place:
        must(place, "uv", "sync", "--quiet")
        must(place, "uv", "tool", "run", "nox", "-s", "requirements")
        yield place


@pytest.fixture(scope="session")
def wheels(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The requirements as wheels. The base image has the same Python as this system."""
    folder = tmp_path_factory.mktemp("image") / "wheels"
    command = ["uv", "tool", "run", f"--python={engine.PYTHON}", "pip", "download", "--quiet"]
    command += ["--require-hashes", "--only-binary=:all:", f"--dest={folder}"]
    must(project, *command, "--requirement=requirements.txt")
    return folder


@pytest.fixture(scope="session")
def variables(project: Path) -> Iterator[dict[str, str]]:
    """Environment variables for the real servers that the answers require."""
    with ExitStack() as ends:
        found = ends.enter_context(servers(project))
        if (project / "tests/support/database_postgresql.py").exists():
            found = found | {"DATABASE_URL": ends.enter_context(postgresql(project))}
        if (project / "tests/support/issuer.py").exists():
            found = found | ends.enter_context(issuer(project, "experiments:read"))[0]
        if (project / "tests/support/model_api.py").exists():
            found = found | ends.enter_context(model_api(project))
        yield found


@contextmanager
def postgresql(project: Path) -> Iterator[str]:
    """Run PostgreSQL on a TCP port and give its URL.

    The project's own test server has only a Unix socket, which a container cannot reach.
    """
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "data").mkdir()
        (folder / "data").chmod(0o777)
        server = Postgresql(project, folder, folder / "data")
        with server:
            server.set_up()
            yield server.url(server.port)


@pytest.fixture(scope="session")
def image(project: Path, wheels: Path) -> Iterator[str]:
    """The built image, removed afterwards."""
    name = f"localhost/image-{token_hex(4)}"
    built = engine.build(project, name, wheels)
    assert built.returncode == 0, built.stdout + built.stderr
    yield name
    engine.podman("rmi", "--force", name)
