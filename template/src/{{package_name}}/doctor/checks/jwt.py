"""JWT: the identity provider's keys can be fetched."""

from collections.abc import Iterator

from ...core.auth.jwks import MAX_BYTES, parse
from ...core.http_client import NotConnectedError, OutgoingError, ask
from ..context import Context
from ..registry import check
from ..running import SECONDS


@check(
    "JWT001",
    "error",
    "The identity provider's keys cannot be fetched",
    why="No token can be verified, so every request with a token gets 503.",
    remedy="""
        Set JWT_JWKS_URL to the `jwks_uri` in the provider's metadata:
            curl -s ISSUER/.well-known/openid-configuration""",
    source="OWASP ASVS 9.1",
    asks="live",
)
def keys(context: Context) -> Iterator[str]:
    """Whether JWT_JWKS_URL is reachable and has a key that can verify tokens."""
    url = context.settings.jwt_jwks_url
    try:
        answer = ask("GET", url, seconds=SECONDS["live"] - 0.2, max_bytes=MAX_BYTES)
        if answer.status != 200:
            yield f"JWT_JWKS_URL returns {answer.status}."
            return
        parse(answer.body)
    except NotConnectedError:
        yield "JWT_JWKS_URL cannot be reached: no address, no connection, or no valid certificate."
    except OutgoingError:
        yield "The response from JWT_JWKS_URL is too slow, too large or incomplete."
    except (ValueError, KeyError, TypeError):
        yield "JWT_JWKS_URL returns no key that can verify a token."
