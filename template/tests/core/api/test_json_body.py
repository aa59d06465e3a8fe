"""Request bodies: anything but strict JSON of a bounded size is rejected with the reason."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from ...support.apps import client_of, further_app
from ...support.service import json_body

LIMIT = 200_000
METHODS = ["POST", "PATCH", "DELETE"]


@pytest.fixture(scope="module")
def read(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[FlaskClient]:
    """A client of an application that sends back the body that it read."""
    with further_app(some_settings, max_content_length=LIMIT) as app:

        @app.route("/read", methods=METHODS)
        def answer() -> Any:
            assert json_body.read_json() is json_body.read_json()
            return jsonify(json_body.read_json())

        yield client_of(app)


def nested(depth: int, inside: str = "") -> str:
    return "[" * depth + inside + "]" * depth


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param('{"a": 1, "a": 1}', "duplicate key", id="a member twice"),
        pytest.param('[{"b": {"a": 1, "\\u0061": 2}}]', "duplicate key", id="twice, escaped"),
        pytest.param('{"a": NaN}', "NaN", id="NaN"),
        pytest.param("[Infinity]", "NaN", id="Infinity"),
        pytest.param("-Infinity", "NaN", id="-Infinity"),
        pytest.param("1e400", "out of range", id="1e400"),
        pytest.param('{"a": [-1e400]}', "out of range", id="-1e400"),
        pytest.param(nested(33), "nested deeper", id="depth 33"),
        pytest.param(nested(32, '{"a": 1}'), "nested deeper", id="depth 33, an object"),
        pytest.param("[" * 20_000, "not strict JSON", id="depth 20,000"),
        pytest.param(nested(20_000), "not strict JSON", id="depth 20,000, closed"),
        pytest.param("1" * 5000, "not strict JSON", id="5,000 digits"),
        pytest.param("-1" + "0" * 100, "too many digits", id="101 digits"),
        pytest.param('"a\\u0000b"', "NUL", id="NUL"),
        pytest.param('{"a\\u0000b": 1}', "NUL", id="NUL in a name"),
        pytest.param(nested(32, '"\\u0000"'), "NUL", id="NUL at depth 32"),
        pytest.param('"a\x00b"', "not strict JSON", id="NUL as it is"),
        pytest.param('"\\ud800"', "surrogates", id="a lone surrogate"),
        pytest.param('{"\\udfff": 1}', "surrogates", id="a lone surrogate in a name"),
        pytest.param(b'"\xff"', "not strict JSON", id="no UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', "not strict JSON", id="a surrogate in UTF-8"),
        pytest.param("{}".encode("utf-16"), "not strict JSON", id="UTF-16"),
        pytest.param("{}".encode("utf-16-le"), "not strict JSON", id="UTF-16 without a mark"),
        pytest.param("{}".encode("utf-8-sig"), "not strict JSON", id="a byte order mark"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(" ", "not strict JSON", id="a space"),
        pytest.param("{} {}", "not strict JSON", id="two values"),
        pytest.param("[1,]", "not strict JSON", id="a comma too many"),
        pytest.param("{'a': 1}", "not strict JSON", id="single quotes"),
        pytest.param("[1] // no", "not strict JSON", id="a comment"),
        pytest.param("01", "not strict JSON", id="a leading zero"),
        pytest.param("canary", "not strict JSON", id="a word"),
    ],
)
def test_body_that_is_not_strict_json_gets_400_with_the_reason(
    read: FlaskClient, body: str | bytes, reason: str
) -> None:
    answer = read.post("/read", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert reason in answer.get_json()["detail"]
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 50_001, id="lists"),
        pytest.param(nested(99_000), id="closed lists"),
        pytest.param(f"[{'1,' * 50_001}1]", id="numbers"),
        pytest.param(f'["{"," * 99}",{"{}," * 25_001}1]', id="objects"),
        pytest.param('"' + '\\"' * 20_000 + "," * 50_001 + '",' + "," * 50_001, id="escapes"),
    ],
)
def test_body_with_too_many_values_gets_413(read: FlaskClient, body: str) -> None:
    answer = read.post("/read", data=body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["detail"] == "The body contains more than 50,000 values."


@pytest.mark.parametrize("text", ["," * 150_000, "[" * 150_000, '"' * 50_000 + "," * 50_000])
def test_characters_inside_strings_are_not_counted_as_values(read: FlaskClient, text: str) -> None:
    assert read.post("/read", json=[text]).get_json() == [text]


@pytest.mark.parametrize(
    "body",
    [
        nested(32),
        nested(32, '1, "a", null'),
        '{"a": ' * 32 + "1" + "}" * 32,
        "9" * 99,
        "[1e308, -0.0, 0]",
        '[{"a": 1}, {"a": 2}]',
        '"\\ud83d\\ude00 and \U0001f600"',
        "null",
        ' {"a": true}\r\n',
        nested(1, ",".join("1" * 1000)),
    ],
)
def test_strict_json_is_read_unchanged(read: FlaskClient, body: str) -> None:
    answer = read.post("/read", data=body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.get_json() == json.loads(body)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/problem+json"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json; charset=utf-16"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "identity, br"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "Identity"}, 200),
        ({"Content-Type": "application/json; charset=UTF-8"}, 200),
        ({"Content-Type": 'Application/JSON; charset="utf8"'}, 200),
    ],
)
def test_body_not_labelled_as_plain_json_gets_415(
    read: FlaskClient, headers: dict[str, str], status: int
) -> None:
    for method in METHODS:
        answer = read.open("/read", method=method, data=b"{}", headers=headers)
        assert answer.status_code == status


class Broken(io.RawIOBase):
    """A body that the server cannot read, as after a bad chunk or a lost connection."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        raise ConnectionError


def sent(read: FlaskClient, body: Any, **environ: Any) -> int:
    """Send the body as a server passes it to the application, and return the status."""
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    overrides = {"wsgi.input": stream, "CONTENT_TYPE": "application/json"} | environ
    return read.post("/read", environ_overrides=overrides).status_code


@pytest.mark.parametrize(
    ("length", "status"), [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413), (10 * LIMIT, 413)]
)
@pytest.mark.parametrize("chunked", [False, True])
def test_body_size_is_limited_with_and_without_content_length(
    read: FlaskClient, chunked: bool, length: int, status: int
) -> None:
    body = b'"' + b"a" * (length - 2) + b'"'
    if chunked:
        announced = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        assert sent(read, body, **announced) == status
    else:
        assert sent(read, body, CONTENT_LENGTH=str(length)) == status


@pytest.mark.parametrize(
    ("body", "environ", "status"),
    [
        pytest.param(Broken(), {"CONTENT_LENGTH": "9" * 30}, 413, id="too long, not read at all"),
        pytest.param(Broken(), {"CONTENT_LENGTH": "2"}, 400, id="unreadable"),
        pytest.param(b"{}", {"CONTENT_LENGTH": "3"}, 400, id="shorter than announced"),
        pytest.param(b"{}x", {"CONTENT_LENGTH": "2"}, 200, id="the next request behind it"),
        pytest.param(b"{}", {"CONTENT_LENGTH": "-2"}, 400, id="a length below 0"),
        pytest.param(b"{}", {"CONTENT_LENGTH": "two"}, 400, id="no length"),
        pytest.param(b"{}", {"CONTENT_LENGTH": "0"}, 400, id="announced as empty"),
        pytest.param(b"{}", {"CONTENT_LENGTH": "2", "wsgi.input_terminated": True}, 200, id="both"),
    ],
)
def test_body_is_read_up_to_its_content_length(
    read: FlaskClient, body: Any, environ: dict[str, Any], status: int
) -> None:
    assert sent(read, body, **environ) == status


def test_incomplete_chunked_body_gets_400(read: FlaskClient) -> None:
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert sent(read, Broken(), **environ) == 400
    del environ["wsgi.input_terminated"]
    assert sent(read, b"{}", **environ) == 400
