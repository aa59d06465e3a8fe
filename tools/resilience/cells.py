"""The resilience matrix: what the service promises for each dependency and each fault."""

from dataclasses import dataclass

DEADLINE = 5.0  # seconds: REQUEST_TIMEOUT
RECOVERY = 3.0  # seconds after the dependency is back

ROWS = {
    "database": "Database",
    "limits": "Rate-limit storage (Redis)",
    "upstream": "Upstream",
    "logs": "Log sink",
    "worker": "Worker",
    "disk": "Disk",
}
COLUMNS = ("refuse", "freeze", "slow", "restart", "read-only", "full")


@dataclass(frozen=True)
class Cell:
    """A promise: the fault, the responses that requests get meanwhile, and how soon.

    `reads` and `writes` are the statuses of requests that need the database, `runs` of those that
    also need the upstream. Routes that need neither (`/livez`, `/api/openapi.json`, a 404) are the
    `others`, half of which respond within `elsewhere` despite the fault. Times are in seconds.
    """

    fault: str
    goes_on: str
    reads: frozenset[int] = frozenset({200})
    writes: frozenset[int] = frozenset({201})
    ready: frozenset[int] = frozenset({200})
    others: frozenset[int] = frozenset({200, 404})
    runs: frozenset[int] = frozenset({201})
    elsewhere: float = 1.0
    deadline: float = DEADLINE
    recovery: float = RECOVERY


@dataclass(frozen=True)
class Nothing:
    """No promise, since the fault cannot happen or is covered by another cell."""

    reason: str


Table = dict[tuple[str, str], Cell | Nothing]

UNAVAILABLE = frozenset({503})
AWAY = (UNAVAILABLE, UNAVAILABLE, UNAVAILABLE)  # reads, writes, readiness
REST = "every route that needs no database"

# gunicorn replaces a gthread worker after this many seconds without a heartbeat.
FROZEN_WORKER = 15.0

COMMON: Table = {
    ("limits", "refuse"): Cell("connections are refused", "rate limits, counted by each process"),
    ("limits", "freeze"): Cell(
        "connections open, but no data passes", "rate limits, counted by each process"
    ),
    ("limits", "slow"): Cell(
        "each piece of data is delayed by 2 s", "rate limits, counted by each process"
    ),
    ("limits", "restart"): Cell("killed and restarted empty", "rate limits"),
    ("limits", "read-only"): Cell(
        "turned into a replica, which rejects writes", "rate limits, counted by each process"
    ),
    ("limits", "full"): Cell("no memory left for keys", "rate limits, counted by each process"),
    ("logs", "refuse"): Cell("the reader of standard error is gone", "everything; lines are lost"),
    ("logs", "freeze"): Cell(
        "nobody reads the pipe", "everything; lines are buffered, then dropped and counted"
    ),
    ("logs", "slow"): Cell("1 kB/s is read from the pipe", "everything; as above"),
    ("logs", "restart"): Nothing("a pipe does not work again once its reader is gone"),
    ("logs", "read-only"): Nothing(
        "a file system with a file open for writing cannot become read-only"
    ),
    ("logs", "full"): Cell("LOG_FILE on a full disk", "everything; lines are lost"),
    ("worker", "refuse"): Cell("one worker is killed", "the other workers serve; it is replaced"),
    ("worker", "freeze"): Cell(
        "one worker is stopped (SIGSTOP)",
        "the other workers serve; it is replaced",
        recovery=FROZEN_WORKER + 5,
    ),
    ("worker", "slow"): Nothing("a worker is as slow as its dependencies: see the rows above"),
    ("worker", "restart"): Cell(
        "one worker gets SIGTERM", "the other workers serve; it is replaced"
    ),
    ("worker", "read-only"): Nothing("a worker writes only its log"),
    ("worker", "full"): Cell(
        "four times the requests that fit",
        "the requests that fit; the rest get 503 with Retry-After",
        reads=frozenset({200, 503}),
        writes=frozenset({201, 503}),
        others=frozenset({200, 404, 503}),
        ready=frozenset({200, 503}),
    ),
}
BUT_RUNS = "everything that does not need the model"
UPSTREAM: Table = {
    ("upstream", "refuse"): Cell("connections are refused", BUT_RUNS, runs=frozenset({502, 503})),
    ("upstream", "freeze"): Cell("its process is stopped", BUT_RUNS, runs=frozenset({503, 504})),
    ("upstream", "slow"): Cell(
        "each piece of data is delayed by 2 s", BUT_RUNS, runs=frozenset({503, 504})
    ),
    ("upstream", "restart"): Cell("killed and restarted", "everything"),
    ("upstream", "read-only"): Nothing("it stores nothing for the service"),
    ("upstream", "full"): Cell("it responds with 429", BUT_RUNS, runs=UNAVAILABLE),
}
SERVER: Table = {
    ("database", "refuse"): Cell("connections are refused", REST, *AWAY),
    ("database", "freeze"): Cell("all its processes are stopped", REST, *AWAY),
    ("database", "slow"): Cell("each piece of data is delayed by 2 s", REST, *AWAY),
    ("database", "restart"): Cell("killed and restarted", "everything"),
    ("database", "read-only"): Cell("it rejects writes", "reads", writes=UNAVAILABLE),
    ("database", "full"): Cell("no space for its tables", "reads", writes=UNAVAILABLE),
} | {
    ("disk", column): Nothing(
        "for the database server's disk, see database, full; for the service's own, see log sink"
    )
    for column in COLUMNS
}
MARIADB: Table = SERVER | {
    ("database", "full"): Cell(
        "its disk is full, so the server stops itself",
        "reads, until it stops",
        reads=frozenset({200, 503}),
        writes=UNAVAILABLE,
        ready=frozenset({200, 503}),
    )
}
FILE: Table = {
    ("database", "refuse"): Nothing("there is no server that could refuse connections"),
    ("database", "freeze"): Cell("another process holds the lock", "reads", writes=UNAVAILABLE),
    ("database", "slow"): Nothing("covered by freeze, which waits for the lock"),
    ("database", "restart"): Nothing("there is no server to restart"),
    ("database", "read-only"): Nothing("covered by the row of the disk"),
    ("database", "full"): Nothing("covered by the row of the disk"),
    ("disk", "refuse"): Nothing("same as read-only"),
    ("disk", "freeze"): Nothing("no program can make a local disk hang"),
    ("disk", "slow"): Nothing("no program can make a local disk slow"),
    ("disk", "restart"): Nothing("a local disk that is gone does not come back"),
    ("disk", "read-only"): Cell(
        "read-only from the start of the service", "reads", writes=UNAVAILABLE
    ),
    ("disk", "full"): Cell("no free space", "reads", writes=UNAVAILABLE),
}


def table(database: str) -> Table:
    """The whole matrix for a database: a cell for each row and column."""
    return COMMON | UPSTREAM | {"sqlite": FILE, "postgresql": SERVER, "mariadb": MARIADB}[database]
