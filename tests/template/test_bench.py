"""The benchmark rejects wrong responses, however fast, and notices when a row gets slower."""

import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import chart, loading, recording
from benchmarks.rows import ROWS, Found

PING = ROWS[0]


class Answers(BaseHTTPRequestHandler):
    """Responds with the status and body that the path specifies."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, status, body = self.path.split("/")
        self.send_response(int(status))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def found(ratio: float) -> Found:
    return Found(ratio=ratio, p99=1.2, cpu=ratio, rps=(1000.0, ratio * 1000), ratios=[ratio])


def test_missing_wrk_is_reported_with_its_install_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="apt-get install wrk"):
        loading.require_wrk()


@pytest.mark.skipif(shutil.which("wrk") is None, reason="apt-get install wrk")
@pytest.mark.parametrize("path", ["/429/pong", "/500/pong", "/200/nothing"])
def test_wrong_responses_are_not_counted_as_results(url: str, path: str) -> None:
    with pytest.raises(loading.WrongAnswerError):
        loading.load(url + path, os.getpid(), PING, 1)


@pytest.mark.skipif(shutil.which("wrk") is None, reason="apt-get install wrk")
def test_correct_responses_are_counted(url: str) -> None:
    slot = loading.load(f"{url}/200/pong", os.getpid(), PING, 1)
    assert slot.rps > 1
    assert slot.p99 > 0


@pytest.mark.parametrize(("ratio", "is_slower"), [(0.8, False), (0.73, False), (0.71, True)])
def test_ratio_drop_of_more_than_a_tenth_is_detected(ratio: float, is_slower: bool) -> None:
    assert recording.has_fallen(recording.as_json(found(0.8)), found(ratio)) == is_slower


def test_table_and_chart_show_every_measured_row() -> None:
    rows = {row.name: recording.as_json(found(0.5)) for row in ROWS[1:]}
    starts = {"sqlite": {"seconds": [1.0, 1.4], "MiB": [40.0, 50.0]}}
    results = {"rows": rows, "starts": starts, "ladder": {"bare Flask": {"ratio": 1, "us": 200}}}
    table, drawn = recording.table(results), chart.draw(results)
    for row in ROWS[1:]:
        assert f"| {row.name} | 0.50 |" in table
        assert row.name in drawn
    assert f"| {PING.name} |" not in table
    assert "1.40 times" in table
    assert "1.25 times" in table
    assert "| bare Flask | 1.00 | 200 |" in table


def test_table_and_chart_match_the_recorded_results() -> None:
    results = recording.read()
    assert recording.TABLE.read_text() == recording.table(results)
    assert recording.CHART.read_text() == chart.draw(results)
