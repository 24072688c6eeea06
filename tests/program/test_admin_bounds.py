#!/usr/bin/python3
"""The admin interface at its bounds: clients, bytes and time."""

import asyncio
import time
import unittest

import harness


async def talk(address: str, data: bytes) -> bytes:
    """All that is answered until the node closes."""
    reader, writer = await asyncio.open_unix_connection(address)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 20 * harness.SLOW)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def code_of(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


class Bounds(harness.ProgramTest):
    async def test_clients(self):
        node = await self.node(
            self.chain("devnet-72"), limits__max_admin_clients=2, limits__admin_timeout="60 s"
        )
        path = node.settings["admin.socket"]
        idle = [await asyncio.open_unix_connection(path) for _ in range(2)]
        self.assertEqual(await talk(path, b"GET /health HTTP/1.0\r\n\r\n"), b"")
        idle[0][1].close()
        await idle[0][1].wait_closed()
        answer, end = b"", time.monotonic() + harness.patience(10 * harness.SLOW)
        while not answer and time.monotonic() < end:  # the node notices in its own time
            answer = await talk(path, b"GET /limits HTTP/1.0\r\n\r\n")
        self.assertEqual(code_of(answer or b"- 0"), 200)
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
        many = [await asyncio.open_connection(*node.address) for _ in range(100)]
        self.assertEqual(code_of(await talk(path, b"GET /peers HTTP/1.0\r\n\r\n")), 503)
        for _, writer in many:
            writer.close()


class Answers(harness.ProgramTest):
    async def test_type_and_body(self):
        """JSON ends with a newline, and an error is nothing but the error."""
        node = await self.node(self.chain("devnet-72"))
        for path, kind, begin, end in (
            ("/status", b"application/json", b"{", b"}\n"),
            ("/metrics", b"text/plain; version=0.0.4; charset=utf-8", b"# ", b"\n"),
            ("/", b"text/html; charset=utf-8", b"<!doctype html>", b"</html>\n"),
            ("/domain/x", b"application/json", b'{"error":"there is no such domain: a name has a zone, such as name.ygg"}\n', b""),
        ):
            request = b"GET %s HTTP/1.0\r\n\r\n" % path.encode()
            head, _, body = (await talk(node.settings["admin.socket"], request)).partition(
                b"\r\n\r\n"
            )
            self.assertIn(b"\r\nContent-Type: %s\r\n" % kind, head + b"\r\n", path)
            self.assertTrue(body.startswith(begin) and body.endswith(end), (path, body))
            self.assertFalse(body.endswith(b"\n\n"), path)


if __name__ == "__main__":
    unittest.main()
