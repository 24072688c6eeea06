"""Peers that lie, stall and flood. Each one listens and counts how often it was called.

An honest node must come to the tip although most of its peers are of this kind.
"""

import asyncio
import dataclasses
import os

from . import block as blocks
from . import crypto, frame, hello
from .message import Malformed, Message
from .peer import Connection, Identity, Server, block_message, peers_message
from .vectors import Chain


class Liar:
    """The base: a peer that shakes hands and then does what a subclass says.

    It claims the chain's height, answers Ping and GetPeers and keeps silent at GetBlock.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.identity = Identity(chain.origin, chain.height, chain.tip)
        self.server = Server(self._serve)
        self.asked: list[int] = []  # indices that the node wanted of it
        self.closed_by_node = 0

    async def start(self, host: str, port: int = 0) -> tuple[str, int]:
        return await self.server.start(host, port)

    async def stop(self) -> None:
        await self.server.stop()

    @property
    def accepted(self) -> int:
        return self.server.accepted

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        conn = Connection(reader, writer, self.identity)
        try:
            await self.on_connection(conn)
        except Malformed:
            pass
        self.closed_by_node += 1

    async def on_connection(self, conn: Connection) -> None:
        await conn.accept()
        if await conn.receive() is None:
            return
        await conn.send(self.identity.shake())
        await self.after_shake(conn)
        await self.listen(conn)

    async def after_shake(self, conn: Connection) -> None:
        """Before it listens."""

    async def listen(self, conn: Connection) -> None:
        while (msg := await conn.receive(timeout=600)) is not None:
            if msg.name == "GetBlock":
                self.asked.append(msg["index"])
                await self.on_get_block(conn, msg["index"])
            else:
                await conn.courtesy(msg)

    async def on_get_block(self, conn: Connection, index: int) -> None:
        """Silence."""

    def true_block(self, index: int) -> bytes | None:
        known = 1 <= index <= self.chain.height
        return self.chain.blocks[index - 1].cbor if known else None


class Mute(Liar):
    """Has all blocks and gives none."""


class HugeHeight(Liar):
    """Claims a height that nobody has and serves what exists."""

    def __init__(self, chain: Chain, height: int = 1_000_000_000) -> None:
        super().__init__(chain)
        self.identity = self.identity.at(height, "AB" * 32)

    async def on_get_block(self, conn: Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            await conn.send(block_message(index, encoded))


class HighestHeight(HugeHeight):
    """The largest number that there is; arithmetic on it must not wrap."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain, (1 << 64) - 1)


class Altering(Liar):
    """Answers with an altered block."""

    def alter(self, encoded: bytes) -> bytes:
        raise NotImplementedError

    async def on_get_block(self, conn: Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            await conn.send(block_message(index, self.alter(encoded)))


class BrokenSignature(Altering):
    """The right block, its hash right, its signature not."""

    def alter(self, encoded: bytes) -> bytes:
        block = blocks.decode(encoded)
        broken = bytearray(block.signature)
        broken[5] ^= 1
        return dataclasses.replace(block, signature=bytes(broken)).encode()


class PoisonedCopy(Altering):
    """Another block under the hash of the right one."""

    def alter(self, encoded: bytes) -> bytes:
        block = blocks.decode(encoded)
        return dataclasses.replace(block, timestamp=block.timestamp + 1).encode()


class NoBlock(Altering):
    """Bytes that are no block at all."""

    def alter(self, encoded: bytes) -> bytes:
        return b"\xa1" + encoded[1:40]


class EmptyBlock(Altering):
    def alter(self, encoded: bytes) -> bytes:
        return b""


class WrongIndex(Liar):
    """Answers with the next block, under its own or under the wanted index."""

    def __init__(self, chain: Chain, honest_number: bool = False) -> None:
        super().__init__(chain)
        self.honest_number = honest_number

    async def on_get_block(self, conn: Connection, index: int) -> None:
        encoded = self.true_block(index + 1)
        if encoded is not None:
            await conn.send(block_message(index + self.honest_number, encoded))


class Unasked(Liar):
    """Pushes blocks that nobody asked for."""

    async def after_shake(self, conn: Connection) -> None:
        for stored in self.chain.blocks[:50]:
            await conn.send(block_message(stored.index, stored.cbor))


class Repeating(Liar):
    """Answers every request twice."""

    async def on_get_block(self, conn: Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            await conn.send(block_message(index, encoded), block_message(index, encoded))


class StallsInFrame(Liar):
    """Sends the first half of a block and then nothing more."""

    async def on_get_block(self, conn: Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            whole = conn.frame(block_message(index, encoded))
            await conn.send_raw(whole[: len(whole) // 2])


class Dribbles(Liar):
    """Sends its blocks byte by byte."""

    async def on_get_block(self, conn: Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is None:
            return
        for byte in conn.frame(block_message(index, encoded)):
            await conn.send_raw(bytes([byte]))
            await asyncio.sleep(0.05)


class FloodsPings(Liar):
    """Pings as fast as they are read."""

    async def after_shake(self, conn: Connection) -> None:
        while True:
            await conn.send(*[self.identity.ping()] * 50)
            await asyncio.sleep(0)


class FloodsPeers(Liar):
    """Invents addresses as fast as they are read, the lists as long as a frame holds."""

    async def after_shake(self, conn: Connection) -> None:
        number = 0
        while True:
            names = [f"198.18.{n >> 8 & 255}.{n & 255}:4244" for n in range(number, number + 2500)]
            number += 2500
            await conn.send(peers_message(*names))
            await asyncio.sleep(0)


class SilentAfterAccept(Liar):
    """Accepts the connection; not even a hello comes."""

    async def on_connection(self, conn: Connection) -> None:
        await conn.closed(timeout=600)


class SilentAfterHello(Liar):
    """Keys are agreed on, a Shake never comes."""

    async def on_connection(self, conn: Connection) -> None:
        await conn.accept()
        await conn.closed(timeout=600)


class Hangs(Liar):
    """Accepts and closes at once."""

    async def on_connection(self, conn: Connection) -> None:
        await conn.close()


class GarbageInsteadOfHello(Liar):
    async def on_connection(self, conn: Connection) -> None:
        await conn.send_raw(os.urandom(65536))
        await conn.closed(timeout=600)


class GarbageFrames(Liar):
    """Frames of right length whose seal is wrong."""

    async def after_shake(self, conn: Connection) -> None:
        await conn.send_raw(frame.header(500) + os.urandom(500))


class GarbageMessages(Liar):
    """Well sealed frames that hold no message."""

    async def after_shake(self, conn: Connection) -> None:
        assert conn.session is not None
        await conn.send_raw(conn.session.frame(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"))


class LowOrderKey(Liar):
    """A public key that makes the shared secret zero; goes on with that as the session key."""

    async def on_connection(self, conn: Connection) -> None:
        first = await conn.reader.readexactly(1)
        await conn.reader.readexactly(hello.client_hello_size(first[0]) - 1)
        nonce = os.urandom(crypto.NONCE_SIZE)
        await conn.send_raw(hello.server_hello(bytes(32), nonce))
        conn.session = frame.Session(bytes(32), nonce)
        await self.listen(conn)


class OtherNetwork(Liar):
    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self.identity.origin = "AB" * 32


class OldRelease(Liar):
    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self.identity.app_version = "0.9.9"


class SaysLoop(Liar):
    """Answers Hand with Loop."""

    async def on_connection(self, conn: Connection) -> None:
        await conn.accept()
        if await conn.receive() is not None:
            await conn.send(Message("Loop"))
            await conn.closed(timeout=600)


ALL: tuple[type[Liar], ...] = (
    Mute,
    HugeHeight,
    HighestHeight,
    BrokenSignature,
    PoisonedCopy,
    NoBlock,
    EmptyBlock,
    WrongIndex,
    Unasked,
    Repeating,
    StallsInFrame,
    Dribbles,
    FloodsPings,
    FloodsPeers,
    SilentAfterAccept,
    SilentAfterHello,
    Hangs,
    GarbageInsteadOfHello,
    GarbageFrames,
    GarbageMessages,
    LowOrderKey,
    OtherNetwork,
    OldRelease,
    SaysLoop,
)
