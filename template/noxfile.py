"""What this project promises, a session each; `uvx nox` runs them all, `uvx nox -l` lists them."""

import secrets
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"  # uv keeps the one environment


@nox.session
def lint(session: nox.Session) -> None:
    """Format and lint."""
    session.run("uv", "run", "ruff", "format", "--check", ".")
    session.run("uv", "run", "ruff", "check", ".")
    marks = "^(<<<<<<<|>>>>>>>) "  # of a conflict; 1: none is left
    search = ["grep", "--no-index", "--exclude-standard", "-nE", marks]
    session.run("git", *search, success_codes=[1], external=True)


@nox.session
def types(session: nox.Session) -> None:
    """Strict types."""
    session.run("uv", "run", "mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, on the project's own kind of database; branches covered to 95 % at least."""
    session.run("uv", "run", "pytest", "--cov", *session.posargs)


@nox.session
def doctor(session: nox.Session) -> None:
    """What is wrong with settings and code; with --deploy before a deployment (see the README)."""
    if not Path(".env").exists():
        session.run("uv", "run", "flask", "init-env")
    session.run("uv", "run", "flask", "doctor", "--fail-level", "warning", *session.posargs)


EXPORT = ["uv", "export", "-q", "--no-header", "--no-dev", "--group=build", "--no-emit-project"]


@nox.session(default=False)
def requirements(session: nox.Session) -> None:
    """Write requirements.txt from uv.lock, each file by its hash: what an image is built from."""
    session.run(*EXPORT, "--locked", "--output-file=requirements.txt")


@nox.session
def locks(session: nox.Session) -> None:
    """uv.lock fits pyproject.toml; requirements.txt, where there is one, fits uv.lock."""
    session.run("uv", "lock", "--check")
    listed = Path("requirements.txt")
    if listed.exists() and listed.read_text() != session.run(*EXPORT, silent=True):
        session.error("requirements.txt is not up to date: `uvx nox -s requirements`")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Schemathesis for long, with a new seed each time; the same one again: `-- SEED`."""
    seed = session.posargs[0] if session.posargs else str(secrets.randbelow(10**6))
    session.log(f"seed {seed}")
    variables = {"FUZZ_EXAMPLES": "1000", "FUZZ_SEED": seed}
    session.run("uv", "run", "pytest", "--numprocesses=0", "tests/core/test_fuzz.py", env=variables)


# Yours: add sessions below this line
