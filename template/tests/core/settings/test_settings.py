"""Settings: at startup, all invalid settings are listed, and no value is ever shown."""

import dataclasses
import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import pytest
from marshmallow.validate import Range

from ...conftest import as_variables, part_settings
from ...support.service import settings

KEY = hashlib.sha256(b"of a length and a look that hold").hexdigest()
VALID = {
    "SECRET_KEY": KEY,
    "DATABASE_URL": "sqlite:///service.db",
    "RATELIMIT_STORAGE_URI": "memory://",
    **as_variables(part_settings()),
    # Yours: add below this line
}
FIELDS = {field.name: field for field in dataclasses.fields(settings.Settings)}
NUMBERS = sorted(name for name, field in FIELDS.items() if field.type in (int, float))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run outside the project, so that its own .env is not read."""
    monkeypatch.chdir(tmp_path)


def load(**variables: str | None) -> settings.Settings:
    """Load settings from a valid environment changed by `variables`; None removes a variable."""
    whole = {name: value for name, value in (VALID | variables).items() if value is not None}
    with patch.dict(os.environ, whole, clear=True):
        return settings.load_settings()


def refusal(**variables: str | None) -> str:
    """Return the error message for that environment."""
    with pytest.raises(settings.SettingsError) as caught:
        load(**variables)
    return caught.value.format_message()


def faults(**variables: str | None) -> dict[str, str]:
    """Return the reasons in that message by variable name."""
    listed = refusal(**variables).splitlines()[1:-1]
    return dict(line.strip().split(": ", 1) for line in listed)


def test_all_invalid_settings_are_listed_without_their_values() -> None:
    checked = (
        name
        for name, field in FIELDS.items()
        if field.type is not str or field.metadata["validators"]
    )
    wrong = {name.upper(): "canary!" for name in checked}
    message = refusal(**wrong)
    assert set(faults(**wrong)) == set(wrong)
    assert "canary" not in message


def test_settings_without_a_default_are_required() -> None:
    missing = faults(SECRET_KEY=None, DATABASE_URL=None)
    assert missing == dict.fromkeys(["DATABASE_URL", "SECRET_KEY"], "Not set.")


@pytest.mark.parametrize("app_env", [None, "production", "development"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (KEY[:31], "Shorter than 32 bytes."),
        (f"change-me-{KEY}", "A placeholder; generate a random one."),
        (f"your_{KEY}", "A placeholder; generate a random one."),
        ("ab" * 40, "Too regular to be random."),
    ],
)
def test_weak_secret_is_rejected(app_env: str | None, name: str, value: str, reason: str) -> None:
    assert faults(APP_ENV=app_env, **{name: value}) == {name: reason}


def test_one_weak_fallback_among_strong_ones_is_rejected() -> None:
    assert set(faults(SECRET_KEY_FALLBACKS=f"{KEY},{KEY[:8]}")) == {"SECRET_KEY_FALLBACKS"}
    assert load(SECRET_KEY_FALLBACKS=f"{KEY},{KEY[::-1]}").secret_key_fallbacks == [KEY, KEY[::-1]]


def test_production_is_the_default_environment() -> None:
    assert load().app_env == "production"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("RATELIMIT_DEFUALT", "RATELIMIT_DEFAULT"),
        ("RATELIMIT_STORAGE_URL", "RATELIMIT_STORAGE_URI"),
        ("TRUSTED_HOST", "TRUSTED_HOSTS"),
    ],
)
def test_misspelled_variable_gets_a_suggestion(wrong: str, right: str) -> None:
    assert faults(SECRET_KEY=None, **{wrong: "x"})[wrong] == f"unknown; did you mean {right}?"


def test_unrelated_variables_are_not_misspellings() -> None:
    other = {"PATH": "/bin", "HOME": "/", "MAX_WORKERS": "2", "SECRET_KEY_FILE": "/nowhere"}
    with patch.dict(os.environ, other, clear=True):
        assert settings.misspelled() == []


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_must_be_within_their_bounds(name: str) -> None:
    bounds = FIELDS[name].metadata["validators"][0]
    assert isinstance(bounds, Range)
    variable = name.upper()
    for value in (bounds.min, bounds.max, FIELDS[name].default):
        assert getattr(load(**{variable: str(value)}), name) == value
    for value in (bounds.min - 1, bounds.max + 1, "", "many"):
        assert set(faults(**{variable: str(value)})) == {variable}


@pytest.mark.parametrize(
    ("scheme", "drivername", "module"),
    [
        ("postgres", "postgresql+psycopg", "psycopg"),
        ("postgresql", "postgresql+psycopg", "psycopg"),
        ("mysql", "mysql+pymysql", "pymysql"),
        ("mariadb", "mysql+pymysql", "pymysql"),
    ],
)
def test_database_url_may_omit_the_driver(scheme: str, drivername: str, module: str) -> None:
    url = f"{scheme}://user:p%40ss@host:1234/name"
    if find_spec(module) is None:
        reason = f"The driver is not installed; run `uv add {module}`."
        assert faults(DATABASE_URL=url) == {"DATABASE_URL": reason}
        return
    parsed = settings.validators.parse_database_url(load(DATABASE_URL=url).database_url)
    assert (parsed.drivername, parsed.password, parsed.port) == (drivername, "p@ss", 1234)


@pytest.mark.parametrize("path", ["service.db", "/data/service.db"])
def test_sqlite_path_is_relative_to_the_working_directory(tmp_path: Path, path: str) -> None:
    parsed = settings.validators.parse_database_url(
        load(DATABASE_URL=f"sqlite:///{path}").database_url
    )
    assert parsed.database == str(tmp_path / path)


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("DATABASE_URL", "no url", "Not a database URL."),
        ("DATABASE_URL", "", "Not a database URL."),
        ("DATABASE_URL", "mysql://user@host:port/name", "Not a database URL."),
        ("DATABASE_URL", "oracle://host/name", "Use one of mariadb, mysql, postgres"),
        ("DATABASE_URL", "sqlite://", "The URL does not name a database."),
        ("DATABASE_URL", "sqlite:///:memory:", "An SQLite database must be a plain file"),
        ("DATABASE_URL", "sqlite:///file:x?mode=memory", "An SQLite database must be a plain file"),
        ("DATABASE_URL", "sqlite:///service.db?timeout=5", "An SQLite database must be a plain"),
        ("RATELIMIT_DEFAULT", "often", "Write limits like"),
        ("RATELIMIT_WRITES", "0 per day", "A limit must be greater than 0."),
        ("RATELIMIT_WRITES", "5 per day; 0 per hour", "A limit must be greater than 0."),
        ("RATELIMIT_STORAGE_URI", "memcached://host", "Use memory://"),
        ("RATELIMIT_STORAGE_URI", "redis://", "Use memory://"),
        ("TRUSTED_HOSTS", "api.example.com:8000", "Not a host name"),
        ("TRUSTED_HOSTS", "*.example.com", "Not a host name"),
        ("TRUSTED_HOSTS", "https://example.com", "Not a host name"),
        ("TRUSTED_HOSTS", "good.example,", "Not a host name"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "Not a network"),
        ("TRUSTED_PROXIES", "proxy.example.com", "Not a network"),
        ("CORS_ORIGINS", "*", "Not an origin"),
        ("CORS_ORIGINS", "null", "Not an origin"),
        ("CORS_ORIGINS", "https://app.example.com/", "Not an origin"),
        ("CORS_ORIGINS", "https://*.example.com", "Not an origin"),
        ("LOG_LEVEL", "LOUD", "Must be one of"),
        ("REQUIRE_HTTPS", "perhaps", "Not a valid boolean."),
    ],
)
def test_invalid_value_is_rejected_with_a_hint(variable: str, value: str, reason: str) -> None:
    found = faults(**{variable: value})
    assert set(found) == {variable}
    assert found[variable].startswith(reason)


@pytest.mark.parametrize(
    ("scheme", "module", "query", "unknown"),
    [
        (
            "postgresql",
            "psycopg",
            "pgbouncer=true&connection_limit=1",
            "connection_limit, pgbouncer",
        ),
        ("postgresql", "psycopg", "sslmode=require&Pa$$word=1", "(hidden)"),
        ("mysql", "pymysql", "ssl-mode=REQUIRED", "ssl-mode"),
        ("mysql", "pymysql", "ssl_disabled=false&ssl_ca=/ca.pem", "ssl_disabled"),
    ],
)
def test_unknown_database_url_parameters_are_rejected(
    scheme: str, module: str, query: str, unknown: str
) -> None:
    url = f"{scheme}://user@host/name?{query}"
    expected = f"Unknown URL parameters: {unknown}; the driver supports "
    if find_spec(module) is None:
        expected = "The driver is not installed"
    assert faults(DATABASE_URL=url)["DATABASE_URL"].startswith(expected)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("family=0", "Unknown URL parameters: family."),
        ("db=1&family=0&pool=2", "Unknown URL parameters: family, pool."),
        ("socket_timeout=soon", "Not a Redis URL, or a URL parameter has an invalid value."),
    ],
)
def test_invalid_redis_url_parameters_are_rejected(query: str, reason: str) -> None:
    found = faults(RATELIMIT_STORAGE_URI=f"redis://host:6379/0?{query}")["RATELIMIT_STORAGE_URI"]
    assert found == (
        reason if find_spec("redis") else "The driver is not installed; run `uv add redis`."
    )


def test_whitespace_around_values_is_stripped() -> None:
    found = load(DATABASE_URL="sqlite:///service.db\n", SECRET_KEY=f" {KEY}\r\n", PORT="80\n")
    assert (found.database_url, found.secret_key, found.port) == ("sqlite:///service.db", KEY, 80)


def test_redis_storage_requires_its_driver() -> None:
    url = "rediss://user:password@host:6379/0"
    if find_spec("redis") is None:
        assert "uv add redis" in faults(RATELIMIT_STORAGE_URI=url)["RATELIMIT_STORAGE_URI"]
    else:
        assert load(RATELIMIT_STORAGE_URI=url).ratelimit_storage_uri == url


def test_lists_are_separated_by_commas_with_or_without_spaces() -> None:
    found = load(TRUSTED_HOSTS="a.example, .b.example,[::1]", TRUSTED_PROXIES=" 10.0.0.0/8,::1 ")
    assert found.trusted_hosts == ["a.example", ".b.example", "[::1]"]
    assert found.trusted_proxies == ["10.0.0.0/8", "::1"]
    assert load(TRUSTED_HOSTS="").trusted_hosts == []


def test_max_workers_is_a_fallback_for_web_concurrency() -> None:
    assert load(MAX_WORKERS="3").web_concurrency == 3
    assert load(MAX_WORKERS="3", WEB_CONCURRENCY="5").web_concurrency == 5
    assert faults(MAX_WORKERS="several") == {"MAX_WORKERS": "Not a valid integer."}
