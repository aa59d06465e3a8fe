"""Races: of concurrent requests that change one thing, one wins and the others get an error."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from ..project import Answer, Service
from .probe import EXPERIMENTS

AT_ONCE = 4


class Racer:
    """Sends the same request several times at once."""

    def __init__(self, service: Service, bearer: dict[str, str]) -> None:
        self._service = service
        self._bearer = bearer
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def faults(self) -> list[str]:
        """Run each kind of race once, and return the faults in the responses."""
        name = f"race {uuid.uuid4()}"
        made = self._race("POST", EXPERIMENTS, {"name": name, "query": "hello"})
        found = _unless("creations of the same name", made, 201, 409)
        item = next((answer.headers["Location"] for answer in made if answer.status == 201), "")
        found += _unless("changes of the same version", self._change("PATCH", item), 200, 412)
        found += _unless(
            "deletions of the same version", self._change("DELETE", item), 204, 404, 412
        )
        return found + self._repetitions(f"{name} again")

    def _repetitions(self, name: str) -> list[str]:
        """Repeat one creation under one idempotency key: every 201 must name the same row."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        answers = self._race("POST", EXPERIMENTS, {"name": name, "query": "hello"}, key)
        rows = {answer.headers["Location"] for answer in answers if answer.status == 201}
        statuses = {answer.status for answer in answers}
        if len(rows) == 1 and statuses <= {201, 409}:
            return []
        return [f"repetitions of the same creation: {sorted(statuses)}, {len(rows)} rows"]

    def _change(self, method: str, item: str) -> list[Answer]:
        read = self._service.call("GET", item, headers=self._bearer)
        condition = {"If-Match": read.headers["ETag"]}
        return self._race(method, item, {"limit": 7} if method == "PATCH" else None, condition)

    def _race(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> list[Answer]:
        everything = self._bearer | (headers or {})
        start = Barrier(AT_ONCE)

        def call() -> Answer:
            start.wait()
            return self._service.call(method, path, body, everything)

        return [each.result() for each in [self._pool.submit(call) for _ in range(AT_ONCE)]]


def _unless(race: str, answers: list[Answer], winner: int, *others: int) -> list[str]:
    """Describe the race, unless one request won and the others were rejected as expected."""
    statuses = Counter(answer.status for answer in answers)
    if statuses[winner] == 1 and set(statuses) <= {winner, *others}:
        return []
    return [f"{race}: {dict(statuses)}"]
