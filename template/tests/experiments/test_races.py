"""Many concurrent callers, on a real server with several worker processes."""

import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..conftest import PATIENCE
from ..support.served import Server

URL = "/api/v1/experiments"
AT_ONCE = 50
Answer = tuple[int, dict[str, Any], str]


def send(server: Server, method: str, path: str, values: object, headers: dict[str, str]) -> Answer:
    """Send a request; return the response's status, body and ETag."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        headers = {"Content-Type": "application/json", **headers}
        connection.request(method, path, json.dumps(values), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("ETag", "")
    finally:
        connection.close()


def at_once(server: Server, *request: Any) -> list[Answer]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _: send(server, *request), range(AT_ONCE)))


def test_concurrent_identical_requests_do_the_work_once(
    shared_server: Server, credential: dict[str, str]
) -> None:
    values = {"name": "the same", "query": "hello"}
    created = at_once(shared_server, "POST", URL, values, credential)
    assert Counter(status for status, _, _ in created) == {201: 1, 409: AT_ONCE - 1}

    values = {"name": "another", "query": "hello"}
    replayed = at_once(shared_server, "POST", URL, values, credential | {"Idempotency-Key": "once"})
    assert {status for status, _, _ in replayed} == {201}
    [number] = {body["id"] for _, body, _ in replayed}

    tag = replayed[0][2]
    changed = at_once(
        shared_server, "PATCH", f"{URL}/{number}", {"limit": 7}, credential | {"If-Match": tag}
    )
    assert Counter(status for status, _, _ in changed) == {200: 1, 412: AT_ONCE - 1}
