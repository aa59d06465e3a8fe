"""Completions: a model's answer and its cost, parsed from an untrusted API response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_MODEL = 200  # characters in a model's name
MAX_TOKENS = 2**31 - 1
# The members of a request that limit the length of its answer; the first is the newer one.
BOUNDS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True)
class Completion:
    """A model's answer and its cost in tokens."""

    answer: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


def read_completion(body: bytes) -> Completion:
    """Parse the completion in an API response; raises ValueError with a reason for the log."""
    try:
        sent = json.loads(body)
        usage = sent["usage"]
        text, model = sent["choices"][0]["message"]["content"], sent["model"]
        costs = [usage[f"{kind}_tokens"] for kind in ("prompt", "completion", "total")]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError("malformed response") from None
    texts = isinstance(text, str) and isinstance(model, str) and len(model) <= MAX_MODEL
    if not texts or any(type(cost) is not int or not 0 <= cost <= MAX_TOKENS for cost in costs):
        raise ValueError("response has invalid values")
    return Completion(storable(text), storable(model), *costs)


def bound(options: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Return the request options, limiting the answer to `most` tokens; 0 changes nothing."""
    if not most:
        return dict(options)
    asked = {name: options[name] for name in BOUNDS if name in options} or {BOUNDS[0]: most}
    bounds = {name: min(n, most) if type(n) is int else most for name, n in asked.items()}
    return {**options, **bounds}


def storable(text: str) -> str:
    """Replace characters that a database or JSON cannot hold: NUL and lone surrogates."""
    return (
        text.encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
