"""Settings that change while the node runs: SIGHUP and `alfisd reload`."""

import re
import asyncio
import json
import os
import signal
from pathlib import Path

import harness
from alfis import peer


class Reload(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    def write(self, node: harness.Node, **settings) -> None:
        node.settings |= {key.replace("__", "."): value for key, value in settings.items()}
        node.config.write_text(harness.toml_text(node.settings))

    async def reload(self, node: harness.Node, **settings) -> harness.Finished:
        self.write(node, **settings)
        return await node.command("reload")

    async def test_bounds_and_log(self):
        node = await self.node(self.small)
        done = await self.reload(node, limits__max_bans=77, log__level="info")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertIn("2 settings changed, 0 need a restart", done.out)
        await node.wait_line("reload: limits.max_bans: 77, was 4096", harness.START_TIME)
        await node.wait_line("reload: 2 settings changed", harness.START_TIME)
        limits = (await node.get("/limits"))[1]
        self.assertIn('"row":"max_bans","unit":"count","used":0,"peak":0,"max":77', limits)
        lines = len(node.lines)
        self.assertEqual((await node.command("reload")).status, 0)
        await node.wait_line("reload: 0 settings changed", harness.START_TIME)
        self.assertFalse([line for line in node.lines[lines:] if " debug " in line])

    async def test_where_a_value_came_from_follows(self):
        node = await self.node(self.small)
        self.assertEqual((await self.source(node, "limits.max_bans"))["source"], "default")
        await self.reload(node, limits__max_bans=77, limits__max_dials=4)  # as it is by default
        self.assertEqual((await self.source(node, "limits.max_dials"))["source"], "file")
        row = await self.source(node, "limits.max_bans")
        self.assertEqual((row["source"], row["value"]), ("file", 77))
        lines = node.config.read_text().splitlines()
        self.assertIn("max_bans", lines[row["line"] - 1])

    async def source(self, node: harness.Node, key: str) -> dict:
        settings = json.loads((await node.get("/config"))[1])["settings"]
        return next(row for row in settings if row["key"] == key)

    async def test_signal_reopens_and_reloads(self):
        node = self.make_node(self.small, log__file=str(self.folder / "a.log"))
        await node.launch()
        log = self.folder / "a.log"
        await self.until(lambda: log.exists() and "ready" in log.read_text())
        log.rename(self.folder / "old.log")
        self.write(node, limits__max_bans=78)
        node.signal(signal.SIGHUP)
        await self.until(lambda: log.exists() and "max_bans: 78" in log.read_text())
        node.signal(signal.SIGTERM)
        self.assertEqual(await node.wait_end(), 0)

    async def until(self, true, seconds: float = 10) -> None:
        async def wait() -> None:
            while not true():
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(wait(), seconds * harness.SLOW)

    async def test_bad_file_changes_nothing(self):
        node = await self.node(self.small)
        before = await self.limits(node)
        done = await self.reload(node, limits__max_bans=79, limits__max_future_blocks="many")
        self.assertEqual(done.status, harness.USAGE)  # the command reads the file itself
        code, said = await node.get("/reload", "POST")
        self.assertEqual(code, 400)
        self.assertRegex(said, r"node\.toml:\d+:\d+: limits\.max_future_blocks")
        self.assertEqual(await self.limits(node), before)
        await node.wait_line("reload: nothing was changed", harness.START_TIME)

    async def limits(self, node: harness.Node) -> str:
        """Without the log's, in which lines come and go."""
        text = (await node.get("/limits"))[1]
        return re.sub(r'\{"row":"log_buffer_bytes"[^}]*\}', "", text)

    async def test_empty_file_changes_nothing(self):
        """What a full disk or a broken copy leaves is no wish for all defaults."""
        node = await self.node(self.small)
        node.config.write_text("")
        code, said = await node.get("/reload", "POST")
        self.assertEqual(code, 400)
        self.assertIn("node.toml: there is no setting in it", said)
        node.config.unlink()
        code, said = await node.get("/reload", "POST")
        self.assertEqual(code, 400)
        self.assertIn("No such file", said)

    async def test_all_errors_are_counted(self):
        node = await self.node(self.small)
        node.config.write_text("a = 1\nb = 2\nc = 3\n")
        said = (await node.get("/reload", "POST"))[1]
        self.assertIn("(and 2 more, see `alfisd check-config`)", said)

    async def test_over_budget_changes_nothing(self):
        node = await self.node(self.small)
        done = await self.reload(node, limits__send_total_bytes="200 MB")
        self.assertEqual(done.status, 1)
        self.assertIn("memory_budget", done.err)

    async def test_what_needs_a_restart_is_named(self):
        node = await self.node(self.small)
        done = await self.reload(node, limits__max_window=100, node__data_dir=str(self.folder))
        self.assertIn("0 settings changed, 2 need a restart", done.out)
        self.write(node, node__data_dir=str(node.folder / "data"))
        self.assertIn("1 need a restart", (await node.command("reload")).out)
        await node.wait_line("limits.max_window stays 512: 100 needs a restart")

    async def test_peers_of_another_network_wait_for_it(self):
        """Asked before the restart, they would ban the node for its old origin."""
        node = await self.node(self.small, peers=[("127.0.0.1", 1)])
        done = await self.reload(node, origin="AB" * 32, net__peers=["127.0.0.1:2"])
        self.assertIn("0 settings changed, 2 need a restart", done.out)
        await node.wait_line('net.peers stays ["127.0.0.1:1"]')

    async def test_listener_moves_at_once(self):
        node = await self.node(self.small)
        port = harness.free_port(node.host)
        old = node.address
        done = await self.reload(node, net__listen=[f"{node.host}:{port}"])
        self.assertEqual(done.status, 0, str(done))
        with self.assertRaises(OSError):
            await asyncio.open_connection(*old)
        node.address = (node.host, port)
        conn = await self.connect(node, self.small)
        await conn.close()

    async def test_taken_port_changes_nothing(self):
        node = await self.node(self.small)
        other = await asyncio.start_server(lambda r, w: w.close(), node.host, 0)
        port = other.sockets[0].getsockname()[1]
        done = await self.reload(
            node, net__listen=[f"{node.host}:{port}"], limits__max_bans=80
        )
        self.assertEqual(done.status, 1)
        conn = await self.connect(node, self.small)
        await conn.close()
        self.assertFalse(node.said("max_bans: 80"))
        other.close()

    async def test_peers_come_and_go(self):
        one, first = await self.reference(self.small)
        two, second = await self.reference(self.small, seed=2)
        node = await self.node(self.small, peers=[first])
        await node.wait_height(72)
        done = await self.reload(node, net__peers=[f"{second[0]}:{second[1]}"])
        self.assertEqual(done.status, 0)

        def only_second(text: str) -> bool:
            return f"{second[0]}:{second[1]}" in text and f"{first[0]}:{first[1]}" not in text

        async def wait() -> None:
            while not only_second((await node.get("/peers"))[1]):
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(wait(), 10 * harness.SLOW)

    async def test_fewer_places_close_the_youngest(self):
        node = await self.node(self.small)
        conns = [await self.connect(node, self.small) for _ in range(4)]
        done = await self.reload(node, limits__max_inbound=2)
        self.assertEqual(done.status, 0)
        for conn in conns[2:]:
            self.assertTrue(await conn.closed(5 * harness.SLOW))
        await conns[0].send(peer.get_block(1))
        status = await node.status()
        self.assertEqual(status["network"]["inbound"], 2)

    async def test_admin_address_moves(self):
        node = await self.node(self.small)
        port = harness.free_port("127.0.0.1")
        self.assertEqual((await self.reload(node, admin__listen=f"127.0.0.1:{port}")).status, 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /status HTTP/1.0\r\n\r\n")
        self.assertIn(b'"height":', await reader.read())
        writer.close()
        self.assertEqual((await self.reload(node, admin__listen="")).status, 0)
        with self.assertRaises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        moved = str(node.folder / "moved.sock")
        old = Path(node.settings["admin.socket"])
        self.write(node, admin__socket=moved)
        node.signal(signal.SIGHUP)
        await self.until(lambda: Path(moved).exists() and not old.exists())
        self.assertEqual((await node.status())["height"], 0)

    async def test_many_leave_nothing(self):
        """Heap bytes after few and after many reloads that change every kind of thing."""
        node = await self.node(self.small, log__level="info")
        gone = f"127.0.0.1:{harness.free_port('127.0.0.1')}"
        ports = [harness.free_port(node.host) for _ in range(2)]

        async def rounds(count: int) -> int:
            for i in range(count):
                self.write(
                    node,
                    net__peers=[gone] if i % 2 else [],
                    net__listen=[f"{node.host}:{ports[i % 2]}"],
                    limits__max_bans=100 + i % 2,
                    net__advertise="9.9.9.9:1" if i % 2 else "",
                )
                code, body = await node.get("/reload", "POST")
                self.assertEqual(code, 200, body)
            return (await node.status())["memory_bytes"]

        few = await rounds(20)
        many = await rounds(int(os.environ.get("RELOADS", 400 // int(harness.SLOW))))
        self.assertLess(abs(many - few), 2000)


class Pipe(harness.ProgramTest):
    async def test_settings_from_a_pipe_are_not_waited_for_again(self):
        node = self.make_node(self.chain("devnet-72"))
        node.folder.mkdir()
        fifo = node.folder / "fifo"
        os.mkfifo(fifo)
        command = " ".join(harness.COMMAND)
        node.through = ["sh", "-c", f"exec {command} run --config {fifo}", "sh"]
        await node.launch()
        await asyncio.to_thread(fifo.write_text, harness.toml_text(node.settings))
        await node.wait_line("ready", harness.START_TIME)
        code, body = await node.get("/reload", "POST")
        self.assertEqual(code, 400)
        self.assertIn("cannot be read again", body)
        node.signal(signal.SIGHUP)
        await node.wait_line("cannot be read again", harness.START_TIME)
        self.assertEqual((await node.status())["height"], 0)
        await node.stop()
