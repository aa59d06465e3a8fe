"""The way to a MariaDB on another machine."""

from sqlalchemy.engine import make_url

from .deployment import World


def test_plain_connection_to_another_machine_is_named(world: World) -> None:
    url = make_url(world.variables["DATABASE_URL"])
    # Another name of this one, which no check knows
    url = url.set(host="127.1", query={})
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    (finding,) = world.diagnose()["findings"]
    assert finding["id"] == "DB007"
    assert finding["detail"] == "The connection to another machine is not encrypted."
