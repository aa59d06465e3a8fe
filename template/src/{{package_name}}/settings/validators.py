"""Validators of settings. Each raises ValidationError; no message contains the value."""

import enum
import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from limits import parse_many
from marshmallow import ValidationError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

MIN_SECRET_BYTES = 32
MIN_SECRET_BITS = 100  # 32 random hexadecimal digits have about 118 by this measure
PLACEHOLDERS = re.compile(
    r"change[-_ ]?(me|this)|your[-_ ]|secret[-_ ]?key|placeholder|example|insecure|password"
    r"|default|replace|xxxx|1234567|abcdefg|qwerty",
    re.IGNORECASE,
)
DRIVERS = {
    "postgresql": ("postgresql+psycopg", "psycopg"),
    "postgres": ("postgresql+psycopg", "psycopg"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "mariadb": ("mysql+pymysql", "pymysql"),
    "sqlite": ("sqlite+pysqlite", "sqlite3"),
}
# Query parameters for MariaDB; the driver accepts others, but not as text.
MARIADB_PARAMETERS = {
    "charset",
    "connect_timeout",
    "program_name",
    "read_timeout",
    "ssl_ca",
    "ssl_capath",
    "ssl_cert",
    "ssl_check_hostname",
    "ssl_cipher",
    "ssl_key",
    "unix_socket",
    "write_timeout",
}
EXAMPLES = {"postgresql": "sslmode, application_name", "mysql": "ssl_ca, unix_socket"}


class Weakness(enum.StrEnum):
    """Why a secret can be guessed."""

    SHORT = f"Shorter than {MIN_SECRET_BYTES} bytes."
    PLACEHOLDER = "A placeholder; generate a random one."
    REGULAR = "Too regular to be random."


def each(validator: Callable[[str], object]) -> Callable[[list[str]], None]:
    """Return a validator that applies another one to every entry of a list."""

    def validate_all(values: list[str]) -> None:
        for value in values:
            validator(value)

    return validate_all


def strong_secret(value: str) -> None:
    """Reject secrets that can be guessed (OWASP ASVS 11.5: at least 128 random bits)."""
    if len(value.encode()) < MIN_SECRET_BYTES:
        raise ValidationError(Weakness.SHORT)
    if PLACEHOLDERS.search(value):
        raise ValidationError(Weakness.PLACEHOLDER)
    # Shannon entropy, by the frequency of each character
    counts = Counter(value).values()
    if sum(count * math.log2(len(value) / count) for count in counts) < MIN_SECRET_BITS:
        raise ValidationError(Weakness.REGULAR)


def parse_database_url(value: str) -> URL:
    """Return the URL with this service's driver; accepts the short forms that platforms use."""
    url = make_url(value)
    backend = url.get_backend_name()
    if backend not in DRIVERS:
        raise ValidationError(f"Use one of {', '.join(sorted(DRIVERS))} as the scheme.")
    drivername, module = DRIVERS[backend]
    if find_spec(module) is None:
        raise ValidationError(f"The driver is not installed; run `uv add {module}`.")
    if backend == "sqlite" and url.database:
        # Relative to the working directory, as in SQLAlchemy; Flask-SQLAlchemy would move it.
        url = url.set(database=str(Path(url.database).absolute()))
    return url.set(drivername=drivername)


def database_url(value: str) -> None:
    """Reject invalid database URLs, and SQLite databases that only one connection would see."""
    try:
        url = parse_database_url(value)
    except (ArgumentError, ValueError):
        raise ValidationError("Not a database URL.") from None
    if not url.database:
        raise ValidationError("The URL does not name a database.")
    backend = url.get_backend_name()
    if backend == "sqlite" and (":memory:" in url.database or url.query):
        raise ValidationError("An SQLite database must be a plain file, without URL parameters.")
    unknown = set(url.query) - _known_parameters(backend)
    if unknown:
        raise ValidationError(
            f"Unknown URL parameters: {_names(unknown)}; "
            f"the driver supports {EXAMPLES[backend]} and others."
        )


def _known_parameters(backend: str) -> set[str]:
    if backend == "postgresql":
        return {
            each.keyword.decode() for each in import_module("psycopg.pq").Conninfo.get_defaults()
        }
    return MARIADB_PARAMETERS


def _names(parameters: Iterable[str]) -> str:
    """List parameters by name; what does not look like a name may be part of a password."""
    is_name = re.compile("[a-z][a-z0-9_-]{,30}").fullmatch
    return ", ".join(sorted(each if is_name(each) else "(hidden)" for each in parameters))


def rate_limit(value: str) -> None:
    """Reject what the `limits` package cannot parse, and an amount of 0."""
    try:
        limits = parse_many(value)
    except ValueError:
        raise ValidationError("Write limits like '200 per day; 50 per hour'.") from None
    if any(limit.amount < 1 for limit in limits):
        raise ValidationError("A limit must be greater than 0.")


def limit_storage(value: str) -> None:
    """Reject storages other than memory and Redis."""
    if not re.match(r"memory://\Z|rediss?://.", value):
        raise ValidationError("Use memory:// or redis://host:port/number.")
    if value != "memory://" and find_spec("redis") is None:
        raise ValidationError("The driver is not installed; run `uv add redis`.")
    if value == "memory://":
        return
    base, _, query = value.partition("?")
    parameters = [each for each in query.split("&") if each]
    try:
        _redis_knows(base)
        unknown = [
            each.partition("=")[0] for each in parameters if not _redis_knows(f"{base}?{each}")
        ]
    except ValueError:
        raise ValidationError("Not a Redis URL, or a URL parameter has an invalid value.") from None
    if unknown:
        raise ValidationError(f"Unknown URL parameters: {_names(unknown)}.")


def _redis_knows(url: str) -> bool:
    """Return whether the driver accepts the URL's parameter; raises ValueError for a bad value."""
    try:
        import_module("redis").ConnectionPool.from_url(url).make_connection()
    except TypeError:
        return False
    return True


def host_name(value: str) -> None:
    """Reject anything but a host name; a leading dot admits its subdomains."""
    if not re.match(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\Z|\[[0-9a-f:]+\]\Z", value, re.IGNORECASE):
        raise ValidationError("Not a host name (no scheme, no port, no wildcard).")


def network(value: str) -> None:
    """Reject anything but an IP network or address."""
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValidationError("Not a network like 10.0.0.0/8.") from None


def origin(value: str) -> None:
    """Reject anything but an exact origin (RFC 6454): no wildcard, no path, no `null`."""
    if not re.match(r"https?://[a-z0-9.\[\]:-]+\Z", value):
        raise ValidationError("Not an origin like https://app.example.com.")
