"""Faults in migrations, in files, and in the deployment as seen from outside."""

import datetime as dt
import re
import resource
import shutil
import ssl
from typing import Any

import pytest
import trustme
from flask import Flask
from sqlalchemy import Column, Integer, Table

from ..support.service import database
from .deployment import World, part


def details(world: World, *options: str) -> dict[str, str]:
    return {each["id"]: each["detail"] for each in world.diagnose(*options)["findings"]}


def test_missing_migrations_folder_is_reported(world: World) -> None:
    shutil.rmtree(world.folder / "migrations")
    found = {"DB002": "There is no migrations/ here; run this in the project's folder."}
    assert details(world, "--live") == found


def test_two_migration_heads_are_found(world: World) -> None:
    versions = world.folder / "migrations/versions"
    last = max(versions.glob("*.py"))
    text = re.sub(r"^revision\b.*$", 'revision = "9999"', last.read_text(), flags=re.MULTILINE)
    (versions / "9999_other.py").write_text(text)
    assert details(world, "--live") == {"DB002": "migrations/ has 2 heads."}


def test_model_without_a_migration_is_found(world: World) -> None:
    table = Table("planted", database.Base.metadata, Column("id", Integer, primary_key=True))
    try:
        found = {"DB002": "Changes to the models that are in no revision: 1."}
        assert details(world, "--live") == found
    finally:
        database.Base.metadata.remove(table)


def test_low_limit_of_open_files_is_found(world: World) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    world.variables |= {"WEB_QUEUE": "1024"}
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    try:
        assert set(details(world, "--deploy")) == {"FS001"}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_full_disk_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part("checks.system"), "FREE_BYTES", 10**18)
    world.variables["LOG_FILE"] = str(world.folder / "log")
    assert set(details(world, "--deploy")) == {"FS001"}


def certified(authority: trustme.CA, not_after: dt.datetime | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_after=not_after).configure_cert(context)
    return context


@pytest.fixture
def authority(world: World) -> trustme.CA:
    """A certificate authority that the doctor trusts."""
    authority = trustme.CA()
    file = world.folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    world.variables["SSL_CERT_FILE"] = str(file)
    return authority


def test_valid_certificate_is_accepted(world: World, authority: trustme.CA) -> None:
    world.serve(tls=certified(authority))
    assert details(world, "--deploy") == {}


def test_untrusted_certificate_is_the_only_finding(world: World, authority: trustme.CA) -> None:
    world.serve(tls=certified(trustme.CA()))
    assert set(details(world, "--deploy")) == {"OUT004"}


def test_certificate_that_expires_soon_is_found(world: World, authority: trustme.CA) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    world.serve(tls=certified(authority, not_after=soon))
    found = {"OUT004": "The certificate expires within 14 days."}
    assert details(world, "--deploy") == found


def test_plain_http_to_another_machine_is_found(world: World) -> None:
    """Nothing listens at that host, so the doctor also reports OUT001."""
    world.options.append("--url=http://doctor.invalid")
    assert details(world, "--deploy")["OUT004"] == "The URL is plain HTTP."


def test_proxy_that_cannot_reach_the_service_is_reported(world: World) -> None:
    def bad_gateway(app: Flask) -> None:
        def answer(_: Any, start: Any) -> list[bytes]:
            start("502 Bad Gateway", [])
            return []

        setattr(app, "wsgi_app", answer)  # noqa: B010 - stands in for a proxy

    world.serve(bad_gateway)
    assert details(world, "--deploy")["OUT001"] == "/livez returns 502."
