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
    "The model's API does not serve this key",
    why="Every run answers 502, 503 or 504.",
    remedy="""
        Correct OPENAI_BASE_URL or OPENAI_API_KEY; for a model on this network name its own:
            OPENAI_PRIVATE_NETWORKS=10.0.0.0/24
        After a 429, look at the account's quota. For development:
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
        yield "It cannot be reached: no address, no connection, or no valid certificate."
    except DeadlineError:
        yield "It accepts connections, but does not answer in time."
    except OutgoingError:
        yield "It is on a private network that is not named, or breaks its answer off."
    else:
        if answer.status in (401, 403):
            yield "It refuses the key."
        elif answer.status == 429:
            yield "It answers 429: the quota is used up."
        elif answer.status >= 500:
            yield f"It answers {answer.status}."


@check(
    "TMO002",
    "warning",
    "The model is waited for longer than a request lasts",
    why="The request is cut off before the answer, which has cost its tokens.",
    remedy="""
        Keep it below nine tenths of the request's own:
            OPENAI_TIMEOUT=4
            REQUEST_TIMEOUT=5""",
)
def waits(context: Context) -> Iterator[str]:
    """Whether OPENAI_TIMEOUT is below nine tenths of REQUEST_TIMEOUT."""
    settings = context.settings
    if settings.openai_timeout >= settings.request_timeout * SHARE:
        yield "OPENAI_TIMEOUT is not below nine tenths of REQUEST_TIMEOUT."
