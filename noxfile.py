# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "nox[uv]>=2026.10.20",
#     "covertable>=3.2,<4",
#     "jinja2>=3.1.6",
#     "pyyaml>=6.0.3,<7",
# ]
# ///
"""Test sessions: one for each promise of this template.

`nox` runs the sessions tagged [change], which check a change. `nox -t full` runs those tagged
[full]: every check, weekly and before a release. Sessions without a tag are tools.
`uv run noxfile.py` does the same as `nox` if nox is not installed.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
if "demo" not in sys.argv:  # whose output is read while it runs
    nox.options.parallel = 1 + (os.cpu_count() or 1)  # sessions wait a third of their time
nox.options.tags = ["change"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")
PYTHON = ROOT / ".nox" / "environment" / "bin" / "python"
SCRATCH_BYTES = 2 * 2**30
RESULTS = ROOT / ".nox" / "results"
DATABASES = ("sqlite", "postgresql", "mariadb")
NO_MARIADB = (
    "mariadbd is not installed: run `apt-get install mariadb-server-core mariadb-client-core`"
)
NO_NGINX = "nginx is not installed: run `apt-get install nginx-light`"

MATRIX: dict[str, Any] = json.loads(
    subprocess.check_output([sys.executable, "-m", "tools.matrix"], cwd=ROOT)
)
PYTHONS: dict[str, str | None] = MATRIX["pythons"]
LOWEST = min(PYTHONS)  # runs the template's own tests

# Compile what the rendered projects import once, instead of at the start of every process.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@nox.session(python=PYTHONS[LOWEST])
def environment(session: nox.Session) -> None:
    """Create the environment that the other sessions run in."""
    session.install(*nox.project.dependency_groups(PROJECT, "test", "lint"))


def python(session: nox.Session, *arguments: str, **variables: str) -> None:
    """Run Python from the shared environment."""
    session.run(str(PYTHON), *arguments, env=variables, external=True)


def scratch() -> dict[str, str]:
    """Return variables that put temporary folders in memory, if there is enough free.

    The tests create and delete thousands of small files, which on a disk takes longer than the
    tests themselves.
    """
    memory = Path("/dev/shm")  # noqa: S108 - tempfile makes a folder of its own in it
    is_large = memory.is_dir() and shutil.disk_usage(memory).free > SCRATCH_BYTES
    return {"TMPDIR": str(memory)} if is_large else {}


def pytest(session: nox.Session, result: str, *arguments: str, **variables: str) -> None:
    """Run tests and write their result where the report reads it."""
    xml = RESULTS / f"{result}.xml"
    xml.unlink(missing_ok=True)
    python(session, "-m", "pytest", f"--junit-xml={xml}", *arguments, *session.posargs, **variables)


# Sessions that run in parallel; each uses one core.
beside = nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
both_levels = nox.session(
    venv_backend="none", requires=["environment"], allow_parallel=True, tags=["change", "full"]
)


def levels(names: Iterable[str], of_a_change: Container[str]) -> list[nox.param]:
    """Return a parameter per name; `nox -t full` runs all of them, `nox` those in `of_a_change`."""
    return [
        nox.param(name, id=name, tags=["change", "full"] if name in of_a_change else ["full"])
        for name in names
    ]


# For sessions that `nox` runs in part: only the tests without the marker `full`.
NOT_FULL = ["-m", "not full"]
EXTENTS = [
    nox.param(NOT_FULL, id="some", tags=["change"]),
    nox.param([], id="all", tags=["full"]),
]


@both_levels
def lint(session: nox.Session) -> None:
    """Check format, lint and types of the template's own code, and lint its workflows."""
    python(session, "-m", "ruff", "format", "--check", ".")
    python(session, "-m", "ruff", "check", ".")
    python(session, "-m", "mypy")
    python(session, "-m", "tools.lint_workflows")


@nox.session(venv_backend="none", requires=["environment"], tags=["full"])
@nox.parametrize("database", DATABASES, ids=DATABASES)
def resilience(session: nox.Session, database: str) -> None:
    """Test faults, load and shutdown on real servers; `-- --requests 100000` tests memory longer.

    It runs by itself, because `docs/resilience.md` reports its timings.
    """
    on_servers(session, database)


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True, tags=["change"])
def resilience_sample(session: nox.Session) -> None:
    """Run part of the resilience tests on PostgreSQL, in parallel with other sessions."""
    on_servers(session, "postgresql", *NOT_FULL)


def on_servers(session: nox.Session, database: str, *options: str) -> None:
    """Run the resilience tests on one database."""
    if database == "mariadb":
        require(session, "mariadbd", NO_MARIADB)
    require(session, "nginx", NO_NGINX)
    result = f"resilience/{database}"
    pytest(session, result, "tests/resilience", f"--database={database}", *options)


@beside
@nox.parametrize("extent", EXTENTS)
def update(session: nox.Session, extent: list[str]) -> None:
    """Update edited projects of past releases: no lost edits, no conflicts, no `--trust`."""
    pytest(session, "update", "tests/updates", *extent, **scratch())


@beside
@nox.parametrize("preset", levels(["default", "everything"], ["everything"]))
def image(session: nox.Session, preset: str) -> None:
    """Build a preset's image without a registry, and run it as compose.yaml does."""
    pytest(session, f"image/{preset}", "tests/image", f"--preset={preset}")


@beside
@nox.parametrize("extent", EXTENTS)
def faults(session: nox.Session, extent: list[str]) -> None:
    """Plant faults in rendered projects, and verify that the intended check finds each one."""
    pytest(session, "faults", "tests/planted", *extent, **scratch())


@both_levels
def tests(session: nox.Session) -> None:
    """Test the template's questions, trust, matrix and house rules."""
    pytest(session, "tests", "tests/template", **scratch())


@beside
@nox.parametrize("extent", EXTENTS)
def combinations(session: nox.Session, extent: list[str]) -> None:
    """Render full combinations of answers, and inspect the result without running it."""
    pytest(session, "combinations", "tests/combinations", *extent, **scratch())


@beside
@nox.parametrize("variant", levels(MATRIX["variants"] + MATRIX["triples"], MATRIX["variants"]))
def variant(session: nox.Session, variant: str) -> None:
    """Render one variant, run its own tests and checks, and serve it on real servers.

    To change answers: `nox -s "variant(default)" -- --answer auth=none`.
    """
    thorough = ["--thorough"] if variant == "default" else []
    run(session, variant, f"variant/{variant}", *thorough)


@beside
@nox.parametrize("variant", levels(MATRIX["presets"], ["sqlite", "everything", "mariadb"]))
def lowest(session: nox.Session, variant: str) -> None:
    """Run a variant with the lowest allowed dependency versions, on the lowest Python."""
    lowest = {"UV_RESOLUTION": "lowest-direct"}
    run(session, variant, f"lowest/{variant}", f"--python={LOWEST}", **lowest)


@beside
@nox.parametrize("variant", levels(MATRIX["texts"], MATRIX["texts"]))
def text(session: nox.Session, variant: str) -> None:
    """Render, install, type-check and serve variants with other names, texts, limits and levels."""
    run(session, variant, f"text/{variant}", checks=MATRIX["checks_of_text"])


@beside
@nox.parametrize("version", levels(PYTHONS, []))
@nox.parametrize("variant", MATRIX["presets"], ids=MATRIX["presets"])
def pythons(session: nox.Session, variant: str, version: str) -> None:
    """Run the presets on each installed Python, with coverage and every fuzzing phase."""
    if PYTHONS[version] is None:
        session.skip(f"Python {version} is not installed: run `uv python install {version}`")
    run(session, variant, f"pythons/{variant}-{version}", f"--python={version}", "--thorough")


def run(
    session: nox.Session,
    variant: str,
    result: str,
    *options: str,
    checks: Iterable[str] = MATRIX["checks"],
    **variables: str,
) -> None:
    """Run one variant's checks."""
    # With TEST_DATABASE_URL, the tests use a server that already runs.
    if MATRIX["databases"][variant] == "mariadb" and not os.environ.get("TEST_DATABASE_URL"):
        require(session, "mariadbd", NO_MARIADB)
    for message in MATRIX["missing"]:
        session.warn(message)
    processes = 0 if session.parallel else "auto"
    modules = [f"tests/variants/test_{check}.py" for check in checks]
    options = (f"--variant={variant}", f"--processes={processes}", *options)
    pytest(session, result, *modules, *options, **variables, **scratch())


def require(session: nox.Session, program: str, otherwise: str) -> None:
    """Skip the session if the program is missing, and say so in nox's summary. In CI, fail."""
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
    if shutil.which(program, path=path) is None:
        (session.error if "CI" in os.environ else session.skip)(otherwise)


@both_levels
def recordings(session: nox.Session) -> None:
    """Test that the recordings in `docs/pictures` show what the commands print today."""
    pytest(session, "recordings", "tests/pictures", **scratch())


@nox.session(venv_backend="none", requires=["environment"])
def pictures(session: nox.Session) -> None:
    """Regenerate the recordings and the picture of the API page in `docs/pictures`."""
    python(session, "-m", "tools.pictures")


@nox.session(venv_backend="none", requires=["environment"])
def demo(session: nox.Session) -> None:
    """Render a service, run it and call it; `-- --once` exits after that."""
    python(session, "-m", "tools.demo", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def repeat(session: nox.Session) -> None:
    """Run one test many times while busy loops load the CPU: `-- TEST COUNT`."""
    python(session, "-m", "tools.repeat", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def bench(session: nox.Session) -> None:
    """Compare a rendered service under load with bare Flask; `-- --help` lists the options.

    `-- --compare` fails if the service has become slower. The results are in benchmarks/.
    """
    python(session, "-m", "benchmarks.speed", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def attack(session: nox.Session) -> None:
    """Attack a rendered service with hostile clients and races; `-- --help` lists the options."""
    python(session, "-m", "benchmarks.attack", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def bench_matrix(session: nox.Session) -> None:
    """Measure how the matrix's time grows with its number of variants, e.g. `-- 6 12`."""
    python(session, "-m", "benchmarks.matrix", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def report(session: nox.Session) -> None:
    """Report the last run's results in `.nox/report.html`, and update their figures in `docs/`."""
    python(session, "-m", "tools.matrix.report")


if __name__ == "__main__":
    nox.main()
