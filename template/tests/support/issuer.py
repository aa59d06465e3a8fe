"""An identity provider for the tests, and for development: `python -m tests.support.issuer`."""

import argparse
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

AUDIENCE = "tests"
LIFETIME = 3600  # seconds


def part(values: Any) -> str:
    """Encode a part of a token: JSON in base64url."""
    return encoded(json.dumps(values).encode())


def encoded(text: bytes) -> str:
    """Encode bytes in base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def new_key(kid: str) -> Key:
    """Generate a key pair for the provider."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


class Issuer:
    """A provider that serves its keys over HTTP until the process ends."""

    def __init__(self, port: int = 0, audience: str = AUDIENCE) -> None:
        self.audience = audience
        self.keys = [new_key("first")]
        self.asked = 0
        self.status = 200
        self.body: bytes | None = None
        self.answering = threading.Event()
        self.answering.set()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """The provider's address, which is also the issuer in its tokens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a service that trusts this provider."""
        return {
            "jwt_issuer": self.url,
            "jwt_audience": self.audience,
            "jwt_jwks_url": f"{self.url}/jwks.json",
        }

    def answer(self) -> bytes:
        """Return the published keys, or `body` if a test has set it."""
        if self.body is not None:
            return self.body
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """Return the claims of a valid token with these changes; None removes a claim."""
        now = int(time.time())
        good = {"iss": self.url, "aud": self.audience, "sub": subject, "iat": now}
        all_of_them = good | {"exp": now + LIFETIME, "scope": ""} | changes
        return {name: value for name, value in all_of_them.items() if value is not None}

    def token(self, subject: str, **changes: Any) -> str:
        """Return a token for `subject`."""
        return self.sign(self.claims(subject, **changes))

    def sign(self, claims: dict[str, Any], key: Key | None = None, /, **header: Any) -> str:
        """Sign the claims, by default with the newest key; `header` adds or replaces parameters."""
        key = key or self.keys[-1]
        described = {"alg": key.get("alg"), "kid": key.kid} | header
        text = f"{part(described)}.{part(claims)}"
        # Use the algorithm directly: the library refuses to create some of the invalid tokens.
        signature = JWSRegistry.algorithms[str(key.get("alg"))].sign(text.encode(), key)
        return f"{text}.{encoded(signature)}"

    def stop(self) -> None:
        """Stop serving the keys."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Log nothing: the client has disconnected."""


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            issuer.answering.wait(30)
            body = issuer.answer()
            self.send_response(issuer.status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", f"{issuer.url}/elsewhere.json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    return Handler


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run a provider for one test."""
    issuer = Issuer()
    yield issuer
    issuer.answering.set()
    issuer.stop()


def main() -> None:
    """Run the identity provider that `.env` names, and print a token from it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.issuer", description=main.__doc__
    )
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--audience", required=True, help="JWT_AUDIENCE of the service")
    parser.add_argument("--subject", default="me", help="subject of the token")
    parser.add_argument("--scope", default="", help="scopes of the token, separated by spaces")
    told = parser.parse_args()
    issuer = Issuer(told.port, told.audience)
    for name, value in issuer.settings.items():
        print(f"{name.upper()}={value}")
    print(issuer.token(told.subject, scope=told.scope), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Stopped.")


if __name__ == "__main__":
    main()
