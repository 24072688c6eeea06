"""The main job over real sockets: fetch a chain from peers, give it to peers, bear with liars."""

import asyncio
import re
import time
import unittest

import harness
from alfis import block, liar, miner, peer, vectors
from alfis.message import Message
from alfis.reference import Habits, ReferencePeer

# What a peer that stalls may cost; the defaults would make these tests long.
IMPATIENT = {
    "limits__request_timeout": "500 ms",
    "limits__frame_timeout": "1 s",
    "limits__hello_timeout": "1 s",
    "limits__handshake_timeout": "1 s",
    "limits__pong_timeout": "1 s",
}
DRIVE_GAP = 0.010  # between a Block and the Ping that drives release 0.10 on


class Downloading(harness.ProgramTest):
    async def sync_from(self, chain: vectors.Chain, timeout: float) -> None:
        server, address = await self.reference(chain)
        node = await self.node(chain, peers=[address])
        status = await node.wait_height(chain.height, timeout)
        self.assertEqual(status["tip"], chain.tip)
        self.assert_unharmed(server)
        await node.stop()
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))

    def assert_unharmed(self, *servers: ReferencePeer) -> None:
        """No ban, no request for what they do not have, no close but at the end."""
        for server in servers:
            self.assertEqual(server.bans, [])
            self.assertEqual(server.count.unanswered, [])
            self.assertEqual([c for c in server.closes if "other side" not in c], [])

    async def test_devnet_72_from_one(self):
        await self.sync_from(self.chain("devnet-72"), 10)

    async def test_devnet_3000_from_one(self):
        await self.sync_from(self.long_chain(), 18)

    async def test_mainnet_149_from_one(self):
        chain = self.chain("mainnet-1-149")
        self.assertEqual(chain.tip, vectors.MAINNET_TIP_149)
        await self.sync_from(chain, 15)

    async def test_from_one_that_dialled_us(self):
        chain = self.chain("devnet-72")
        node = await self.node(chain)
        client, _ = await self.reference(chain, listen=False)
        await client.dial(node.address, harness.fresh_host())
        await node.wait_height(72, 10)
        self.assert_unharmed(client)

    async def test_several_share_the_work(self):
        chain = self.long_chain(1500)
        servers, addresses = [], []
        for i in range(4):
            server, address = await self.reference(chain, seed=i)
            servers.append(server)
            addresses.append(address)
        node = await self.node(chain, peers=addresses)
        await node.wait_height(chain.height, 15)
        served = [server.count.served for server in servers]
        self.assertGreater(min(served), chain.height // 20, served)
        self.assertLess(sum(served), chain.height * 1.2, served)
        self.assert_unharmed(*servers)

    async def test_follows_a_growing_chain(self):
        chain = self.chain("devnet-72")
        server, address = await self.reference(chain, 60)
        node = await self.node(chain, peers=[address])
        await node.wait_height(60)
        for stored in chain.blocks[60:]:
            server.grow(stored)
            status = await node.wait_height(stored.index, 5)
            self.assertEqual(status["tip"], stored.hash)
        self.assert_unharmed(server)

    async def test_says_whose_signatures_it_waits_for(self):
        chain = self.long_chain().first(302)
        node = await self.loaded_node(chain)
        await self.connect(node, chain, height=302)
        status = await node.wait_status("the reason", lambda s: "at tip" in s["reason"], 8)
        self.assertRegex(
            status["reason"],
            r"^at tip, waiting for signatures of full block 301: 1 there; "
            r"missing of the drawn: [0-9A-F]{8}(, [0-9A-F]{8}){5}$",
        )

    async def test_says_when_others_may_sign(self):
        """The rules of healing hold from block 1000 on; the times are those that people read."""
        chain = self.chain("devnet-3000").first(1010)
        node = await self.loaded_node(chain)
        await self.connect(node, chain, height=1010)
        status = await node.wait_status("the reason", lambda s: "at tip" in s["reason"], 8)
        self.assertRegex(
            status["reason"],
            r"^at tip, waiting for signatures of full block 10\d\d: \d there; missing of the drawn: .*; "
            r"standby signers may heal now \(since \d{4}-\d\d-\d\d \d\d:\d\d UTC\)$",
        )

    async def test_says_why_it_waits(self):
        chain = self.chain("devnet-72")
        nobody = (harness.fresh_host(), 9)
        node = await self.node(chain, peers=[nobody])
        status = await node.wait_status(
            "the reason", lambda s: "no peers" in s["reason"] and "refused" in s["reason"], 8
        )
        self.assertFalse(status["syncing"])


class Serving(harness.ProgramTest):
    async def feed(self, chain, start: int, end: int, habits: Habits, dialled: bool) -> float:
        """Seconds in which one peer of release 0.10 gets blocks start+1 … end."""
        client, address = await self.reference(chain, start, habits)
        whole = chain.first(end)
        peers = [address] if dialled else []
        node = await self.loaded_node(whole, peers=peers)
        began = time.monotonic()
        if not dialled:
            await client.dial(node.address, harness.fresh_host())
        await client.wait_height(end, 18 * harness.SLOW)
        seconds = time.monotonic() - began
        self.assert_fed(client, start, end)
        self.assertEqual(client.tip, whole.tip)
        await node.stop()
        return seconds

    def assert_fed(self, client: ReferencePeer, start: int, end: int) -> None:
        self.assertEqual(client.bans, [])
        self.assertEqual(client.received_blocks, list(range(start + 1, end + 1)))

    async def test_whole_chain_to_one_that_dials_in(self):
        await self.feed(self.chain("devnet-72"), 0, 72, Habits(validation=0.005), False)

    async def test_whole_chain_to_one_that_we_dial(self):
        await self.feed(self.chain("devnet-72"), 0, 72, Habits(validation=0.005), True)

    async def test_mainnet(self):
        chain = self.chain("mainnet-1-149")
        await self.feed(chain, 0, 149, Habits(validation=0.005), False)

    async def test_large_blocks(self):
        chain = self.chain("devnet-3000")
        large = [s.index for s in chain.blocks if len(s.cbor) > 9000]
        self.assertGreater(len(large), 5)
        start = large[0] - 2
        await self.feed(chain, start, start + 40, Habits(validation=0.005), False)

    async def test_pace_follows_the_peers_own_speed(self):
        """Fast or slow, the peer waits for little but itself."""
        chain = self.chain("devnet-3000")
        for validation, blocks in ((0.005, 300), (0.033, 80)):
            with self.subTest(validation=validation):
                habits = Habits(validation=validation)
                seconds = await self.feed(chain, 100, 100 + blocks, habits, False)
                ideal = blocks * (max(validation, DRIVE_GAP) + 2 * habits.pause_after_write)
                self.assertLess(seconds, harness.at_most(4 * harness.SLOW * ideal))

    async def test_two_at_once(self):
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        clients = []
        for seed in range(2):
            habits = Habits(validation=0.010)
            client, _ = await self.reference(chain, 0, habits, False, seed)
            await client.dial(node.address, harness.fresh_host())
            clients.append(client)
        await asyncio.gather(*[c.wait_height(72, 15 * harness.SLOW) for c in clients])
        for client in clients:
            self.assert_fed(client, 0, 72)

    async def test_another_node(self):
        chain = self.long_chain(1500)
        first = await self.loaded_node(chain)
        second = await self.node(chain, peers=[first.address])
        status = await second.wait_height(chain.height, 15)
        self.assertEqual(status["tip"], chain.tip)

    async def test_requests_in_one_write(self):
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        conn = await self.connect(node, chain, 72)
        await conn.send(*[peer.get_block(i) for i in range(1, 73)])
        for stored in chain.blocks:
            msg = await conn.expect("Block")
            self.assertEqual((msg["index"], msg["block"]), (stored.index, stored.cbor))

    async def test_never_the_same_block_twice(self):
        """The second copy would be unasked in the eyes of release 0.10, which then bans us."""
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        conn = await self.connect(node, chain, 60)
        await conn.send(peer.get_block(61), peer.get_block(61))
        await conn.send(peer.get_block(61))
        self.assertEqual((await conn.expect("Block"))["index"], 61)
        got = await conn.collect(0.7)
        self.assertEqual([m["index"] for m in got if m.name == "Block"], [])

    async def test_silence_about_blocks_that_it_lacks(self):
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        conn = await self.connect(node, chain, 72)
        for index in (0, 73, 1 << 32, 1 << 63, (1 << 64) - 1):
            await conn.send(peer.get_block(index), Message("GetPeers"))
            self.assertIsNotNone(await conn.expect("Peers"))
        await conn.send(peer.get_block(72))
        self.assertEqual((await conn.expect("Block"))["index"], 72)
        self.assertEqual([m["index"] for m in conn.received if m.name == "Block"], [72])

    async def test_announces_a_new_tip(self):
        """Whatever it gets from one peer, the others hear of at once."""
        chain = self.chain("devnet-72")
        server, address = await self.reference(chain, 60)
        node = await self.node(chain, peers=[address])
        await node.wait_height(60)
        conn = await self.connect(node, chain, 60)
        server.grow(chain.blocks[60])

        async def told() -> Message:
            while True:
                msg = await conn.expect("Ping")
                await conn.courtesy(msg)
                if msg["height"] == 61:
                    return msg

        msg = await asyncio.wait_for(told(), 5 * harness.SLOW)
        self.assertEqual(msg["hash"], chain.blocks[60].hash)


class Liars(harness.ProgramTest):
    """One honest peer and several that are not. A test for each kind is made below."""

    async def outlive(self, kinds: list[type[liar.Liar]], timeout: float) -> harness.Node:
        chain = self.chain("devnet-72")
        liars = [kind(chain) for kind in kinds]
        addresses = [await self.liar(one) for one in liars]
        server, honest = await self.reference(chain)
        node = await self.node(chain, peers=addresses + [honest], **IMPATIENT)
        await node.wait_height(72, timeout)
        self.assertEqual((await node.status())["tip"], chain.tip)
        self.assertEqual(server.bans, [])
        self.assertTrue(any(one.accepted for one in liars))
        return node

    async def test_all_kinds_at_once(self):
        await self.outlive(list(liar.ALL), 18)

    async def test_poison_first_and_truth_later(self):
        """A broken copy must not make the true block bad: the signature is not in the hash."""
        chain = self.chain("devnet-72")
        for kind in (liar.BrokenSignature, liar.PoisonedCopy):
            with self.subTest(kind.__name__):
                liars = [kind(chain) for _ in range(3)]
                addresses = [await self.liar(one) for one in liars]
                node = await self.node(chain, peers=addresses, **IMPATIENT)
                await node.wait_status(
                    "a bad block", lambda s: s["sync"]["blocks_bad_total"] >= 1, 10
                )
                self.assertEqual((await node.status())["height"], 0)
                client, _ = await self.reference(chain, listen=False)
                await client.dial(node.address, harness.fresh_host())
                await node.wait_height(72, 10)
                self.assertEqual(client.bans, [])
                await node.stop()

    async def test_invented_addresses_stay_bounded(self):
        chain = self.chain("devnet-72")
        floods = [await self.liar(liar.FloodsPeers(chain)) for _ in range(3)]
        _, honest = await self.reference(chain)
        node = await self.node(chain, peers=floods + [honest], **IMPATIENT)
        await node.wait_height(72, 15)
        status = await node.status()
        self.assertLessEqual(status["network"]["new_peers"], 1000)
        self.assertLessEqual(status["network"]["address_book"], 1000)
        self.assertLess(status["memory_peak_bytes"], status["memory_budget_bytes"])

    async def test_a_claimed_height_is_only_a_claim(self):
        """Nobody has what a liar claims: the node says so in the end and serves on."""
        chain = self.chain("devnet-72")
        high = await self.liar(liar.HugeHeight(chain))
        node = await self.node(chain, peers=[high], **IMPATIENT)
        await node.wait_height(72, 10)
        conn = await self.connect(node, chain, 72)
        await conn.send(conn.identity.ping())
        self.assertEqual((await conn.expect("Pong"))["height"], 72)


def _make_test(kind: type[liar.Liar]):
    async def test(self: Liars) -> None:
        await self.outlive([kind] * 3, 15)

    test.__doc__ = kind.__doc__
    return test


for _kind in liar.ALL:
    _name = re.sub("(?<!^)(?=[A-Z])", "_", _kind.__name__).lower()
    setattr(Liars, "test_" + _name, _make_test(_kind))


class Forks(harness.ProgramTest):
    """Two branches of one chain; the rules decide by the lowest block in which they differ."""

    COMMON = 5

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.work = miner.Miner()
        origin = self.work.origin()
        self.common = [origin] + self.work.extend(origin, self.COMMON - 1)
        a, b = self.work.empty(self.common[-1]), self.work.empty(self.common[-1])
        self.better, self.worse = (a, b) if block.better_than(a, b) else (b, a)

    def branch(self, tip: block.Block, more: int = 0) -> vectors.Chain:
        return miner.chain_of(self.common + [tip] + self.work.extend(tip, more))

    async def meet(self, ours: vectors.Chain, theirs: vectors.Chain):
        # Its idle Ping, which tells its tip, comes after 30 to 60 s in reality.
        habits = Habits(validation=0.005, idle_before_ping=1, idle_spread=0)
        server, address = await self.reference(theirs, habits=habits)
        node = await self.loaded_node(ours, peers=[address], **IMPATIENT)
        return node, server

    async def test_its_own_block_for_our_worse_one(self):
        """It answers our block with its own, which we did not ask for: no reason to punish it."""
        ours, theirs = self.branch(self.worse), self.branch(self.better)
        node, server = await self.meet(ours, theirs)
        await node.wait_status("the better tip", lambda s: s["tip"] == theirs.tip, 10)
        self.assertEqual((server.bans, server.closes), ([], []))
        self.assertEqual(server.count.own_blocks_sent, 1)
        self.assertEqual((await node.status())["peers"], 1)

    async def test_ours_is_better(self):
        ours, theirs = self.branch(self.better), self.branch(self.worse)
        node, server = await self.meet(ours, theirs)

        async def adopted() -> None:
            async with server.store.grew:
                await server.store.grew.wait_for(lambda: server.tip == ours.tip)

        await asyncio.wait_for(adopted(), 10 * harness.SLOW)
        self.assertEqual((await node.status())["tip"], ours.tip)
        self.assertEqual((server.bans, server.closes), ([], []))

    async def test_walks_back_from_above(self):
        """They are two blocks higher on the better branch."""
        ours, theirs = self.branch(self.worse), self.branch(self.better, 2)
        node, server = await self.meet(ours, theirs)
        await node.wait_status("their tip", lambda s: s["tip"] == theirs.tip, 15)
        self.assertEqual((server.bans, server.closes), ([], []))

    async def test_walk_backs_end_with_their_peers(self):
        """Two at a time: closed by the peers, then by our own stop; nothing may stay counted."""
        ours, theirs = self.branch(self.worse), self.branch(self.better, 1)
        node = await self.loaded_node(ours)
        for goes in (True, False):
            conns = [await self.walking(node, theirs) for _ in range(2)]
            for conn in conns if goes else []:
                await conn.close()
        await node.stop()

    async def walking(self, node: harness.Node, theirs: vectors.Chain) -> peer.Connection:
        """A peer of whose branch the node has seen the tip and now wants the parent."""
        conn = await self.connect(node, theirs, theirs.height)
        await conn.send(conn.identity.ping())
        index = await self.asked(conn, theirs.height)
        await conn.send(peer.block_message(index, theirs.blocks[index - 1].cbor))
        await self.asked(conn, index - 1)
        return conn

    async def asked(self, conn: peer.Connection, index: int) -> int:
        msg = await conn.expect("GetBlock")
        self.assertEqual(msg["index"], index)
        return index

    async def test_keeps_a_better_block_below_its_tip(self):
        ours, theirs = self.branch(self.better, 1), self.branch(self.worse, 1)
        node, server = await self.meet(ours, theirs)
        await node.wait_status("a meeting", lambda s: s["peers"] == 1, 10)
        conn = await self.connect(node, theirs, self.COMMON)
        for _ in range(20):
            await conn.send(Message("GetPeers"))
            self.assertIsNotNone(await conn.expect("Peers"))
            await asyncio.sleep(0.05)
        self.assertEqual((await node.status())["tip"], ours.tip)
        self.assertEqual(server.bans, [])

    async def test_no_other_origin(self):
        """Block 1 is the network: never replaced, however good the other one is (7.13)."""
        other = miner.Miner(seed=7).origin()
        while not block.better_than(other, self.common[0]):
            other.nonce += 1
            other = self.work.finish(other)
        ours = miner.chain_of(self.common[:1])
        node = await self.loaded_node(ours)
        conn = await self.connect(node, ours, 0)
        await conn.send(Message("Ping", {"height": 1, "hash": other.hash.hex().upper()}))
        asked = await conn.expect("GetBlock", "Pong")
        if asked.name == "GetBlock":
            await conn.send(peer.block_message(1, other.encode()))
        await conn.collect(0.5)
        self.assertEqual((await node.status())["tip"], ours.tip)


if __name__ == "__main__":
    unittest.main()
