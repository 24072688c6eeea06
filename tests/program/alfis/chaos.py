"""A bad network: a proxy between two nodes that delays, dribbles, stalls, spoils and cuts.

What happens on a link follows from its own random numbers, so a seed gives the same weather again,
although not the same moments.
"""

import asyncio
import random
import socket
from dataclasses import dataclass

CHUNK = 16384
DRIBBLED = 600  # bytes at the beginning of a connection that come a few at a time
CONNECT_TIMEOUT = 5.0


@dataclass(frozen=True)
class Weather:
    """What befalls the bytes of a link; the odds are for each piece that passes."""

    name: str = "fair"
    delay: float = 0.0
    jitter: float = 0.0  # on top of the delay, up to this
    dribble: bool = False  # the first bytes come a few at a time
    stall: float = 0.0  # odds of a rest of up to a second
    spoil: float = 0.0  # odds of one wrong byte
    cut: float = 0.0  # odds of an end in the middle


FAIR = Weather()
ALL = (
    FAIR,
    Weather("far", delay=0.05),
    Weather("uneven", delay=0.005, jitter=0.1),
    Weather("dribbling", dribble=True, jitter=0.01),
    Weather("stalling", stall=0.1),
    Weather("spoiling", spoil=0.02),
    Weather("cutting", cut=0.02),
    Weather("stormy", jitter=0.05, dribble=True, stall=0.03, spoil=0.003, cut=0.003),
)


class Link:
    """Listens at one address and passes on what comes to another one, from an address of its own.

    While it is parted, connections end and new ones are refused, or, when it is silent, all stay
    open and nothing passes.
    """

    def __init__(self, to: tuple[str, int], weather: Weather, seed: int) -> None:
        self.to = to
        self.weather = weather
        self.chance = random.Random(seed)
        self.spoilt = self.cuts = self.carried = 0
        self.address = ("", 0)
        self._passing = asyncio.Event()
        self._passing.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()

    async def start(self, host: str, port: int = 0) -> tuple[str, int]:
        self._server = await asyncio.start_server(self._on_accept, host, port, limit=CHUNK)
        self.address = self._server.sockets[0].getsockname()[:2]
        return self.address

    async def part(self, silent: bool) -> None:
        """Nothing passes from now on."""
        self._passing.clear()
        if not silent:
            await self._end()

    async def heal(self) -> None:
        self._passing.set()
        if self._server is None:
            await self.start(*self.address)

    async def stop(self) -> None:
        await self._end()

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=CONNECT_TIMEOUT)

    async def _on_accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        writers = [writer]
        try:
            await self._passing.wait()
            dialled = asyncio.open_connection(
                *self.to, limit=CHUNK, local_addr=(self.address[0], 0)
            )
            there, back = await asyncio.wait_for(dialled, CONNECT_TIMEOUT)
            writers.append(back)
            for one in writers:
                one.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                )
            await self._both(self._pump(reader, back), self._pump(there, writer))
        except (OSError, asyncio.TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            for one in writers:
                one.close()

    @staticmethod
    async def _both(*ways) -> None:
        """Until one of them ends, which ends the other."""
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while data := await reader.read(self._size(passed)):
            await self._suffer()
            if self.chance.random() < self.weather.cut:
                self.cuts += 1
                writer.write(data[: len(data) // 2])
                return
            writer.write(self._spoil(data))
            await writer.drain()
            passed += len(data)
            self.carried += len(data)

    def _size(self, passed: int) -> int:
        dribbles = self.weather.dribble and passed < DRIBBLED
        return self.chance.randint(1, 40) if dribbles else CHUNK

    async def _suffer(self) -> None:
        wait = self.weather.delay + self.chance.random() * self.weather.jitter
        if self.chance.random() < self.weather.stall:
            wait += self.chance.random()
        if wait:
            await asyncio.sleep(wait)
        await self._passing.wait()

    def _spoil(self, data: bytes) -> bytes:
        if self.chance.random() >= self.weather.spoil:
            return data
        self.spoilt += 1
        wrong = bytearray(data)
        wrong[self.chance.randrange(len(wrong))] ^= 1 << self.chance.randrange(8)
        return bytes(wrong)
