# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2026.10.20"]
# ///
"""What this template promises, a session each; `nox -l` lists them.

`uv run noxfile.py` is `nox` without an installed nox.
"""

import os
import shutil

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "tests", "variant"]

PROJECT = nox.project.load_toml("pyproject.toml")
PRESETS = ["default", "postgresql", "mariadb", "bare"]
NO_MARIADB = "mariadbd is not installed: `apt-get install mariadb-server-core mariadb-client-core`"

# The environments of the rendered projects: compiled once, not at every process' start.
os.environ["UV_COMPILE_BYTECODE"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def install(session: nox.Session, *groups: str) -> None:
    """Install dependency groups of pyproject.toml."""
    session.install(*nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def demo(session: nox.Session) -> None:
    """Render a service, run it, call it; `-- --once` ends after that."""
    install(session, "test")
    session.run("python", "-m", "tests.demo", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Format, lint and types of the template's own code."""
    install(session, "lint", "test")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Questions, trust and the rules of the house."""
    install(session, "test")
    session.run("pytest", "--ignore=tests/variants", "--numprocesses=2", *session.posargs)


@nox.session
@nox.parametrize("preset", PRESETS, ids=PRESETS)
def variant(session: nox.Session, preset: str) -> None:
    """Render one set of answers, run its own tests and gates, serve it on real servers.

    Further answers may follow: `nox -s "variant(default)" -- --answer auth=none`.
    """
    if preset == "mariadb" and not shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin"):
        # Named in nox's closing lines; in CI it must be there.
        (session.error if "CI" in os.environ else session.skip)(NO_MARIADB)
    install(session, "test")
    session.run("pytest", "tests/variants", f"--preset={preset}", *session.posargs)


if __name__ == "__main__":
    nox.main()
