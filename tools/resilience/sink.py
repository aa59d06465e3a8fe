"""The reader of the service's log, which can be slow, stop or go away."""

import fcntl
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

SMALLEST_PIPE = 4096  # bytes


class Sink:
    """Reads what is written to a pipe, or does not. "refuse" closes it for good."""

    def __init__(self, pipe: Path) -> None:
        self.text = b""
        self._how = "read"
        self._pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def turn(self, how: str) -> None:
        """Continue to read in another way."""
        if self._how != "refuse":
            self._how = how
        if how == "refuse":
            self._thread.join()

    def _read(self) -> None:
        while self._how != "refuse":
            if self._how != "freeze":
                with suppress(BlockingIOError):
                    self.text += os.read(self._pipe, 50 if self._how == "slow" else 65536)
            time.sleep(0.05 if self._how in ("slow", "freeze") else 0.01)
        os.close(self._pipe)

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, *_: object) -> None:
        self.turn("refuse")
