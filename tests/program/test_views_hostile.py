"""What others wrote, in Chromium: records, contacts, descriptions, zones, versions of peers and questions
are text in every view. Nothing of it runs, asks for anything, or breaks the page."""

import json
import urllib.parse

import harness
from alfis.crypto import SigningKey
from alfis.miner import Miner
from given_names import give
from test_domains import DomainsTest
from test_views import ViewsTest

RUNS = '<script>window.hit = 1</script>"\'><img src=//127.0.0.9:9/x onerror="window.hit = 2">'
CLOSES = "</bdi></td></table></textarea></title></main><!--<svg onload=window.hit=3><style>*{display:none}</style>"
TURNS = "\u202eabc\u2066\u05d0\u05d1\u0627\u0644\u0639\u0631\u0628\u064a\u0629\u2069\u200b\u200f"
CONTROLS = "\x00\x01\x1b[2J\x07\x7f\u0085\u2028\u2029\ufeff\U000e0041\t\r\n"
HIGH = "Z\u0351\u036b\u0343\u036a\u0302" * 40
EVIL = {"runs": RUNS, "closes": CLOSES, "turns": TURNS, "controls": CONTROLS, "high": HIGH,
        "address": "javascript:window.hit=4", "coded": urllib.parse.quote(RUNS)}  # fmt: skip
MANY, LONG = 28, 58_000  # the rules let 30 records and 65,536 bytes into a block
SHOWN = """(() => {
  const inside = [...document.querySelectorAll("body *")];
  return { hit: window.hit ?? 0, foot: Boolean(document.querySelector("body > footer")),
    odd: inside.filter(e => /^(SCRIPT|IMG|IFRAME|STYLE|OBJECT|EMBED|BASE|META|LINK|VIDEO|FORM)$/.test(e.tagName)
      && !e.closest("header, footer") && !e.matches("body > script, form[method=post]")).map(e => e.outerHTML.slice(0, 99)),
    on: inside.filter(e => [...e.attributes].some(a => /^on|^style$/.test(a.name))).length,
    out: [...document.links].filter(a => a.origin !== location.origin || !/^\\/|^#/.test(a.getAttribute("href"))).map(a => a.href),
    hidden: (document.body.innerText.match(/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]/g) ?? []).length };
})()"""
HARMLESS = {"hit": 0, "foot": True, "odd": [], "on": 0, "out": [], "hidden": 0}


def data_of(text: str, zone: str = "zone", records: int = 1) -> str:
    record = {"type": "TXT", "domain": text, "ttl": 1, "data": text}
    points = [{"type": "CNAME", "domain": text, "ttl": 1, "host": text},
              {"type": "MX", "domain": "@", "ttl": 1, "priority": 1, "host": text}]  # fmt: skip
    contacts = [{"name": text, "value": text}, {"name": urllib.parse.quote(text), "value": "x"}]
    data = {"encrypted": "", "zone": zone, "info": text, "records": [record] * records + points, "contacts": contacts}
    return json.dumps(data, separators=(",", ":"))


class Hostile(ViewsTest, DomainsTest):
    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"keystore_difficulty": 0, "domain_difficulty": 1}

    async def given(self, node: harness.Node) -> dict[str, str]:
        """Names by what is wrong with them, and their paths."""
        owner = {kind: SigningKey(bytes(31) + b"\7").public.hex() for kind in ("signing", "encryption")}
        every = {what: data_of(text) for what, text in EVIL.items()}
        every |= {"zone": data_of("x", zone=RUNS), "many": data_of("<b>" * 300, records=MANY),
                  "long": json.dumps({"encrypted": "", "zone": "ygg", "info": "W" * LONG, "records": []})}  # fmt: skip
        for what, data in every.items():
            await give(node, self.miner, owner, f"{what}.ygg", data, self.PARAMS["domain_difficulty"])
        return {what: f"/explorer/name/{what}.ygg" for what in every} | {"key": f"/explorer/key/{owner['signing']}"}

    async def test_shown_harmlessly(self):
        self.miner = Miner()
        node = await self.start(limits__http_body_bytes="200 kB", limits__http_body_total_bytes="300 kB",
                                **self.listening())  # fmt: skip
        pages = await self.given(node)
        height = (await node.status())["height"]
        await self.connect(node, self.small, app_version="0.10.0<script>hit=6//")
        pages |= {f"block {n}": f"/explorer/block/{n}" for n in range(2, height + 1)}
        pages |= {"names": "/explorer/names", "blocks": "/explorer", "peers": "/node/peers"}
        pages |= {f"asked {what}": "/search?" + urllib.parse.urlencode({"q": text[:24]}) for what, text in EVIL.items()}
        browser = await self.browser()
        await browser.open("about:blank")
        for name, path in pages.items():
            await browser.go(self.site + path)
            with self.subTest(page=name):
                self.assertEqual(await browser.value(SHOWN), HARMLESS)
            await self.look(browser, name)
        # The same as JSON is no page.
        await browser.go(f"{self.site}/domain/runs.ygg")
        self.assertEqual(await browser.value("[window.hit ?? 0, document.images.length, document.contentType]"),
                         [0, 0, "application/json"])  # fmt: skip
        self.assert_good(browser)
        await node.stop()
