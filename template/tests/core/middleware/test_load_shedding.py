"""Load shedding: when the service is saturated, excess requests get 503 immediately."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ...conftest import MakeApp
from ...support.served import Server, served, wait_until
from ...support.service import load_shedding, service_of

ORIGIN = "https://app.example.com"
MORE = 20  # requests beyond those that are handled or may wait

ROUTE = """
import pathlib, time

@app.get("/held")
def held():
    with pathlib.Path("begun").open("a") as file:
        file.write("x")
    while not pathlib.Path("released").exists():
        time.sleep(0.02)
    return "done"
"""


@pytest.fixture
def server(app: Flask, some_settings: dict[str, Any], tmp_path: Path) -> Iterator[Server]:
    changes = {"WEB_THREADS": "2", "WEB_QUEUE": "1", "CORS_ORIGINS": ORIGIN}
    with served(tmp_path, some_settings, ROUTE, **changes) as server:
        yield server


def test_excess_requests_are_shed_and_admitted_ones_complete(
    server: Server, credential: dict[str, str], tmp_path: Path
) -> None:
    headers = credential | {"Origin": ORIGIN}
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    request = f"GET /held HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{''.join(lines)}\r\n"
    with ThreadPoolExecutor(2 + MORE) as pool:
        held = [pool.submit(server.ask, request) for _ in range(2)]
        wait_until(lambda: (tmp_path / "begun").exists() and count(tmp_path) == 2)
        refused = list(pool.map(server.ask, [request] * MORE))
        # Health checks are still served.
        assert server.get("/livez").startswith("HTTP/1.1 200 ")
        assert server.get("/readyz").startswith("HTTP/1.1 200 ")
        (tmp_path / "released").touch()
        assert all(done.result().startswith("HTTP/1.1 200 ") for done in held)
    assert Counter(answer.split(maxsplit=2)[1] for answer in refused) == {"503": MORE}
    for answer in refused:
        assert "\r\nRetry-After: 1\r\n" in answer
        assert "\r\nContent-Type: application/problem+json\r\n" in answer
        assert "\r\nX-Content-Type-Options: nosniff\r\n" in answer
        assert f"\r\nAccess-Control-Allow-Origin: {ORIGIN}\r\n" in answer
        assert json.loads(answer.partition("\r\n\r\n")[2])["request_id"]
    assert server.ask(request).startswith("HTTP/1.1 200 ")


def count(folder: Path) -> int:
    return len((folder / "begun").read_text())


@pytest.mark.parametrize("host", ["localhost", "a..b", "x" * 64])
def test_shed_request_gets_503_whatever_its_host(make_app: MakeApp, host: str) -> None:
    app = make_app()
    load_shedding.init_app(app, replace(service_of(app).settings, web_threads=0, web_queue=0))
    answer = app.test_client().get("/api/openapi.json", headers={"Host": host})
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
