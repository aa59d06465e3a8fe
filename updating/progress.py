"""Show the steps of an update on a terminal: it takes several seconds, mostly in copier."""

import sys


def step(what: str) -> None:
    """Say what happens next. Prints nothing unless standard error is a terminal."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr, flush=True)
