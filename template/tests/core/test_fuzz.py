"""Fuzzing: Schemathesis sends valid and invalid requests, derived from the OpenAPI document."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from ..conftest import ROOT, make_credential
from ..support.routes import declared
from ..support.served import Server

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
# Examples per operation. If unset, the run is short and leaves out the long list of edge cases.
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "")
SHORT = ("--max-examples", "3", "--phases=examples,fuzzing,stateful")
SEED = os.environ.get("FUZZ_SEED", "1")
PEERS = ["ann", "bob"]


def test_responses_match_openapi(app: Flask, shared_server: Server, tmp_path: Path) -> None:
    support = ROOT / "tests/support"
    hooks = f"hooks = {json.dumps(str(support / 'schemathesis_hooks.py'))}\n"
    config = tmp_path / "schemathesis.toml"
    written = (support / "schemathesis.toml").read_text()
    config.write_text(hooks + written + identities(app, tmp_path))
    done = subprocess.run(
        [
            *(SCHEMATHESIS, "--config-file", config, "run", "--no-color", "--checks=all"),
            *("--seed", SEED, *(("--max-examples", EXAMPLES) if EXAMPLES else SHORT)),
            *exempt(app),
            f"http://127.0.0.1:{shared_server.port}/api/openapi.json",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def exempt(app: Flask) -> Iterator[str]:
    """Exclude the operations whose routes give a reason."""
    for (path, method), declaration in declared(app).items():
        if "fuzz" in declaration.exempt:
            yield from ("--exclude-name", f"{method} {path}")


def identities(app: Flask, folder: Path) -> str:
    """Configure two callers, neither of whom may see the other's resources."""
    headers = {name: make_credential(app, name) for name in PEERS}
    if not headers[PEERS[0]]:
        return ""
    listed = [
        {"name": name, "fixedHeaders": [{"name": key, "value": value} for key, value in of.items()]}
        for name, of in headers.items()
    ]
    file = folder / "identities.json"
    file.write_text(json.dumps({"auth": listed}))
    return f"[auth.wfc]\npath = {json.dumps(str(file))}\npeers = {json.dumps(PEERS)}\n"
