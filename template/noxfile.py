"""Checks of this project, one session each: `uvx nox` runs them, `uvx nox -l` lists them."""

import secrets
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"  # uv manages the project's only environment


@nox.session
def lint(session: nox.Session) -> None:
    """Check formatting and lint."""
    session.run("uv", "run", "ruff", "format", "--check", ".")
    session.run("uv", "run", "ruff", "check", ".")
    marks = "^(<<<<<<<|>>>>>>>) "  # of merge conflicts; exit code 1: there are none
    search = ["grep", "--no-index", "--exclude-standard", "-nE", marks]
    session.run("git", *search, success_codes=[1], external=True)


@nox.session
def types(session: nox.Session) -> None:
    """Check types in strict mode."""
    session.run("uv", "run", "mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on the project's database engine; at least 95 % of branches must be covered."""
    session.run("uv", "run", "pytest", "--cov", *session.posargs)


@nox.session
def doctor(session: nox.Session) -> None:
    """Check settings and code; pass --deploy before a deployment (see docs/deployment.md)."""
    if not Path(".env").exists():
        session.run("uv", "run", "flask", "init-env")
    session.run("uv", "run", "flask", "doctor", "--fail-level", "warning", *session.posargs)


EXPORT = ["uv", "export", "-q", "--no-header", "--no-dev", "--group=build", "--no-emit-project"]


@nox.session(default=False)
def requirements(session: nox.Session) -> None:
    """Export uv.lock to requirements.txt with hashes; images are built from it."""
    session.run(*EXPORT, "--locked", "--output-file=requirements.txt")


@nox.session
def locks(session: nox.Session) -> None:
    """Check that uv.lock matches pyproject.toml, and requirements.txt, if any, matches uv.lock."""
    session.run("uv", "lock", "--check")
    listed = Path("requirements.txt")
    if listed.exists() and listed.read_text() != session.run(*EXPORT, silent=True):
        session.error("requirements.txt is not up to date: `uvx nox -s requirements`")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Run Schemathesis for longer, with a new seed each time; `-- SEED` repeats a run."""
    seed = session.posargs[0] if session.posargs else str(secrets.randbelow(10**6))
    session.log(f"seed {seed}")
    variables = {"FUZZ_EXAMPLES": "1000", "FUZZ_SEED": seed}
    session.run("uv", "run", "pytest", "--numprocesses=0", "tests/core/test_fuzz.py", env=variables)


# Yours: add sessions below this line
