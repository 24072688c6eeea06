"""A small memory budget, and nothing else that was set: the node starts, does all that it does with
a large one, and keeps what it promised. (Every node of the tests is held to its promise.)"""

import asyncio
import json
import resource
import unittest

import harness
from alfis import liar

BUDGETS = {"8 MB": 8 << 20, "16 MB": 16 << 20}


class Budget(harness.ProgramTest):
    async def worst_of(self, node: harness.Node) -> dict[str, int]:
        rows = json.loads((await node.get("/limits"))[1])["limits"]
        checked = json.loads((await node.command("check-config", "--json")).out)
        self.assertEqual({row["row"]: row["max"] for row in rows},
                         {row["row"]: row["value"] for row in checked["limits"]})  # fmt: skip
        return {row["row"]: row["max"] for row in rows} | {
            "sum": sum(row["worst_bytes"] for row in rows)
        }

    async def test_it_starts_and_tells(self):
        for budget, most in BUDGETS.items():
            node = await self.node(self.chain("devnet-72"), node__memory_budget=budget)
            rows = await self.worst_of(node)
            self.assertLessEqual(rows["sum"], most)
            self.assertGreater(rows["sum"], most - (1 << 17))
            await node.wait_line(f"because node.memory_budget is {budget}", 1)
            shown = (await node.command("config")).out
            self.assertRegex(shown, rf"limits.max_bans = {rows['max_bans']} +# follows node.memory_budget")
            await node.stop()

    async def test_a_sync_beside_liars_and_clients(self):
        """With as many peers and clients as it takes, and none of them honest but one."""
        chain = self.long_chain(600)
        for budget in BUDGETS:
            served = await self.loaded_node(chain)
            bad = (liar.FloodsPeers, liar.HugeHeight, liar.Mute)
            liars = [await self.liar(kind(chain)) for kind in bad]
            node = await self.node(
                chain, peers=[served.address, *liars], node__memory_budget=budget
            )
            connections = []
            for _ in range(20):
                with self.subTest(budget=budget):
                    try:
                        connections.append(await self.connect(node, chain))
                    except (OSError, EOFError, asyncio.IncompleteReadError):
                        break
            await node.wait_height(chain.height, 60)
            self.assertEqual((await node.status())["tip"], chain.tip)
            await node.stop()
            ended = await node.command("verify")
            self.assertEqual(ended.status, harness.DONE, str(ended))
            await served.stop()

    @unittest.skipIf(harness.INSTRUMENTED, "the instruments need addresses by the terabyte")
    async def test_an_address_space_too_small_for_the_map(self):
        """As of 32 bits, where it is a matter of settings and not of a damaged store."""

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_AS, (800 << 20, 800 << 20))

        chain = self.chain("devnet-72")
        node = self.make_node(chain)
        await node.launch(preexec_fn=limit)
        self.assertEqual(await node.wait_end(), harness.USAGE)
        self.assertTrue(node.said("limits.store_map_bytes is 1 GB"), node.log_tail())
        node = self.make_node(chain, limits__store_map_bytes="256 MB")
        await node.start(preexec_fn=limit)


if __name__ == "__main__":
    unittest.main()
