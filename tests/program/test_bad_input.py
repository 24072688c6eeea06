"""Input that is wrong, from the network and at the admin socket: refused, and nothing else
happens. After each of these the node still serves an honest peer."""

import asyncio
import random
import unittest
from typing import Any

import harness
from alfis import frame, hello, message, peer, vectors
from alfis.message import Message

SEEDS = 12
IMPATIENT = {
    "limits__hello_timeout": "1 s",
    "limits__handshake_timeout": "1 s",
    "limits__frame_timeout": "1 s",
    "limits__ban_time": "1 s",
}


class Wire(harness.ProgramTest):
    """From peers."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.devnet = self.chain("devnet-72")
        self.served = await self.loaded_node(self.devnet, **IMPATIENT)

    async def opened(self) -> peer.Connection:
        identity = peer.Identity(self.devnet.origin)
        conn = await peer.Connection.open(self.served.address, identity, harness.fresh_host())
        self.addAsyncCleanup(conn.close)
        return conn

    async def assert_serves(self) -> None:
        conn = await self.connect(self.served, self.devnet, 72)
        await conn.send(peer.get_block(72))
        self.assertEqual((await conn.expect("Block"))["block"], self.devnet.blocks[71].cbor)
        await conn.close()

    async def assert_closed(self, conn: peer.Connection) -> None:
        self.assertTrue(await conn.closed(10 * harness.SLOW))

    async def test_garbage_instead_of_a_hello(self):
        chance = random.Random(1)
        for size in (1, 30, 64, 300, 5000, 200_000):
            conn = await self.opened()
            try:
                await conn.send_raw(chance.randbytes(size))
            except ConnectionError:
                pass
            await self.assert_closed(conn)
        await self.assert_serves()

    async def test_silence(self):
        silent = [await self.opened() for _ in range(5)]
        half = await self.opened()
        await half.send_raw(hello.client_hello(bytes(range(32)))[:20])
        keyed = await self.opened()
        await keyed.hello()
        await self.assert_serves()
        for conn in silent + [half, keyed]:
            await self.assert_closed(conn)

    async def test_dribbled_hello(self):
        """Byte by byte is no reason to wait for ever."""
        conn = await self.opened()
        with self.assertRaises(ConnectionError):
            for byte in hello.client_hello(bytes(range(32)), 221):
                await conn.send_raw(bytes([byte]))
                await asyncio.sleep(0.05)
            raise ConnectionError("taken after all")  # in time: as good
        await self.assert_serves()

    async def test_low_order_keys(self):
        rows = vectors.table("x25519")
        if rows is None:
            self.skipTest("vectors are absent: tables/x25519")
        keys = {row["public"] for row in rows if int(row["shared"], 16) == 0}
        self.assertGreater(len(keys), 3)
        for key in sorted(keys):
            conn = await self.opened()
            await conn.send_raw(hello.client_hello(bytes.fromhex(key)))
            self.assertEqual(await self.all_bytes(conn), b"", "a hello for a low-order key")
        await self.assert_serves()

    async def all_bytes(self, conn: peer.Connection) -> bytes:
        try:
            return await asyncio.wait_for(conn.reader.read(), 10 * harness.SLOW)
        except ConnectionError:
            return b""

    async def test_frames(self):
        """Lengths, seals and contents that are wrong."""
        bad: list[bytes | Message] = [
            frame.header(0),
            frame.header(1) + b"x",
            frame.header(15) + bytes(15),
            frame.header(16) + bytes(16),
            frame.header(17) + bytes(17),
            frame.header(0xFFFF) + bytes(0xFFFF),
        ]
        plains = [b"", b"\x00", b"\xff", b"\xa0", b"\xa1", b"\x9b" + b"\xff" * 8, b"\x65Hello"]
        plains += [b"\xbb" + b"\xff" * 8, b"\x81" * 60000, b"\xc1" * 65000, b"\xa1" * 65000]
        plains += [b"\x5b\x7f" + b"\xff" * 7, b"\x64Twin\x00", b"\x78\x41GetPeers"]
        for raw in bad:
            conn = await self.connect(self.served, self.devnet)
            await conn.send_raw(raw)
            await self.assert_closed(conn)
        for plain in plains:
            conn = await self.connect(self.served, self.devnet)
            await conn.send_raw(conn.session.frame(plain))
            await self.assert_closed(conn)
        await self.assert_serves()

    async def test_messages_from_the_table(self):
        """What release 0.10 refuses or dies of is refused by us, too."""
        rows = vectors.table("message-cbor")
        if rows is None:
            self.skipTest("vectors are absent: tables/message-cbor")
        refused = [r for r in rows if r["accept"] is not True]
        chosen = random.Random(3).sample(refused, 60)
        chosen += random.Random(4).sample([r for r in refused if r["accept"] == "crash"], 20)

        async def refuse(row: dict[str, Any]) -> str | None:
            conn = await self.connect(self.served, self.devnet)
            await conn.send_raw(conn.session.frame(bytes.fromhex(row["hex"])))
            closed = await conn.closed(5 * harness.SLOW)
            await conn.close()
            return None if closed else row["why"]

        for i in range(0, len(chosen), 8):
            kept = await asyncio.gather(*[refuse(row) for row in chosen[i : i + 8]])
            self.assertEqual([why for why in kept if why], [])
        await self.assert_serves()

    async def test_bits_flipped(self):
        """A forger can flip bits under this seal (12.1): whatever comes out, the node lives."""
        messages = [
            peer.Identity(self.devnet.origin, 72, self.devnet.tip).ping(),
            peer.get_block(60),
            peer.block_message(61, self.devnet.blocks[60].cbor),
            peer.peers_message("192.0.2.1:4244", "[2001:db8::1]:4244"),
            peer.Identity(self.devnet.origin).hand(),
        ]
        chance = random.Random(5)
        for number in range(SEEDS * len(messages)):
            conn = await self.connect(self.served, self.devnet)
            plain = bytearray(message.encode(messages[number % len(messages)]))
            for _ in range(chance.randint(1, 3)):
                plain[chance.randrange(len(plain))] ^= 1 << chance.randrange(8)
            await conn.send_raw(conn.session.frame(bytes(plain)))
            await conn.send(Message("GetPeers"))
            await conn.collect(0.02)
            await conn.close()
        await self.assert_serves()

    async def test_frame_that_never_ends(self):
        conn = await self.connect(self.served, self.devnet)
        await conn.send_raw(frame.header(60000))
        with self.assertRaises((ConnectionError, AssertionError)):
            for _ in range(400):
                await conn.send_raw(b"x")
                await asyncio.sleep(0.05)
            raise AssertionError("dribbled bytes kept the connection alive")
        await self.assert_serves()

    async def test_asks_and_never_reads(self):
        """Its answers stay bounded and others are served meanwhile."""
        greedy = await self.connect(self.served, self.devnet, 72)
        greedy.reader._transport.pause_reading()
        request = b"".join(greedy.frame(peer.get_block(i)) for i in range(1, 73))
        more = greedy.frame(Message("GetPeers")) * 200
        for _ in range(50):
            try:
                await harness.for_a_while(greedy.send_raw(request + more), 0.5)
            except (asyncio.TimeoutError, ConnectionError):
                break
        await self.assert_serves()
        status = await self.served.status()
        self.assertLess(status["memory_bytes"], status["memory_budget_bytes"])

    async def test_requests_without_end(self):
        conn = await self.connect(self.served, self.devnet, 72)
        for _ in range(20):
            try:
                await conn.send(*[peer.get_block(i % 90) for i in range(2000)])
            except ConnectionError:
                break
        await self.assert_serves()

    async def test_more_connections_than_it_has_places(self):
        conns = []
        for _ in range(120):
            try:
                conns.append(await self.opened())
            except OSError:
                pass
        status = await self.served.status()
        network = status["network"]
        self.assertLessEqual(network["inbound"] + network["half_open"], 48)
        for conn in conns:
            await conn.close()
        await self.assert_serves()


class Admin(harness.ProgramTest):
    """Odd requests to the admin socket: an HTTP status, and the node goes on."""

    async def raw(self, node: harness.Node, data: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        answer = b""
        try:
            writer.write(data)
            while part := await asyncio.wait_for(reader.read(4096), 10 * harness.SLOW):
                answer += part
        except ConnectionError:
            pass  # it does not read what is too long
        finally:
            writer.close()
        return answer

    async def test_odd_requests(self):
        node = await self.node(self.chain("devnet-72"), limits__admin_timeout="500 ms")
        requests = {
            b"GET /nothing HTTP/1.0\r\n\r\n": b"404",
            b"POST /status HTTP/1.0\r\nContent-Length: 0\r\n\r\n": b"405",
            b"GET /status HTTP/1.1\r\nX: " + b"a" * 10000 + b"\r\n\r\n": b"431",
            b"nonsense\r\n\r\n": b"400",
            b"GET\r\n\r\n": b"400",
            b"\x00\xff\r\n\r\n": b"400",
        }
        for request, status in requests.items():
            with self.subTest(request[:30]):
                answer = await self.raw(node, request)
                self.assertEqual(answer.split(b" ")[1:2], [status], answer[:200])
        for request in (b"GET /sta", b"", b"POST /stop HTTP/1.1\r\nContent-Length: 99\r\n\r\nx"):
            await self.raw(node, request)
        self.assertEqual((await node.status())["height"], 0)
        for path in ("/health", "/limits", "/peers"):
            self.assertEqual((await node.get(path))[0], 200)

    async def test_many_clients(self):
        node = await self.node(self.chain("devnet-72"), limits__admin_timeout="500 ms")
        path = str(node.settings["admin.socket"])
        idle = []
        for _ in range(30):
            try:
                idle.append((await asyncio.open_unix_connection(path))[1])
            except OSError:
                break
        await asyncio.sleep(1)
        self.assertEqual((await node.status())["height"], 0)
        for writer in idle:
            writer.close()


if __name__ == "__main__":
    unittest.main()
