"""The API page: Swagger UI at /api/docs, to browse the API and try it.

The files of Swagger UI come from the package flask-swagger-ui, and the service serves them itself.
The package's own page needs inline scripts, which the page here forbids.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, request

from ....settings import Settings
from ...errors import ProblemError
from ..declarations import declare

START = Path(__file__).with_name("start.js")
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
ONE_YEAR = 31_536_000  # seconds

blueprint = Blueprint("api_page", __name__, url_prefix="/api/docs", template_folder="templates")


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the page in development, and elsewhere only if API_DOCS_ENABLED is true.

    Raises:
        FileNotFoundError: this release of flask-swagger-ui lacks a file that the page loads.
    """
    is_enabled = settings.api_docs_enabled or settings.app_env == "development"
    if is_enabled and settings.openapi_enabled:
        for file, _ in _files().values():
            if not file.is_file():
                raise FileNotFoundError(
                    f"flask-swagger-ui has no {file.name}: pin an older release."
                )
        app.register_blueprint(blueprint)


def _files() -> dict[str, tuple[Traversable, str]]:
    """Return the files that the page loads, each with its media type."""
    distribution = files("flask_swagger_ui") / "dist"
    return {
        "swagger-ui.css": (distribution / "swagger-ui.css", "text/css"),
        "swagger-ui.js": (distribution / "swagger-ui-bundle.js", "text/javascript"),
        "start.js": (START, "text/javascript"),
        "icon.png": (distribution / "favicon-32x32.png", "image/png"),
    }


@dataclass(frozen=True)
class Asset:
    """A file that the page loads; `url_name` contains its hash, so caches can keep it forever."""

    url_name: str
    media_type: str
    content: bytes
    compressed: bytes


@cache
def assets() -> dict[str, Asset]:
    """Read and compress the files that the page loads, once per process."""
    found = {}
    for name, (file, media_type) in _files().items():
        content = file.read_bytes()
        stem, _, suffix = name.rpartition(".")
        url_name = f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
        found[name] = Asset(url_name, media_type, content, gzip.compress(content, mtime=0))
    return found


@blueprint.get("")
@declare(public=True, exempt={"document": "It is the page of the document."})
def show_page() -> Response:
    """Show the API."""
    page = render_template(
        "swagger_ui_page.html", title=current_app.config["API_TITLE"], assets=assets()
    )
    return Response(page, headers={"Content-Security-Policy": PAGE_POLICY})


@blueprint.get("/<name>")
@declare(public=True, exempt={"document": "It is a file of the page."})
def send_asset(name: str) -> Response:
    """Send a file that the page loads, compressed if the browser accepts gzip."""
    asset = next((each for each in assets().values() if each.url_name == name), None)
    if asset is None:
        raise ProblemError(404)
    response = Response(asset.content, mimetype=asset.media_type)
    is_smaller = len(asset.compressed) < len(asset.content)
    if is_smaller and request.accept_encodings.quality("gzip") > 0:
        response.data = asset.compressed
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.immutable = True
    response.cache_control.max_age = ONE_YEAR
    return response
