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
    "The identity provider's keys cannot be had",
    why="No token can be verified: every route answers 503.",
    remedy="""
        Correct JWT_JWKS_URL, as the provider's metadata names it (jwks_uri):
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
            yield f"It answers {answer.status}."
            return
        parse(answer.body)
    except NotConnectedError:
        yield "It cannot be reached: no address, no connection, or no valid certificate."
    except OutgoingError:
        yield "It accepts connections, but gives no whole answer in time."
    except (ValueError, KeyError, TypeError):
        yield "It answers no set of keys that could verify a token."
