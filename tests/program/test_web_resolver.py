"""The page of the resolver: what it counts, and names that are asked for in its box."""

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
        self.assertIn("<td><bdi>home.ygg.</bdi></td><td>3600</td><td><bdi>AAAA</bdi></td><td><bdi>200::1</bdi></td>", page)
        self.assertRegex(page, r"<li><bdi>home\.ygg AAAA: .*chain")
        self.assertIn("<option selected>AAAA</option>", page)
        page = await self.page(node, "?name=www.example.org&type=A&lang=ru")
        self.assertIn("<td><bdi>1.2.3.4</bdi></td>", page)
        self.assertIn("Как получен ответ", page)
        self.assertEqual(stub.count("www.example.org"), 1)
        client = self.udp(node)
        await client.ask("home.ygg")
        page = await self.page(node)
        for wanted in ("questions a second", "answered from the cache", stub.text, "by result"):
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
