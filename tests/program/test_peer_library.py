"""The test peer itself, against the vectors and against recorded sessions of release 0.10."""

import asyncio
import dataclasses
import unittest

from alfis import blakeout, block, crypto, frame, hello, message, miner, peer, vectors
from alfis.reference import Habits, ReferencePeer

HOST = "127.0.0.1"
QUICK = Habits(pause_after_write=0.0, validation=0.0, tick=0.01, request_lifetime=0.5)


def needed(found, what: str):
    if found is None:
        raise unittest.SkipTest(f"vectors are absent: {what}")
    return found


class Primitives(unittest.TestCase):
    def test_blakeout(self):
        for row in needed(vectors.table("blakeout"), "tables/blakeout")[:12]:
            digest = blakeout.blakeout(bytes.fromhex(row["hex"]))
            self.assertEqual(digest.hex(), row["blakeout"])
            self.assertEqual(blakeout.leading_zeros(digest), row["strength"])

    def test_x25519(self):
        for row in needed(vectors.table("x25519"), "tables/x25519"):
            secret, public = bytes.fromhex(row["secret"]), bytes.fromhex(row["public"])
            self.assertEqual(crypto.shared_secret(secret, public).hex(), row["shared"], row["why"])

    def test_frames(self):
        for row in needed(vectors.table("frames"), "tables/frames"):
            keys = crypto.KeyPair(bytes.fromhex(row["client_secret"]))
            self.assertEqual(keys.public.hex(), row["client_public"])
            key = crypto.shared_secret(keys.secret, bytes.fromhex(row["server_public"]))
            session = frame.Session(key, bytes.fromhex(row["nonce"]))
            whole = session.frame(bytes.fromhex(row["cbor"]))
            self.assertEqual(whole.hex(), row["frame"])
            self.assertEqual(frame.payload_size(whole[:2]), len(whole) - 2)
            self.assertEqual(session.open(whole[2:]).hex(), row["cbor"])
            self.assertIsNone(session.open(whole[2:-1] + bytes([whole[-1] ^ 1])))

    def test_hellos(self):
        for g in (0, 19, 221, 255):
            packet = hello.client_hello(b"k" * 32, g)
            self.assertEqual(hello.client_hello_size(packet[0]), len(packet))
            self.assertEqual(hello.parse_client_hello(packet), b"k" * 32)
            packet = hello.server_hello(b"k" * 32, b"n" * 12, g)
            self.assertEqual(hello.server_hello_size(packet[0]), len(packet))
            self.assertEqual(hello.parse_server_hello(packet), (b"k" * 32, b"n" * 12))

    def test_messages(self):
        seen = set()
        for row in needed(vectors.table("message-cbor"), "tables/message-cbor"):
            raw = bytes.fromhex(row["hex"])
            if not row.get("is_canonical"):
                if row["accept"] is not True:
                    with self.assertRaises(message.Malformed, msg=row["hex"]):
                        message.decode(raw)
                continue
            expected = dict(row["message"])
            name = expected.pop("type")
            if name == "Block":
                expected["block"] = bytes.fromhex(expected["block"])
            decoded = message.decode(raw)
            self.assertEqual((decoded.name, decoded.fields), (name, expected))
            self.assertEqual(message.encode(decoded), raw)
            seen.add(name)
        self.assertEqual(seen, set(message.FIELDS))

    def test_blocks_of_a_chain(self):
        chain = needed(vectors.chain("devnet-72"), "chains/devnet-72")
        self.assertEqual(chain.origin, chain.blocks[0].hash)
        parent = b""
        for stored in chain.blocks:
            decoded = stored.block()
            self.assertEqual(decoded.hash.hex().upper(), stored.hash)
            self.assertEqual(decoded.prev_block_hash, parent)
            self.assertTrue(decoded.signed_well())
            broken = dataclasses.replace(decoded, timestamp=decoded.timestamp + 1)
            self.assertFalse(broken.signed_well())
            parent = decoded.hash
        for stored in chain.blocks[::12]:
            self.assertTrue(stored.block().hashed_well())

    def test_better_than(self):
        played = 0
        for row in needed(vectors.table("better-than"), "tables/better-than"):
            try:
                a, b = (block.decode(bytes.fromhex(row[side])) for side in "ab")
            except ValueError:
                continue  # a zero hash does not survive encoding
            if "crash" in (row["a_better"], row["b_better"]):
                continue
            played += 1
            self.assertEqual(block.better_than(a, b), row["a_better"], row)
            self.assertEqual(block.better_than(b, a), row["b_better"], row)
        self.assertGreater(played, 100)


class Transcripts(unittest.TestCase):
    """Every recorded frame: open, decode, encode and seal again, byte for byte."""

    def test_sessions(self):
        frames = 0
        for name in ("sessions", "sessions-extra", "mainnet-sessions"):
            for recorded in vectors.sessions(name) or []:
                frames += self.replay(recorded)
        if frames == 0:
            self.skipTest("vectors are absent: transcripts")
        self.assertGreater(frames, 500)

    def replay(self, recorded: dict) -> int:
        if not recorded.get("shared") or not recorded.get("nonce"):
            return 0
        session = frame.Session(
            bytes.fromhex(recorded["shared"]), bytes.fromhex(recorded["nonce"])
        )
        frames = 0
        for event in recorded["events"]:
            if event["kind"] != "frame" or "plain" not in event:
                continue
            raw, plain = bytes.fromhex(event["raw"]), bytes.fromhex(event["plain"])
            with self.subTest(session=recorded["name"], t=event["t_ms"]):
                self.assertEqual(session.open(raw[2:]), plain)
                self.assertEqual(session.frame(plain), raw)
                if event["from"] == "reference":
                    decoded = message.decode(plain)
                    self.assertEqual(decoded, message.from_recorded(event["message"]))
                    self.assertEqual(message.encode(decoded), plain)
            frames += 1
        return frames


class References(unittest.IsolatedAsyncioTestCase):
    """The player of release 0.10 against itself and against the facts of protocol 5.14."""

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        self.chain = needed(vectors.chain("devnet-72"), "chains/devnet-72")
        self.peers: list[ReferencePeer] = []

    async def asyncTearDown(self):
        for p in self.peers:
            await p.stop()

    async def start(self, height: int, habits: Habits, host: str = HOST):
        node = ReferencePeer(self.chain, height, habits)
        self.peers.append(node)
        return node, await node.start(host)

    async def connect(self, address, height: int = 0) -> peer.Connection:
        tip = self.chain.blocks[height - 1].hash if height else ""
        identity = peer.Identity(self.chain.origin, height, tip)
        conn = await peer.Connection.connect(address, identity)
        self.addAsyncCleanup(conn.close)
        return conn

    async def test_syncs_from_four(self):
        client, _ = await self.start(0, QUICK, "")
        servers = [await self.start(72, QUICK) for _ in range(4)]
        for _, address in servers:
            await client.dial(address)
        await client.wait_height(72, 15)
        self.assertEqual(client.tip, self.chain.tip)
        self.assertEqual(client.bans + [b for s, _ in servers for b in s.bans], [])

    async def test_does_not_ask_one_peer_alone(self):
        client, _ = await self.start(0, QUICK, "")
        _, address = await self.start(72, QUICK)
        await client.dial(address)
        await asyncio.sleep(0.5)
        self.assertEqual(client.height, 0)

    async def test_many_requests_in_one_write(self):
        _, address = await self.start(72, Habits())
        conn = await self.connect(address)
        await conn.send(*[peer.get_block(i) for i in range(1, 73)])
        for i in range(1, 73):
            msg = await conn.expect("Block")
            self.assertEqual((msg["index"], msg["block"]), (i, self.chain.blocks[i - 1].cbor))

    async def test_frame_behind_an_unanswered_one_waits_for_a_kick(self):
        node, address = await self.start(60, Habits())
        conn = await self.connect(address)
        await conn.collect(0.05)
        await conn.send(peer.get_block(61), peer.get_block(60))
        self.assertEqual(await conn.collect(0.3), [])
        await conn.send(message.Message("GetPeers"))
        self.assertEqual([(await conn.receive()).name for _ in range(2)], ["Block", "Peers"])
        self.assertEqual(node.count.unanswered, [61])

    async def test_ping_right_behind_a_block_stalls(self):
        """5.14 d, with the block and the Ping in one write as in the recorded session."""
        _, address = await self.start(60, Habits(validation=0.005))
        conn = await self.connect(address, 72)
        await conn.send(conn.identity.ping())
        asked = await conn.expect("GetBlock")
        block61 = peer.block_message(61, self.chain.blocks[60].cbor)
        self.assertEqual(asked["index"], 61)
        await conn.send(block61, conn.identity.ping())
        self.assertNotIn("GetBlock", [m.name for m in await conn.collect(0.3)])
        await conn.send(message.Message("GetPeers"))
        self.assertEqual((await conn.expect("GetBlock"))["index"], 62)

    async def test_driven_by_pings(self):
        node, address = await self.start(60, Habits(validation=0.005))
        conn = await self.connect(address, 72)
        await conn.send(conn.identity.ping())
        for i in range(61, 73):
            asked = await conn.expect("GetBlock", timeout=2)
            self.assertEqual(asked["index"], i)
            await conn.send(peer.block_message(i, self.chain.blocks[i - 1].cbor))
            await asyncio.sleep(0.01)
            await conn.send(conn.identity.ping())
        await node.wait_height(72, 2)
        self.assertEqual(node.bans, [])

    async def test_what_it_bans(self):
        block1 = self.chain.blocks[0].cbor
        cases = [
            ("not requested", lambda c: [peer.block_message(61, block1)]),
            ("Hand of origin", lambda c: [peer.Identity("AB" * 32).hand()]),
            ("Hand of release", lambda c: [self.identity(app_version="0.9.9").hand()]),
            ("another network", lambda c: [self.identity(version=2).shake()]),
            ("Loop", lambda c: [message.Message("Loop")]),
        ]
        for why, make in cases:
            with self.subTest(why):
                node, address = await self.start(60, Habits())
                conn = await self.connect(address)
                await conn.send(*make(conn))
                self.assertTrue(await conn.closed(2))
                self.assertEqual(len(node.bans), 1)
                self.assertIn(why, node.bans[0])

    def identity(self, **fields) -> peer.Identity:
        return peer.Identity(self.chain.origin, **fields)

    async def test_second_answer_is_banned(self):
        node, address = await self.start(60, Habits())
        conn = await self.connect(address, 72)
        block61 = peer.block_message(61, self.chain.blocks[60].cbor)
        await conn.send(conn.identity.ping(), conn.identity.ping())
        for _ in range(2):
            self.assertEqual((await conn.expect("GetBlock"))["index"], 61)
        self.assertEqual(node.count.double_requests, 1)
        await conn.send(block61)
        await asyncio.sleep(0.1)
        await conn.send(block61)
        self.assertTrue(await conn.closed(2))
        self.assertIn("not requested", node.bans[0])

    async def test_broken_signature_is_banned(self):
        node, address = await self.start(60, Habits(validation=0.005))
        conn = await self.connect(address, 72)
        await conn.send(conn.identity.ping())
        await conn.expect("GetBlock")
        true = self.chain.blocks[60].block()
        false = dataclasses.replace(true, signature=true.signature[::-1])
        await conn.send(peer.block_message(61, false.encode()))
        self.assertTrue(await conn.closed(2))
        self.assertEqual(node.bans, ["Block 61 is bad"])

    async def test_hello_in_two_writes(self):
        node, address = await self.start(60, Habits())
        conn = await peer.Connection.open(address, self.identity())
        self.addAsyncCleanup(conn.close)
        packet = hello.client_hello(b"k" * 32)
        await conn.send_raw(packet[:10])
        await asyncio.sleep(0.05)
        await conn.send_raw(packet[10:])
        self.assertTrue(await conn.closed(2))
        self.assertEqual((node.bans, node.closes), ([], ["client hello in pieces"]))

    async def test_late_frame(self):
        for rest, answered in ((peer.TIMEOUT, True), (0.1, False)):
            node, address = await self.start(60, Habits(frame_rest=rest))
            conn = await self.connect(address)
            await conn.collect(0.05)
            whole = conn.frame(conn.identity.ping())
            await conn.send_raw(whole[:2])
            if answered:
                await asyncio.sleep(0.05)
                await conn.send_raw(whole[2:])
                self.assertIsNotNone(await conn.expect("Pong"))
            else:
                self.assertTrue(await conn.closed())
                self.assertEqual(node.closes, ["frame not complete in time"])
            self.assertEqual(node.bans, [])

    async def test_worse_fork_is_answered_with_its_own_block(self):
        work = miner.Miner()
        first = work.origin()
        common = [first] + work.extend(first, 3)
        ours, theirs = work.empty(common[-1]), work.empty(common[-1])
        if block.better_than(ours, theirs):
            ours, theirs = theirs, ours
        chain = miner.chain_of(common + [theirs])
        node = ReferencePeer(chain, habits=Habits(validation=0.005))
        node.store.check_hashes = True
        self.peers.append(node)
        address = await node.start(HOST)
        identity = peer.Identity(chain.origin, ours.index, ours.hash.hex().upper())
        conn = await peer.Connection.connect(address, identity)
        self.addAsyncCleanup(conn.close)
        await conn.send(identity.ping())
        self.assertEqual((await conn.expect("GetBlock"))["index"], ours.index)
        await conn.send(peer.block_message(ours.index, ours.encode()))
        own = await conn.expect("Block")
        self.assertEqual(own["block"], theirs.encode())
        self.assertEqual((node.bans, node.count.own_blocks_sent), ([], 1))


if __name__ == "__main__":
    unittest.main()
