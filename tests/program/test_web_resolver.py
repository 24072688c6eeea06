"""The page of the resolver: what it counts, and names that are asked for in its box."""

import asyncio
import json
import re

import dns_client as dns
import harness
from test_explorer import Checked


class WebResolver(dns.DnsTest):
    async def page(self, node: harness.Node, query: str = "", status: int = 200) -> str:
        code, body = await node.get("/node/resolver" + query)
        self.assertEqual(code, status, f"{query}: {body[:300]}")
        Checked(body)
        return body

    async def test_names_of_the_chain_and_others(self):
        """Records, and the stages that were asked on the way to them."""
        stub = await self.stub()
        node = await self.dns(stub)
        page = await self.page(node, "?name=home.ygg&type=AAAA")
        self.assertIn('<span class="state good"><bdi>NOERROR</bdi></span>', page)
        cells = re.findall(r"<td[^>]*>(?:<bdi>)?(.*?)(?:</bdi>)?</td>", page)
        self.assertIn(("home.ygg.", "3600", "AAAA", "200::1"), list(zip(cells, cells[1:], cells[2:], cells[3:])))
        self.assertRegex(page, r"<li><bdi>home\.ygg AAAA: .*chain")
        self.assertIn("<option selected>AAAA</option>", page)
        page = await self.page(node, "?name=www.example.org&type=A&lang=ru")
        self.assertIn("><bdi>1.2.3.4</bdi></td>", page)
        self.assertIn("Как получен ответ", page)
        self.assertEqual(stub.count("www.example.org"), 1)
        client = self.udp(node)
        await client.ask("home.ygg")
        page = await self.page(node)
        for wanted in ("Questions a second", "Answered from the cache", stub.text, "by result"):
            self.assertIn(wanted, page)

    async def test_what_has_no_answer(self):
        stub = await self.stub()
        node = await self.dns(stub)
        page = await self.page(node, "?name=home.ygg&type=SRV")
        self.assertIn("The name has no records of this type.", page)
        page = await self.page(node, "?name=a..b", 400)
        self.assertIn("This is no name", page)
        self.assertIn('value="a..b"', page)
        await self.page(node, "?name=home.ygg&type=nothing", 400)
        off = await self.node(self.chain("devnet-72"))
        page = await self.page(off, "?name=home.ygg", 400)
        self.assertIn("set dns.listen to switch it on", page)

    async def told(self, node: harness.Node) -> dict:
        return json.loads((await node.get("/dns/names"))[1])

    async def test_names_are_shown_only_when_asked_for(self):
        """No name while dns.page_names is off; none is left when a reload switches it off."""
        stub = await self.stub()
        node = await self.dns(stub)
        client = self.udp(node)
        await client.ask("www.example.org")
        self.assertEqual(await self.told(node), {"kept": False, "busiest": [], "slowest": []})
        self.assertNotIn("www.example.org", await self.page(node))
        self.assertEqual((await self.row(node, "dns_page_names"))["used"], 0)
        await self.switch(node, True)
        self.assertEqual((await self.told(node))["busiest"], [])
        for name in ("WWW.example.org", "www.example.ORG", "home.ygg"):
            await client.ask(name)
        told = await self.told(node)
        self.assertEqual([(row["name"], row["questions"]) for row in told["busiest"]],
                         [("www.example.org", 2), ("home.ygg", 1)])  # fmt: skip
        self.assertEqual((await self.row(node, "dns_page_names"))["used"], 2)
        await self.page(node, "?name=by.hand.example&type=A")  # no client asked for that
        page = await self.page(node)
        self.assertIn("><bdi>www.example.org</bdi></td>", page)
        self.assertNotIn("by.hand.example", page)
        await self.switch(node, False)
        self.assertEqual(await self.told(node), {"kept": False, "busiest": [], "slowest": []})
        self.assertEqual((await self.row(node, "dns_page_names"))["used"], 0)
        await self.switch(node, True)
        self.assertEqual((await self.told(node))["busiest"], [])

    async def switch(self, node: harness.Node, on: bool) -> None:
        """By a reload: the server's own thread takes it, soon after."""
        node.config.write_text(harness.toml_text(node.settings | {"dns.page_names": on}))
        done = await node.command("reload")
        self.assertEqual(done.status, harness.DONE, str(done))
        while (await self.told(node))["kept"] != on:
            await asyncio.sleep(harness.POLL)
