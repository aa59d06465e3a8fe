"""A scene is a running service with a fault that can be caused and undone."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from ..project import Service
from .load import Request
from .proxy import Mode, Proxy
from .stack import Stack


def nothing() -> None:
    """Do nothing."""


def always() -> bool:
    """Require no further condition."""
    return True


@dataclass
class Scene:
    """A service, how the fault begins and ends, and how to tell that it is over.

    The requests in `more` are sent besides the usual ones. If the fault `ends_itself`, recovery
    is measured from its beginning.
    """

    service: Service
    begin: Callable[[], object] = nothing
    end: Callable[[], object] = nothing
    is_over: Callable[[], bool] = always
    more: list[Request] = field(default_factory=list)
    ends_itself: bool = False


def switched(service: Service, proxy: Proxy, column: str) -> Scene:
    """The scene of a fault that a proxy causes."""
    modes = {"refuse": Mode.REFUSE, "freeze": Mode.SWALLOW, "slow": Mode.SLOW}
    return Scene(service, lambda: proxy.switch(modes[column]), lambda: proxy.switch(Mode.PASS))


Maker = Callable[[Stack, Service], AbstractContextManager[Scene]]
Makers = dict[tuple[str, str], Maker]


def fault(
    makers: Makers, row: str, *columns: str
) -> Callable[[Callable[..., Iterator[Scene]]], None]:
    """Register a function that makes a scene for these cells. With several, it gets the column."""

    def enter(make: Callable[..., Iterator[Scene]]) -> None:
        for column in columns:
            told = (column,) if len(columns) > 1 else ()
            makers[row, column] = lambda *where, told=told: contextmanager(make)(*where, *told)

    return enter
