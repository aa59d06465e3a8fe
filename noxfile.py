# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "nox[uv]>=2026.10.20",
#     "covertable>=3.2,<4",
#     "jinja2>=3.1.6",
#     "pyyaml>=6.0.3,<7",
# ]
# ///
"""What this template promises, a session each.

`nox` runs the sessions tagged [change], the proof of a change. `nox -t full` runs those tagged
[full]: everything there is, weekly and before a release. Sessions without a tag are tools.
`uv run noxfile.py` is `nox` without an installed nox.
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
if "demo" not in sys.argv:  # which is watched as it goes
    nox.options.parallel = 1 + (os.cpu_count() or 1)  # a third of a session's time is waiting
nox.options.tags = ["change"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")
PYTHON = ROOT / ".nox" / "environment" / "bin" / "python"
SCRATCH_BYTES = 2 * 2**30
RESULTS = ROOT / ".nox" / "results"
DATABASES = ("sqlite", "postgresql", "mariadb")
NO_MARIADB = "mariadbd is not installed: `apt-get install mariadb-server-core mariadb-client-core`"
NO_NGINX = "nginx is not installed: `apt-get install nginx-light`"

MATRIX: dict[str, Any] = json.loads(
    subprocess.check_output([sys.executable, "-m", "tools.matrix"], cwd=ROOT)
)
PYTHONS: dict[str, str | None] = MATRIX["pythons"]
LOWEST = min(PYTHONS)  # runs the template's own tests

# What the rendered projects import is compiled once, not at every process' start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@nox.session(python=PYTHONS[LOWEST])
def environment(session: nox.Session) -> None:
    """The environment that the other sessions run in."""
    session.install(*nox.project.dependency_groups(PROJECT, "test", "lint"))


def python(session: nox.Session, *arguments: str, **variables: str) -> None:
    """Run Python of the shared environment."""
    session.run(str(PYTHON), *arguments, env=variables, external=True)


def scratch() -> dict[str, str]:
    """Temporary folders in memory, where there is enough of it.

    Thousands of small files are made and deleted, which costs a disk more than the work itself.
    """
    memory = Path("/dev/shm")  # noqa: S108 - tempfile makes a folder of its own in it
    is_large = memory.is_dir() and shutil.disk_usage(memory).free > SCRATCH_BYTES
    return {"TMPDIR": str(memory)} if is_large else {}


def pytest(session: nox.Session, result: str, *arguments: str, **variables: str) -> None:
    """Run tests and leave their result where the report looks for it."""
    xml = RESULTS / f"{result}.xml"
    xml.unlink(missing_ok=True)
    python(session, "-m", "pytest", f"--junit-xml={xml}", *arguments, *session.posargs, **variables)


# Sessions that run beside each other; each takes one core for itself.
beside = nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
both_levels = nox.session(
    venv_backend="none", requires=["environment"], allow_parallel=True, tags=["change", "full"]
)


def levels(names: Iterable[str], of_a_change: Container[str]) -> list[nox.param]:
    """A parameter for each name; `nox -t full` runs all of them, `nox` those of a change."""
    return [
        nox.param(name, id=name, tags=["change", "full"] if name in of_a_change else ["full"])
        for name in names
    ]


# Sessions that do a part of their work for `nox`: the tests that are not marked as full.
NOT_FULL = ["-m", "not full"]
EXTENTS = [
    nox.param(NOT_FULL, id="some", tags=["change"]),
    nox.param([], id="all", tags=["full"]),
]


@both_levels
def lint(session: nox.Session) -> None:
    """Format, lint and types of the template's own code; its workflows, too."""
    python(session, "-m", "ruff", "format", "--check", ".")
    python(session, "-m", "ruff", "check", ".")
    python(session, "-m", "mypy")
    python(session, "-m", "tools.lint_workflows")


@nox.session(venv_backend="none", requires=["environment"], tags=["full"])
@nox.parametrize("database", DATABASES, ids=DATABASES)
def resilience(session: nox.Session, database: str) -> None:
    """Faults, load and shutdown on real servers; `-- --requests 100000` measures memory longer.

    Nothing runs beside it: its seconds are the figures of `docs/resilience.md`.
    """
    on_servers(session, database)


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True, tags=["change"])
def resilience_sample(session: nox.Session) -> None:
    """A part of that on one database, beside other sessions."""
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
    """Past releases, edited as people do, updated: nothing lost, no conflict, no trust."""
    pytest(session, "update", "tests/updates", *extent, **scratch())


@beside
@nox.parametrize("preset", levels(["default", "everything"], ["everything"]))
def image(session: nox.Session, preset: str) -> None:
    """The image of a preset, built without a registry, run as compose.yaml says."""
    pytest(session, f"image/{preset}", "tests/image", f"--preset={preset}")


@beside
@nox.parametrize("extent", EXTENTS)
def faults(session: nox.Session, extent: list[str]) -> None:
    """Broken on purpose, a render fails at the check that is there for it."""
    pytest(session, "faults", "tests/planted", *extent, **scratch())


@both_levels
def tests(session: nox.Session) -> None:
    """Questions, trust, the matrix itself and the rules of the house."""
    pytest(session, "tests", "tests/template", **scratch())


@beside
@nox.parametrize("extent", EXTENTS)
def combinations(session: nox.Session, extent: list[str]) -> None:
    """Full combinations of answers, rendered and read."""
    pytest(session, "combinations", "tests/combinations", *extent, **scratch())


@beside
@nox.parametrize("variant", levels(MATRIX["variants"] + MATRIX["triples"], MATRIX["variants"]))
def variant(session: nox.Session, variant: str) -> None:
    """Render one variant, run its own tests and gates, serve it on real servers.

    Further answers may follow: `nox -s "variant(default)" -- --answer auth=none`.
    """
    thorough = ["--thorough"] if variant == "default" else []
    run(session, variant, f"variant/{variant}", *thorough)


@beside
@nox.parametrize("variant", levels(MATRIX["presets"], ["sqlite", "everything", "mariadb"]))
def lowest(session: nox.Session, variant: str) -> None:
    """The same at the lowest versions that the ranges admit, on the lowest Python."""
    lowest = {"UV_RESOLUTION": "lowest-direct"}
    run(session, variant, f"lowest/{variant}", f"--python={LOWEST}", **lowest)


@beside
@nox.parametrize("variant", levels(MATRIX["texts"], MATRIX["texts"]))
def text(session: nox.Session, variant: str) -> None:
    """Other names, texts, limits and log levels: rendered, installed, typed and served."""
    run(session, variant, f"text/{variant}", checks=MATRIX["checks_of_text"])


@beside
@nox.parametrize("version", levels(PYTHONS, []))
@nox.parametrize("variant", MATRIX["presets"], ids=MATRIX["presets"])
def pythons(session: nox.Session, variant: str, version: str) -> None:
    """The presets on each Python that is here, with coverage and every phase of the fuzz."""
    if PYTHONS[version] is None:
        session.skip(f"Python {version} is not here: `uv python install {version}`")
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
    # A URL names a server that is there.
    if MATRIX["databases"][variant] == "mariadb" and not os.environ.get("TEST_DATABASE_URL"):
        require(session, "mariadbd", NO_MARIADB)
    processes = 0 if session.parallel else "auto"
    modules = [f"tests/variants/test_{check}.py" for check in checks]
    options = (f"--variant={variant}", f"--processes={processes}", *options)
    pytest(session, result, *modules, *options, **variables, **scratch())


def require(session: nox.Session, program: str, otherwise: str) -> None:
    """Skip a session without the program: named in nox's closing lines. In CI it must be there."""
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
    if shutil.which(program, path=path) is None:
        (session.error if "CI" in os.environ else session.skip)(otherwise)


@nox.session(venv_backend="none", requires=["environment"])
def demo(session: nox.Session) -> None:
    """Render a service, run it, call it; `-- --once` ends after that."""
    python(session, "-m", "tools.demo", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def repeat(session: nox.Session) -> None:
    """Run one test many times beside busy loops: `-- TEST COUNT`."""
    python(session, "-m", "tools.repeat", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def bench(session: nox.Session) -> None:
    """A rendered service beside bare Flask, under load; `-- --help` tells its choices.

    `-- --compare` fails where it has become slower; the figures are in benchmarks/.
    """
    python(session, "-m", "benchmarks.speed", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def attack(session: nox.Session) -> None:
    """A rendered service under hostile connections, costs and races: `-- --help` tells its choices."""
    python(session, "-m", "benchmarks.attack", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def bench_matrix(session: nox.Session) -> None:
    """How the time of the matrix grows with its variants: `-- 6 12` of them, say."""
    python(session, "-m", "benchmarks.matrix", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"])
def report(session: nox.Session) -> None:
    """Draw the results of the last run: `.nox/report.html`, and what `docs/` shows of them."""
    python(session, "-m", "tools.matrix.report")


if __name__ == "__main__":
    nox.main()
