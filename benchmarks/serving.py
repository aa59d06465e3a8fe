"""Run a variant's service and its bare twin in the same environment, on the same database."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.environments import installed
from tools.local_servers import servers
from tools.project import free_port, must
from tools.releases import clone_template
from tools.render import render

from .rows import ROWS_THERE, VARIANTS

SERVED = Path(__file__).with_name("served")
OUT_OF_REACH = 1_000_000_000
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server; its master process forks the workers."""

    url: str
    process: subprocess.Popen[bytes]
    seconds_to_start: float


@dataclass(frozen=True)
class Project:
    """An installed variant with a migrated and filled database."""

    folder: Path
    variables: Mapping[str, str]
    bearer: str

    def command(self, name: str, *arguments: str) -> list[str]:
        return [str(self.folder / ".venv" / "bin" / name), *arguments]

    @contextmanager
    def service(self, **variables: str) -> Iterator[Server]:
        """Run the service as `uv run serve` does."""
        port = free_port()
        with _running(self, self.command("serve"), port, {"PORT": str(port)} | variables) as server:
            yield server

    @contextmanager
    def twin(self, module: str = "bare:app", **variables: str) -> Iterator[Server]:
        """Run the bare twin on gunicorn with the same number of workers."""
        port, workers = free_port(), self.variables["WEB_CONCURRENCY"]
        options = [
            "--worker-class=gthread",
            "--threads=8",
            f"--workers={workers}",
            "--keep-alive=65",
        ]
        options += ["--no-control-socket"]
        command = self.command("gunicorn", *options, f"--bind=127.0.0.1:{port}", module)
        with _running(self, command, port, variables) as server:
            yield server


@contextmanager
def _running(
    project: Project, command: list[str], port: int, variables: Mapping[str, str]
) -> Iterator[Server]:
    url, started = f"http://127.0.0.1:{port}", time.monotonic()
    with (project.folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=project.folder,
            env={"PATH": os.environ["PATH"], **project.variables, **variables},
            stdout=log,
            stderr=log,
        )
    try:
        while not _answers(f"{url}/bench/ping"):
            late = time.monotonic() > started + START_SECONDS
            if late or process.poll() is not None:
                raise SystemExit((project.folder / f"{port}.log").read_text())
            time.sleep(0.005)
        yield Server(url, process, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except urllib.error.HTTPError as answer:
        return answer.code == 401  # the server is up: this request has no API key
    except OSError:
        return False


@contextmanager
def project(variant: str) -> Iterator[Project]:
    """Render, install, migrate and fill a variant; its servers run until the context ends."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        rendered = render(clone_template(folder), folder / "project", VARIANTS[variant])
        python = ".".join(map(str, sys.version_info[:2]))
        place = stack.enter_context(installed(rendered, python))
        must(place, "uv", "sync", "--quiet")
        for file in SERVED.glob("*.py"):
            shutil.copy(file, place)
        variables = {
            "APP_ENV": "production",
            "SECRET_KEY": secrets.token_hex(32),
            "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
            "RATELIMIT_DEFAULT": f"{OUT_OF_REACH} per day; {OUT_OF_REACH} per hour",
            "RATELIMIT_WRITES": f"{OUT_OF_REACH} per minute",
            "WEB_CONCURRENCY": "1",
            "DRAIN_SECONDS": "0",
            **stack.enter_context(servers(place)),
        }
        must(place, "flask", "db", "upgrade", **variables)
        must(place, "python", "seed.py", **variables, ROWS=str(ROWS_THERE))
        bearer = ""
        if "auth" not in VARIANTS[variant]:
            told = must(place, "flask", "api-key", "create", "bench", **variables)
            bearer = told.splitlines()[-1]
        yield Project(place, variables, bearer)
