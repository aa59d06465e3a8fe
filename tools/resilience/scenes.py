"""A scene is a running service and a fault that can be made and taken away."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from ..project import Service
from .load import Request
from .proxy import Mode, Proxy
from .stack import Stack


def nothing() -> None:
    """No step is needed."""


def always() -> bool:
    """Nothing further has to be true."""
    return True


@dataclass
class Scene:
    """A service, how the fault begins and ends, and what shows that all is as before.

    `more` is asked beside the rest; what `ends_itself` recovers from its beginning on.
    """

    service: Service
    begin: Callable[[], object] = nothing
    end: Callable[[], object] = nothing
    is_over: Callable[[], bool] = always
    more: list[Request] = field(default_factory=list)
    ends_itself: bool = False


def switched(service: Service, proxy: Proxy, column: str) -> Scene:
    """The scene of a fault that a proxy makes."""
    modes = {"refuse": Mode.REFUSE, "freeze": Mode.SWALLOW, "slow": Mode.SLOW}
    return Scene(service, lambda: proxy.switch(modes[column]), lambda: proxy.switch(Mode.PASS))


Maker = Callable[[Stack, Service], AbstractContextManager[Scene]]
Makers = dict[tuple[str, str], Maker]


def fault(
    makers: Makers, row: str, *columns: str
) -> Callable[[Callable[..., Iterator[Scene]]], None]:
    """Enter what makes a scene under its cells; for several of them it is told which."""

    def enter(make: Callable[..., Iterator[Scene]]) -> None:
        for column in columns:
            told = (column,) if len(columns) > 1 else ()
            makers[row, column] = lambda *where, told=told: contextmanager(make)(*where, *told)

    return enter
