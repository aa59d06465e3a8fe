"""A TCP proxy that can drop, swallow or delay traffic, switched while it runs."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from typing import Any

POLL = 0.01  # seconds between checks of the mode


class Mode(StrEnum):
    """What the proxy does with connections."""

    PASS = "passes"  # noqa: S105
    REFUSE = "refuses: aborts open connections and refuses new ones"
    SWALLOW = "swallows: accepts connections, but forwards nothing"
    SLOW = "is slow: delays each chunk before forwarding it"


class Proxy:
    """Listens on its own port and forwards to `target`, another port of this machine."""

    def __init__(self, target: int, delay: float = 2.0) -> None:
        self.target = target
        self.delay = delay
        self.mode = Mode.PASS
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._break_off())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def switch(self, mode: Mode) -> None:
        """Change the mode. Swallowed data passes once the mode is a different one."""
        was, self.mode = self.mode, mode
        if mode is Mode.REFUSE:
            self._do(self._break_off())
        elif was is Mode.REFUSE:
            self._do(self._listen())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _break_off(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in list(self._writers):
            writer.transport.abort()
        while self._writers:
            await asyncio.sleep(POLL)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        onward = None
        try:
            await self._wait()
            there, onward = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(onward)
            await asyncio.gather(self._pump(reader, onward), self._pump(there, writer))
        except OSError:  # whichever side is gone, the other one is closed below
            pass
        finally:
            for end in (writer, onward):
                if end is not None:
                    end.transport.abort()
                    self._writers.discard(end)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            await self._wait()
            writer.write(piece)
            await writer.drain()
        await self._wait()
        with suppress(OSError):
            writer.write_eof()

    async def _wait(self) -> None:
        """Hold data back for as long as the mode requires."""
        if self.mode is Mode.SLOW:
            await asyncio.sleep(self.delay)
        while self.mode is Mode.SWALLOW:
            await asyncio.sleep(POLL)
