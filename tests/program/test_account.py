"""The account of memory, from outside: what the node says of its rows, and what the kernel counts."""

import json
import unittest

import harness
from alfis import peer
from harness import Node


class Account(harness.ProgramTest):
    async def rows(self, node: Node) -> dict[str, dict]:
        code, body = await node.get("/limits")
        self.assertEqual(code, 200)
        return {row["row"]: row for row in json.loads(body)["limits"]}

    async def test_a_row_at_its_bound_says_so(self):
        chain = self.chain("devnet-72")
        limits = {"limits__max_inbound": 2, "limits__max_per_address": 1}
        node = await self.node(chain, log__level="info", **limits)
        who = peer.Identity(chain.origin)
        host = harness.fresh_host()
        conn = await peer.Connection.connect(node.address, who, host)
        self.addAsyncCleanup(conn.close)
        self.assertFalse((await self.rows(node))["max_inbound"]["at_bound"])
        for _ in range(5):
            with self.assertRaises(ConnectionError):
                await peer.Connection.connect(node.address, peer.Identity(chain.origin), host)
        await self.connect(node, chain)
        rows = await self.rows(node)
        self.assertEqual(rows["max_per_address"]["hits_total"], 5)
        self.assertTrue(rows["max_inbound"]["at_bound"])
        self.assertFalse(rows["max_connections"]["at_bound"])
        await node.wait_line("limits.max_per_address = 1: at the bound", 15 * harness.SLOW)
        await node.stop()
        told = [line for line in node.lines if "limits.max_per_address" in line]
        self.assertLessEqual(len(told), 2)  # one a minute, and the rest at the end
        self.assertEqual(sum(int(t.split(" times")[0].split()[-1]) for t in told), 5)

    async def test_the_sum_is_told_everywhere(self):
        chain = self.chain("devnet-72")
        node = await self.node(chain)
        rows, status = await self.rows(node), await node.status()
        worst = sum(row["worst_bytes"] for row in rows.values())
        self.assertEqual(worst, status["memory_worst_bytes"])
        self.assertLessEqual(worst, status["memory_budget_bytes"])
        checked = json.loads((await node.command("check-config", "--json")).out)
        for name in ("memory_worst_bytes", "memory_fixed_bytes", "memory_budget_bytes"):
            self.assertEqual(checked[name], status[name])
        said = harness.MEMORY_TOLD.search(await node.wait_line("at most ", 1))
        self.assertIsNotNone(said)
        self.assertAlmostEqual(float(said[1]), worst / (1 << 20), delta=harness.ROUNDED)
        self.assertGreater(node.note_memory(), status["memory_bytes"] // 2)

    @unittest.skipIf(harness.INSTRUMENTED, "instrumented memory is not given back")
    async def test_what_the_start_needed_is_given_back(self):
        """The scratch that checked the last blocks at the start, 6 MB."""
        node = await self.loaded_node(self.chain("devnet-72"))
        beside = node.note_memory() - (await node.status())["memory_bytes"]
        self.assertLess(beside, 2 << 20)
        await node.stop()

    async def test_as_many_peers_as_there_may_be(self):
        """Their bound follows the list, and what they take is told: every node is held to that."""
        peers = [(f"127.255.{i // 200}.{i % 200 + 1}", 9) for i in range(1024)]
        node = await self.node(self.chain("devnet-72"), peers=peers)
        row = (await self.rows(node))["max_configured_peers"]
        self.assertEqual((row["used"], row["max"]), (1024, 1024))
        await node.wait_line("limits.max_configured_peers: 1024 instead of 64", 1)
        await node.stop()

    @unittest.skipIf(harness.INSTRUMENTED, "the kernel counts the instruments too")
    async def test_the_kernel_is_asked(self):
        """The check that every node of every test undergoes can fail."""
        node = await self.node(self.chain("devnet-72"))
        await node.stop()
        self.assertGreater(node.most_memory, 500_000)
        node.most_memory = 40 << 20
        with self.assertRaises(AssertionError):
            node.assert_within_account()
        node.most_memory = 0


if __name__ == "__main__":
    unittest.main()
