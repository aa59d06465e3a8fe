"""Swagger UI: the page /api/docs shows the API and sends requests to it.

The files of Swagger UI come from the package flask-swagger-ui, and the service serves them itself.
The package's own page needs inline scripts, which the page here forbids.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, request

from ....settings import Settings
from ...errors import ProblemError
from ..declarations import declare

DISTRIBUTION = files("flask_swagger_ui") / "dist"
START = Path(__file__).with_name("start.js")
FILES = {
    "swagger-ui.css": (DISTRIBUTION / "swagger-ui.css", "text/css"),
    "swagger-ui.js": (DISTRIBUTION / "swagger-ui-bundle.js", "text/javascript"),
    "start.js": (START, "text/javascript"),
    "icon.png": (DISTRIBUTION / "favicon-32x32.png", "image/png"),
}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
ONE_YEAR = 31_536_000  # seconds

blueprint = Blueprint("swagger_ui", __name__, url_prefix="/api/docs", template_folder="templates")


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the page in development, and elsewhere only if API_DOCS_ENABLED is true."""
    is_enabled = settings.api_docs_enabled or settings.app_env == "development"
    if is_enabled and settings.openapi_enabled:
        app.register_blueprint(blueprint)


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
    for name, (file, media_type) in FILES.items():
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
    if request.accept_encodings.quality("gzip") > 0:
        response.data = asset.compressed
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.immutable = True
    response.cache_control.max_age = ONE_YEAR
    return response
