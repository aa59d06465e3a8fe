"""Generate clients from an OpenAPI document, in Python and in TypeScript, and run code with them."""

import subprocess
import sys
from pathlib import Path

from . import node

HERE = Path(__file__).parent
COMPILE = ("--strict", "--skipLibCheck", "--target", "es2022", "--module", "commonjs")


def lint(document: Path) -> None:
    """Raise AssertionError with what the linter says if it finds anything in the document."""
    options = [f"--config={HERE / 'redocly.yaml'}", "--format=stylish"]
    node.run("@redocly/cli", "bin/cli.js", "lint", *options, document)


def call_from_python(document: Path, folder: Path, code: str, *arguments: str) -> str:
    """Generate the package `client` in a folder, run code that imports it, and return its output.

    Raises:
        AssertionError: the generator warns, or the code fails.
    """
    generate = ["generate", f"--path={document}", "--meta=none", "--fail-on-warning"]
    options = [f"--config={HERE / 'python_client.yaml'}", f"--output-path={folder / 'client'}"]
    _must([sys.executable, "-m", "openapi_python_client", *generate, *options], folder)
    return _must([sys.executable, "-c", code, *arguments], folder)


def call_from_typescript(document: Path, folder: Path, code: str, *arguments: str) -> str:
    """Generate a client in a folder, compile code that imports it, run it and return its output.

    Raises:
        AssertionError: the generator or the type checker finds an error, or the code fails.
    """
    node.run("@hey-api/openapi-ts", "bin/run.js", "--silent", "-i", document, "-o", folder)
    script = folder / "call.ts"
    script.write_text(code)
    node.run("typescript", "bin/tsc", *COMPILE, script)
    return node.node(script.with_suffix(".js"), *arguments)


def _must(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
