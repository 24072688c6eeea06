"""Ten thousand requests to each door of the owner's side: what is taken is bounded, what is not is
refused in words, and the node goes on."""

import asyncio
import json
import os
import signal
import socket
import unittest

import harness
import keys_wire
from test_domains import DomainsTest
from test_keys import OTHER, PHRASE

FLOOD = 10_000
EACH = 1000  # requests of one connection (limits.max_http_requests)
AT_ONCE = 40


class Floods(DomainsTest):
    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}

    def post(self, path: str, body: str) -> bytes:
        return (f"POST {path} HTTP/1.1\r\nHost: node\r\nContent-Length: {len(body)}\r\n\r\n"
                f"{body}").encode()  # fmt: skip

    async def many(self, node: harness.Node, requests: list[bytes]) -> list[tuple[int, bytes]]:
        """The answers to requests on one connection, sent without waiting."""
        reader, writer = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        sending = asyncio.create_task(self.send(writer, requests))
        answers = []
        try:
            for _ in requests:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length: ")[2].split()[0])
                answers.append((int(head.split()[1]), await reader.readexactly(size)))
            await sending
        finally:
            writer.close()
        return answers

    async def send(self, writer: asyncio.StreamWriter, requests: list[bytes]) -> None:
        for request in requests:
            writer.write(request)
            await writer.drain()

    async def rows(self, node: harness.Node) -> dict:
        found = {r["row"]: r for r in json.loads((await node.get("/limits"))[1])["limits"]}
        for row in found.values():
            self.assertLessEqual(row["peak"], row["max"], row)
        return found

    async def test_names(self):
        node = await self.start("me")
        answers = []
        for begin in range(0, FLOOD, EACH):
            answers += await self.many(node, [
                self.post("/domains/new", f"name=n{number}.ygg&key=me&data=%7B%22encrypted%22%3A"
                          "%22%22%2C%22zone%22%3A%22ygg%22%7D")
                for number in range(begin, begin + EACH)])  # fmt: skip
        self.assertEqual(len(answers), FLOOD)
        taken = [json.loads(body) for code, body in answers if code == 200]
        most = (await self.rows(node))["max_jobs"]
        self.assertEqual((len(taken), most["used"]), (64, 64))
        self.assertEqual([job["id"] for job in taken], list(range(1, 65)))
        self.assertEqual(
            {(code, json.loads(body)["error"]) for code, body in answers if code != 200},
            {(400, "there are too many jobs (limits.max_jobs, job_bytes)")})  # fmt: skip
        self.assertEqual(most["hits_total"], FLOOD - 64)
        self.assertEqual(len(json.loads((await node.get("/jobs"))[1])["jobs"]), 64)
        await node.stop()
        await node.start()
        self.assertEqual((await self.rows(node))["max_jobs"]["used"], 64)

    async def test_the_nodes_link(self):
        """The key process answers nothing for a while."""
        node = await self.start(
            "me", limits__max_admin_clients=64, limits__admin_timeout="60 s",
            limits__admin_response_bytes=32768, limits__commit_bytes="1 MB",
        )  # fmt: skip
        child = await self.process(node)
        os.kill(child, signal.SIGSTOP)
        waiting = [asyncio.create_task(node.get("/keys/lock", "POST")) for _ in range(AT_ONCE)]
        try:
            while sum(task.done() for task in waiting) < AT_ONCE - 16:
                await asyncio.sleep(harness.POLL)
            for code, body in (task.result() for task in waiting if task.done()):
                self.assertEqual(code, 503)
                self.assertIn("(limits.owner_requests): try again", json.loads(body)["error"])
            for path, body in (("rename", "name=me&to=you"), ("remove", "name=me"), ("lock", "")):
                answers = await self.many(node, [self.post(f"/keys/{path}", body)] * EACH)
                self.assertEqual({code for code, _ in answers}, {503})
            self.assertTrue((self.folder_of(node) / "me.key").exists())
        finally:
            os.kill(child, signal.SIGCONT)
        done = [await task for task in waiting]
        self.assertEqual([code for code, _ in done].count(200), 16)
        await self.until(node, {"me": "locked"})
        row = (await self.rows(node))["owner_requests"]
        self.assertEqual((row["peak"], row["used"]), (16, 0))

    async def test_the_key_process(self):
        node = await self.start("me")
        await self.done(node, "lock")
        child = await self.process(node)
        path = str(self.folder_of(node).parent / "keys.sock")
        frame = keys_wire.encode("UNLOCK", 1, name="me", **{"pass": OTHER})
        for _ in range(FLOOD):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(path)
                try:
                    sock.sendall(frame)
                except OSError:
                    continue
        self.assertEqual(await self.process(node), child)
        if not harness.INSTRUMENTED:
            self.assertLess(harness.anonymous_memory(child), 20 << 20)
        # As many as it takes at a time: the next one is told so.
        held = [self.enterContext(socket.socket(socket.AF_UNIX)) for _ in range(4)]
        for sock in held:
            sock.connect(path)
            sock.sendall(frame)
        error = await self.refused(node, "unlock", phrases=(PHRASE,))
        self.assertIn("as many requests as it takes at a time", error)
        for sock in held:
            sock.close()
        await self.done(node, "unlock", phrases=(PHRASE,))
        await self.until(node, {"me": "open"})


if __name__ == "__main__":
    unittest.main()
