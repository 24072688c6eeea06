"""Recorded sessions with release 0.10, played against the node from either side.

The keys of a live session are its own, so recorded messages are sealed anew. Where the answer is
fixed by the protocol it must be the recorded one, byte for byte; where the node may choose, it
must choose what a peer of release 0.10 lives with.
"""

import asyncio
import ipaddress
import unittest
from typing import Any

import harness
from alfis import hello, message, peer, vectors
from alfis.message import Message
from alfis.reference import ReferencePeer
from alfis.replay import Replay

PAUSE = 0.03  # stands for every longer one of the recording
SILENCE = 0.25  # in which an answer that must not come would have come
AT_ONCE = 16  # sessions played in parallel

# Sessions after which release 0.10 had closed, and so must we.
MUST_CLOSE = {
    "dev-wrong-origin",
    "dev-old-version",
    "hand-own-rand_id-old-version",
    "client-sends-twin",
    "client-sends-loop",
    "frame-L0",
    "frame-L1",
    "frame-L16",
    "frame-L16-valid-tag-empty-plain",
    "frame-L17-bad-tag",
    "frame-L65535-garbage",
    "frame-bad-tag",
    "cbor-undecodable-ff",
    "cbor-unknown-variant",
    "cbor-trailing-byte",
    "cbor-missing-field",
    "cbor-two-pair-map",
    "ping-hash-odd-length",
    "ping-hash-ZZ",
}
# What is answered there depends on time or on laxness that a node need not copy.
ANSWERS_VARY = {
    "frame-len-alone-then-body-150ms",
    "frame-half-body-150ms",
    "frame-1-len-byte-50ms",
    "cbor-variant-number",
    "cbor-old-array-form",
    "dev-loop",  # the node's own id is another one: test_own_rand_id_gets_loop
    "hand-own-rand_id-loop",
    "hand-own-rand_id-wrong-origin",
    "getblock-then-half-close-at-once",
}
# The kind of answer that the other side waits for. Ping may be answered by a request.
ANSWER = {"Hand": ("Shake", "Loop"), "Ping": ("Pong", "GetBlock"), "GetPeers": ("Peers",)}


def recorded(*files: str) -> list[dict[str, Any]]:
    found = [s for name in files for s in vectors.sessions(name) or []]
    if not found:
        raise unittest.SkipTest("vectors are absent: transcripts")
    return found


class Sessions(harness.ProgramTest):
    """A node with the chain that the recorded one had, and everything that was said to it."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.nodes: dict[str, tuple[harness.Node, vectors.Chain]] = {}

    def chain_of(self, session: dict[str, Any]) -> vectors.Chain | None:
        if session["name"].startswith("dev-"):
            chain = vectors.chain("devnet-72")
            return chain.first(60) if chain else None
        return vectors.chain("mainnet-1-149")

    async def node_of(self, chain: vectors.Chain) -> harness.Node:
        if chain.name not in self.nodes:
            many = {"limits__max_inbound": 40, "limits__max_per_group": 40}
            node = await self.loaded_node(chain, limits__max_half_open=40, **many)
            self.nodes[chain.name] = (node, chain)
        return self.nodes[chain.name][0]

    async def play_all(self, sessions: list[dict[str, Any]], play) -> None:
        """Each session is a sub-test; the node must live through all of them."""
        played = 0
        places = asyncio.Semaphore(AT_ONCE)

        async def one(session: dict[str, Any], chain: vectors.Chain) -> str | None:
            async with places:
                try:
                    await play(session, await self.node_of(chain), chain)
                except (AssertionError, OSError, message.Malformed, TimeoutError) as error:
                    return f"{session['name']}: {type(error).__name__} {error}"
            return None

        known = [(s, c) for s in sessions if (c := self.chain_of(s)) is not None]
        for _, chain in known:
            await self.node_of(chain)
        failures = await asyncio.gather(*[one(s, c) for s, c in known])
        played = len(known)
        told = [f for f in failures if f]
        self.assertFalse(told, "\n".join(["", *told]))
        if not played:
            self.skipTest("vectors are absent: chains")
        for node, chain in self.nodes.values():
            conn = await self.connect(node, chain, 1)
            await conn.send(peer.get_block(chain.height))
            self.assertEqual((await conn.expect("Block"))["block"], chain.blocks[-1].cbor)
            self.assertEqual((await node.status())["tip"], chain.tip)

    # ---- the node in the place of the recorded one ----

    async def test_said_to_the_dialled_one(self):
        """The recording side dialled, as a test of release 0.10: good, odd and hostile input."""
        sessions = [
            s
            for s in recorded("sessions", "sessions-extra")
            if s["direction"] == "outbound" and not _gives_blocks(s)
        ]
        await self.play_all(sessions, self.play_to_server)

    async def test_blocks_given_to_the_dialled_one(self):
        """Forks, poison, copies and blocks that nobody asked for: each with a node of its own."""
        for session in recorded("sessions"):
            chain = self.chain_of(session)
            if chain is not None and _gives_blocks(session):
                with self.subTest(session["name"]):
                    node = await self.loaded_node(chain)
                    await self.play_to_server(session, node, chain)
                    conn = await self.connect(node, chain, 1)
                    await conn.send(peer.get_block(30))
                    block = (await conn.expect("Block"))["block"]
                    self.assertEqual(block, chain.blocks[29].cbor)
                    await node.stop()

    async def test_said_to_the_dialled_one_with_real_blocks(self):
        sessions = recorded("mainnet-sessions")
        await self.play_all(
            [s for s in sessions if s["direction"] == "outbound" and not _gives_blocks(s)],
            self.play_to_server,
        )

    async def play_to_server(self, session, node: harness.Node, chain: vectors.Chain) -> None:
        identity = peer.Identity(chain.origin)
        conn = await peer.Connection.open(node.address, identity, harness.fresh_host())
        try:
            shown = await self.say_all(conn, session)
            names = [m.name for m in shown if m is not None]
            if session["name"] in MUST_CLOSE:
                self.assertTrue(await conn.closed(5 * harness.SLOW), "not closed")
            if session["name"] not in ANSWERS_VARY and not _low_order(session):
                self.check_answers(session, [m for m in shown if m is not None], names)
        finally:
            await conn.close()

    async def say_all(self, conn: peer.Connection, session) -> list[Message]:
        """Everything that our side said, in its pieces; returns what came back."""
        writer = Replay(session)
        try:
            for event in session["events"]:
                if event["from"] != "us":
                    continue
                kind = event["kind"]
                if kind == "hello":
                    if not await self._say_hello(conn, session, event):
                        return conn.received
                elif kind == "half-close":
                    conn.writer.write_eof()
                elif kind != "close" and conn.session is not None:
                    await conn.send_raw(writer.live(event, conn.session))
                    await self._listen(conn, PAUSE)
        except ConnectionError:
            pass  # it closes when it has heard enough
        await self._answers(conn, session)
        await self._listen(conn, SILENCE)
        return conn.received

    async def _answers(self, conn: peer.Connection, session) -> None:
        """Until nothing is missing that must come, or it is closed."""
        varies = session["name"] in MUST_CLOSE | ANSWERS_VARY or _low_order(session)
        while conn.session is not None and not varies and self.missing(session, conn.received):
            if await conn.receive(harness.START_TIME) is None:
                return

    async def _say_hello(self, conn: peer.Connection, session, event) -> bool:
        hellos = [e for e in session["events"] if e["kind"] == "hello" and e["from"] == "us"]
        if len(hellos) > 1:
            # In pieces: only that it is survived matters.
            await conn.send_raw(bytes.fromhex(event["raw"]))
            await asyncio.sleep(PAUSE)
            return event is not hellos[-1]
        raw = bytes.fromhex(event["raw"])
        if not raw:
            return False
        g = raw[0] ^ hello.MASK
        if _low_order(session):
            await conn.send_raw(raw)
            return not await conn.closed(2)
        await conn.hello(garbage=g)
        extra = raw[1 + g + 32 :]
        if extra:
            await conn.send_raw(extra)
        return True

    async def _listen(self, conn: peer.Connection, seconds: float) -> None:
        if conn.session is not None:
            try:
                await conn.collect(seconds * harness.SLOW)
            except ConnectionError:
                pass

    def missing(self, session, got: list[Message]) -> list[str]:
        """What the recorded one answered, and the node did not."""
        expected = [
            message.from_recorded(e["message"])
            for e in session["events"]
            if e["from"] == "reference" and e["kind"] == "frame" and "message" in e
        ]
        asked, names = _asked_blocks(session), {m.name for m in got}
        found = []
        if session["name"] not in MUST_CLOSE:
            found = [m.name for m in expected if m.name in ("Shake", "Loop", "Peers") and m.name not in names]
        found += [f"Block {m['index']}" for m in expected
                  if m.name == "Block" and m["index"] in asked and m not in got]  # fmt: skip
        if any(m.name == "Pong" for m in expected) and not {"Pong", "GetBlock"} & names:
            found.append("Pong")
        return found

    def check_answers(self, session, got: list[Message], names: list[str]) -> None:
        blocks = _asked_blocks(session)
        self.assertEqual(self.missing(session, got), [], names)
        for msg in got:
            if msg.name == "Block":
                self.assertIn(msg["index"], blocks, "a Block that nobody asked for")
                self.assertEqual(got.count(msg), 1, f"Block {msg['index']} twice")
            if msg.name == "Peers":
                self.assertLessEqual(len(msg["peers"]), 10)

    # ---- the recorded one's side, said to the node ----

    async def test_said_by_the_one_that_dials(self):
        """Release 0.10 dialled: its messages, sent to our node."""
        sessions = [
            s
            for s in recorded("sessions", "sessions-extra", "mainnet-sessions")
            if s["direction"] == "inbound"
        ]
        await self.play_all(sessions, self.play_as_reference_client)

    async def play_as_reference_client(self, session, node, chain) -> None:
        conn = await peer.Connection.open(
            node.address, peer.Identity(chain.origin), harness.fresh_host()
        )
        try:
            await conn.hello()
            await self.say_as_reference(conn, session)
        finally:
            await conn.close()

    async def test_said_by_the_one_that_we_dial(self):
        """Release 0.10 was dialled: its messages come from the peers that our node dials."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for session in recorded("sessions", "sessions-extra", "mainnet-sessions"):
            chain = self.chain_of(session)
            if chain is not None and session["direction"] == "outbound" and _says(session, "Shake"):
                groups.setdefault(chain.name, []).append(session)
        for sessions in groups.values():
            await self.serve_all(sessions[::4], self.chain_of(sessions[0]))

    async def serve_all(self, sessions: list[dict[str, Any]], chain: vectors.Chain) -> None:
        """A server a session; the node dials them all."""
        loop = asyncio.get_running_loop()
        addresses, ends = [], []
        for session in sessions:
            end = loop.create_future()
            server = peer.Server(self._server_of(session, chain, end))
            self.addAsyncCleanup(server.stop)
            addresses.append(await server.start(harness.fresh_host()))
            ends.append(end)
        many = {"limits__max_outbound": len(sessions), "limits__max_dials": 16}
        node = await self.loaded_node(chain, peers=addresses, **many)
        done, waiting = await asyncio.wait(ends, timeout=harness.patience(15 * harness.SLOW))
        self.assertEqual([f.result() for f in done if f.result()], [])
        self.assertEqual(len(waiting), 0, f"not dialled or not finished\n{node.log_tail()}")
        self.assertEqual((await node.status())["tip"], chain.tip)
        await node.stop()

    def _server_of(self, session, chain: vectors.Chain, end: asyncio.Future):
        async def serve(reader, writer) -> None:
            conn = peer.Connection(reader, writer, peer.Identity(chain.origin))
            failure = None
            try:
                await conn.accept()
                self.assertEqual((await conn.receive()).name, "Hand")
                await self.say_as_reference(conn, session)
            except (Exception, asyncio.CancelledError) as error:
                failure = f"{session['name']}: {type(error).__name__} {error}"
            if not end.done():
                end.set_result(failure)

        return serve

    async def say_as_reference(self, conn: peer.Connection, session) -> None:
        odd = False
        for event in session["events"]:
            if event["from"] != "reference" or event["kind"] != "frame":
                continue
            plain = bytes.fromhex(event["plain"])
            said = message.decode(plain)
            odd |= said.name in ("Block", "Loop", "Twin")
            before = len(conn.received)
            try:
                await conn.send_raw(conn.session.frame(plain))
                await self.await_answer(conn, said, session["name"])
            except ConnectionError:
                # It may end the talk for a Block that it did not ask for, or for Loop.
                self.assertTrue(odd, f"closed after {said}")
                return
            self.check_courtesy(conn, conn.received[before:])

    async def await_answer(self, conn: peer.Connection, said: Message, name: str) -> None:
        wanted = ANSWER.get(said.name)
        if wanted is None:
            await self._listen(conn, PAUSE)
            return
        answer = await conn.expect(*wanted, timeout=5 * harness.SLOW)
        if answer is None:
            raise ConnectionError("closed")

    def check_courtesy(self, conn: peer.Connection, got: list[Message]) -> None:
        for msg in got:
            if msg.name == "Peers":
                self.assertLessEqual(len(msg["peers"]), 10)
                for text in msg["peers"]:
                    host, _, port = text.rpartition(":")
                    ipaddress.ip_address(host.strip("[]"))
                    self.assertTrue(0 < int(port) < 65536)
            self.assertNotIn(msg.name, ("Error", "Twin"))

    # ---- what recordings cannot hold ----

    async def test_own_rand_id_gets_loop(self):
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        conn = await self.connect(node, chain, 0)
        own = next(m for m in conn.received if m.name == "Shake")["rand_id"]
        self.assertEqual(len(own), 6)
        self.assertLessEqual(set(own), set(peer.RAND_ID))
        for origin in (chain.origin, "AB" * 32):  # this test comes before that of the origin
            identity = peer.Identity(origin, rand_id=own)
            again = await peer.Connection.open(node.address, identity, harness.fresh_host())
            self.addAsyncCleanup(again.close)
            await again.hello()
            await again.send(identity.hand())
            self.assertEqual(await again.receive(), Message("Loop"))

    async def test_hello_and_hand_of_ours(self):
        """One write each, garbage in the range that release 0.10 uses, an honest Hand."""
        chain = self.chain("devnet-72")
        seen: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        first: list[bytes] = []

        async def serve(reader, writer) -> None:
            conn = peer.Connection(reader, writer, peer.Identity(chain.origin, 72, chain.tip))
            first.append(await reader.read(65536))
            conn.reader = asyncio.StreamReader()
            conn.reader.feed_data(first[0])
            await conn.accept()
            conn.reader = reader
            msg = await conn.receive()
            if msg is not None and not seen.done():
                seen.set_result(msg)
            await conn.closed(60)

        server = peer.Server(serve)
        self.addAsyncCleanup(server.stop)
        address = await server.start(harness.fresh_host())
        await self.node(chain, peers=[address])
        hand = await asyncio.wait_for(seen, 10 * harness.SLOW)
        packet = first[0]
        self.assertEqual(len(packet), hello.client_hello_size(packet[0]))
        self.assertTrue(64 <= len(packet) <= 254, len(packet))
        self.assertEqual(hand.name, "Hand")
        self.assertEqual((hand["origin"], hand["version"]), (chain.origin, 1))
        self.assertTrue(ReferencePeer.version_fits(hand["app_version"]), hand["app_version"])
        self.assertEqual(len(hand["rand_id"]), 6)


def _low_order(session: dict[str, Any]) -> bool:
    """Such a key is refused, although release 0.10 takes it (protocol 6.3)."""
    return session["name"].startswith("hello-pk")


def _gives_blocks(session: dict[str, Any]) -> bool:
    """Our side sent blocks, which may change the node's chain."""
    return any(
        e["from"] == "us" and isinstance(e.get("message"), dict) and "Block" in e["message"]
        for e in session["events"]
    )


def _says(session: dict[str, Any], name: str) -> bool:
    return any(
        e["from"] == "reference" and isinstance(e.get("message"), dict) and name in e["message"]
        for e in session["events"]
    )


def _asked_blocks(session: dict[str, Any]) -> set[int]:
    """Indices for which our side sent a GetBlock."""
    asked = set()
    for event in session["events"]:
        if event["from"] == "us" and isinstance(event.get("message"), dict):
            fields = event["message"].get("GetBlock")
            if fields:
                asked.add(fields["index"])
        # The old array form is written as bytes only.
    return asked


if __name__ == "__main__":
    unittest.main()
