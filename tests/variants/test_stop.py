"""The production server stops when it is told to; the last check, since it ends the server."""

from tools.project import Service


def test_it_stops_with_exit_code_0_and_nothing_unexpected_in_its_log(service: Service) -> None:
    assert service.call("GET", "/livez").status == 200
    assert service.stop() == 0
    assert service.log.read_text().rpartition("\n")[2] == ""
    assert service.faults() == []
