"""The production server withstands hostile requests, sent over raw sockets group by group."""

import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tools.corpus import GROUPS
from tools.corpus.probe import EXPERIMENTS, Blanks, Item, Probe
from tools.corpus.races import Racer
from tools.corpus.verdict import faults
from tools.corpus.wire import NoEndError, Reply, exchange
from tools.project import Answer, Service, serving

PUBLIC = ("/livez", "/readyz", "/api/health", "/api/openapi.json")
ORDERS = ("name", "-name", "created_at", "-created_at", "updated_at", "-updated_at")
STATUSES = ("draft", "scheduled", "running", "completed", "failed")
LISTS = (
    *(f"{EXPERIMENTS}?page_size=1&sort={order}" for order in ORDERS),
    *(f"{EXPERIMENTS}?page_size=1&status={status}" for status in STATUSES),
)
NO_ITEM = Item("", "", "")
MANY = "1000000 per minute"


@contextmanager
def attacked(
    project: Path, migrated: dict[str, str], folder: Path, **more: str
) -> Iterator[Service]:
    """Run a separate production server that trusts these tests as its proxy."""
    trusted = {"TRUSTED_HOSTS": "127.0.0.1", "TRUSTED_PROXIES": "127.0.0.1", "LOG_LEVEL": "INFO"}
    log = folder / "serve.log"
    with serving(project, log, **migrated, **trusted, **more) as service:
        yield service


@pytest.fixture(scope="module")
def service(
    project: Path, migrated: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A server whose rate limits are counted, as in production, but too high to reject anyone."""
    limits = {"RATELIMIT_DEFAULT": MANY, "RATELIMIT_WRITES": MANY}
    with attacked(project, migrated, tmp_path_factory.mktemp("log"), **limits) as service:
        yield service


class Attacker:
    """Sends probes. A probe that needs an experiment finds it as it was created."""

    def __init__(self, service: Service, bearer: dict[str, str]) -> None:
        self._service = service
        self._bearer = bearer
        self._names = (f"x {number} {uuid.uuid4()}" for number in itertools.count())
        self._item: Item | None = None

    def faults(self, probe: Probe) -> list[str]:
        """The faults in the responses to a probe."""
        host = urlsplit(self._service.url).netloc
        address, _, port = host.partition(":")
        key = self._bearer.get("Authorization", "").removeprefix("Bearer ")
        item = self._unchanged() if probe.needs_item else NO_ITEM
        request = Blanks(host, key, next(self._names), item).fill(probe.request)
        try:
            replies = exchange((address, int(port)), request)
            found = list(faults(probe, replies)) or self._not_kept(replies)
        except (NoEndError, ValueError) as error:
            found = [str(error)]
        if found or (probe.status < 300 and not probe.request.startswith(b"GET ")):
            self._item = None
        return [f"{probe.name}: {fault}" for fault in found]

    def _unchanged(self) -> Item:
        if self._item is None:
            values = {"name": next(self._names), "query": "hello"}
            made = self._service.call("POST", EXPERIMENTS, values, self._bearer)
            assert made.status == 201, made
            self._item = Item(made.headers["Location"], made.headers["ETag"], values["name"])
        return self._item

    def _not_kept(self, replies: list[Reply]) -> list[str]:
        """The faults if a stored row differs from the response that created it."""
        made = [reply for reply in replies if reply.status == 201]
        return [
            f"responded with {reply.body!r:.200}, but stored something else"
            for reply in made
            if self._get(reply.headers["location"]).body != json.loads(reply.body)
        ]

    def unanswered(self, *, example: bool) -> list[str]:
        """What the service no longer serves: public paths, sorted and filtered lists, all rows."""
        paths = [*PUBLIC, *(LISTS if example else ())]
        gone = [path for path in paths if self._get(path).status != 200]
        return gone or ["every page of the list"] * (example and not self._is_whole())

    def _is_whole(self) -> bool:
        """Whether every row can still be read."""
        count, total = 0, -1
        for page in itertools.count(1):
            answer = self._get(f"{EXPERIMENTS}?page_size=100&page={page}")
            if answer.status != 200 or not answer.body["items"]:
                return count == total
            count, total = count + len(answer.body["items"]), answer.body["total"]
        return False

    def _get(self, path: str) -> Answer:
        return self._service.call("GET", path, headers=self._bearer)


@pytest.fixture(scope="module")
def attacker(service: Service, bearer: dict[str, str]) -> Attacker:
    return Attacker(service, bearer)


def attack(attacker: Attacker, group: str, *, example: bool) -> None:
    """Send a group's probes that apply to this service, then check that it still responds."""
    probes = [probe for probe in GROUPS[group] if example or not probe.needs_resource]
    if not probes:
        pytest.skip("needs the example resource")
    found = [fault for probe in probes for fault in attacker.faults(probe)]
    found += [f"no longer served: {path}" for path in attacker.unanswered(example=example)]
    assert not found, "\n".join(found)


def test_corpus_is_large_and_probe_names_are_unique() -> None:
    probes = [probe for group in GROUPS.values() for probe in group]
    for group in GROUPS.values():
        assert len({probe.name for probe in group}) == len(group)
    assert len({probe.request for probe in probes}) >= 200
    # Only the server may respond with 501: to a transfer coding that it does not know.
    assert {probe.status for probe in probes if probe.status >= 500} == {501}
    assert {probe.by for probe in probes if probe.status == 501} == {"server"}


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "credentials"])
def test_hostile_requests_get_the_expected_response(
    attacker: Attacker, answers: dict[str, Any], group: str
) -> None:
    if group == "runs" and answers["upstream"] == "none":
        pytest.skip("needs an upstream model")
    attack(attacker, group, example=answers["example"])


def test_exactly_one_of_racing_requests_wins(
    service: Service, bearer: dict[str, str], answers: dict[str, Any]
) -> None:
    if not answers["example"]:
        pytest.skip("needs the example resource")
    racer = Racer(service, bearer)
    assert [fault for _ in range(3) for fault in racer.faults()] == []


def test_log_has_no_service_fault_after_the_attacks(service: Service) -> None:
    assert service.faults() == []


def test_hostile_credentials_get_the_expected_response(
    project: Path,
    migrated: dict[str, str],
    bearer: dict[str, str],
    answers: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Rate limits are off: the one on failed authentication would reject most probes first."""
    if answers["auth"] == "none":
        pytest.skip("the service has no authentication")
    with attacked(project, migrated, tmp_path, RATELIMIT_ENABLED="false") as service:
        attack(Attacker(service, bearer), "credentials", example=answers["example"])
        assert service.faults() == []
