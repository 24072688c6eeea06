"""Clients of the node's HTTP that ask more than once, send bodies, and do neither as they should."""

import asyncio
import http.client
import json
import re
import unittest

import harness

TOKEN = "0123456789abcdef-token"


class Client:
    """A connection whose answers are read one by one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    def say(self, text: str) -> None:
        self.writer.write(text.encode())

    async def hear(self) -> tuple[int, str, str]:
        """Status, head and body of the next answer."""
        time = 20 * harness.SLOW
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), time)).decode()
        length = re.search(r"\r\nContent-Length: (\d+)\r\n", head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        return int(head.split()[1]), head, body.decode()

    async def get(self, path: str, *lines: str) -> tuple[int, str, str]:
        self.say("\r\n".join((f"GET {path} HTTP/1.1", "Host: localhost", *lines)) + "\r\n\r\n")
        return await self.hear()

    async def wait_closed(self) -> bytes:
        try:
            return await asyncio.wait_for(self.reader.read(), 20 * harness.SLOW)
        except ConnectionError:
            return b""


def post(path: str, body: str, length: int | None = None) -> str:
    told = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {told}\r\n\r\n{body}"


class HttpTest(harness.ProgramTest):
    async def begin(self, **settings) -> harness.Node:
        self.port = harness.free_port("127.0.0.1")
        settings.setdefault("admin__listen", f"127.0.0.1:{self.port}")
        self.asked = await self.node(self.chain("devnet-72"), **settings)
        return self.asked

    async def local(self) -> Client:
        path = str(self.asked.settings["admin.socket"])
        client = Client(*await asyncio.open_unix_connection(path))
        self.addCleanup(client.writer.close)
        return client

    async def stranger(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.addCleanup(client.writer.close)
        return client

    async def row(self, name: str) -> dict[str, int]:
        """As the command line's client sees it, who is one more."""
        found = json.loads((await self.asked.command("limits", "--json")).out)["limits"]
        return next(row for row in found if row["row"] == name)


class KeepAlive(HttpTest):
    async def test_a_client_of_a_library(self):
        node = await self.begin()

        def ask() -> list[tuple[int, int]]:
            client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            found = []
            for method, path in (("GET", "/status"), ("HEAD", "/status"), ("GET", "/nothing"),
                                 ("GET", "/"), ("POST", "/stop"), ("GET", "/health")):  # fmt: skip
                client.request(method, path)
                answer = client.getresponse()
                found.append((answer.status, id(client.sock)))
                answer.read()
            client.close()
            return found

        found = await asyncio.get_running_loop().run_in_executor(None, ask)
        self.assertEqual([status for status, _ in found], [200, 200, 404, 200, 403, 200])
        self.assertEqual(len({sock for _, sock in found}), 1)
        self.assertTrue(node.running)

    async def test_in_order(self):
        await self.begin()
        client = await self.local()
        client.say(post("/bans/add", "address=192.0.2.1") + "GET /bans HTTP/1.1\r\n\r\n"
                   + post("/bans/remove?address=192.0.2.1", "") + "GET /bans HTTP/1.1\r\n\r\n"
                   + "GET /health HTTP/1.1\r\nConnection: close\r\n\r\nGET /status HT")  # fmt: skip
        answers = [await client.hear() for _ in range(5)]
        self.assertEqual([code for code, _, _ in answers], [200] * 5)
        bans = [len(json.loads(answers[n][2])["bans"]) for n in (1, 3)]
        self.assertEqual(bans, [1, 0])
        self.assertEqual([("close" in head) for _, head, _ in answers], [False] * 4 + [True])
        self.assertEqual(await client.wait_closed(), b"")

    async def test_events_after_another_answer(self):
        await self.begin()
        client = await self.local()
        self.assertEqual((await client.get("/health"))[0], 200)
        code, head, _ = await client.get("/events")
        self.assertEqual(code, 200)
        self.assertIn("text/event-stream", head)
        await asyncio.wait_for(client.reader.readuntil(b"event: status\n"), 10 * harness.SLOW)

    async def test_bounds(self):
        await self.begin(limits__max_http_requests=3, limits__http_idle_timeout="300 ms")
        client = await self.stranger()
        heads = [(await client.get("/health"))[1] for _ in range(3)]
        self.assertEqual([("close" in head) for head in heads], [False, False, True])
        self.assertEqual(await client.wait_closed(), b"")
        client = await self.stranger()
        await client.get("/health")
        self.assertEqual(await client.wait_closed(), b"")

    async def test_another_token(self):
        """Who was let in by the old one is closed, also while it is idle."""
        token = self.folder / "token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        node = await self.begin(admin__token_file=str(token))
        client = await self.stranger()
        bearer = f"Authorization: Bearer {TOKEN}"
        self.assertEqual((await client.get("/status", bearer))[0], 200)
        self.assertEqual((await client.get("/status"))[0], 401)
        self.assertEqual((await client.get("/status", bearer))[0], 200)
        owner = await self.local()
        await owner.get("/health")
        token.write_text(TOKEN + "-2")
        self.assertEqual((await node.command("reload")).status, harness.DONE)
        self.assertEqual(await client.wait_closed(), b"")
        self.assertEqual((await owner.get("/health"))[0], 200)


class Places(HttpTest):
    async def test_idle_clients_keep_nobody_out(self):
        node = await self.begin()
        idle = [await self.local() for _ in range(8)]
        for client in idle:
            await client.get("/health")
        done = await node.command("status")  # takes the place of the first
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertEqual(await idle[0].wait_closed(), b"")
        self.assertEqual((await idle[7].get("/health"))[0], 200)
        self.assertEqual((await self.row("max_admin_clients"))["hits_total"], 0)

    async def test_strangers_that_stay(self):
        """More of them than there are places, and each stays as long as it may."""
        node = await self.begin()
        for _ in range(40):
            self.assertEqual((await (await self.stranger()).get("/status"))[0], 200)
        self.assertEqual((await node.command("status")).status, harness.DONE)
        self.assertLessEqual((await self.row("max_admin_clients"))["peak"], 8)


class Bodies(HttpTest):
    async def test_long_forms(self):
        await self.begin()
        client = await self.local()
        body = "address=192.0.2.1".ljust(65536, "&")
        client.say(post("/bans/add", body))
        self.assertEqual((await client.hear())[0], 200)
        client.say(post("/bans/add", "address=" + "x" * 5000))
        self.assertEqual(
            (await client.hear())[::2],
            (400, '{"error":"the argument address is longer than 255 bytes"}\n'),
        )
        client.say(post("/bans/add", body + "&"))
        code, head, answer = await client.hear()
        self.assertEqual((code, json.loads(answer)["error"]),
                         (413, "the body is longer than limits.http_body_bytes"))  # fmt: skip
        self.assertEqual(await client.wait_closed(), b"")
        self.assertEqual((await self.row("http_body_total_bytes"))["peak"], 65536)
        self.assertEqual((await self.row("http_body_total_bytes"))["used"], 0)

    async def test_who_sends_before_it_reads(self):
        """It sends all of it, and sees the answer; no reset, over TCP neither."""
        await self.begin()
        for make, code in ((self.local, 413), (self.stranger, 403)):
            client = await make()
            client.say(post("/bans/add", "a" * 1000000))
            await asyncio.wait_for(client.writer.drain(), 20 * harness.SLOW)
            self.assertEqual((await client.hear())[0], code)
            self.assertEqual(await client.reader.read(), b"")

    async def test_slow_bodies(self):
        await self.begin(limits__admin_timeout="600 ms")
        client = await self.local()
        client.say(post("/bans/add", "address=", 60000))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        closed = asyncio.create_task(client.wait_closed())
        while not closed.done():
            client.say("&")
            await asyncio.sleep(0.02)
            self.assertLess(loop.time() - begun, harness.patience(10 * harness.SLOW))
        self.assertEqual((await self.row("http_body_total_bytes"))["used"], 0)

    async def test_many_at_once(self):
        """Their memory is what came of them, and one more than fits is told so."""
        await self.begin(limits__admin_timeout="60 s")
        first = await self.local()
        first.say(post("/bans/add", "&" * 60000, 65536))
        while (await self.row("http_body_total_bytes"))["used"] < 60000:
            await asyncio.sleep(harness.POLL)
        for _ in range(2):
            client = await self.local()
            client.say(post("/bans/add", "&" * 60000, 65536))
            self.assertEqual((await client.hear())[0], 503)
        self.assertLessEqual((await self.row("http_body_total_bytes"))["peak"], 98304)
        first.say("address=192.0.2.9".rjust(5536, "&"))
        self.assertEqual((await first.hear())[0], 200)

    async def test_nobody_sends_in_vain(self):
        """Judged by the head: strangers, other methods, paths that are none."""
        await self.begin()
        for make, path, code in ((self.stranger, "/bans/add", 403), (self.local, "/nothing", 404),
                                 (self.local, "/status", 405)):  # fmt: skip
            client = await make()
            client.say(f"POST {path} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 60000\r\n\r\n")
            self.assertEqual((await client.hear())[0], code, path)
            self.assertEqual(await client.wait_closed(), b"")
        self.assertEqual((await self.row("http_body_total_bytes"))["peak"], 0)


class Enemies(HttpTest):
    async def test_no_second_reading(self):
        await self.begin()
        smuggled = "POST /stop HTTP/1.1\r\n\r\n"
        for lines in ("Content-Length: 3\r\nContent-Length: 30", "Content-Length: +3",
                      "Content-Length: 3\r\nTransfer-Encoding: chunked", "Content-Length : 3",
                      "X: y\r\n Content-Length: 3", "X: \0", "X: y\rContent-Length: 3"):  # fmt: skip
            client = await self.local()
            client.say(f"POST /bans/add HTTP/1.1\r\n{lines}\r\n\r\na=b{smuggled}")
            code, head, _ = await client.hear()
            self.assertIn(code, (400, 411), lines)
            self.assertIn("Connection: close", head)
            self.assertEqual(await client.wait_closed(), b"")
        self.assertTrue(self.asked.running)

    async def test_gone_at_any_time(self):
        """Nothing is left of clients that go in the middle of a second request."""
        await self.begin()
        script = "GET /health HTTP/1.1\r\n\r\n" + post("/bans/add", "a=b", 60000)
        await asyncio.gather(*[self.leave(script, cut) for cut in range(0, len(script), 7)])
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(20 * harness.SLOW)
        while (await self.row("max_admin_clients"))["used"] > 1:  # it is one itself
            self.assertLess(loop.time(), end)
        self.assertEqual((await self.row("http_body_total_bytes"))["used"], 0)

    async def leave(self, script: str, cut: int) -> None:
        try:
            client = await self.local()
            client.say(script[:cut])
            await asyncio.sleep(0.02)
            client.writer.transport.abort()
        except ConnectionError:
            pass


if __name__ == "__main__":
    unittest.main()
