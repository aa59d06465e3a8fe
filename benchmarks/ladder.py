"""The ladder: measure bare Flask, then add the parts of the service one by one."""

import statistics
from contextlib import ExitStack

from .loading import Slot, load
from .rows import ROWS
from .serving import project

PING = ROWS[0]
QUIET = {"LOG_LEVEL": "WARNING"}
# Name of each step: its WSGI module, and the variables that select the step
STEPS: dict[str, tuple[str, dict[str, str]]] = {
    "bare Flask": ("bare:app", {}),
    "with a factory and settings": ("wsgi:app", {"STEP": "bare"} | QUIET),
    "+ WSGI layer: id, headers, proxies, deadline, shedding": (
        "wsgi:app",
        {"STEP": "layer"} | QUIET,
    ),
    "+ request checks: host, target, sessions, problems": ("wsgi:app", {"STEP": "checks"} | QUIET),
    "+ schemas: flask-smorest": ("wsgi:app", {"STEP": "schemas"} | QUIET),
    "+ limits in memory": ("wsgi:app", {"STEP": "limits"} | QUIET),
    "+ the line in the log": ("wsgi:app", {"STEP": "limits"}),
}
WHOLE = "the whole service, on its own server's settings"
IN_REDIS, WITH_KEY = "the same, limits in Redis", "the same, with an API key"


def measure(rounds: int, seconds: int) -> dict[str, dict[str, float]]:
    """Measure every step once per round; return each one's median and its ratio to bare Flask."""
    with ExitStack() as stack:
        prepared = stack.enter_context(project("sqlite"))
        servers = {
            name: (stack.enter_context(prepared.twin(module, **variables)), "")
            for name, (module, variables) in STEPS.items()
        }
        servers[WHOLE] = (stack.enter_context(prepared.service()), "")
        for name, variant in ((IN_REDIS, "redis"), (WITH_KEY, "api_key")):
            further = stack.enter_context(project(variant))
            servers[name] = (stack.enter_context(further.service()), further.bearer)
        slots: dict[str, list[Slot]] = {name: [] for name in servers}
        for number in range(rounds + 1):
            for name, (server, bearer) in servers.items():
                url = server.url + PING.path
                slot = load(url, server.process.pid, PING, seconds if number else 1, bearer)
                slots[name] += [slot] if number else []  # the first round is the warm-up
    bare = slots["bare Flask"]
    return {
        name: {
            "ratio": round(
                statistics.median(a.rps / b.rps for a, b in zip(found, bare, strict=True)), 3
            ),
            "us": round(statistics.median(slot.cpu for slot in found)),
        }
        for name, found in slots.items()
    }
