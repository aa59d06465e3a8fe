"""`flask doctor`: an executable deployment checklist. Add your own checks in `checks/`."""

import difflib
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo

from ..core.database.migrations import migrate
from ..settings import SettingsError, load_settings
from . import report, sarif
from .context import Context, Options
from .progress import progress
from .registry import SEVERITIES, Check, load
from .running import examine


@click.command(
    "doctor", short_help="Check settings, code and environment, and say how to fix them."
)
@click.option("--deploy", is_flag=True, help="Run the production checks, whatever APP_ENV is.")
@click.option("--live", is_flag=True, help="Also query the database and other dependencies.")
@click.option("--url", default="", help="Also check a running deployment from outside.")
@click.option("--replicas", type=click.IntRange(1), help="Number of replicas.")
@click.option("--format", "style", type=click.Choice(["text", "json", "sarif"]), default="text")
@click.option(
    "--fail-level",
    type=click.Choice([*SEVERITIES, "never"]),
    default="error",
    show_default=True,
    help="Exit with 1 if a finding is at least this severe.",
)
@click.option("--explain", metavar="ID", help="Explain one check without running any.")
@click.pass_context
def command(
    ctx: click.Context,
    deploy: bool,
    live: bool,
    url: str,
    replicas: int | None,
    style: str,
    fail_level: str,
    explain: str | None,
) -> None:
    """Check settings, code and environment: what is wrong, why it matters and how to fix it."""
    checks = load()
    if explain is not None:
        click.echo(report.explain(_named(explain, checks)))
        return
    if url and not url.startswith(("http://", "https://")):
        raise click.BadParameter("Use a URL such as https://api.example.com.", param_hint="--url")
    options = Options(deploy=deploy, live=live, url=url.rstrip("/"))
    options.read(Path("pyproject.toml"))
    options.replicas = replicas or options.replicas
    every = list(checks.values())
    with _no_log(), progress(every, shown=live or bool(url)) as finished:
        found = examine(_look(options, ctx.ensure_object(ScriptInfo)), every, finished)
    shown = {"json": report.as_json, "text": report.text}.get(style)
    click.echo(shown(found) if shown else sarif.as_sarif(found, checks))
    if fail_level != "never" and found.worst() >= SEVERITIES.index(fail_level):
        ctx.exit(1)


def _named(id: str, checks: dict[str, Check]) -> Check:
    if id.upper() in checks:
        return checks[id.upper()]
    near = difflib.get_close_matches(id.upper(), checks, n=1, cutoff=0)
    raise click.BadParameter(f"No such check; did you mean {near[0]}?", param_hint="--explain")


@contextmanager
def _no_log() -> Iterator[None]:
    """Keep what the application logs during the checks out of the report."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


def _look(options: Options, info: ScriptInfo) -> Context:
    """Load as much as works: the settings first, then the application."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return Context(options, error.faults, None, None)
    app: Flask | None = None
    app_error = ""
    info.set_debug_flag = False  # so that a check sees the debug mode that the code sets
    try:
        app = info.load_app()
        migrate.init_app(app)
    except ModuleNotFoundError as error:
        app_error = f"There is no module named {error.name}."
    except Exception as error:  # the project's code may raise anything
        place = traceback.extract_tb(error.__traceback__)[-1]
        app_error = f"{type(error).__name__} in {place.filename}, line {place.lineno}."
    return Context(options, {}, settings, app, app_error)
