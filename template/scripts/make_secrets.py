# /// script
# requires-python = ">=3.11"
# ///
"""Make the files in `secrets/` that compose.yaml names; `uv run scripts/make_secrets.py`.

A file that is there stays as it is. Exit code 1: one is left that only you can write.
"""

import re
import secrets
import sys
from pathlib import Path

COMPOSE = Path(__file__).resolve().parents[1] / "compose.yaml"


def main() -> int:
    """Make each one that is missing, passwords first: URLs repeat them."""
    compose = COMPOSE.read_text(encoding="utf-8")
    folder = COMPOSE.parent / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    missing = []
    names = set(re.findall(r"file: secrets/(\w+)", compose))
    for name in sorted(names, key=lambda name: (not name.endswith("_password"), name)):
        path = folder / name
        if path.exists():
            continue
        text = made(name, folder, compose)
        if text is None:
            missing.append(name)
            continue
        # The containers' users are not you: they may read it, in a folder that you alone may enter.
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        print(f"Made secrets/{name}.")
    for name in re.findall(r"file: (scripts/\S+)", compose):
        (COMPOSE.parent / name).chmod(0o644)  # whatever umask the checkout had
    for name in missing:
        print(f"Write secrets/{name} yourself, then start again.", file=sys.stderr)
    return 1 if missing else 0


def made(name: str, folder: Path, compose: str) -> str | None:
    """The content of a file, or None where nobody but its owner knows it."""
    if name == "secret_key" or name.endswith("_password"):
        return secrets.token_hex(32)
    if name in ("database_owner_url", "database_runtime_url"):
        scheme = "mysql" if "MARIADB_DATABASE" in compose else "postgresql"
        role = name.removeprefix("database_").removesuffix("_url")
        password = read(folder, f"database_{role}_password")
        return f"{scheme}://service_{role}:{password}@database/service"
    if name == "ratelimit_storage_uri":
        return f"redis://:{read(folder, 'redis_password')}@redis:6379/0"
    return None


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    sys.exit(main())
