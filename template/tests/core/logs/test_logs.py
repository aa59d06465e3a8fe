"""Logs: one JSON object per line, which never contains a secret, a body or a value."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from ...conftest import MakeApp
from ...support.apps import Log, client_of, written_log
from ...support.service import PACKAGE

CANARY = "canary-of-a-value"
FILE_BYTES = 10_000

# Three processes share a file that rotates about every 80 lines; they sync every 10 lines.
WRITERS = f"""
import logging, multiprocessing, sys
import structlog
from {PACKAGE}.core import logs
from {PACKAGE}.settings import Settings

def write(writer):
    logs.FILE_BYTES = {FILE_BYTES}
    logs.configure(Settings(log_level="INFO", log_file=sys.argv[1]))
    for number in range(200):
        if number % 10 == 0:
            together.wait()
        structlog.get_logger().info("a line", writer=writer, number=number)
    logging.shutdown()  # as at the end of any other process; these end without it

fork = multiprocessing.get_context("fork")
together = fork.Barrier(3, timeout=30)
writers = [fork.Process(target=write, args=(writer,)) for writer in range(3)]
for writer in writers:
    writer.start()
for writer in writers:
    writer.join()
sys.exit(any(writer.exitcode for writer in writers))
"""


class Terminal(Log):
    """A log that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def log(make_app: MakeApp) -> Log:
    """The log of an application, from its creation on."""
    with written_log() as log:
        make_app(log_level="INFO")
    structlog.contextvars.clear_contextvars()
    return log


def fail() -> str:
    raise ValueError(CANARY)


def test_exception_is_logged_only_as_type_and_frames(
    make_app: MakeApp, credential: dict[str, str]
) -> None:
    with written_log() as log:
        app = make_app(log_level="INFO")
    app.add_url_rule("/fault", "fault", fail, methods=["POST"])
    client = client_of(app, credential)
    with client.post(f"/fault?a={CANARY}", json=CANARY, headers={"X-Value": CANARY}) as answer:
        assert answer.status_code == 500
    assert CANARY not in log.getvalue()
    line = log.lines()[-2]
    assert (line["level"], line["message"]) == ("error", "unexpected error")
    assert line["exception"] == "ValueError"
    assert line["frames"][-1].endswith(" in fail")
    assert Path(__file__).name in line["frames"][-1]


def test_exception_message_is_logged_only_if_enabled(
    make_app: MakeApp,
) -> None:
    with written_log() as log:
        make_app(log_level="INFO", log_exception_messages=True)
    try:
        fail()
    except ValueError:
        logging.getLogger("part").exception("failed")
    assert log.last()["exception_message"] == CANARY


@pytest.mark.parametrize("how", ["exc_info", "exception", "error"])
def test_libraries_and_our_modules_log_in_the_same_format(log: Log, how: str) -> None:
    try:
        fail()
    except ValueError as error:
        if how == "exc_info":
            structlog.get_logger("part").error("failed", exc_info=True)
        elif how == "error":
            structlog.get_logger("part").error("failed", exc_info=error)
        else:
            logging.getLogger("part").exception("failed")
    line = log.last()
    assert set(line) == {"time", "level", "logger", "message", "exception", "frames"}
    assert (line["logger"], line["level"], line["message"]) == ("part", "error", "failed")
    assert line["exception"] == "ValueError"
    assert CANARY not in log.getvalue()


def test_line_without_an_exception_has_no_exception_member(log: Log) -> None:
    structlog.get_logger().info("all is well", exc_info=True)
    assert "exception" not in log.last()


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\u2028two", "one\x00\x1b[31m"])
def test_text_cannot_inject_a_log_line(log: Log, text: str) -> None:
    before = len(log.lines())
    structlog.get_logger().info(text, **{"member": text})
    logging.getLogger("library").warning("said %s", text)
    after = log.lines()[before:]
    assert [line["message"] for line in after] == [text, f"said {text}"]
    assert log.getvalue().isascii()
    assert log.getvalue().isprintable() is False  # only because of its line feeds
    assert log.getvalue().replace("\n", "").isprintable()


def test_development_server_logs_no_request_twice_and_no_colours(log: Log) -> None:
    before = len(log.lines())
    server = logging.getLogger("werkzeug")
    server.warning("\x1b[33m%s\x1b[0m", "Press CTRL+C to quit")
    server.warning('127.0.0.1 - - [28/Nov/2026 11:50:34] "\x1b[33mGET /x HTTP/1.1\x1b[0m" 404 -')
    assert [line["message"] for line in log.lines()[before:]] == ["Press CTRL+C to quit"]


def test_request_cannot_inject_a_log_line(make_app: MakeApp) -> None:
    with written_log() as log:
        client = make_app(log_level="INFO").test_client()
    forged = 'x\n{"message": "forged"}'
    overrides = {"HTTP_X_REQUEST_ID": forged, "HTTP_USER_AGENT": forged}
    client.get("/x%0a%7b%22message%22:%22forged%22%7d", environ_overrides=overrides).close()
    assert [line["message"] for line in log.lines()] == ["request"]


@pytest.mark.parametrize(("level", "written"), [("INFO", 1), ("WARNING", 0)])
def test_lines_below_the_level_are_not_written(make_app: MakeApp, level: str, written: int) -> None:
    with written_log() as log:
        client = make_app(log_level=level).test_client()
    client.get("/livez").close()
    assert len(log.lines()) == written


def test_terminal_output_is_human_readable(make_app: MakeApp) -> None:
    with written_log(Terminal()) as log:
        client = make_app(log_level="INFO").test_client()
    client.get("/livez").close()
    assert "request" in log.getvalue()
    assert "/livez" in log.getvalue()
    assert "{" not in log.getvalue()


def test_misspelled_variable_is_logged_without_its_value(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATELIMIT_DEFUALT", CANARY)
    with written_log() as log:
        make_app(log_level="INFO")
    line = log.last()
    assert (line["level"], line["message"]) == ("warning", "unknown setting")
    assert line["variable"] == "RATELIMIT_DEFUALT"
    assert line["did_you_mean"] == "RATELIMIT_DEFAULT"
    assert CANARY not in log.getvalue()


def test_log_file_gets_the_same_lines(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "service.log"
    with written_log() as log:
        client = make_app(log_level="INFO", log_file=str(file)).test_client()
    client.get("/livez").close()
    make_app()  # closes the file
    assert file.read_text() == log.getvalue() != ""
    assert file.stat().st_mode & 0o777 == 0o600


def test_rotation_of_a_shared_log_file_loses_no_line(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", WRITERS, str(tmp_path / "service.log")],
        check=True,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    files = list(tmp_path.glob("service.log*"))
    sizes = sorted(file.stat().st_size for file in files)
    assert len(sizes) > 3
    # All but the newest are full to within a line: no process rotated a file just begun.
    assert all(abs(size - FILE_BYTES) < 500 for size in sizes[1:])
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    found = sorted((line["writer"], line["number"]) for line in lines)
    assert found == [(writer, number) for writer in range(3) for number in range(200)]
