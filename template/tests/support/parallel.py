"""Real processes, forked from a clean process that imported the tests' fixtures once."""

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

PATIENCE = 60  # seconds; a slower process has no exit code, and is terminated when the tests end

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.conftest"])


def exit_codes(count: int, target: Callable[..., object], *arguments: Any) -> list[int | None]:
    """Run `target` in `count` processes at once; return their exit codes (0 is success)."""
    processes = [_context.Process(target=target, args=arguments, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    return [process.exitcode for process in processes]
