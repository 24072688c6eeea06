"""Clients of every listener that are slow or stop half-way: no more of them than the bound, none
for longer than its time, and nothing is left of them."""

import asyncio
import json
import unittest
from typing import Awaitable, Callable

import harness
from alfis import hello

CAP = 4
MORE = 3  # beyond the cap
LEFT = 256  # bytes, less than one client; the loop keeps 16 for each file number it ever saw
SHORT = {"limits__max_half_open": CAP, "limits__max_admin_clients": CAP + 1,  # one is us
         "limits__hello_timeout": "600 ms", "limits__handshake_timeout": "600 ms",
         "limits__frame_timeout": "600 ms", "limits__admin_timeout": "600 ms"}  # fmt: skip
HELLO = hello.client_hello(bytes(range(1, 33)), 200)
REQUEST = b"GET /status HTTP/1.1\r\nX: " + b"x" * 800

Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Slow = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


async def silent(writer: asyncio.StreamWriter, begun: bytes) -> None:
    """Says nothing at all."""


async def half(writer: asyncio.StreamWriter, begun: bytes) -> None:
    """Stops in the middle."""
    writer.write(begun[: len(begun) // 2])


async def dribbling(writer: asyncio.StreamWriter, begun: bytes) -> None:
    """Always has one more byte, at the end of its time too."""
    for byte in begun:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


class SlowClients(harness.ProgramTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.admin_port = harness.free_port("127.0.0.1")
        self.metrics_port = harness.free_port("127.0.0.1")
        token = self.folder / "token"
        token.write_text("0123456789abcdef")
        token.chmod(0o600)
        self.slow_node = await self.node(
            self.chain("devnet-72"), admin__listen=f"127.0.0.1:{self.admin_port}",
            admin__metrics_listen=f"127.0.0.1:{self.metrics_port}",
            admin__token_file=str(token), **SHORT
        )  # fmt: skip

    async def row(self, name: str) -> dict[str, int]:
        """Asked for again when all places are taken."""
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(20 * harness.SLOW)
        while True:
            try:
                _, body = await self.slow_node.get("/limits")
                return next(r for r in json.loads(body)["limits"] if r["row"] == name)
            except (ConnectionError, IndexError):
                self.assertLess(loop.time(), end, "the admin socket has no place")
            await asyncio.sleep(harness.POLL)

    async def rest(self, row: str, idle: int) -> int:
        """The bytes that the node counts when only `idle` are left of them."""
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(20 * harness.SLOW)
        while (last := await self.row(row))["used"] > idle:
            self.assertLess(loop.time(), end, str(last))
        await self.slow_node.wait_status(
            "nobody", lambda s: s["network"]["inbound"] + s["network"]["half_open"] == 0, 10
        )
        return (await self.slow_node.status())["memory_bytes"]

    async def flood(self, opened: Callable[[], Awaitable[Opened]], slow: Slow, begun: bytes) -> None:
        """More clients than there are places; ends when the node has closed every one."""

        async def one() -> None:
            try:
                reader, writer = await opened()
            except ConnectionError:
                return
            talk = asyncio.create_task(slow(writer, begun))
            try:
                await asyncio.wait_for(reader.read(), 15 * harness.SLOW)
            except ConnectionError:
                pass
            finally:
                talk.cancel()
                writer.close()

        await asyncio.gather(*[one() for _ in range(CAP + MORE)])

    async def check(self, row: str, idle: int, most: int, opened, begun: bytes) -> None:
        await self.flood(opened, half, begun)  # tables get their size
        before = await self.rest(row, idle)
        for slow in (silent, half, dribbling):
            with self.subTest(slow.__doc__):
                hits = (await self.row(row))["hits_total"]
                await self.flood(opened, slow, begun)
                after = await self.rest(row, idle)
                found = await self.row(row)
                self.assertLess(after - before, LEFT)
                self.assertGreater(found["hits_total"], hits)
                self.assertLessEqual(found["peak"], most)

    async def test_peers(self):
        async def opened() -> Opened:
            return await asyncio.open_connection(
                *self.slow_node.address, local_addr=(harness.fresh_host(), 0)
            )

        await self.check("max_half_open", 0, CAP, opened, HELLO)

    async def test_admin_socket(self):
        async def opened() -> Opened:
            return await asyncio.open_unix_connection(self.slow_node.settings["admin.socket"])

        await self.check("max_admin_clients", 1, CAP + 1, opened, REQUEST)

    async def test_admin_loopback(self):
        async def opened() -> Opened:
            return await asyncio.open_connection("127.0.0.1", self.admin_port)

        await self.check("max_admin_clients", 1, CAP + 1, opened, REQUEST)

    async def test_admin_metrics(self):
        async def opened() -> Opened:
            return await asyncio.open_connection("127.0.0.1", self.metrics_port)

        await self.check("max_admin_clients", 1, CAP + 1, opened, REQUEST)


if __name__ == "__main__":
    unittest.main()
