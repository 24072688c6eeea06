"""Input that is wrong: on the wire, in the settings, on the disk. Each gets a clear line and a
documented status, and nothing else happens."""

import asyncio
import os
import random
import re
import resource
import subprocess
import unittest
from pathlib import Path
from typing import Any

import harness
from alfis import frame, hello, message, peer, vectors
from alfis.message import Message

SEEDS = 12
LIMITED = 2 << 20  # bytes that a file may have where the disk is "full"


class Wire(harness.ProgramTest):
    """After each of these the node still serves an honest peer."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.devnet = self.chain("devnet-72")
        self.served = await self.loaded_node(self.devnet, **_SHORT)

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
                await asyncio.wait_for(greedy.send_raw(request + more), 0.5)
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


_SHORT = {
    "limits__hello_timeout": "1 s",
    "limits__handshake_timeout": "1 s",
    "limits__frame_timeout": "1 s",
    "limits__ban_time": "100 ms",
}


class Settings(harness.ProgramTest):
    """Errors in node.toml: file, line, column, key, what would be right; status 2."""

    async def check(self, text: str, *args: str) -> harness.Finished:
        file = self.folder / "node.toml"
        file.write_text(text)
        return await harness.run("check-config", "--config", str(file), *args)

    async def refused(self, text: str, where: str, *words: str) -> None:
        ended = await self.check(text)
        self.assertEqual(ended.status, harness.USAGE, f"{text!r}: {ended}")
        lines = [line for line in ended.err.splitlines() if line]
        self.assertEqual(len(lines), 1, str(ended))
        self.assertIn(f"node.toml:{where}", lines[0])
        for word in words:
            self.assertIn(word, lines[0])

    async def test_defaults(self):
        ended = await self.check("")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        for word in ("max_new_peers", "max_future_blocks", "max_seen_blocks", "memory_budget"):
            self.assertIn(word, ended.out)

    async def test_syntax(self):
        await self.refused("[net\n", "1:")
        await self.refused('[net]\nlisten = "a\n', "2:")
        await self.refused("[net]\nlisten = \n", "2:")
        await self.refused("a = 1\na = 2\n", "2:")
        await self.refused("\x00\n", "1:")
        await self.refused("check_blocks = 8 9\n", "1:")

    async def test_types_and_ranges(self):
        await self.refused("[net]\nlisten = 4244\n", "2:", "net.listen")
        await self.refused('[net]\npublic = "yes"\n', "2:", "net.public")
        await self.refused('\n\n[limits]\nmax_inbound = "many"\n', "4:", "limits.max_inbound")
        await self.refused("[limits]\nmax_inbound = -1\n", "2:", "limits.max_inbound")
        await self.refused(
            "[limits]\n    max_inbound = 70000\n", "2:5", "70000", "above the maximum 4096"
        )
        await self.refused("[limits]\nmax_verify_queue = 1\n", "2:", "16")
        await self.refused('[node]\nmemory_budget = "12 parsecs"\n', "2:", "node.memory_budget")
        await self.refused('[node]\ndrain = "5 MB"\n', "2:", "node.drain")
        await self.refused('[log]\nlevel = "loud"\n', "2:", "log.level", "info")
        await self.refused("check_blocks = 1.5\n", "1:", "check_blocks")

    async def test_unknown_keys(self):
        await self.refused("[net]\nlistn = []\n", "2:", "net.listn", "listen")
        await self.refused("[limits]\nmax_futur_blocks = 5\n", "2:", "max_future_blocks")
        await self.refused("[bananas]\nyellow = true\n", "", "bananas")
        await self.refused("orgin = \"\"\n", "1:", "origin")

    async def test_params_are_for_devnet(self):
        await self.refused("[chain.params]\norigin_difficulty = 2\n", "", "devnet")
        await self.refused(
            '[chain]\nnetwork = "devnet"\n[chain.params]\norigin_dificulty = 2\n', "4:"
        )

    async def test_budget_too_small_for_the_rows(self):
        ended = await self.check('[limits]\nmax_connections = 4000\n')
        self.assertEqual(ended.status, harness.USAGE, str(ended))
        self.assertIn("memory_budget", ended.err)

    async def test_the_networks_own_file_is_taken(self):
        text = (
            f'origin = "{vectors.MAINNET_ORIGIN}"\nkey_files = ["key1.toml"]\ncheck_blocks = 8\n'
            '[net]\npeers = ["peer-v4.alfis.name:4244"]\nlisten = "[::]:4244"\npublic = true\n'
            'yggdrasil_only = false\n[dns]\nlisten = "127.0.0.1:5353"\nthreads = 10\n'
            'forwarders = ["94.140.14.14:53"]\nbootstraps = ["9.9.9.9:53"]\n'
            "[mining]\nthreads = 0\nlower = true\n"
        )
        ended = await self.check(text)
        self.assertEqual(ended.status, harness.DONE, str(ended))

    async def test_synonym(self):
        ended = await self.check("[net]\nmax_new_peers = 123\n")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        row = next(line for line in ended.out.splitlines() if "max_new_peers" in line)
        self.assertIn("123", row)

    async def test_what_overrides_what(self):
        text = "[limits]\nmax_new_peers = 100\n"
        env = os.environ | {"ALFISD_LIMITS_MAX_NEW_PEERS": "200"}
        file = self.folder / "node.toml"
        file.write_text(text)
        arguments = ("check-config", "--config", str(file))
        by_env = await harness.run(*arguments, env=env)
        by_set = await harness.run(*arguments, "--set", "limits.max_new_peers=300", env=env)
        for ended, value in ((by_env, "200"), (by_set, "300")):
            self.assertEqual(ended.status, harness.DONE, str(ended))
            row = next(line for line in ended.out.splitlines() if "max_new_peers" in line)
            self.assertIn(value, row)

    async def test_command_line(self):
        for arguments in (
            ["--nonsense"],
            ["nonsense"],
            ["import"],
            ["show", "block"],
            ["check-config", "--set", "limits.max_inbound"],
            ["check-config", "--set", "limits.nothing=1"],
            ["check-config", "--set", "limits.max_inbound=70000"],
            ["check-config", "--config"],
            ["check-config", "--config", str(self.folder / "absent.toml")],
        ):
            with self.subTest(" ".join(arguments)):
                ended = await harness.run(*arguments, cwd=self.folder)
                self.assertEqual(ended.status, harness.USAGE, str(ended))
                self.assertEqual(len(ended.err.splitlines()), 1, str(ended))
        for arguments in (["--help"], ["--version"]):
            ended = await harness.run(*arguments)
            self.assertEqual(ended.status, harness.DONE, str(ended))
            self.assertIn("alfisd", ended.out)


class Disk(harness.ProgramTest):
    def errors(self, node: harness.Node) -> list[str]:
        return [s for s in node.lines if re.search(r"\berror\b", s[:60], re.I) or "alfisd:" in s]

    async def ends(self, node: harness.Node, *statuses: int) -> str:
        """It ends by itself with one of these; returns what it said."""
        status = await node.wait_end(harness.START_TIME)
        node.assert_clean()
        self.assertIn(status, statuses, node.log_tail())
        self.assertFalse(node.said(" ready"), node.log_tail())
        text = "\n".join(self.errors(node))
        self.assertTrue(text, node.log_tail())
        return text

    async def test_data_dir_that_cannot_be_made(self):
        node = self.make_node(self.chain("devnet-72"))
        node.settings["node.data_dir"] = str(self.folder / "absent" / "data")
        await node.launch()
        text = await self.ends(node, harness.STORE_FAILED, harness.USAGE)
        self.assertIn("absent", text)

    async def test_data_dir_that_is_a_file(self):
        node = self.make_node(self.chain("devnet-72"))
        file = self.folder / "plain"
        file.write_text("I am a file")
        node.settings["node.data_dir"] = str(file)
        await node.launch()
        text = await self.ends(node, harness.STORE_FAILED, harness.USAGE)
        self.assertIn("plain", text)

    async def test_read_only_data_dir(self):
        """root may write everywhere, so this needs a file system that says no."""
        chain = self.chain("devnet-72")
        node = self.make_node(chain)
        await self.fill(node, chain)
        data = Path(node.settings["node.data_dir"])
        with mounted(self, data, "bind") as works:
            if not works:
                self.skipTest("may not mount")
            subprocess.run(["mount", "-o", "remount,bind,ro", str(data)], check=True)
            await node.launch()
            text = await self.ends(node, harness.STORE_FAILED, harness.TASK_FAILED)
        self.assertRegex(text, "(?i)read-only|permission")

    async def test_second_instance(self):
        chain = self.chain("devnet-72")
        first = await self.node(chain)
        second = self.make_node(chain)
        second.settings["node.data_dir"] = first.settings["node.data_dir"]
        await second.launch()
        text = await self.ends(second, harness.TASK_FAILED, harness.STORE_FAILED)
        self.assertRegex(text, "(?i)in use|another|already|lock")
        self.assertEqual((await first.status())["height"], 0)

    async def test_port_in_use(self):
        chain = self.chain("devnet-72")
        first = await self.node(chain)
        second = self.make_node(chain)
        second.settings["net.listen"] = first.settings["net.listen"]
        await second.launch()
        text = await self.ends(second, harness.TASK_FAILED, harness.USAGE)
        self.assertIn(str(first.address[1]), text)

    async def test_store_of_another_network(self):
        node = self.make_node(self.chain("devnet-72"))
        await self.fill(node, self.chain("devnet-72"))
        other = self.make_node(self.chain("devnet-3000"))
        other.settings["node.data_dir"] = node.settings["node.data_dir"]
        await other.launch()
        text = await self.ends(
            other, harness.TASK_FAILED, harness.STORE_FAILED, harness.USAGE
        )
        self.assertRegex(text, "(?i)origin|network")
        kept = await node.command("verify")
        self.assertEqual(kept.status, harness.DONE, str(kept))

    def store_file(self, node: harness.Node) -> Path:
        data = Path(node.settings["node.data_dir"])
        files = [p for p in data.rglob("*") if p.is_file()]
        return max(files, key=lambda p: p.stat().st_size)

    async def test_damaged_store(self):
        chain = self.chain("devnet-72")
        damages = {
            "zeros at the head": lambda raw: bytes(8192) + raw[8192:],
            "garbage at the head": lambda raw: os.urandom(8192) + raw[8192:],
            "cut": lambda raw: raw[: len(raw) // 2 & ~4095],
            "text": lambda raw: b"this is no store\n",
        }
        for what, damage in damages.items():
            with self.subTest(what):
                node = self.make_node(chain)
                await self.fill(node, chain)
                file = self.store_file(node)
                file.write_bytes(damage(file.read_bytes()))
                ended = await node.command("verify")
                self.assertIn(ended.status, (harness.TASK_FAILED, harness.STORE_FAILED), str(ended))
                self.assertTrue(ended.err.strip(), str(ended))

    async def test_flipped_bytes_in_the_store(self):
        """Anywhere: a clear end, never a crash; verify finds what lies in the chain's pages."""
        chain = self.chain("devnet-72")
        chance = random.Random(6)
        node = self.make_node(chain)
        await self.fill(node, chain)
        file = self.store_file(node)
        whole = file.read_bytes()
        found = 0
        for _ in range(SEEDS):
            raw = bytearray(whole)
            place = chance.randrange(8192, len(raw))
            raw[place : place + 64] = os.urandom(len(raw[place : place + 64]))
            file.write_bytes(raw)
            ended = await node.command("verify")
            self.assertIn(ended.status, (0, 1, 3), f"at {place}: {ended}")
            self.assertIsNone(harness.SANITIZER.search(ended.err), ended.err)
            found += ended.status != 0
        self.assertGreater(found, 0)

    async def test_full_disk(self):
        """A file that may not grow stands for a disk that is full."""
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = self.make_node(chain, peers=[address])

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (LIMITED, LIMITED))

        await node.launch(preexec_fn=limit)
        status = await node.wait_end(18 * harness.SLOW)
        self.assertEqual(status, harness.STORE_FAILED, node.log_tail())
        self.assertTrue(self.errors(node), node.log_tail())
        node.assert_clean()
        kept = await node.command("verify")
        self.assertEqual(kept.status, harness.DONE, str(kept))

    async def test_full_file_system(self):
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = self.make_node(chain, peers=[address])
        data = Path(node.settings["node.data_dir"])
        with mounted(self, data, "tmpfs") as works:
            if not works:
                self.skipTest("may not mount")
            await node.launch()
            status = await node.wait_end(18 * harness.SLOW)
            kept = await node.command("verify")
        self.assertEqual(status, harness.STORE_FAILED, node.log_tail())
        self.assertTrue(self.errors(node), node.log_tail())
        node.assert_clean()
        self.assertEqual(kept.status, harness.DONE, str(kept))


class mounted:
    """A small file system at `folder`, or a copy of its binding; entering says whether it works."""

    def __init__(self, test: unittest.TestCase, folder: Path, kind: str) -> None:
        self.folder = folder
        self.kind = kind
        self.works = False

    def __enter__(self) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.kind == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={LIMITED}", "none", str(self.folder)]
        else:
            command = ["mount", "--bind", str(self.folder), str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
            self.works = done.returncode == 0
        except OSError:
            self.works = False
        return self.works

    def __exit__(self, *error: Any) -> None:
        if self.works:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)


class Admin(harness.ProgramTest):
    """Odd requests to the admin socket: an HTTP status, and the node goes on."""

    async def raw(self, node: harness.Node, data: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        try:
            writer.write(data)
            return await asyncio.wait_for(reader.read(), 10 * harness.SLOW)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def test_odd_requests(self):
        node = await self.node(self.chain("devnet-72"), limits__admin_timeout="500 ms")
        requests = {
            b"GET /nothing HTTP/1.1\r\n\r\n": b"404",
            b"POST /status HTTP/1.1\r\nContent-Length: 0\r\n\r\n": b"405",
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
