"""`flask init-env`: create `.env` from `.env.example`, with a random key."""

import os
import secrets
from pathlib import Path

import click


@click.command("init-env")
def command() -> None:
    """Create .env for development, unless it exists."""
    example = Path(".env.example")
    if not example.is_file():
        raise click.ClickException("There is no .env.example here; change to the project's folder.")
    text = example.read_text(encoding="utf-8")
    text = text.replace("\nSECRET_KEY=\n", f"\nSECRET_KEY={secrets.token_hex(32)}\n")
    try:
        # Readable by the owner only, and never in place of an existing file.
        handle = os.open(".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(".env already exists, and was not changed.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    click.echo("Created .env with a new SECRET_KEY.")
