"""What is measured, and what it may cost at most."""

from dataclasses import dataclass, field
from typing import Any

ROWS_THERE = 1000
EXPERIMENTS = "/api/v1/experiments"
BODY = '{"name": "row-#", "query": "Say it like a pirate: hello", "limit": 10}'

# Answers to the questions; each limit is there, and out of reach.
VARIANTS: dict[str, dict[str, Any]] = {
    "sqlite": {"auth": "none"},
    "postgresql": {"auth": "none", "database": "postgresql"},
    "redis": {"auth": "none", "rate_limit_storage": "redis"},
    "api_key": {},
}


@dataclass(frozen=True)
class Row:
    """A kind of request, and what every answer to it must be."""

    name: str
    variant: str
    method: str
    path: str
    least_ratio: float
    most_p99: float
    status: int = 200
    marker: str = "pong"  # in the body
    body: str | None = None
    twin_path: str = ""  # where the twin's differs


def _on(variant: str, database: str) -> list[Row]:
    page = f"{EXPERIMENTS}?page=1&page_size=100"
    return [
        Row(
            f"GET one row, {database}", variant, "GET", f"{EXPERIMENTS}/50", 0.85, 1.3, 200, "row-"
        ),
        Row(f"page of 100 rows, {database}", variant, "GET", page, 1.0, 1.0, 200, '"total":1000'),
        # Last, since the table grows
        Row(
            f"create one row, {database}",
            variant,
            "POST",
            EXPERIMENTS,
            0.85,
            1.3,
            201,
            "pirate",
            BODY,
        ),
    ]


ROWS = [
    Row("GET, no database", "sqlite", "GET", "/bench/ping", 0.75, 1.5),
    Row("GET, no database, API key", "api_key", "GET", "/bench/ping", 0.75, 1.5),
    Row(
        "validated POST, no database",
        "sqlite",
        "POST",
        "/bench/echo",
        0.7,
        1.5,
        200,
        "pirate",
        BODY,
        "/bench/checked",
    ),
    Row(
        "the same, against one that does not validate",
        "sqlite",
        "POST",
        "/bench/echo",
        0.7,
        1.5,
        200,
        "pirate",
        BODY,
    ),
    *_on("sqlite", "SQLite"),
    *_on("postgresql", "PostgreSQL"),
    Row("GET, no database, limits in Redis", "redis", "GET", "/bench/ping", 0.6, 1.5),
]
MOST_MEMORY, MOST_START = 1.25, 1.5  # against the twin


@dataclass
class Found:
    """Medians over the rounds; the twin's first."""

    ratio: float
    p99: float
    cpu: float  # processor time of the workers for a request: the twin's by the service's
    rps: tuple[float, float]
    ratios: list[float] = field(default_factory=list)
