"""The admin interface as a monitoring system sees it: metrics, events, who may ask."""

import asyncio
import json
import re
import shutil
import subprocess

import harness
from alfis import peer, vectors


class Metrics(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    async def metrics(self, node: harness.Node) -> dict[str, float]:
        code, body = await node.get("/metrics")
        self.assertEqual(code, 200)
        rows = [line for line in body.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (r.rpartition(" ") for r in rows)}

    @staticmethod
    def numbers(status: dict) -> dict[str, float]:
        flat = dict(status)
        for part in ("sync", "network", "store"):
            flat |= status[part]
        return {k: v for k, v in flat.items() if type(v) in (int, float)}

    async def test_names_and_values_are_those_of_status(self):
        node = await self.loaded_node(self.small)
        before = self.numbers(await node.status())
        metrics = await self.metrics(node)
        after = self.numbers(await node.status())
        self.assertGreater(len(before), 30)
        moving = {"uptime_seconds", "memory_bytes", "memory_peak_bytes"}
        for name, value in before.items():
            self.assertIn(f"alfisd_{name}", metrics)
            # A commit may come in between.
            if name not in moving and after[name] == value:
                self.assertEqual(metrics[f"alfisd_{name}"], value, name)
        self.assertEqual(metrics['alfisd_store_entries{table="blocks"}'], 72)

    async def test_every_limit_has_four(self):
        node = await self.node(self.small)
        metrics = await self.metrics(node)
        rows = json.loads((await node.get("/limits"))[1])["limits"]
        for row in rows:
            for name, field in (("used", "used"), ("peak", "peak"), ("max", "max")):
                self.assertIn(f'alfisd_limit_{name}{{row="{row["row"]}"}}', metrics, field)
            self.assertIn(f'alfisd_limit_hits_total{{row="{row["row"]}"}}', metrics)

    async def test_verdicts_and_messages_are_counted(self):
        server, address = await self.reference(self.small)
        node = await self.node(self.small, peers=[address])
        await node.wait_height(72)
        metrics = await self.metrics(node)
        self.assertEqual(metrics['alfisd_verdicts_total{verdict="good"}'], 72)
        self.assertGreaterEqual(
            metrics['alfisd_messages_total{type="GetBlock",direction="out"}'], 72
        )
        self.assertEqual(metrics["alfisd_blocks_appended_total"], 72)
        self.assertGreaterEqual(metrics["alfisd_verify_hashes_total"], 72)

    async def test_promtool(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool (package prometheus) is not here")
        node = await self.node(self.small)
        _, body = await node.get("/metrics")
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=body, text=True, capture_output=True
        )
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    async def test_form(self):
        """What promtool would look at first, for where it is not."""
        node = await self.node(self.small)
        _, body = await node.get("/metrics")
        self.assertTrue(body.endswith("\n"))
        seen = set()
        for line in body.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"\\]*",?)+\})? \S+)$')
            if line.startswith("# TYPE"):
                _, _, name, kind = line.split()
                self.assertNotIn(name, seen)
                seen.add(name)
                self.assertEqual(kind == "counter", name.endswith("_total"), name)

    async def test_reference_is_true(self):
        done = await harness.run("metrics-reference")
        path = vectors.PROJECT / "docs" / "metrics.md"
        self.assertEqual(done.out, path.read_text(encoding="utf-8"), "write it again")
        host = harness.fresh_host()
        node = await self.node(
            self.small, dns__listen=f"{host}:0", dns__forwarders=[f"{host}:1"]
        )
        named = set(re.findall(r"`(\w+)` \|", done.out))
        told = {name.partition("{")[0] for name in await self.metrics(node)}
        # A histogram has three names of its own.
        told = {re.sub("_seconds_(bucket|sum|count)$", "_seconds", name) for name in told}
        self.assertEqual(named, told)


class Events(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    async def subscribe(self, node: harness.Node):
        path = str(node.settings["admin.socket"])
        reader, writer = await asyncio.open_unix_connection(path, limit=1 << 20)
        self.addCleanup(writer.close)
        writer.write(b"GET /events HTTP/1.1\r\nHost: node\r\n\r\n")
        return reader, writer

    async def event(self, reader, kind: str, accept=lambda data: True):
        """The next event of that kind that is accepted; None at the end."""

        async def search():
            name = ""
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    name = line[7:].strip().decode()
                elif line.startswith(b"data: ") and name == kind:
                    data = json.loads(line[6:])
                    if accept(data):
                        return data
            return None

        return await asyncio.wait_for(search(), 10 * harness.SLOW)

    async def test_a_sync_as_it_happens(self):
        server, address = await self.reference(self.small)
        node = await self.node(self.small)
        reader, _ = await self.subscribe(node)
        greeting = await self.event(reader, "status")
        self.assertEqual(greeting["height"], 0)
        await node.get(f"/peers/add?address={address[0]}%3A{address[1]}", "POST")
        ready = await self.event(reader, "peer")
        self.assertEqual(ready["state"], "ready")
        tip = await self.event(reader, "tip", lambda d: d["height"] == 72)
        self.assertEqual(tip["tip"], self.small.tip)

    async def test_log_lines(self):
        node = await self.node(self.small)
        reader, _ = await self.subscribe(node)
        await self.event(reader, "status")
        await node.get("/reload", "POST")
        line = await self.event(reader, "log", lambda d: "reload" in d["text"])
        self.assertEqual(line["level"], "info")

    async def test_a_newcomer_alone_is_greeted(self):
        node = await self.node(self.small)
        reader, _ = await self.subscribe(node)
        await self.event(reader, "status")
        for _ in range(20):
            newcomer, writer = await self.subscribe(node)
            await self.event(newcomer, "status")
            writer.close()
        await node.get("/reload", "POST")
        before = await asyncio.wait_for(reader.readuntil(b"event: log"), 10 * harness.SLOW)
        self.assertLess(before.count(b"event: status"), 20)  # it is due every 15 s

    async def test_stop_is_told(self):
        node = await self.node(self.small)
        reader, _ = await self.subscribe(node)
        await self.event(reader, "status")
        stopping = asyncio.create_task(node.stop())
        self.assertEqual((await self.event(reader, "end"))["reason"], "the node is stopping")
        self.assertEqual(await reader.read(), b"\n")
        await stopping

    async def test_no_more_than_the_bound(self):
        node = await self.node(self.small, limits__max_subscribers=2)
        for _ in range(2):
            reader, _ = await self.subscribe(node)
            await self.event(reader, "status")
        reader, _ = await self.subscribe(node)
        self.assertIn(b"503", await reader.readline())
        code, _ = await node.get("/status")
        self.assertEqual(code, 200)

    async def test_places_are_given_back(self):
        node = await self.node(self.small, limits__max_subscribers=1)
        for _ in range(20):
            reader, writer = await self.subscribe(node)
            await self.event(reader, "status")
            writer.close()
            await node.wait_status("room", lambda s: True, 1)

            async def gone() -> None:
                while '"row":"max_subscribers","unit":"count","used":0' not in (
                    await node.get("/limits")
                )[1]:
                    await asyncio.sleep(harness.POLL)

            await asyncio.wait_for(gone(), 5 * harness.SLOW)

    async def test_slow_reader_is_told_and_closed(self):
        node = await self.node(self.small, limits__subscriber_bytes=4096)
        path = str(node.settings["admin.socket"])
        reader, writer = await asyncio.open_unix_connection(path, limit=64)
        self.addCleanup(writer.close)
        writer.transport.pause_reading()
        writer.write(b"GET /events HTTP/1.1\r\n\r\n")

        async def hit() -> None:
            while True:
                await node.get("/reload", "POST")
                rows = json.loads((await node.get("/limits"))[1])["limits"]
                row = next(r for r in rows if r["row"] == "subscriber_bytes")
                if row["hits_total"]:
                    return

        await asyncio.wait_for(hit(), 30 * harness.SLOW)
        writer.transport.resume_reading()
        rest = b""
        while part := await asyncio.wait_for(reader.read(65536), 10 * harness.SLOW):
            rest += part
        self.assertIn(b"you read too slowly", rest)

    async def test_command(self):
        node = await self.node(self.small)
        process = await asyncio.create_subprocess_exec(
            str(harness.PROGRAM), "events", "--config", str(node.config),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        first = await asyncio.wait_for(process.stdout.readline(), 10 * harness.SLOW)
        self.assertTrue(first.startswith(b"status  {"), first)
        await node.stop()
        rest = await process.stdout.read()
        self.assertIn(b"end     {", rest)
        self.assertEqual(await process.wait(), 0)


class WhoMayAsk(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.port = harness.free_port("127.0.0.1")
        small = self.chain("devnet-72")
        self.tcp = await self.node(small, admin__listen=f"127.0.0.1:{self.port}")

    async def ask(self, request: str) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.encode())
        answer = await asyncio.wait_for(reader.readline(), 10 * harness.SLOW)
        writer.close()
        return int(answer.split()[1])

    async def test_reading_by_the_loopback_address(self):
        for host in ("127.0.0.1", f"127.0.0.1:{self.port}", "localhost", "[::1]:1"):
            self.assertEqual(await self.ask(f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n"), 200)

    async def test_a_browser_that_was_tricked(self):
        for head in (
            "Host: evil.example",
            "Host: 127.0.0.1.evil.example",
            "Host: localhost.evil.example",
            "Host: [::1].evil.example",
            "Host: localhost\r\nOrigin: http://evil.example",
            "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: image",
        ):
            for path in ("/status", "/events", "/"):
                code = await self.ask(f"GET {path} HTTP/1.1\r\n{head}\r\n\r\n")
                self.assertEqual(code, 403, (path, head))

    async def test_no_writing(self):
        for path in ("/stop", "/reload", "/bans/add?address=1.2.3.4", "/peers/add?address=a:1"):
            for head in ("Host: localhost\r\n", ""):
                code = await self.ask(f"POST {path} HTTP/1.1\r\n{head}\r\n")
                self.assertEqual(code, 403, path)
        self.assertTrue(self.tcp.running)


class Health(harness.ProgramTest):
    async def test_state_of_the_parts(self):
        node = await self.loaded_node(self.chain("devnet-72"))
        code, body = await node.get("/health")
        health = json.loads(body)
        self.assertEqual((code, health["status"], health["store"]), (200, "ok", "ok"))
        self.assertEqual((health["height"], health["subscribers"]), (72, 0))
        self.assertEqual(health["admin_clients"], 1)
        self.assertIn("no peers", health["reason"])


    async def ready(self, node: harness.Node) -> tuple[int, dict]:
        code, body = await node.get("/health?ready")
        return code, json.loads(body)

    async def test_ready_with_a_peer_at_the_tip(self):
        """However old the last block is."""
        small = self.chain("devnet-72")
        node = await self.node(small)
        code, health = await self.ready(node)
        self.assertEqual((code, health["status"], health["ready"]), (503, "not ready", False))
        self.assertIn("no peers", health["reason"])
        self.assertEqual((await node.get("/health"))[0], 200)
        _, address = await self.reference(small)
        await node.get(f"/peers/add?address={address[0]}%3A{address[1]}", "POST")
        await node.wait_height(72)
        code, health = await self.ready(node)
        self.assertEqual((code, health["status"], health["ready"]), (200, "ok", True), health)
        self.assertGreater(health["tip_age_seconds"], 3600)

    async def test_not_ready_behind_its_peers(self):
        small = self.chain("devnet-72")
        node = await self.loaded_node(small.first(60))
        ahead = await self.connect(node, small, 72)
        await ahead.send(ahead.identity.ping())
        await node.wait_status("a claim", lambda s: s["best_height"] == 72, 10)
        code, health = await self.ready(node)
        self.assertEqual((code, health["status"], health["height"]), (503, "not ready", 60), health)
        await ahead.close()
        _, address = await self.reference(small)
        await node.get(f"/peers/add?address={address[0]}%3A{address[1]}", "POST")
        await node.wait_height(72)
        self.assertEqual((await self.ready(node))[0], 200)

    async def test_failing_while_it_stops(self):
        node = await self.node(self.chain("devnet-72"), node__drain="3 s")
        held = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        held[1].write(b"GET /health HTTP/1.0\r\n")
        self.addCleanup(held[1].close)
        await node.wait_status("a client", lambda s: True, 5)
        node.signal(harness.signal.SIGTERM)
        await node.wait_line("stopping", 10 * harness.SLOW)
        held[1].write(b"\r\n")
        answer = await asyncio.wait_for(held[0].read(), 10 * harness.SLOW)
        if answer:  # else it was gone first
            self.assertIn(b" 503 ", answer.splitlines()[0])
            self.assertIn(b'"status":"failing"', answer)
        await node.wait_end()


class Commands(harness.ProgramTest):
    async def test_watch_until_the_node_is_gone(self):
        node = await self.node(self.chain("devnet-72"))
        process = await asyncio.create_subprocess_exec(
            str(harness.PROGRAM), "status", "--watch", "--config", str(node.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        first = await asyncio.wait_for(process.stdout.readline(), 10 * harness.SLOW)
        self.assertRegex(first.decode(), r"^no peers ")
        await node.stop()
        out, err = await asyncio.wait_for(process.communicate(), 10 * harness.SLOW)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"no node answers", err)
        self.assertNotIn(b"\x1b", first + out)  # no screen, no control characters
