"""What this project promises, a session each; `uvx nox` runs them all, `uvx nox -l` lists them."""

import nox

nox.options.default_venv_backend = "none"  # uv keeps the one environment


@nox.session
def lint(session: nox.Session) -> None:
    """Format and lint."""
    session.run("uv", "run", "ruff", "format", "--check", ".")
    session.run("uv", "run", "ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types."""
    session.run("uv", "run", "mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, on the project's own kind of database; branches covered to 95 % at least."""
    session.run("uv", "run", "pytest", "--cov", *session.posargs)


# Yours: add sessions below this line
