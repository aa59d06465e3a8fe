"""The requests to measure, and the goal of each."""

from dataclasses import dataclass, field
from typing import Any

ROWS_THERE = 1000
EXPERIMENTS = "/api/v1/experiments"
BODY = '{"name": "row-#", "query": "Say it like a pirate: hello", "limit": 10}'

# Answers to the template's questions. Every rate limit is on, but set too high to be reached.
VARIANTS: dict[str, dict[str, Any]] = {
    "sqlite": {"auth": "none"},
    "postgresql": {"auth": "none", "database": "postgresql"},
    "redis": {"auth": "none", "rate_limit_storage": "redis"},
    "api_key": {},
}


@dataclass(frozen=True)
class Row:
    """A kind of request, its goals, and what every response to it must contain."""

    name: str
    variant: str
    method: str
    path: str
    least_ratio: float
    most_p99: float
    status: int = 200
    marker: str = "pong"  # text in the response body
    body: str | None = None
    twin_path: str = ""  # if the twin's path differs


def _on(variant: str, database: str) -> list[Row]:
    page = f"{EXPERIMENTS}?page=1&page_size=100"
    return [
        Row(
            f"GET one row, {database}", variant, "GET", f"{EXPERIMENTS}/50", 0.85, 1.3, 200, "row-"
        ),
        Row(f"page of 100 rows, {database}", variant, "GET", page, 1.0, 1.0, 200, '"total":1000'),
        # Last, because it makes the table grow
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
MOST_MEMORY, MOST_START = 1.25, 1.5  # ratio to the twin


@dataclass
class Found:
    """Medians over the rounds; in pairs, the twin's value comes first."""

    ratio: float
    p99: float
    cpu: float  # the twin's CPU time per request divided by the service's
    rps: tuple[float, float]
    ratios: list[float] = field(default_factory=list)
