"""Keys away from the node: `alfisd signer`, and a node that uses it; what each says when the other is
hostile, gone, or comes back."""

import asyncio
import json
import os
import socket
import stat
import struct

import harness
import keys_wire
from test_domains import DomainsTest
from test_keys import PHRASE


class SignerTest(DomainsTest):
    def signer(self, **settings) -> harness.Node:
        self.small = self.made_chain(self.HEIGHT)
        signer = self.make_node(self.small, **settings)
        signer.task = "signer"
        return signer

    def socket_of(self, signer: harness.Node) -> str:
        return str(signer.folder / "data" / "signer.sock")

    async def using(self, path: str, **settings) -> harness.Node:
        """A node whose keys are at this socket."""
        node = self.make_node(self.small, owner__signer=f"unix:{path}", mining__threads=1, **settings)
        await self.fill(node, self.small)
        return await node.start()

    async def warned(self, node: harness.Node, words: str) -> None:
        while words not in "\n".join((await self.told(node))["warnings"]):
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)


class Signer(SignerTest):
    async def test_a_name_is_mined(self):
        signer = await self.signer().start()
        await self.done(signer, "new", "me", phrases=(PHRASE, PHRASE))
        path = self.socket_of(signer)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        node = await self.using(path)
        await self.until(node, {"me": "open"})
        key = (await self.told(node))["keys"][0]
        self.assertEqual((key["kind"], key["file"]), ("signer", ""))
        job = await self.made(node, "new", "far.ygg", "--record", "@ AAAA 200::1")
        self.assertEqual((job["state"], job["block"]), ("done", 11))
        self.assertEqual((await self.name(node, "far.ygg"))["owner"].upper(), key["signing"])
        self.assertFalse(list((node.folder / "data").glob("keys*")))

        # Locked from the node, opened where the key is.
        await self.done(node, "lock")
        await self.until(node, {"me": "locked"})
        for words in (("unlock",), ("new", "two")):
            self.assertIn("owner.signer", await self.refused(node, *words, phrases=(PHRASE, PHRASE)))
        for words in (("rename", "me", "you"), ("remove", "me", "--yes")):
            self.assertIn("owner.signer", await self.refused(node, *words))
        await self.done(signer, "unlock", phrases=(PHRASE,))
        await self.until(node, {"me": "open"})

        # It ends, and comes back; the journal is as it was.
        await signer.stop()
        await self.warned(node, "the signer is away: ")
        self.assertIn("the signer is away", (await node.command("status")).out)
        done = await self.domain(node, "new", "more.ygg", "--no-wait", "--json")
        number = json.loads(done.out)["id"]
        self.assertIn("the signer is away", json.loads((await node.get(f"/jobs/{number}"))[1])["reason"])
        await signer.start()
        await self.done(signer, "unlock", phrases=(PHRASE,))
        while json.loads((await node.get(f"/jobs/{number}"))[1])["state"] != "done":
            await asyncio.sleep(harness.POLL)

    async def test_keys_where_they_are(self):
        """Listed, renamed and removed on the signer's machine, without a node; a node hears of it."""
        signer = await self.signer().start()
        self.assertIn("no keys", (await self.key(signer, "list")).out)
        await self.done(signer, "new", "me", phrases=(PHRASE, PHRASE))
        node = await self.using(self.socket_of(signer))
        await self.until(node, {"me": "open"})
        await self.until(signer, {"me": "open"})
        self.assertIn("alfis1:", (await self.key(signer, "show", "me")).out)
        await self.done(signer, "rename", "me", "you")
        await self.until(node, {"you": "open"})
        self.assertEqual([f.name for f in self.folder_of(signer).glob("*.key")], ["you.key"])
        self.assertIn("no key", await self.refused(signer, "rename", "me", "x"))
        await self.done(signer, "lock", "you")
        await self.until(node, {"you": "locked"})
        removed = await self.done(signer, "remove", "you", "--yes")
        self.assertIn("removed/you.key", removed)
        await self.until(node, {})
        self.assertIn("no keys", (await self.key(signer, "list")).out)
        for words in (("status",), ("stop",), ("job", "list")):
            done = await signer.command(*words)
            self.assertNotEqual(done.status, 0, str(done))
            self.assertIn("here runs `alfisd signer`", done.err, str(done))

    async def test_one_journal(self):
        """A node, a signer and `block sign` of one data directory are never two."""
        signer = await self.signer().start()
        await self.done(signer, "new", "me", phrases=(PHRASE, PHRASE))
        self.assertIn("me", (await self.key(signer, "list")).out)
        again = await signer.command("signer")
        self.assertEqual(again.status, 1)
        node = self.make_node(self.small, node__data_dir=str(signer.folder / "data"))
        await node.start()
        self.assertTrue(node.said("another key process has the journal of signatures"), node.log_tail())

    async def test_settings(self):
        self.small = self.made_chain(1)
        for value, words in (
            ("tcp:127.0.0.1:9", "is no socket"),
            ("unix:there", "absolute path"),
            ("unix:/" + "x" * 108, "longer than 107 bytes"),
        ):
            node = self.make_node(self.small, owner__signer=value)
            node.folder.mkdir()
            node.config.write_text(harness.toml_text(node.settings))
            done = await node.command("check-config")
            self.assertEqual(done.status, harness.USAGE, str(done))
            self.assertIn(words, done.err)
        node = self.make_node(self.small, owner__signer="unix:/nowhere")
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        done = await node.command("signer")
        self.assertEqual(done.status, harness.USAGE)
        self.assertIn("the keys are elsewhere", done.err)


class HostileNode(SignerTest):
    def connect(self, signer: harness.Node) -> keys_wire.Wire:
        sock = socket.socket(socket.AF_UNIX)
        self.addCleanup(sock.close)
        sock.connect(self.socket_of(signer))
        return keys_wire.Wire(sock, harness.patience(30))

    async def gone(self, wire: keys_wire.Wire) -> None:
        def wait() -> None:
            try:
                while wire.receive() is not None:
                    pass
            except ConnectionError:
                pass

        await asyncio.to_thread(wait)

    async def test_what_it_must_not(self):
        signer = await self.signer().start()
        await self.done(signer, "new", "me", phrases=(PHRASE, PHRASE))
        for frame in (
            keys_wire.encode("SETTINGS", 1, bytes=keys_wire.settings()),
            keys_wire.encode("UNLOCK", 1, name="me", **{"pass": PHRASE}),
            keys_wire.encode("EXPORT", 1, name="me", flag=1, **{"pass": PHRASE}),
            keys_wire.encode("FORGET", 1, name="me"),
            keys_wire.encode("LOAD", 1, name="me", bytes=b"x"),
            keys_wire.encode("CANCEL", 1),
            keys_wire.encode("STORED", 1),
            struct.pack(">I", 1 << 30) + b"x" * 64,
            struct.pack(">I", 0),
            keys_wire.encode("LOCK", 1, name="x" * 49),
        ):
            wire = self.connect(signer)
            wire.sock.sendall(frame)
            await self.gone(wire)
        # What it may: answered in its order, as its own numbers.
        wire = self.connect(signer)
        state = await asyncio.to_thread(wire.until, "STATE")
        self.assertIn(b"me", state["bytes"])
        wire.send("SIGN", bytes=b"no block")
        wire.send("DECRYPT", key=b"\1" * 32, bytes=b"x" * 70)
        answers = [await asyncio.to_thread(wire.until, "ANSWER") for _ in range(2)]
        self.assertEqual([a["id"] for a in answers], [1, 2])
        self.assertNotIn(0, [a["said"] for a in answers])
        # The last one to come is served; who floods it is closed, and nothing else happens.
        other = self.connect(signer)
        await self.gone(wire)
        other.sock.setblocking(False)
        flood = keys_wire.encode("DECRYPT", 7, key=b"\1" * 32, bytes=b"x" * 30000) * 3
        with self.assertRaises(ConnectionError):
            while True:
                try:
                    other.sock.send(flood)
                except BlockingIOError:
                    await asyncio.sleep(0.001)
        wire = self.connect(signer)
        await asyncio.to_thread(wire.until, "STATE")


class HostileSigner(SignerTest):
    async def test_node_lives(self):
        """Whatever it says, it is left, the reason is told, and it is tried again."""
        self.small = self.made_chain(self.HEIGHT)
        path = str(self.folder / "s")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(path)
        listener.listen(8)
        listener.settimeout(harness.patience(30))
        node = await self.using(path)
        key = b"\1" + bytes(31)  # of small order: nobody's
        row = struct.pack(">H", 2) + b"me" + key * 2 + bytes(8) + b"\x10\0" + bytes(4) + bytes(144)
        head = struct.pack(">HHHH", 0, 0, 0, 0) + b"\0" + struct.pack(">H", 0) + bytes(32)
        for frame in (
            b"HTTP/1.0 400 Bad Request\r\n\r\n",
            keys_wire.encode("STORE", 1, name="x", bytes=b"x"),
            keys_wire.encode("STATE", 0, bytes=head + struct.pack(">H", 1) + row),
        ):
            peer, _ = await asyncio.to_thread(listener.accept)
            peer.sendall(frame)
            peer.settimeout(harness.patience(30))
            self.assertEqual(await asyncio.to_thread(peer.recv, 1), b"", frame[:12])
            peer.close()
        await self.warned(node, "the signer is away: ")
        self.assertTrue(node.said("the signer says what it should not"), node.log_tail())
        self.assertEqual((await self.told(node))["keys"], [])
