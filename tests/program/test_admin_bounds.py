#!/usr/bin/python3
"""The admin interface at its bounds: clients, bytes, time, and who may ask over TCP."""

import asyncio
import unittest

import harness


async def talk(address: str | tuple[str, int], data: bytes) -> bytes:
    """All that is answered until the node closes."""
    reader, writer = await connect(address)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 20 * harness.SLOW)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def connect(address: str | tuple[str, int]):
    if isinstance(address, str):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection(*address)


def code_of(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


class Bounds(harness.ProgramTest):
    async def test_clients(self):
        node = await self.node(
            self.chain("devnet-72"), limits__max_admin_clients=2, limits__admin_timeout="60 s"
        )
        path = node.settings["admin.socket"]
        idle = [await connect(path) for _ in range(2)]
        self.assertEqual(await talk(path, b"GET /health HTTP/1.0\r\n\r\n"), b"")
        idle[0][1].close()
        await idle[0][1].wait_closed()
        answer = b""
        while not answer:  # the node notices in its own time
            answer = await talk(path, b"GET /limits HTTP/1.0\r\n\r\n")
        self.assertEqual(code_of(answer), 200)
        idle[1][1].close()

    async def test_time(self):
        node = await self.node(self.chain("devnet-72"), limits__admin_timeout="300 ms")
        path = node.settings["admin.socket"]
        for begun in (b"", b"GET /st"):
            self.assertEqual(await talk(path, begun), b"")
        self.assertEqual((await node.status())["height"], 0)

    async def test_bytes(self):
        node = await self.node(
            self.chain("devnet-72"),
            limits__admin_request_bytes=1024,
            limits__admin_response_bytes=16384,
            node__memory_budget="64 MB",
            limits__max_connections=136,
            limits__max_inbound=128,
            limits__max_half_open=128,
            limits__max_per_address=128,
            limits__max_per_group=128,
        )
        path = node.settings["admin.socket"]
        request = b"GET /health HTTP/1.0\r\nX: %s\r\n\r\n"
        fits = 1024 - len(request % b"")
        self.assertEqual(code_of(await talk(path, request % (b"x" * fits))), 200)
        # without its end, at the last byte that is read
        self.assertEqual(code_of(await talk(path, b"GET / HTTP/1.0\r\nX: ".ljust(1024, b"x"))), 431)
        many = [await connect(node.address) for _ in range(100)]
        self.assertEqual(code_of(await talk(path, b"GET /peers HTTP/1.0\r\n\r\n")), 503)
        for _, writer in many:
            writer.close()

    async def test_over_tcp(self):
        port = harness.free_port("127.0.0.1")
        node = await self.node(self.chain("devnet-72"), admin__listen=f"127.0.0.1:{port}")
        rows = {
            b"GET /status HTTP/1.1\r\n\r\n": 200,
            b"GET /status HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n": 200,
            b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n": 200,
            b"GET /status HTTP/1.1\r\nHost: [::1]:1\r\n\r\n": 200,
            b"GET /status HTTP/1.1\r\nHost: rebound.example\r\n\r\n": 403,
            b"GET /status HTTP/1.1\r\nOrigin: null\r\n\r\n": 403,
            b"POST /stop HTTP/1.1\r\n\r\n": 403,
        }
        for request, code in rows.items():
            with self.subTest(request):
                self.assertEqual(code_of(await talk(("127.0.0.1", port), request)), code)
        self.assertEqual((await node.status())["height"], 0)
        origin = b"GET /status HTTP/1.1\r\nOrigin: null\r\n\r\n"
        self.assertEqual(code_of(await talk(node.settings["admin.socket"], origin)), 200)


if __name__ == "__main__":
    unittest.main()
