"""The pages of the node: figures over time, peers with their forms."""

import json

import harness
from test_explorer import Checked


class WebNode(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    async def page(self, node: harness.Node, path: str) -> str:
        code, body = await node.get(path)
        self.assertEqual(code, 200, f"{path}: {body[:300]}")
        Checked(body)
        return body

    async def form(self, node: harness.Node, path: str, fields: str, status: int = 303) -> str:
        code, body = await node.get(path, "POST", fields)
        self.assertEqual(code, status, f"{path} {fields}: {body[:300]}")
        return body

    async def history(self, node: harness.Node) -> list[dict]:
        code, body = await node.get("/history")
        self.assertEqual(code, 200)
        return json.loads(body)["spans"]

    async def test_figures_over_time(self):
        """The newest point is there at once, with what came since the start."""
        node = await self.loaded_node(self.small)
        spans = await self.history(node)
        self.assertEqual([s["height"][-2:] for s in spans], [[None, 72]] * 2)
        self.assertEqual([(s["span"], s["step_seconds"], len(s["peers"])) for s in spans],
                         [("hour", 60, 60), ("day", 900, 96)])  # fmt: skip
        self.assertGreater(spans[0]["memory_bytes"][-1], 10000)
        self.assertEqual(spans[1]["dns_questions_per_second"], [None] * 96)
        for language, name in (("en", "Height of the chain"), ("ru", "Высота цепочки")):
            page = await self.page(node, f"/node/time?lang={language}")
            self.assertEqual(page.count("<svg "), 6)  # of rates nothing is known in the first second
            self.assertIn(f"{name} <b>72</b>", page)
            self.assertNotIn("DNS questions", page)
        self.assertIn('href="/node/time"', await self.page(node, "/node/peers"))

    async def test_none_are_kept(self):
        node = await self.node(self.small, limits__history_bytes=0)
        self.assertIn("limits.history_bytes is 0", await self.page(node, "/node/time"))
        self.assertTrue(all(not s["height"] for s in await self.history(node)))

    async def test_peers_are_added_and_removed(self):
        node = await self.node(self.small)
        peer = f"{harness.fresh_host()}:1"
        await self.form(node, "/node/peers/add", f"address={peer}")
        page = await self.page(node, "/node/peers")
        self.assertIn(f'name="address" value="{peer}"', page)
        told = json.loads((await node.get("/peers?all"))[1])["configured"]
        self.assertEqual([row["address"] for row in told], [peer])
        again = await self.form(node, "/node/peers/add", f"address={peer}", 400)
        self.assertIn("It is there already.", again)
        self.assertIn(f'value="{peer}"', again)
        Checked(again)
        await self.form(node, "/node/peers/remove", f"address={peer}")
        self.assertNotIn(peer, await self.page(node, "/node/peers"))

    async def test_hosts_are_banned_and_unbanned(self):
        node = await self.node(self.small)
        await self.form(node, "/node/peers/ban", "address=192.0.2.7&seconds=1+h")
        ban = json.loads((await node.get("/bans"))[1])["bans"][0]
        self.assertEqual((ban["address"], ban["reason"]), ("192.0.2.7", "by hand"))
        self.assertLessEqual(ban["left_seconds"], 3600)
        self.assertGreater(ban["left_seconds"], 3000)
        self.assertIn(">192.0.2.7</td>", await self.page(node, "/node/peers"))
        wrong = await self.form(node, "/node/peers/ban", "address=192.0.2.8&seconds=soon", 400)
        self.assertIn("From 1 s to 365 d", wrong)
        wrong = await self.form(node, "/node/peers/ban", "address=%3Cb%3Enowhere", 400)
        self.assertIn("This is no address.", wrong)
        self.assertNotIn("<b>nowhere", wrong)
        Checked(wrong)
        await self.form(node, "/node/peers/unban", "address=192.0.2.7")
        self.assertEqual(json.loads((await node.get("/bans"))[1])["bans_total"], 0)
        self.assertIn("Nobody is banned.", await self.page(node, "/node/peers"))
