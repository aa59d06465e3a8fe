"""Completions: what a model said, and what that cost, read from an API that may say anything."""

import json
from dataclasses import dataclass

MAX_MODEL = 200  # characters of a model's name
MAX_TOKENS = 2**31 - 1


@dataclass(frozen=True)
class Completion:
    """A model's answer and its cost."""

    answer: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


def read_completion(body: bytes) -> Completion:
    """The completion in an answer of the API; raises ValueError with a reason for the log."""
    try:
        sent = json.loads(body)
        usage = sent["usage"]
        text, model = sent["choices"][0]["message"]["content"], sent["model"]
        costs = [usage[f"{kind}_tokens"] for kind in ("prompt", "completion", "total")]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError("garbled") from None
    texts = isinstance(text, str) and isinstance(model, str) and len(model) <= MAX_MODEL
    if not texts or any(type(cost) is not int or not 0 <= cost <= MAX_TOKENS for cost in costs):
        raise ValueError("of another shape")
    return Completion(storable(text), storable(model), *costs)


def storable(text: str) -> str:
    """The text without what a database or JSON cannot hold: NUL and lone surrogates."""
    return (
        text.encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
