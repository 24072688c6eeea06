"""/api as a script for the network's own program uses it: a session, keys, names, events; and what a
passphrase leaves behind in the node: nothing."""

import asyncio
import json
import os
import unittest
from collections.abc import AsyncIterator

import harness
from machine import free_port
from test_domains import DomainsTest
from test_secrets import encoded, memory

PASSWORD = "a page's password 5d1"
PHRASE = "passphrase of the page 81c7"
OTHER = "quite another one 22f9"
DATA = {"encrypted": "", "zone": "ygg", "info": "first",
        "records": [{"type": "AAAA", "domain": "@", "ttl": 60, "addr": "200::1"}]}  # fmt: skip
GOOD_RECORDS = (DATA["records"][0], {"type": "TXT", "domain": "@", "ttl": 1, "data": "x" * 255})
BAD_RECORDS = ({"type": "AAAA", "domain": "@", "ttl": 60, "addr": "200::"[:3]}, {}, [],
               {"type": "TXT", "domain": "@", "ttl": 1, "data": "x" * 256})  # fmt: skip
HOSTILE = (b"{", b"[]", b"\xff", b"{}{}", b"nul", b'{"name":"a.ygg"}', b'{"name":"a","name":"b"}',
           b'{"nam\\u0065":1}', b'{"name":' + b"[" * 60000, b'{"name":' + b'{"a":' * 9000,
           b'{"name":"' + b"x" * 65000 + b'"}')  # fmt: skip
UNKNOWN = (HOSTILE[5], HOSTILE[6], HOSTILE[7], HOSTILE[10])  # good, with members that a path may not know


class Script:
    """A client with a cookie and no browser around it."""

    def __init__(self, port: int) -> None:
        self.port, self.cookie = port, ""

    async def send(self, method: str, path: str, body: bytes, close: bool = True):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"{'Connection: close' if close else 'Accept: text/event-stream'}\r\n"
        )
        if self.cookie:
            head += f"Cookie: {self.cookie}\r\n"
        if body or method == "POST":
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        return reader, writer

    async def raw(self, method: str, path: str, body: bytes = b"") -> tuple[int, str, str]:
        reader, writer = await self.send(method, path, body)
        try:
            answer = await asyncio.wait_for(reader.read(), 60 * harness.SLOW)
        finally:
            writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), content.decode()

    async def ask(self, path: str, body: object = None) -> tuple[int, dict]:
        """A POST when there is a body, else a GET."""
        if body is None:
            code, _, text = await self.raw("GET", path)
        else:
            code, _, text = await self.raw("POST", path, json.dumps(body).encode())
        return code, json.loads(text)

    async def log_in(self) -> int:
        body = json.dumps({"password": PASSWORD}).encode()
        code, head, _ = await self.raw("POST", "/api/login", body)
        for line in head.split("\r\n"):
            if line.lower().startswith("set-cookie:"):
                self.cookie = line.split(":", 1)[1].split(";")[0].strip()
        return code

    async def frames(self) -> AsyncIterator[dict]:
        reader, writer = await self.send("GET", "/api/events", b"", close=False)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head
        try:
            while line := await reader.readline():
                if line.startswith(b"retry: "):
                    yield {"type": "retry", "ms": int(line.split()[1])}
                elif line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            writer.close()


class WebApi(DomainsTest):
    async def page(self, **settings) -> tuple[harness.Node, Script]:
        port = free_port("127.0.0.1")
        node = await self.start(webui__listen=f"127.0.0.1:{port}", webui__password=PASSWORD,
                                **settings)  # fmt: skip
        script = Script(port)
        self.assertEqual(await script.log_in(), 200)
        return node, script

    async def done_at(self, script: Script, path: str, body: object = None) -> dict:
        code, told = await script.ask(path, body)
        self.assertEqual(code, 200, (path, told))
        return told

    async def until_true(self, script: Script, path: str, wanted) -> dict:
        while not wanted(told := await self.done_at(script, path)):
            await asyncio.sleep(harness.POLL)
        return told

    async def make_key(self, script: Script, name: str) -> None:
        """A new one, which is the active one then."""
        await self.done_at(
            script, "/api/keys/create", {"filename": f"{name}.toml", "passphrase": PHRASE}
        )
        await self.until_true(script, "/api/keys", lambda told: any(
            key["name"] == name and key["state"] == "open" and i == told["active"]
            for i, key in enumerate(told["keys"])))  # fmt: skip

    async def collect(self, script: Script, frames: list[dict]) -> None:
        async for frame in script.frames():
            frames.append(frame)


class AScript(WebApi):
    async def look_around(self, script: Script) -> None:
        told = await self.done_at(script, "/api/status")
        self.assertEqual((told["blocks"], told["syncing"], told["nodes"]), (self.HEIGHT, False, 0))
        self.assertEqual(told["sync_height"], self.HEIGHT)
        zones = (await self.done_at(script, "/api/zones"))["zones"]
        self.assertIn({"name": "ygg", "yggdrasil": True}, zones)
        for record in GOOD_RECORDS:
            self.assertTrue((await self.done_at(script, "/api/records/check", record))["ok"])
        for record in BAD_RECORDS:
            told = await self.done_at(script, "/api/records/check", record)
            self.assertFalse(told["ok"])
            self.assertTrue(told["reason"])
        self.assertEqual((await script.ask("/api/domains/check"))[0], 400)
        told = await self.done_at(script, "/api/domains/check?name=Mine.ygg")
        self.assertTrue(told["available"])

    async def register(self, script: Script, name: str, **more) -> dict:
        dry = await self.done_at(
            script, "/api/domains", {"name": name, "data": DATA, "dry_run": True}
        )
        self.assertTrue(dry["found"], dry)
        job = await self.done_at(script, "/api/domains", {"name": name, "data": DATA} | more)
        self.assertGreater(job["id"], 0)
        return (await self.until_true(
            script, "/api/domains", lambda told: any(d["name"] == name for d in told["domains"])
        ))["domains"]  # fmt: skip

    async def test_keys_names_events(self):
        node, script = await self.page(webui__unlock=True)
        frames: list[dict] = []
        listens = asyncio.create_task(self.collect(script, frames))
        self.addCleanup(listens.cancel)
        self.assertEqual(await self.done_at(script, "/api/domains"),
                         {"domains": [], "domains_total": 0, "keys_total": 0})  # fmt: skip
        code, told = await script.ask("/api/domains", {"name": "mine.ygg", "data": DATA})
        self.assertEqual((code, "no key" in told["error"]), (400, True))
        await self.make_key(script, "first")
        await self.make_key(script, "main")
        await self.look_around(script)
        await self.register(script, "zzz.ygg")
        own = await self.register(script, "mine.ygg", signing="", encryption="", renewal=False)
        self.assertEqual([d["name"] for d in own], ["mine.ygg", "zzz.ygg"])
        self.assertEqual(own[0]["data"]["records"], DATA["records"])
        self.assertEqual(own[0]["data"]["info"], "first")
        self.assertEqual(own[0]["expire"] - own[0]["timestamp"], 365 * 86400)
        self.assertEqual((own[0]["state"], own[0]["key"]), ("alive", "main"))
        code, told = await script.ask("/api/domains", {"name": "mine.nozone", "data": DATA})
        self.assertEqual(code, 400, told)
        await self.done_at(script, "/api/keys/select", {"index": 0})
        self.assertEqual((await self.done_at(script, "/api/domains"))["domains"], [])
        told = await self.done_at(script, "/api/domains/check?name=mine.ygg")
        self.assertFalse(told["available"])
        self.assertIn(told["refusals"][0]["reason"], ("taken", "overtaken"))
        types = {"retry", "status", "stats", "event", "toast", "keys_changed", "domains_changed"}
        while not types <= {frame["type"] for frame in frames}:
            await asyncio.sleep(harness.POLL)
        self.assertEqual(frames[0], {"type": "retry", "ms": 3000})
        rows = (await self.done_at(script, "/api/events/log"))["events"]
        self.assertIn(("luck", "mine.ygg: it is mined"),
                      [(row["severity"], row["text"]) for row in rows])  # fmt: skip
        await node.stop()
        await node.start()  # the choice is kept
        self.assertEqual(await script.log_in(), 200)
        await self.until_true(script, "/api/keys", lambda told: len(told["keys"]) == 2)
        self.assertEqual((await self.done_at(script, "/api/keys"))["active"], 0)

    async def test_without_the_option(self):
        node, script = await self.page()
        code, told = await script.ask("/api/keys/create", {"filename": "mine.toml"})
        self.assertEqual((code, "`alfisd key new mine`" in told["error"]), (403, True))
        for path in ("unlock", "import", "passphrase"):
            body = {"name": "main", "file": "x", "passphrase": "x", "old_passphrase": "y"}
            self.assertEqual((await script.ask(f"/api/keys/{path}", body))[0], 403)
        await self.done(node, "new", "main", phrases=(PHRASE, PHRASE))
        await self.until_true(script, "/api/keys", lambda told: told["keys"])
        await self.done_at(script, "/api/keys/lock", {})
        code, _, sealed = await script.raw("GET", "/api/keys/export?name=main")
        self.assertEqual((code, sealed[:13]), (200, "alfisd key 1\n"))
        self.assertEqual((self.folder_of(node) / "main.key").read_text(), sealed)

    async def test_hostile(self):
        node, script = await self.page(webui__unlock=True)
        paths = ("/api/domains", "/api/keys/select", "/api/keys/create", "/api/keys/unlock",
                 "/api/records/check", "/api/mining/stop")  # fmt: skip
        for path in paths:
            for body in HOSTILE:
                code, _, text = await script.raw("POST", path, body)
                told = json.loads(text)
                fine = path == "/api/records/check" and code == 200 and not told["ok"]
                fine |= path == "/api/mining/stop" and code == 200 and body in UNKNOWN
                self.assertTrue(fine or (code == 400 and told["error"]), (path, body[:40], text))
        stranger = Script(script.port)
        for path in ("/api/keys", "/api/events", "/api/keys/export?name=main"):
            self.assertEqual((await stranger.raw("GET", path))[0], 401)
        self.assertEqual((await node.get("/api/keys"))[0], 404)


class Endless(WebApi):
    HEIGHT = 1  # no block of a name is in the chain
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}

    async def test_stop(self):
        """A search that would last for ever, ended by the script."""
        _, script = await self.page(webui__unlock=True)
        await self.make_key(script, "main")
        job = await self.done_at(script, "/api/domains", {"name": "mine.ygg", "data": DATA})
        await self.until_true(script, "/api/status", lambda told: told["mining"])
        self.assertEqual((await self.done_at(script, "/api/mining/stop", {}))["cancelled"],
                         [job["id"]])  # fmt: skip
        await self.until_true(script, "/api/status", lambda told: not told["mining"])


class NothingIsLeft(WebApi):
    async def work(self, script: Script) -> None:
        await self.make_key(script, "main")
        await self.done_at(script, "/api/keys/lock", {"name": "main"})
        code, told = await script.ask("/api/keys/unlock", {"passphrase": OTHER})
        self.assertEqual((code, told["reason"]), (403, "wrong-passphrase"))
        told = await self.done_at(script, "/api/keys/unlock", {"name": "main", "passphrase": PHRASE})
        self.assertEqual(told["count"], 1)
        change = {"name": "main", "old_passphrase": PHRASE, "passphrase": OTHER}
        await self.done_at(script, "/api/keys/passphrase", change)
        code, _, sealed = await script.raw("GET", "/api/keys/export?name=main")
        taken = {"filename": "copy", "file": sealed, "passphrase": PHRASE, "old_passphrase": OTHER}
        code, told = await script.ask("/api/keys/import", taken)
        self.assertEqual((code, told["reason"]), (400, "exists"))

    async def half(self, script: Script, body: bytes) -> asyncio.StreamWriter:
        """A request whose body is not complete, and never will be."""
        _, writer = await asyncio.open_connection("127.0.0.1", script.port)
        head = (f"POST /api/keys/unlock HTTP/1.1\r\nHost: 127.0.0.1:{script.port}\r\nCookie: "
                f"{script.cookie}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body) + 99}\r\n\r\n")  # fmt: skip
        writer.write(head.encode() + body)
        await writer.drain()
        return writer

    @unittest.skipUnless(os.geteuid() == 0, "only root may read another process's memory")
    async def test_no_passphrase_in_the_node(self):
        node, script = await self.page(webui__unlock=True)
        await self.work(script)
        body = json.dumps({"passphrase": OTHER}).encode()
        halves = [await self.half(script, body) for _ in range(6)]  # what comes later takes no
        self.assertEqual((await script.ask("/api/status"))[0], 200)  # place that they leave
        for writer in halves:
            writer.close()
        self.assertEqual((await script.ask("/api/status"))[0], 200)
        held, log = memory(node.pid), b"".join(node.raw)
        self.assertIn(b"main", held)
        for secret in (PHRASE, OTHER):
            for form in encoded(secret.encode()):
                self.assertNotIn(form, held)
                self.assertNotIn(form, log)


if __name__ == "__main__":
    unittest.main()
