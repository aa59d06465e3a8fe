"""System: timeouts, clock, files, and further dependencies."""

import os
import resource
import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from ...core.deadlines import SHARE
from ...core.dependencies import Dependency
from ...core.draining import FINISH_SECONDS
from ...core.middleware import load_shedding
from ...core.service import service_of
from ...settings.validators import parse_database_url
from ..context import Context
from ..facts import facts
from ..registry import REGISTRY, check

SKEW = 5.0  # seconds that clocks may differ
FREE_BYTES = 100_000_000
FILES = 64  # that a worker opens besides connections


@check(
    "TMO001",
    "warning",
    "A timeout is not shorter than the one around it",
    why="The outer one expires first: the client gets the proxy's 502 or 504 while the work goes "
    "on, or a deployment cuts off requests.",
    remedy="""
        Keep lock < statement < request < proxy, and draining + requests in flight < grace period;
        the platform's values are in pyproject.toml, [tool.doctor]:
            DATABASE_LOCK_TIMEOUT=1
            DATABASE_STATEMENT_TIMEOUT=3
            REQUEST_TIMEOUT=5
            DRAIN_SECONDS=5
            proxy_timeout = 60
            grace_period = 30""",
)
def chain(context: Context) -> Iterator[str]:
    """Timeouts: lock < statement < request < proxy; drain + requests in flight < grace period."""
    settings, options = context.settings, context.options
    deadline = settings.request_timeout * SHARE
    order = [
        ("DATABASE_LOCK_TIMEOUT", settings.database_lock_timeout),
        ("DATABASE_STATEMENT_TIMEOUT", settings.database_statement_timeout),
        ("nine tenths of REQUEST_TIMEOUT", deadline),
        ("proxy_timeout", options.proxy_timeout),
    ]
    for (inner, shorter), (outer, longer) in pairwise(order):
        if shorter >= longer:
            yield f"{inner} ({shorter:g} s) is not below {outer} ({longer:g} s)."
    wait = settings.database_pool_timeout + settings.database_connect_timeout
    if wait >= deadline:
        names = "DATABASE_POOL_TIMEOUT + DATABASE_CONNECT_TIMEOUT"
        yield f"{names} ({wait:g} s) is not below nine tenths of REQUEST_TIMEOUT ({deadline:g} s)."
    if settings.request_timeout > FINISH_SECONDS:
        yield f"REQUEST_TIMEOUT is above the {FINISH_SECONDS} s that a shutdown leaves to requests."
    stop = settings.drain_seconds + FINISH_SECONDS
    if stop >= options.grace_period:
        yield (
            f"A graceful shutdown takes DRAIN_SECONDS + {FINISH_SECONDS} = {stop:g} s, which is not"
            f" below grace_period ({options.grace_period} s)."
        )


@check(
    "CLK001",
    "warning",
    "The clock is wrong",
    why="Tokens and keys expire early or late; rate limits, logs and rows use wrong times.",
    remedy="""
        Synchronize it:
            timedatectl set-ntp true""",
    source="OWASP ASVS 16.2.2",
    asks="live",
)
def clock(context: Context) -> Iterator[str]:
    """This machine's clock, against the database server's and the age of the service's files."""
    if time.time() < Path(__file__).stat().st_mtime - SKEW:
        yield "The clock shows a time before this service was installed."
    ahead = facts(context).clock
    if ahead is not None and abs(ahead) > SKEW:
        yield f"The database server's clock differs by {ahead:+.0f} s."


@check(
    "FS001",
    "error",
    "A folder is unusable, or a system limit is too low",
    why="Writes fail, logging stops, or new connections are rejected.",
    remedy="""
        Create the folder for the account that runs the service, free space, or raise the limit:
            install -d -o service /data
            ulimit -n 4096""",
)
def files(context: Context) -> Iterator[str]:
    """Whether the folders of a SQLite database and of LOG_FILE exist, are writable and have free
    space; the limit of open files."""
    settings = context.settings
    url = parse_database_url(settings.database_url)
    folders = {}
    if url.get_backend_name() == "sqlite":
        folders["DATABASE_URL"] = Path(url.database or "").parent
    if settings.log_file:
        folders["LOG_FILE"] = Path(settings.log_file).absolute().parent
    for name, folder in folders.items():
        if not folder.is_dir():
            yield f"The folder of {name} does not exist."
        elif not os.access(folder, os.W_OK | os.X_OK):
            yield f"The folder of {name} is not writable."
        elif shutil.disk_usage(folder).free < FREE_BYTES:
            yield f"The folder of {name} has less than {FREE_BYTES // 1_000_000} MB free."
    needed = load_shedding.threads(settings) + settings.database_pool_size + FILES
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit < needed:
        yield f"A worker process may open {limit} files and connections, but needs {needed}."


@check(
    "DEP001",
    "error",
    "Another dependency does not respond",
    why="Requests that need it fail; if it is required, /readyz reports not ready.",
    remedy="""
        Start it, or correct its settings. To see the service's health report:
            curl -s http://127.0.0.1:5000/api/health""",
    asks="live",
)
def others(context: Context) -> Iterator[str]:
    """Whether each dependency in the health report that no other check covers responds."""
    asked = {each.dependency for each in REGISTRY.values()}
    for name, dependency in service_of(context.app).dependencies.items():
        if name not in asked and not _answers(dependency):
            yield f"{name} does not respond."


def _answers(dependency: Dependency) -> bool:
    try:
        return dependency.probe() is not False
    except Exception:  # its driver may raise anything
        return False
