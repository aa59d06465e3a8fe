"""The resilience matrix: what the service promises for each dependency and each fault."""

from dataclasses import dataclass

DEADLINE = 5.0  # seconds: REQUEST_TIMEOUT
RECOVERY = 3.0  # seconds after the dependency is back

ROWS = {
    "database": "Database",
    "limits": "Limits' storage (Redis)",
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
    ("limits", "refuse"): Cell("connections are refused", "limits, in each process"),
    ("limits", "freeze"): Cell("what is sent is swallowed", "limits, in each process"),
    ("limits", "slow"): Cell("2 s for each piece", "limits, in each process"),
    ("limits", "restart"): Cell("killed, started again empty", "limits"),
    ("limits", "read-only"): Cell(
        "made a replica, which refuses writes", "limits, in each process"
    ),
    ("limits", "full"): Cell("no memory left for keys", "limits, in each process"),
    ("logs", "refuse"): Cell("the reader of standard error is gone", "everything; lines are lost"),
    ("logs", "freeze"): Cell(
        "nobody reads the pipe", "everything; lines are held, then dropped and counted"
    ),
    ("logs", "slow"): Cell("1 kB/s is read from the pipe", "everything; as above"),
    ("logs", "restart"): Nothing("a pipe whose reader is gone does not come back"),
    ("logs", "read-only"): Nothing(
        "a file that is open for writing keeps its file system writable"
    ),
    ("logs", "full"): Cell("LOG_FILE on a full disk", "everything; lines are lost"),
    ("worker", "refuse"): Cell("one is killed", "the others serve; it is replaced"),
    ("worker", "freeze"): Cell(
        "one is stopped", "the others serve; it is replaced", recovery=FROZEN_WORKER + 5
    ),
    ("worker", "slow"): Nothing("a worker is as slow as what it waits for: the rows above"),
    ("worker", "restart"): Cell("one is told to end", "the others serve; it is replaced"),
    ("worker", "read-only"): Nothing("a worker writes nothing but its log"),
    ("worker", "full"): Cell(
        "four times the requests that fit",
        "what fits; the rest is told to come again",
        reads=frozenset({200, 503}),
        writes=frozenset({201, 503}),
        others=frozenset({200, 404, 503}),
        ready=frozenset({200, 503}),
    ),
}
BUT_RUNS = "everything that needs no model"
UPSTREAM: Table = {
    ("upstream", "refuse"): Cell("connections are refused", BUT_RUNS, runs=frozenset({502, 503})),
    ("upstream", "freeze"): Cell("its process is stopped", BUT_RUNS, runs=frozenset({503, 504})),
    ("upstream", "slow"): Cell("2 s for each piece", BUT_RUNS, runs=frozenset({503, 504})),
    ("upstream", "restart"): Cell("killed, started again", "everything"),
    ("upstream", "read-only"): Nothing("it keeps nothing of ours"),
    ("upstream", "full"): Cell("429: it takes no more for now", BUT_RUNS, runs=UNAVAILABLE),
}
SERVER: Table = {
    ("database", "refuse"): Cell("connections are refused", REST, *AWAY),
    ("database", "freeze"): Cell("all its processes are stopped", REST, *AWAY),
    ("database", "slow"): Cell("2 s for each piece", REST, *AWAY),
    ("database", "restart"): Cell("killed, started again", "everything"),
    ("database", "read-only"): Cell("refuses changes", "reads", writes=UNAVAILABLE),
    ("database", "full"): Cell("no room for its tables", "reads", writes=UNAVAILABLE),
} | {
    ("disk", column): Nothing("its server's: database, full; the service's own: log sink")
    for column in COLUMNS
}
MARIADB: Table = SERVER | {
    ("database", "full"): Cell(
        "its disk is full, under which it ends itself",
        "reads, until it ends",
        reads=frozenset({200, 503}),
        writes=UNAVAILABLE,
        ready=frozenset({200, 503}),
    )
}
FILE: Table = {
    ("database", "refuse"): Nothing("a file refuses nobody"),
    ("database", "freeze"): Cell("another process keeps the lock", "reads", writes=UNAVAILABLE),
    ("database", "slow"): Nothing("the wait for the lock is the column before"),
    ("database", "restart"): Nothing("it has no server"),
    ("database", "read-only"): Nothing("the disk's"),
    ("database", "full"): Nothing("the disk's"),
    ("disk", "refuse"): Nothing("as read-only"),
    ("disk", "freeze"): Nothing("no program can make a local disk hang"),
    ("disk", "slow"): Nothing("no program can make a local disk slow"),
    ("disk", "restart"): Nothing("a local disk does not come back"),
    ("disk", "read-only"): Cell(
        "read-only from the start of the service", "reads", writes=UNAVAILABLE
    ),
    ("disk", "full"): Cell("no byte is free", "reads", writes=UNAVAILABLE),
}


def table(database: str) -> Table:
    """The whole matrix for a database: a cell for each row and column."""
    return COMMON | UPSTREAM | {"sqlite": FILE, "postgresql": SERVER, "mariadb": MARIADB}[database]
