"""A bad line to the network: so many bytes a second for all peers together, silent now and then, far away."""

import asyncio
import time
from dataclasses import dataclass

PIECE = 400  # bytes that take their turn on the line


@dataclass(frozen=True)
class Quality:
    rate: float  # bytes a second and direction
    good: float = 0.0  # seconds between two silences, of
    silence: float = 0.0  # so many seconds
    delay: float = 0.05  # one way


class Line:
    """One line for all peers behind it; each gets an address on this side."""

    def __init__(self, quality: Quality) -> None:
        self.quality = quality
        self.silences = self.carried = 0
        self._begun = time.monotonic()
        self._free = {"up": 0.0, "down": 0.0}
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task] = set()

    async def to(self, peer: tuple[str, int], host: str) -> tuple[str, int]:
        """The address at which that peer is reached over the line."""

        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await self._connect(peer, reader, writer)
            except (OSError, asyncio.CancelledError):
                pass
            finally:
                self._tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(accepted, host, 0, limit=2 * PIECE)
        self._servers.append(server)
        return server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(self, peer, reader, writer) -> None:
        there, back = await asyncio.open_connection(*peer, limit=2 * PIECE)
        ways = [
            asyncio.ensure_future(self._carry(reader, back, "up")),
            asyncio.ensure_future(self._carry(there, writer, "down")),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.close()

    def _turn(self, way: str, size: int) -> float:
        """When a piece of that size has left the line."""
        at = max(time.monotonic(), self._free[way])
        if self.quality.silence:
            period = self.quality.good + self.quality.silence
            past = (at - self._begun) % period
            if past > self.quality.good:
                at += period - past
                self.silences += 1
        self._free[way] = at + size / self.quality.rate
        return self._free[way]

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str
    ) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                at, data = await waiting.get()
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                writer.write(data)

        delivering = asyncio.ensure_future(deliver())
        try:
            while data := await reader.read(PIECE):
                at = self._turn(way, len(data))
                self.carried += len(data)
                waiting.put_nowait((at + self.quality.delay, data))
                await asyncio.sleep(max(0.0, at - time.monotonic()))
        finally:
            delivering.cancel()
