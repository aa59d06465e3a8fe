"""Use a rendered project as its owner does: its commands, its servers and its HTTP API."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 40

# Variables of the machine and of nox must not override the project's own .env and .venv.
FOREIGN = (
    "API_DOCS_",
    "APP_",
    "DATABASE_",
    "OPENAI_",
    "OPENAPI_",
    "RATELIMIT_",
    "SECRET_",
    "UV_PROJECT_",
    "UV_PYTHON",
    "VIRTUAL_ENV",
)
INHERITED = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


def uv() -> str:
    """The uv that runs these tests, or else the one on the PATH."""
    return os.environ.get("UV") or shutil.which("uv") or "uv"


def run(project: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project and capture its output, without checking its exit code.

    Run `uv sync` first: the other commands do not check for changed dependencies again.
    """
    return subprocess.run(
        [uv(), *command[1:]] if command[0] == "uv" else [uv(), "run", "--no-sync", *command],
        cwd=project,
        env=INHERITED | variables,
        capture_output=True,
        text=True,
    )


def must(project: Path, *command: str, **variables: str) -> str:
    """Run a command of the project that must succeed, and return its output.

    Raises:
        AssertionError: it failed; the message has all of its output.
    """
    done = run(project, *command, **variables)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass
class Answer:
    """An HTTP response."""

    status: int
    headers: Message
    body: Any


def free_port() -> int:
    """A port that is not in use."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Service:
    """A running service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request; no status raises. Bytes are sent unchanged, anything else as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
                return _answer(answer)
        except urllib.error.HTTPError as answer:
            return _answer(answer)

    def records(self) -> list[dict[str, Any]]:
        """The log records so far, without a line that is still being written."""
        text = self.log.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def faults(self) -> list[dict[str, Any]]:
        """The log records of faults in the service itself."""
        harmless = ("debug", "info", "warning")
        return [
            record
            for record in self.records()
            if record["level"] not in harmless or "Traceback" in str(record)
        ]

    def stop(self) -> int:
        """Shut the server down gracefully, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def _answer(answer: Any) -> Answer:
    text = answer.read().decode()
    return Answer(answer.status, answer.headers, json.loads(text) if text else None)


def production(project: Path) -> dict[str, str]:
    """The variables with which the project runs in production on this machine's servers."""
    lines = (project / ".env").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    read = {name: value.strip('"') for name, value in pairs if not name.startswith("RATELIMIT_")}
    return read | {"APP_ENV": "production"}


@contextmanager
def serving(project: Path, log: Path, **variables: str) -> Iterator[Service]:
    """Run the production server of the project until the block ends."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [project / ".venv" / "bin" / "serve"],
            cwd=project,
            env={"DRAIN_SECONDS": "0"} | INHERITED | variables | {"PORT": str(port)},
            stdout=output,
            stderr=output,
        )
    service = Service(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_ready(service)
        yield service
    finally:
        service.stop()


def _wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if service.call("GET", "/readyz").status == 200:
                return
        except OSError:
            pass
        if service.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The service did not start:\n{service.log.read_text()}")
        time.sleep(0.05)
