"""Request framing: a request is whole at its last byte, where gunicorn's parser ends it."""

import pytest
from gunicorn.config import Config
from gunicorn.http import RequestParser

from ...support.service import framing

LONGEST = framing.Longest(line=100, head=400, body=50)
NEXT = b"GET /next HTTP/1.1\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

WHOLE = {
    "no body": b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
    "a length": POST + b"content-length: \t3 \r\n\r\nabc",
    "a length of 0": POST + b"Content-Length:0\r\n\r\n",
    "the longest body": POST + b"Content-Length: 50\r\n\r\n" + b"x" * 50,
    "no chunk": CHUNKED + b"0\r\n\r\n",
    "chunks": CHUNKED + b"3\r\nabc\r\n1;name=value\r\nd\r\n0\r\n\r\n",
    "a chunk that looks like an end": CHUNKED + b"5\r\n0\r\n\r\n\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"a\r\n0123456789\r\n0\r\nChecksum: 1\r\n\r\n",
}
CUT = {
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\n",
    "length and chunks": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "another coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "a length in words": POST + b"Content-Length: three\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +3\r\n\r\n",
    "too long a body": POST + b"Content-Length: 51\r\n\r\n",
    "far too long a body": POST + b"Content-Length: " + b"9" * 300 + b"\r\n\r\n",
    "another expectation": POST + b"Expect: tea\r\nContent-Length: 3\r\n\r\n",
    "too long a line": b"GET /" + b"x" * 100,
    "too long a header": POST + b"X: 1\r\n" * 90,
    "a line feed by itself": b"GET / HTTP/1.1\nHost",
    "a chunk without a size": CHUNKED + b"\r\n",
    "a chunk with another end": CHUNKED + b"3\r\nabcd\r\n",
    "too many chunks": CHUNKED + b"10\r\n0123456789abcdef\r\n" * 4,
    "too long a chunk": CHUNKED + b"ff\r\n" + b"x" * 51,
    "too long a chunk size": CHUNKED + b"1;" + b"x" * 9000,
    "too long trailers": CHUNKED + b"0\r\n" + b"X: 1\r\n" * 90,
}


def arrived(data: bytes) -> framing.Arrival:
    """Feed the data byte by byte, and check that it is not whole before the last byte."""
    one = framing.Arrival(LONGEST)
    for byte in data[:-1]:
        one.data.append(byte)
        assert not one.is_whole(), bytes(one.data)
    one.data += data[-1:]
    return one


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_request_is_whole_at_its_last_byte(data: bytes) -> None:
    one = arrived(data)
    assert one.is_whole()
    assert not one.is_cut
    assert one.taken() == data


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_request_ends_where_the_parser_ends_it(data: bytes) -> None:
    one = framing.Arrival(LONGEST, data + NEXT)
    assert one.is_whole()
    parser = RequestParser(Config(), iter([data + NEXT]), None)
    next(parser)
    assert parser.finish_body()
    assert parser.unreader.take_buffered() == NEXT


@pytest.mark.parametrize("data", CUT.values(), ids=CUT)
def test_rest_of_an_invalid_request_is_not_awaited(data: bytes) -> None:
    one = framing.Arrival(LONGEST, data)
    assert one.is_whole()
    assert one.is_cut


@pytest.mark.parametrize("name", CUT)
def test_oversized_header_is_recognized(name: str) -> None:
    one = framing.Arrival(LONGEST, CUT[name])
    one.is_whole()
    assert one.has_long_head == (name == "too long a header")


def test_expect_header_is_removed_once_met() -> None:
    data = POST + b"expect:  100-Continue\r\nContent-Length: 3\r\n\r\n"
    one = arrived(data)
    assert not one.is_whole()
    assert one.expects_continue
    one.data += b"abc"
    assert one.is_whole()
    assert one.taken() == POST + b"Content-Length: 3\r\n\r\nabc"
