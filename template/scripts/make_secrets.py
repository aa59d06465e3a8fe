# /// script
# requires-python = ">=3.11"
# ///
"""Create the files in `secrets/` that compose.yaml names: `uv run scripts/make_secrets.py`.

Existing files are kept. Exit code 1: a file is missing that only you can write.
"""

import re
import secrets
import sys
from pathlib import Path

COMPOSE = Path(__file__).resolve().parents[1] / "compose.yaml"


def main() -> int:
    """Create each missing file, passwords first, since URLs contain them."""
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
        # The containers run as other users, which may read it; only you may enter the folder.
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        print(f"Created secrets/{name}.")
    for name in re.findall(r"file: (scripts/\S+)", compose):
        (COMPOSE.parent / name).chmod(0o644)  # whatever umask the checkout had
    for name in missing:
        message = f"secrets/{name} cannot be generated: write it yourself, then run this again."
        print(message, file=sys.stderr)
    return 1 if missing else 0


def made(name: str, folder: Path, compose: str) -> str | None:
    """Return the content of a file, or None if only its owner knows it."""
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
