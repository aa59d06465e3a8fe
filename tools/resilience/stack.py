"""The service on real dependencies, each behind a proxy that a test can switch."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..project import Service, must, serving
from .disk import Disk, small_disk
from .engines import Database, Mariadb, Postgresql, Valkey
from .load import Request, ask
from .model import Model
from .processes import children, wait_until
from .proxy import Proxy

SERVERS: dict[str, type[Postgresql | Mariadb]] = {"postgresql": Postgresql, "mariadb": Mariadb}
DATABASES = ("sqlite", *SERVERS)
LONGEST_QUERY = secrets.token_hex(5000)  # the longest that the service accepts
WORKERS = 2  # the default of WEB_CONCURRENCY
EXPERIMENTS = "/api/v1/experiments"
NO_LIMITS = {"RATELIMIT_ENABLED": "false"}


@dataclass
class Stack:
    """A rendered, migrated project with its servers and its own API key."""

    project: Path
    folder: Path
    disk: Disk
    log_disk: Disk
    kind: str
    database: Database | None  # None for SQLite
    database_proxy: Proxy | None
    redis: Valkey
    redis_proxy: Proxy
    model: Model
    model_proxy: Proxy
    variables: dict[str, str]
    bearer: dict[str, str]

    def serving(self, **changes: str) -> AbstractContextManager[Service]:
        """Run the production server until the block ends."""
        log = self.folder / f"serve-{secrets.token_hex(4)}.log"
        return serving(self.project, log, **(self.variables | changes))

    def create(self, name: str, key: str = "", query: str = "hello") -> Request:
        """The request that creates an experiment."""
        headers = self.bearer | ({"Idempotency-Key": key} if key else {})
        return Request("POST", EXPERIMENTS, {"name": name, "query": query}, headers)

    def run(self, url: str) -> Request:
        """The request that runs an experiment on the model. Creates the experiment first."""
        made = ask(url, self.create(secrets.token_hex(8)))
        return Request("POST", f"{made.headers['Location']}/run", headers=self.bearer)

    def get(self, path: str) -> Request:
        """An authenticated read request."""
        return Request("GET", path, headers=self.bearer)

    def python(self, code: str, *arguments: str) -> str:
        """Run Python code in the project's environment."""
        return must(self.project, "python", "-c", code, *arguments, **self.variables)


@contextmanager
def stack_on(kind: str, project: Path) -> Iterator[Stack]:
    """Start the servers, migrate the database and create an API key."""
    with ExitStack() as ends:
        # Not in pytest's own folder, which other accounts may not enter: PostgreSQL runs as one.
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="resilience-")))
        folder.chmod(0o711)
        disk = ends.enter_context(small_disk(folder / "disk", 256))
        log_disk = ends.enter_context(small_disk(folder / "logs", 8))
        database, proxy, url = None, None, f"sqlite:///{disk.path}/service.db"
        if kind in SERVERS:
            database = SERVERS[kind](project, folder, disk.path)
            ends.enter_context(database)
            database.set_up()
            proxy = ends.enter_context(Proxy(database.port))
            url = database.url(proxy.port)
        redis = Valkey(project, folder)
        ends.enter_context(redis)
        redis_proxy = ends.enter_context(Proxy(redis.port))
        model = Model(project, folder)
        ends.enter_context(model)
        model_proxy = ends.enter_context(Proxy(model.port))
        variables: dict[str, Any] = {
            "APP_ENV": "testing",
            "SECRET_KEY": secrets.token_hex(32),
            "DATABASE_URL": url,
            "RATELIMIT_STORAGE_URI": f"redis://127.0.0.1:{redis_proxy.port}/0",
            "RATELIMIT_DEFAULT": "1000000 per day",
            "RATELIMIT_WRITES": "1000000 per day",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model_proxy.port}/v1",
            "OPENAI_API_KEY": model.key,
            "OPENAI_PRIVATE_NETWORKS": "127.0.0.0/8",
        }
        must(project, "flask", "db", "upgrade", **variables)
        key = must(project, "flask", "api-key", "create", "test", **variables).splitlines()[-1]
        bearer = {"Authorization": f"Bearer {key}"}
        yield Stack(
            project,
            folder,
            disk,
            log_disk,
            kind,
            database,
            proxy,
            redis,
            redis_proxy,
            model,
            model_proxy,
            variables,
            bearer,
        )


@contextmanager
def planted(project: Path, code: str) -> Iterator[None]:
    """Add code to the module that the server loads, until the block ends."""
    path = project / "wsgi.py"
    own = path.read_text()
    path.write_text(own + code)
    try:
        yield
    finally:
        path.write_text(own)


def workers(service: Service) -> list[int]:
    """The service's worker processes. Waits for all of them: the first serves before the last."""
    wait_until(lambda: len(children(service.process.pid)) == WORKERS, "all workers are running")
    return children(service.process.pid)
