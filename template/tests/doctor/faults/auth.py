"""Authentication faults."""

from flask import Flask

from ..deployment import World
from . import broken

ASKING = (".bearer", ".jwt")  # modules that authenticate requests


@broken("AUT001")
def nobody_is_asked(world: World) -> None:
    @world.changes.append
    def forget(app: Flask) -> None:
        app.add_url_rule("/asked", "asked", lambda: "answer")
        before = app.before_request_funcs[None]
        before[:] = [each for each in before if not each.__module__.endswith(ASKING)]
