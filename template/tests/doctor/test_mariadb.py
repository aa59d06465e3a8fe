"""Connections to MariaDB on another machine."""

from sqlalchemy.engine import make_url

from .deployment import World


def test_unencrypted_connection_to_another_machine_is_reported(world: World) -> None:
    url = make_url(world.variables["DATABASE_URL"])
    # Also this machine, under an address that no check recognizes as local
    url = url.set(host="127.1", query={})
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    (finding,) = world.diagnose()["findings"]
    assert finding["id"] == "DB007"
    assert finding["detail"] == "The connection to another machine is not encrypted."
