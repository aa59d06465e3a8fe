"""`flask api-key`: create, list, rotate, revoke and delete API keys."""

import datetime as dt
import re
from typing import Any

import click
from sqlalchemy import select

from .. import audit
from ..database import db, transaction
from ..database.commands import DatabaseGroup
from . import api_keys

PREFIX = len("sk_") + 12  # the part of a key that may be shown
UNITS = {"d": dt.timedelta(days=1), "h": dt.timedelta(hours=1), "m": dt.timedelta(minutes=1)}

commands = DatabaseGroup("api-key", help="Create, list, rotate, revoke and delete API keys.")


class Duration(click.ParamType[dt.timedelta]):
    """A number and a unit, such as 90d, 12h or 30m; 0 means none."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> dt.timedelta:
        if isinstance(value, dt.timedelta):
            return value
        match = re.fullmatch(r"([0-9]{1,5})([dhm])|0", value)
        if match is None:
            self.fail("Write a number followed by d, h or m, like 90d.", param, ctx)
        return int(match[1] or 0) * UNITS[match[2] or "m"]


def _check_name(_: Any, __: Any, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._@-]{0,99}", name):
        raise click.BadParameter(
            "Use 1 to 100 letters, digits, spaces and . _ @ -; start with a letter or digit."
        )
    return name


name_argument = click.argument("name", callback=_check_name)
expires_option = click.option(
    "--expires",
    type=Duration(),
    default="365d",
    help="How long the key is valid; 0 means forever [365d].",
)


@commands.command("create")
@name_argument
@expires_option
def create(name: str, expires: dt.timedelta) -> None:
    """Create a key; it is shown only once, on the last line."""
    with transaction() as session:
        key = api_keys.create(session, name, expires or None)
    audit.record("API key created", name=name, key=key[:PREFIX])
    click.echo(f"Created a key for {name}. It is shown only once:", err=True)
    click.echo(key)


@commands.command("list")
def list_keys() -> None:
    """List the keys, without their secrets."""
    keys = db.session.scalars(select(api_keys.ApiKey).order_by(api_keys.ApiKey.id)).all()
    if not keys:
        click.echo("No keys yet; create one with `flask api-key create NAME`.")
    for key in keys:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        ends = f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "never"
        click.echo(f"sk_{key.prefix}  {key.state:8}  expires {ends}  used {used}  {key.name}")


@commands.command("rotate")
@name_argument
@expires_option
@click.option(
    "--overlap", type=Duration(), default="24h", help="How long the old key stays valid [24h]."
)
def rotate(name: str, expires: dt.timedelta, overlap: dt.timedelta) -> None:
    """Create the next key of NAME, with the same rows; the old one expires after the overlap."""
    with transaction() as session:
        key = api_keys.rotate(session, name, expires or None, overlap)
    audit.record("API key rotated", name=name, key=key[:PREFIX])
    click.echo(f"Created a key for {name}. It is shown only once:", err=True)
    click.echo(key)


@commands.command("revoke")
@name_argument
def revoke(name: str) -> None:
    """Revoke the keys of NAME immediately."""
    with transaction() as session:
        ended = api_keys.revoke(session, name)
    audit.record("API keys revoked", name=name)
    click.echo(f"Revoked {ended} active key(s) of {name}.")


@commands.command("prune")
@click.option(
    "--older-than",
    type=Duration(),
    default="30d",
    help="Delete keys that expired or were revoked at least this long ago [30d].",
)
def prune(older_than: dt.timedelta) -> None:
    """Delete expired and revoked keys; their owners' rows stay."""
    with transaction() as session:
        deleted = api_keys.prune(session, older_than)
    audit.record("API keys pruned", older_than=str(older_than))
    click.echo(f"Deleted {deleted} key(s).")
