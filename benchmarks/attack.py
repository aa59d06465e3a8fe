"""Measure how the production server performs under hostile clients: `nox -s attack`.

It only attacks a server that it starts itself on this machine. Connections: it opens many of one
kind at once, and then a steady stream of more, while two well-behaved clients request `/livez` and
a page of a list. Half way through, it can make the service drain or replace a worker. Costs:
callers repeat the most expensive requests. Races: several requests change the same thing at the
same moment.
"""

import argparse
import asyncio
import math
import os
import signal
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tools.corpus.races import AT_ONCE, Racer
from tools.project import Service

from .hostile import CONNECTIONS, Kind, children, costs, used
from .serving import Project, Server, project

EVERY = 0.03  # seconds between requests of a well-behaved client
PATIENCE = 5.0  # seconds that it waits for a response
DRIP = 0.5  # seconds between two drips
# What happens to the service half way through, and which process gets SIGTERM for it.
THEN = {"nothing": "", "drain": "master", "replace": "worker"}


@dataclass
class Asked:
    """Results of a well-behaved client: seconds per response, and the number of failed requests."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def __str__(self) -> str:
        if not self.seconds:
            return f"{self.failed} failed, none answered"
        ordered = sorted(self.seconds)
        p95 = ordered[math.ceil(len(ordered) * 0.95) - 1]
        times = [1000 * each for each in (ordered[len(ordered) // 2], p95, ordered[-1])]
        return f"{self.failed} failed, {times[0]:.0f}, {times[1]:.0f}, {times[2]:.0f}"


class Attack:
    """An attack on one server with one kind of connection."""

    def __init__(self, kind: Kind, server: Server) -> None:
        self.used = (0, 0)
        self._kind = kind
        self._port = urlsplit(server.url).port
        self._master = server.process.pid
        self._writers: list[asyncio.StreamWriter] = []

    async def run(
        self, at_once: int, a_second: int, seconds: float, ask: list[bytes], then: str
    ) -> list[Asked]:
        """Attack for `seconds` and return the results of the well-behaved clients.

        `then` is a key of THEN: what happens to the service half way through.
        """
        results = [Asked() for _ in ask]
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._be_hostile(end))
            if not self._kind.repeats:
                group.create_task(self._stream(a_second, end))
            group.create_task(self._watch(end))
            group.create_task(self._disturb(seconds / 2, THEN[then]))
            for request, result in zip(ask, results, strict=True):
                group.create_task(self._ask(request, result, end))
        for writer in self._writers:
            writer.transport.abort()
        return results

    async def _stream(self, a_second: int, end: float) -> None:
        async with asyncio.TaskGroup() as group:
            while time.monotonic() < end:
                group.create_task(self._be_hostile(end))
                await asyncio.sleep(1 / a_second)

    async def _disturb(self, seconds: float, whom: str) -> None:
        await asyncio.sleep(seconds)
        if whom:
            os.kill(self._master if whom == "master" else children(self._master)[0], signal.SIGTERM)

    async def _watch(self, end: float) -> None:
        while time.monotonic() < end:
            memory, files = used(self._master)
            self.used = max(memory, self.used[0]), max(files, self.used[1])
            await asyncio.sleep(DRIP)

    async def _be_hostile(self, end: float) -> None:
        while self._kind.repeats and time.monotonic() < end:
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._exchange(self._kind.first), PATIENCE)
        if self._kind.repeats:
            return
        with suppress(OSError, TimeoutError):
            _, writer = await asyncio.wait_for(self._connect(), PATIENCE)
            # typeshed types the transport as that of a write pipe, which has no pause_reading().
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            self._writers.append(writer)
            writer.write(self._kind.first)
            while self._kind.drip and time.monotonic() < end:
                await asyncio.sleep(DRIP)
                writer.write(self._kind.drip)

    async def _ask(self, request: bytes, result: Asked, end: float) -> None:
        while time.monotonic() < end:
            started = time.monotonic()
            try:
                is_answered = await asyncio.wait_for(self._exchange(request), PATIENCE)
            except (OSError, TimeoutError):
                is_answered = False
            if is_answered:
                result.seconds.append(time.monotonic() - started)
            result.failed += not is_answered
            await asyncio.sleep(EVERY)

    async def _exchange(self, request: bytes) -> bool:
        reader, writer = await self._connect()
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer.startswith(b"HTTP/1.1 200 ")

    def _connect(self) -> Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        return asyncio.open_connection("127.0.0.1", self._port)


def main() -> None:
    """Print a table with the results of the two well-behaved clients for each kind of attack."""
    parser = argparse.ArgumentParser(prog="nox -s attack --", description=__doc__)
    parser.add_argument("--kinds", default="", help="part of the names of some; races is one")
    parser.add_argument("--at-once", type=int, default=300, help="connections")
    parser.add_argument("--a-second", type=int, default=15, help="connections more")
    parser.add_argument("--callers", type=int, default=8, help="who ask for what costs much")
    parser.add_argument("--seconds", type=float, default=10, help="for each kind")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--then", choices=THEN, default="nothing", help="half way through")
    parser.add_argument("--worker-class", default="", help="gthread, say, to compare with")
    options = parser.parse_args()
    variables = {"WEB_CONCURRENCY": options.workers, "DRAIN_SECONDS": str(options.seconds)}
    if options.worker_class:
        variables["GUNICORN_CMD_ARGS"] = f"--worker-class={options.worker_class}"
    print("Failed, then the median, p95 and the slowest in ms; memory of the workers in MiB")
    print("| Clients | `/livez` | A page of a list | Memory | Descriptors |\n" + "| --- " * 5 + "|")
    with project("api_key") as prepared:
        for name, kind in (CONNECTIONS | costs(prepared.bearer)).items():
            if options.kinds in name:
                with prepared.service(**variables) as server:
                    attack(name, kind, prepared, server, options)
        if options.kinds in "races":
            with prepared.service(**variables) as server:
                race(prepared, server, options.seconds)


def attack(
    name: str, kind: Kind, prepared: Project, server: Server, options: argparse.Namespace
) -> None:
    """Attack with one kind and print its row."""
    head = "Host: x\r\nConnection: close\r\nAuthorization: Bearer"
    ask = [
        f"GET {path} HTTP/1.1\r\n{head} {prepared.bearer}\r\n\r\n".encode()
        for path in ("/livez", "/api/v1/experiments?page_size=10")
    ]
    one = Attack(kind, server)
    at_once = options.callers if kind.repeats else options.at_once
    found = asyncio.run(one.run(at_once, options.a_second, options.seconds, ask, options.then))
    columns = [str(each) for each in (*found, *one.used)]
    print(f"| {name} | {' | '.join(columns)} |", flush=True)


def race(prepared: Project, server: Server, seconds: float) -> None:
    """Run races for `seconds`; exit with code 1 if one has no winner or several."""
    service = Service(server.url, server.process, prepared.folder / "races.log")
    racer = Racer(service, {"Authorization": f"Bearer {prepared.bearer}"})
    rounds, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        if found := racer.faults():
            raise SystemExit("\n".join(found))
        rounds += 1
    print(f"Races: {rounds} of each of 4 kinds, {AT_ONCE} requests at once; each had one winner.")


if __name__ == "__main__":
    main()
