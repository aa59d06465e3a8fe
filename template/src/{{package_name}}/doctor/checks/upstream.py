"""Model API: it responds, accepts the key, and its timeout is shorter than a request's."""

import ipaddress
from collections.abc import Iterator

from ...core.deadlines import SHARE
from ...core.http_client import DeadlineError, NotConnectedError, OutgoingError, ask
from ...settings.addresses import is_public
from ..context import Context
from ..registry import check
from ..running import SECONDS


@check(
    "UPS001",
    "warning",
    "The model API is unavailable or rejects the key",
    why="Every run fails with 502, 503 or 504.",
    remedy="""
        Correct OPENAI_BASE_URL or OPENAI_API_KEY. For a model on a private network, allow it:
            OPENAI_PRIVATE_NETWORKS=10.0.0.0/24
        After a 429, check the account's quota. For development:
            uv run python -m tests.support.model_api""",
    asks="live",
    dependency="upstream",
)
def serves(context: Context) -> Iterator[str]:
    """The response to GET /models with the key, a request that costs nothing."""
    settings = context.settings
    private = [ipaddress.ip_network(name) for name in settings.openai_private_networks]
    try:
        answer = ask(
            "GET",
            settings.openai_base_url.rstrip("/") + "/models",
            seconds=SECONDS["live"] - 0.2,
            max_bytes=settings.openai_max_bytes,
            headers={"Authorization": f"Bearer {settings.openai_api_key}"},
            admits=lambda address: is_public(address) or any(address in net for net in private),
        )
    except NotConnectedError:
        yield "The model API cannot be reached: no address, no connection, or no valid certificate."
    except DeadlineError:
        yield "The model API does not respond in time."
    except OutgoingError:
        yield (
            "The model API is on a private network that OPENAI_PRIVATE_NETWORKS does not allow, or"
            " its response is incomplete or too large."
        )
    else:
        if answer.status in (401, 403):
            yield "The model API rejects the key."
        elif answer.status == 429:
            yield "The model API returns 429: the quota is used up."
        elif answer.status >= 500:
            yield f"The model API returns {answer.status}."


@check(
    "TMO002",
    "warning",
    "The model API's timeout is not shorter than the request's",
    why="The request times out before the model responds, but its tokens are billed.",
    remedy="""
        Keep OPENAI_TIMEOUT below nine tenths of REQUEST_TIMEOUT:
            OPENAI_TIMEOUT=4
            REQUEST_TIMEOUT=5""",
)
def waits(context: Context) -> Iterator[str]:
    """Whether OPENAI_TIMEOUT is below nine tenths of REQUEST_TIMEOUT."""
    settings = context.settings
    if settings.openai_timeout >= settings.request_timeout * SHARE:
        yield "OPENAI_TIMEOUT is not below nine tenths of REQUEST_TIMEOUT."
