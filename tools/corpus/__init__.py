"""Hostile requests, grouped by kind, each with its one correct response."""

from . import (
    chunks,
    content_types,
    cookies,
    credentials,
    dates,
    framing,
    headers,
    hosts,
    idempotency_keys,
    json_texts,
    methods,
    paths,
    preconditions,
    queries,
    request_lines,
    runs,
    sizes,
    values,
)
from .probe import Probe

_MODULES = (
    framing,
    chunks,
    request_lines,
    sizes,
    hosts,
    headers,
    cookies,
    methods,
    paths,
    queries,
    content_types,
    json_texts,
    values,
    dates,
    preconditions,
    idempotency_keys,
    runs,
    credentials,
)
GROUPS: dict[str, list[Probe]] = {
    module.__name__.rpartition(".")[2]: module.PROBES for module in _MODULES
}
