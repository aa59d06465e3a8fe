"""Faults of the upstream, a model API."""

from collections.abc import Iterator

from ..project import Service
from .load import ask
from .scenes import Makers, Scene, fault, switched
from .stack import Stack

MAKERS: Makers = {}
# The runs in flight allowed per owner and worker (`callers.py`): one worker may get all of them.
AT_ONCE = 3


@fault(MAKERS, "upstream", "refuse", "slow")
def _wire(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    yield _asking(stack, switched(service, stack.model_proxy, column))


@fault(MAKERS, "upstream", "freeze", "restart", "full")
def _server(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    model = stack.model
    scene = {
        "freeze": Scene(service, model.freeze, model.thaw),
        "restart": Scene(service, model.restart),
        "full": Scene(service, lambda: model.be_full(True), lambda: model.be_full(False)),
    }[column]
    yield _asking(stack, scene)


def _asking(stack: Stack, scene: Scene) -> Scene:
    """The scene with runs among its requests. It is over once every circuit breaker is closed."""
    url = scene.service.url
    run = stack.run(url)
    scene.more = [run] * AT_ONCE
    scene.is_over = lambda: ask(url, run).status == 201 and not _waiting(scene.service)
    return scene


def _waiting(service: Service) -> bool:
    """Whether a worker's circuit breaker is still open: it was opened more often than tried.

    Any worker may respond, so no number of successful runs shows that all breakers are closed.
    """
    records = [record for record in service.records() if record["message"] == "breaker"]
    states = [record["state"] for record in records]
    return states.count("open") > states.count("half-open")
