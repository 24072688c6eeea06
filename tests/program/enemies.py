"""Enemies that dial in, each from addresses of many networks: streams that never end, and those
who only hold a place. Whoever is closed comes again from somewhere else.

usage: enemies.py HOST PORT CHAIN HEIGHT LORIS READY

So many of either sort, until standard input ends.
"""

import asyncio
import dataclasses
import os
import random
import resource
import sys
from typing import Awaitable, Callable

from alfis import block as blocks
from alfis import frame, hello, peer, vectors
from alfis.message import Malformed, Message
from alfis.vectors import Chain

REFUSED = (OSError, EOFError, asyncio.TimeoutError, Malformed)
BOMBS = (
    b"\x9b\x00\x00\x00\xff\xff\xff\xff\xff",  # an array of 2^40 elements
    b"\x81" * 60000,  # arrays in arrays
    b"\xbf" + b"\x5f" * 60000,  # text without end
    b"\xa1\x65Block\xa2\x65index\x01\x65block\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"[" * 60000,
    b'{"a":' * 12000,
)

Kind = Callable[["Enemies", str], Awaitable[None]]


def any_host(chance: random.Random) -> str:
    return f"127.{chance.randint(1, 250)}.{chance.randint(0, 250)}.{chance.randint(1, 250)}"


class Enemies:
    """What they do to one node; stop() ends them all."""

    def __init__(self, address: tuple[str, int], chain: Chain, seed: int) -> None:
        self.address = address
        self.chain = chain
        self.chance = random.Random(seed)
        self.came = 0  # connections that were opened
        self.sent = 0  # bytes of the streams
        self._tasks: list[asyncio.Task] = []

    def start(self, kinds: tuple[Kind, ...], count: int) -> None:
        for number in range(count):
            work = self._again_and_again(kinds[number % len(kinds)])
            self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """A cancellation that gets lost in a wait of the task's own is repeated."""
        while left := [task for task in self._tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=0.5)
        self._tasks.clear()

    async def _again_and_again(self, kind: Kind) -> None:
        while True:
            try:
                await kind(self, any_host(self.chance))
            except REFUSED:
                pass
            await asyncio.sleep(0.05 + self.chance.random() / 10)

    async def opened(self, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        opened = await asyncio.open_connection(*self.address, local_addr=(host, 0))
        self.came += 1
        return opened

    async def ready(self, host: str) -> peer.Connection:
        who = peer.Identity(self.chain.origin, self.chain.height, self.chain.tip)
        conn = await peer.Connection.connect(self.address, who, host)
        self.came += 1
        return conn

    async def hold(self, host: str, *begun: bytes) -> None:
        """Sends that much of something, byte after byte, and stays for as long as it may."""
        reader, writer = await self.opened(host)
        try:
            for part in begun:
                if writer.is_closing():
                    return
                writer.write(part)
                await asyncio.sleep(0.3)
            while await reader.read(4096):
                pass
        finally:
            writer.transport.abort()

    async def pour(self, host: str, make: Callable[[], list[Message]]) -> None:
        """The same few hundred messages without end, and reads what comes."""
        conn = await self.ready(host)
        flood = b"".join(conn.frame(msg) for msg in make())
        reading = asyncio.create_task(conn.closed(3600))
        try:
            while not (reading.done() or conn.writer.is_closing()):
                await conn.send_raw(flood)
                self.sent += len(flood)
                await asyncio.sleep(0)
        finally:
            reading.cancel()
            conn.writer.transport.abort()

    def some(self, count: int = 60) -> list[int]:
        return [self.chance.randint(1, self.chain.height) for _ in range(count)]


# ---- streams, during a sync ----


async def near_blocks(enemies: Enemies, host: str) -> None:
    """True ones that are wanted soon, unasked."""
    stored = enemies.chain.blocks
    await enemies.pour(
        host, lambda: [peer.block_message(i, stored[i - 1].cbor) for i in enemies.some()]
    )


async def far_blocks(enemies: Enemies, host: str) -> None:
    stored = enemies.chain.blocks
    await enemies.pour(
        host, lambda: [peer.block_message(i << 32, stored[i - 1].cbor) for i in enemies.some()]
    )


def spoilt(encoded: bytes) -> bytes:
    """The right hash, a wrong signature."""
    block = blocks.decode(encoded)
    return dataclasses.replace(block, signature=bytes(64)).encode()


async def wrong_answers(enemies: Enemies, host: str) -> None:
    """Whatever the node asks for comes at once, and is wrong."""
    conn = await enemies.ready(host)
    try:
        while (msg := await conn.receive(3600)) is not None:
            if msg.name == "GetBlock":
                encoded = spoilt(enemies.chain.blocks[msg["index"] - 1].cbor)
                await conn.send(peer.block_message(msg["index"], encoded))
            else:
                await conn.courtesy(msg)
    finally:
        conn.writer.transport.abort()


async def hashes(enemies: Enemies, host: str) -> None:
    """Heights near and far with hashes that nobody has."""

    def make() -> list[Message]:
        heights = enemies.some(100) + [1 << n for n in range(64)]
        return [
            Message(name, {"height": height, "hash": os.urandom(32).hex().upper()})
            for height in heights
            for name in ("Ping", "Pong")
        ]

    await enemies.pour(host, make)


async def addresses(enemies: Enemies, host: str) -> None:
    def make() -> list[Message]:
        names = [f"198.{n >> 16}.{n >> 8 & 255}.{n & 255}:4244" for n in enemies.some(2500)]
        return [peer.peers_message(*names)]

    await enemies.pour(host, make)


STREAMS: tuple[Kind, ...] = (near_blocks, far_blocks, wrong_answers, hashes, addresses)

# ---- those who hold places, and bombs ----


async def silent(enemies: Enemies, host: str) -> None:
    await enemies.hold(host)


async def half_a_hello(enemies: Enemies, host: str) -> None:
    await enemies.hold(host, *(bytes([b]) for b in hello.client_hello(bytes(32), 40)[:60]))


async def garbage(enemies: Enemies, host: str) -> None:
    await enemies.hold(host, os.urandom(300), os.urandom(60000))


async def low_order_key(enemies: Enemies, host: str) -> None:
    await enemies.hold(host, hello.client_hello(bytes(32)))


async def endless_frame(enemies: Enemies, host: str) -> None:
    """As long as a frame can be, and its last byte never comes."""
    conn = await enemies.ready(host)
    try:
        await conn.send_raw(frame.header(65519) + os.urandom(65518))
        await conn.closed(3600)
    finally:
        conn.writer.transport.abort()


async def largest_frames(enemies: Enemies, host: str) -> None:
    """Well sealed, as long as they can be, and no message."""
    conn = await enemies.ready(host)
    try:
        assert conn.session is not None
        await conn.send_raw(conn.session.frame(os.urandom(65503)) * 4)
        await conn.closed(3600)
    finally:
        conn.writer.transport.abort()


async def bombs(enemies: Enemies, host: str) -> None:
    for bomb in BOMBS:
        conn = await enemies.ready(host)
        try:
            assert conn.session is not None
            await conn.send_raw(conn.session.frame(bomb))
            await conn.closed(3600)
        finally:
            conn.writer.transport.abort()


async def withholding(enemies: Enemies, host: str) -> None:
    """Has every block and gives none."""
    conn = await enemies.ready(host)
    try:
        while (msg := await conn.receive(3600)) is not None:
            await conn.courtesy(msg)
    finally:
        conn.writer.transport.abort()


LORIS: tuple[Kind, ...] = (silent, half_a_hello, garbage, low_order_key)
READY: tuple[Kind, ...] = (endless_frame, largest_frames, bombs, withholding) + STREAMS


async def main(host: str, port: str, name: str, height: str, loris: str, ready: str) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    chain = vectors.chain(name)
    assert chain is not None
    enemies = Enemies((host, int(port)), chain.first(int(height)), 2)
    enemies.start(LORIS, int(loris))
    enemies.start(READY, int(ready))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await enemies.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
