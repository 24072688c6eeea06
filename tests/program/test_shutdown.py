"""The program is told to stop in every state that a node can be in: status 0, the line that counts
the freed connections, no byte left (the program's own audit; the sanitizer's and valgrind's where
they are built in). What the node held at that moment is read from its own line, so that no test
passes because the state was over already.
"""

import asyncio
import ctypes
import json
import re
import signal
import socket
import unittest

import harness
from alfis import frame, liar, peer
from alfis.message import Message

STOPPING_WITH = re.compile(r"stopping with (.*)")
PATIENT = {"node__drain": "1 s", "limits__connect_timeout": "60 s", "limits__hello_timeout": "60 s",
           "limits__handshake_timeout": "60 s", "limits__frame_timeout": "60 s",
           "limits__admin_timeout": "60 s"}  # fmt: skip

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 4096, 16384, 1 << 18


def use_name_server(resolv_conf: str) -> None:
    """In the child: a mount namespace of its own with this file as /etc/resolv.conf."""
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    if done or libc.mount(resolv_conf.encode(), b"/etc/resolv.conf", None, MS_BIND, None):
        raise OSError(ctypes.get_errno(), "may not mount")


class Shutdown(harness.ProgramTest):
    def setUp(self):
        self.devnet = self.chain("devnet-72")

    # ---- what is awaited ----

    async def rows(self, node: harness.Node) -> dict[str, dict[str, int]]:
        code, body = await node.get("/limits")
        self.assertEqual(code, 200, body)
        return {row["row"]: row for row in json.loads(body)["limits"]}

    async def wait_row(self, node: harness.Node, name: str, least: int, what: str = "used") -> None:
        """Until this bound counts so many."""
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(15 * harness.SLOW)
        while (row := (await self.rows(node))[name])[what] < least:
            self.assertLess(loop.time(), end, f"{row}\n{node.log_tail()}")

    async def stop_with(self, node: harness.Node, **held: int) -> dict[str, int]:
        """Stops it; at that moment it held at least so many of each."""
        node.signal(signal.SIGTERM)
        await node.wait_end()
        node.assert_ended_well()
        line = next(filter(None, map(STOPPING_WITH.search, node.lines)))
        found = {name: int(n) for name, n in re.findall(r"(\w+) (\d+)", line[1])}
        for name, least in held.items():
            self.assertGreaterEqual(found.get(name, 0), least, line[0])
        return found

    def assert_freed(self, node: harness.Node, count: int) -> None:
        self.assertTrue(node.said(f"stopped: freed {count} connections"), node.log_tail(3))

    # ---- outbound ----

    def deaf(self) -> tuple[str, int]:
        """A port whose queue of connections is full: whoever dials it waits."""
        listener = socket.create_server((harness.fresh_host(), 0), backlog=0)
        self.addCleanup(listener.close)
        for _ in range(3):
            filler = socket.socket()
            self.addCleanup(filler.close)
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        return listener.getsockname()

    async def test_connecting(self):
        node = await self.node(self.devnet, peers=[self.deaf(), self.deaf()], **PATIENT)
        await self.wait_row(node, "max_dials", 2)
        await self.stop_with(node, max_dials=2, max_connections=2)
        await node.wait_line("in phase connecting")
        self.assert_freed(node, 2)

    async def test_hello_sent(self):
        silent = liar.SilentAfterAccept(self.devnet)
        node = await self.node(self.devnet, peers=[await self.liar(silent)], **PATIENT)
        await node.wait_status("bytes", lambda s: s["network"]["bytes_out_total"] > 0, 10)
        await self.stop_with(node, max_dials=1)
        await node.wait_line("in phase hello")
        self.assert_freed(node, 1)

    async def test_handshake(self):
        silent = liar.SilentAfterHello(self.devnet)
        node = await self.node(self.devnet, peers=[await self.liar(silent)], **PATIENT)
        await node.wait_status("bytes", lambda s: s["network"]["bytes_in_total"] > 0, 10)
        await self.stop_with(node, max_dials=1)
        self.assert_freed(node, 1)

    async def test_reconnect_waiting(self):
        absent = (harness.fresh_host(), 1)
        node = await self.node(self.devnet, peers=[absent], **PATIENT)
        await node.wait_status("a dial", lambda s: s["network"]["dial_failures_total"], 10)
        found = await self.stop_with(node, max_configured_peers=1)
        self.assertNotIn("max_dials", found)

    async def test_name_look_up_in_progress(self):
        host = harness.fresh_host()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            try:
                silent.bind((host, 53))
            except PermissionError:
                self.skipTest("may not bind port 53")
            file = self.folder / "resolv.conf"
            file.write_text(f"nameserver {host}\n")
            node = self.make_node(self.devnet, peers=[("peer.example", 4244)], **PATIENT)
            try:
                await node.launch(preexec_fn=lambda: use_name_server(str(file)))
            except Exception as error:
                self.skipTest(f"no name space of its own: {error}")
            await node.wait_line("ready", harness.START_TIME)
            await self.wait_row(node, "max_lookups", 1)
            await self.stop_with(node, max_lookups=1)

    # ---- inbound and in the middle of something ----

    async def test_idle_with_peers(self):
        node = await self.node(self.devnet, **PATIENT)
        for _ in range(25):
            await self.connect(node, self.devnet)
        await self.stop_with(node, max_connections=25)
        self.assert_freed(node, 25)

    async def test_half_open(self):
        node = await self.node(self.devnet, **PATIENT)
        for _ in range(3):
            identity = peer.Identity(self.devnet.origin)
            conn = await peer.Connection.open(node.address, identity, harness.fresh_host())
            self.addAsyncCleanup(conn.close)
        await self.wait_row(node, "max_half_open", 3)
        await self.stop_with(node, max_half_open=3)
        self.assert_freed(node, 3)

    async def test_frame_half_read(self):
        node = await self.node(self.devnet, **PATIENT)
        conn = await self.connect(node, self.devnet)
        await conn.send_raw(frame.header(60000) + bytes(30000))
        await self.wait_row(node, "conn_receive_bytes", 30000, "peak")
        await self.stop_with(node, max_connections=1)

    async def test_write_pending(self):
        node = await self.node(self.devnet, **PATIENT, limits__conn_unasked_bytes="64 MB")
        conn = await self.connect(node, self.devnet)
        conn.reader._transport.pause_reading()
        requests = b"".join(conn.frame(Message("GetPeers")) for _ in range(5000))
        asking = asyncio.create_task(conn.send_raw(requests * 40))
        await self.wait_row(node, "conn_send_bytes", 1, "hits_total")
        await self.stop_with(node, send_total_bytes=1, max_connections=1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    async def syncing(self, row: str, least: int, **settings: str) -> harness.Node:
        """A node in the middle of a download, as soon as this bound counts so many."""
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = await self.node(chain, peers=[address], **PATIENT, **settings)
        await self.wait_row(node, row, least)
        return node

    async def test_blocks_being_verified(self):
        """By one thread, so that a queue is there whenever we look."""
        node = await self.syncing("max_verify_queue", 4, node__verify_threads=1)
        await self.stop_with(node, max_verify_queue=1, max_verify_bytes=100)

    async def test_group_not_yet_committed(self):
        """It is committed by the stop: nothing is lost."""
        node = await self.syncing(
            "commit_blocks", 20, limits__commit_blocks=1024, limits__commit_interval="60 s"
        )
        height = (await node.status())["height"]
        await self.stop_with(node, commit_blocks=20)
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))
        node.settings["net.peers"] = []
        await node.start()
        self.assertGreaterEqual((await node.status())["committed_height"], height)

    # ---- admin ----

    async def test_admin_clients(self):
        """Silent, in the middle of a request, and with an answer that it does not take."""
        node = await self.node(
            self.devnet, **PATIENT, admin__listen=f"127.0.0.1:{harness.free_port('127.0.0.1')}"
        )
        host, port = node.settings["admin.listen"].split(":")
        path = str(node.settings["admin.socket"])
        for first in (b"", b"GET /sta"):
            for opened in (asyncio.open_unix_connection(path), asyncio.open_connection(host, port)):
                _, writer = await opened
                self.addCleanup(writer.close)
                writer.write(first)
                await writer.drain()
        await self.wait_row(node, "max_admin_clients", 5)  # we are one
        await self.stop_with(node, max_admin_clients=4)

    # ---- starts that fail half-way ----

    async def failing(self, *words: str, **settings: object) -> None:
        """A start with these settings ends with status 1, says why, and leaves nothing."""
        node = self.make_node(self.devnet)
        node.settings |= {key.replace("__", "."): value for key, value in settings.items()}
        await node.launch()
        status = await node.wait_end(harness.START_TIME)
        self.assertEqual(status, harness.TASK_FAILED, node.log_tail())
        node.assert_clean()
        await node.wait_line("stopped: freed 0 connections")
        for word in words:
            await node.wait_line(word)

    async def test_start_fails_store_locked(self):
        node = await self.node(self.devnet)
        await self.failing("data", node__data_dir=node.settings["node.data_dir"])

    async def test_start_fails_port_taken(self):
        node = await self.node(self.devnet)
        await self.failing(str(node.address[1]), net__listen=node.settings["net.listen"])

    async def test_start_fails_admin_socket(self):
        await self.failing("admin.socket", admin__socket=str(self.folder / "absent" / "socket"))


if __name__ == "__main__":
    unittest.main()
