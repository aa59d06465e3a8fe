"""Progress of the checks that query servers, which can take several seconds."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from .registry import Check


@contextmanager
def progress(checks: list[Check], *, shown: bool) -> Iterator[Callable[[Check], None]]:
    """Yield a function to call after each check; if `shown`, a bar on standard error counts them.

    Without a terminal, nothing is shown.
    """
    if not (shown and sys.stderr.isatty()):
        yield lambda check: None
        return
    with click.progressbar(checks, label="Checking", file=sys.stderr) as bar:
        yield lambda check: bar.update(1)
