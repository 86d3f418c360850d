"""A network between a process and a server that can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from services.cli.embedded.ports import LOOPBACK


class Proxy:
    """Passes bytes both ways. While it is cut nobody gets through, and who was connected is cut off."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self.is_cut = False
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def cut(self) -> None:
        """Let nobody through."""
        self.is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Let everybody through again."""
        self.is_cut = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(LOOPBACK, self._to)
        for source, target in ((reader, back), (there, writer)):
            self._open.add(target)
            task = asyncio.ensure_future(self._pass(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await source.read(65_536):
                target.write(some)
                await target.drain()
        self._open.discard(target)
        target.close()
        with suppress(OSError):
            await target.wait_closed()


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    """Give a running proxy to a port of this machine."""
    between = Proxy(port)
    await between.start()
    try:
        yield between
    finally:
        await between.stop()
