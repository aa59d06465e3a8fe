"""The production server shuts down cleanly. This check comes last, since it ends the server."""

from tools.project import Service


def test_server_exits_with_0_and_a_clean_log(service: Service) -> None:
    assert service.call("GET", "/livez").status == 200
    assert service.stop() == 0
    assert service.log.read_text().rpartition("\n")[2] == ""
    assert service.faults() == []
