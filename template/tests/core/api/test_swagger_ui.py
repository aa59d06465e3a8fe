"""The API page is served where it is meant to be, from this service, without inline code."""

import gzip
import hashlib
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from ...conftest import MakeApp
from ...support.service import swagger_ui

PAGE = "/api/docs"


class Parsed(HTMLParser):
    """A page's links, and its elements that have inline code or styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [link for name in ("src", "href") if (link := given.get(name))]
        is_script = tag == "script" and "src" not in given
        if is_script or tag == "style" or any(name[:2] in ("on", "st") for name in given):
            self.inline.append(tag)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"app_env": "production", "api_docs_enabled": False}, 404),
        ({"app_env": "production", "api_docs_enabled": True}, 200),
        ({"app_env": "development", "api_docs_enabled": False}, 200),
        ({"app_env": "development", "openapi_enabled": False}, 404),
    ],
)
def test_page_is_served_in_development_or_if_enabled(
    make_app: MakeApp, changes: dict[str, object], status: int
) -> None:
    assert make_app(**changes).test_client().get(PAGE).status_code == status


def test_page_allows_only_its_own_scripts_and_styles(client: FlaskClient) -> None:
    answer = client.get(PAGE)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert Parsed(answer.text).inline == []


def test_page_loads_every_file_from_this_service(client: FlaskClient) -> None:
    links = Parsed(client.get(PAGE).text).links
    assert len(links) == len(swagger_ui.assets())
    for link in links:
        assert link.startswith(f"{PAGE}/")
        assert client.get(link).status_code == 200


def test_file_names_contain_the_hash_so_caches_keep_the_files(client: FlaskClient) -> None:
    for link in Parsed(client.get(PAGE).text).links:
        answer = client.get(link)
        assert hashlib.sha256(answer.data).hexdigest()[:16] in link
        assert answer.headers["Cache-Control"] == "immutable, max-age=31536000"


def test_files_are_compressed_for_browsers_that_accept_gzip(client: FlaskClient) -> None:
    for link in Parsed(client.get(PAGE).text).links:
        plain = client.get(link, headers={"Accept-Encoding": "gzip;q=0, br"})
        compressed = client.get(link, headers={"Accept-Encoding": "br, gzip"})
        assert "Content-Encoding" not in plain.headers
        if link.endswith(".png"):  # which gzip would make larger
            assert "Content-Encoding" not in compressed.headers
            continue
        assert compressed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(compressed.data) == plain.data
        assert "Accept-Encoding" in compressed.vary
        assert compressed.content_type == plain.content_type


def test_missing_file_of_swagger_ui_stops_the_start(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swagger_ui, "START", swagger_ui.START.with_name("none.js"))
    with pytest.raises(FileNotFoundError, match=r"flask-swagger-ui has no none\.js"):
        make_app()


@pytest.mark.parametrize("name", ["start.js", "__init__.py", "..%2f__init__.py", "swagger-ui.0.js"])
def test_unknown_file_is_not_found(client: FlaskClient, name: str) -> None:
    answer = client.get(f"{PAGE}/{name}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
