"""Show the steps of an update on a terminal: it takes some seconds, most of them in copier."""

import sys


def step(what: str) -> None:
    """Say what happens next. Elsewhere than on a terminal, nothing is shown."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr, flush=True)
