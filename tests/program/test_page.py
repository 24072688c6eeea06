"""The first page: whole without scripts, live in a browser (Chromium, where it is installed)."""

import asyncio
import gzip
import html.parser
import json
import re
import unittest

import harness
from browser import Browser

STYLE = harness.PROJECT / "web" / "style.css"
VOID = ("meta", "link", "input", "br", "img")


class Text(html.parser.HTMLParser):
    """Text by id and by figure, and every tag's attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.by_id: dict[str, str] = {}
        self.tags: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag not in VOID:
            self.open.append(found.get("id") or found.get("data-live", ""))

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        for name in filter(None, self.open):
            self.by_id[name] = self.by_id.get(name, "") + data


class Page(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")
        self.port = harness.free_port("127.0.0.1")
        self.listen = {"admin__listen": f"127.0.0.1:{self.port}"}

    async def ask(self, path: str, *lines: str) -> tuple[str, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = "".join(line + "\r\n" for line in lines)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n".encode())
        answer, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return answer.decode() + "\r\n", body

    async def test_true_without_scripts(self):
        server, address = await self.reference(self.small)
        node = await self.node(self.small, peers=[address])
        await node.wait_height(72)
        code, page = await node.get("/")
        self.assertEqual(code, 200)
        text = Text(page).by_id
        self.assertEqual((text["height"], text["best_height"], text["peers"]), ("72", "72", "1"))
        self.assertIn("up to date", text["state"])
        self.assertRegex(page, r"<title>✓ up to date[^<]* – alfisd</title>")
        self.assertIn("info ready", text["log"])
        self.assertRegex(page, r'<p class="number"><a href="/explorer/block/\d+">')
        _, peers = await node.get("/node/peers")
        self.assertIn(address[0], peers)
        _, bounds = await node.get("/node/bounds")
        self.assertIn("max_connections", bounds)

    async def test_nothing_from_elsewhere(self):
        node = await self.node(self.small)
        for path in ("/", "/glossary", "/node/bounds"):
            _, page = await node.get(path)
            self.assertNotRegex(page, r"https?://")
            for tag, attrs in Text(page).tags:
                for name in ("src", "href"):
                    self.assertRegex(attrs.get(name, "data:"), r"^(data:|/|#)", (tag, attrs))

    async def test_bounds_without_a_value_now(self):
        """A dash, like `alfisd limits`: two peers of one address are no 0 of max_per_address."""
        node = await self.node(self.small)
        for _ in range(2):
            await self.connect(node, self.small)
        _, page = await node.get("/node/bounds")
        rows = re.findall(r'<tr[^>]*><td[^>]*><code>(\w+)</code></td><td class="n"[^>]*>(.*?)</td>', page)
        shown = dict(rows)
        _, body = await node.get("/limits")
        for row in json.loads(body)["limits"]:
            self.assertEqual(shown[row["row"]] == "–", not row["current"], row)
        self.assertEqual((shown["max_per_address"], shown["hello_timeout"]), ("–", "–"))
        self.assertEqual(shown["max_inbound"], "2")

    async def test_policy_lets_its_own_script_run(self):
        """And nothing else: no script and no style stands in a page itself."""
        node = await self.node(self.small, **self.listen)
        head, page = await self.ask("/")
        self.assertIn("script-src 'self'; connect-src 'self';", head)
        self.assertNotIn("unsafe", head)
        self.assertNotRegex(page.decode(), r"<style|<script>|<[^>]+ (style|on\w+)=")
        script = re.search(r'<script src="(/script\.js\?\w+)" defer></script>', page.decode())[1]
        head, packed = await self.ask(script, "Accept-Encoding: gzip")
        self.assertIn("Content-Encoding: gzip\r\n", head)
        self.assertEqual(gzip.decompress(packed), (harness.PROJECT / "web" / "script.js").read_bytes())
        tag = re.search(r"ETag: (\S+)", head)[1]
        head, body = await self.ask(script, f"If-None-Match: {tag}")
        self.assertIn(" 304 ", head)
        self.assertEqual(body, b"")
        self.assertTrue(node.running)

    async def test_first_view_is_light(self):
        node = await self.loaded_node(self.small, **self.listen)
        size = 0
        for path in ("/", "/style.css", "/script.js"):
            _, body = await self.ask(path, "Accept-Encoding: gzip")
            size += len(body)
        self.assertLess(size, 60000)
        self.assertTrue(node.running)

    async def test_readable_by_a_screen_reader(self):
        node = await self.loaded_node(self.small)
        _, page = await node.get("/")
        tags = Text(page).tags
        ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
        self.assertEqual(len(ids), len(set(ids)))
        for tag, attrs in tags:
            if "aria-labelledby" in attrs:
                self.assertLessEqual(set(attrs["aria-labelledby"].split()), set(ids))
            if tag == "progress":
                self.assertTrue(attrs["aria-label"])
            if tag == "th":
                self.assertEqual(attrs["scope"], "col")
        self.assertIn(("html", {"lang": "en"}), tags)
        live = [attrs["id"] for _, attrs in tags if "aria-live" in attrs]
        self.assertEqual(live, ["said"])  # figures that move say nothing

    async def test_text_of_others_is_no_markup(self):
        node = await self.node(self.small)
        await self.connect(node, self.small, app_version="0.10.0<script>alert(1)")
        for path in ("/", "/node/peers"):
            _, page = await node.get(path)
            self.assertIn("0.10.0&lt;script&gt;alert(1)", page)
            self.assertNotIn("<script>alert", page)

    # ---- in a browser ----

    async def browser(self, path: str = "/") -> Browser:
        if not Browser.program():
            self.skipTest("chromium is not here")
        browser = await Browser().start(self.folder / "chromium")
        self.addAsyncCleanup(browser.stop)
        await browser.open(f"http://127.0.0.1:{self.port}{path}")
        return browser

    @staticmethod
    def live(figure: str) -> str:
        return f"document.querySelector('[data-live=\"{figure}\"]')?.textContent"

    async def test_sync_is_seen_to_the_end(self):
        """Figures, state, title and blocks follow; nothing on the page moves."""
        chain = self.chain("devnet-3000").first(300)  # long enough to be seen, however slow all is
        server = await self.loaded_node(chain)
        node = await self.node(chain, peers=[server.address], **self.listen)
        browser = await self.browser()
        await browser.value(
            "window.moved = []; new PerformanceObserver((list) => { for (const e of list.getEntries())"
            " moved.push(e.value, ...e.sources.map((s) => s.node?.outerHTML?.slice(0, 80))); })"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        await browser.wait("document.title", lambda t: t.startswith("… syncing, "))
        await browser.wait("document.getElementById('pace').textContent", lambda t: "blocks/s" in t)
        before = (await node.status())["height"]
        shown = int((await browser.value(self.live("height"))).replace(",", ""))
        self.assertLessEqual(shown, max(before, (await node.status())["height"]))
        await browser.wait("document.title", lambda t: t.startswith("✓ up to date"))
        await browser.wait(self.live("height"), lambda t: t == str(chain.height))
        newest = "document.querySelector('.number')?.textContent.replace(',', '') || 0"
        await browser.wait(newest, lambda t: int(t) > chain.height - 10)
        state = await browser.value("document.getElementById('state').className")
        self.assertEqual(state, "state good")
        self.assertEqual(await browser.value("document.getElementById('detail').textContent"), "")
        self.assertEqual(await browser.value("JSON.stringify(moved)"), "[]")
        self.assertEqual(browser.complaints, [])

    async def test_script_writes_as_the_server(self):
        """The same words and numbers, in both languages: nothing changes when it takes over."""
        server, address = await self.reference(self.small)
        node = await self.node(self.small, peers=[address], **self.listen)
        await node.wait_height(72)
        browser = await self.browser()
        for language in ("en", "ru"):
            await browser.go(f"http://127.0.0.1:{self.port}/?lang={language}")
            await browser.wait("document.body?.className", lambda names: "live" in (names or ""))
            server_wrote = Text((await self.ask(f"/?lang={language}"))[1].decode()).by_id
            for figure in ("height", "best_height", "peers", "network.inbound", "network.outbound"):
                self.assertEqual(await browser.value(self.live(figure)), server_wrote[figure])
            self.assertEqual(await browser.value("document.getElementById('state').textContent"),
                             server_wrote["state"])  # fmt: skip
        self.assertEqual(browser.complaints, [])

    async def test_node_goes_and_comes_back(self):
        """Below an open page: it says so, and is right again without a reload of the page."""
        node = await self.loaded_node(self.small, **self.listen)
        browser = await self.browser()
        await browser.wait("document.title", lambda t: t == "✓ works alone – alfisd")
        seen = "document.getElementById('lost').textContent"
        faint = "Number(getComputedStyle(document.querySelector('.figures')).opacity) < 1"
        self.assertEqual((await browser.value(seen), await browser.value(faint)), ("", False))
        await node.stop()
        await browser.wait(seen, lambda t: t.startswith("No answer from the node since "))
        await browser.wait("document.title", lambda t: t == "⚠ no answer – alfisd")
        self.assertTrue(await browser.value(faint))
        server, address = await self.reference(self.small)
        node.settings["net.peers"] = ["{}:{}".format(*address)]
        node.config.write_text(harness.toml_text(node.settings))
        await node.start()
        await browser.wait("document.title", lambda t: t.startswith("✓ up to date"))
        self.assertEqual((await browser.value(seen), await browser.value(faint)), ("", False))
        self.assertEqual(browser.complaints, [])

    async def test_facts_in_russian(self):
        """The facts behind the state follow in the language of the page, which the stream does not have."""
        node = await self.loaded_node(self.small, **self.listen)
        browser = await self.browser("/?lang=ru")
        detail = "document.getElementById('detail').textContent"
        await browser.wait("document.body?.className", lambda names: "live" in (names or ""))
        self.assertEqual(await browser.value(detail), "")
        await node.get("/peers/add?address=127.0.0.1%3A1", "POST")  # where nobody listens
        await browser.wait(detail, lambda t: t.startswith("нет соседей (из настроек не ответил ни один, всего 1;"))
        self.assertEqual(await browser.value("document.querySelectorAll('[lang=en]:not(#log):not(a)').length"), 0)
        self.assertEqual(browser.complaints, [])

    async def test_lines_to_copy(self):
        node = await self.loaded_node(self.small, **self.listen)
        browser = await self.browser()
        self.assertEqual(await browser.value("document.querySelector('.where button')?.textContent"), "Copy")
        await browser.value("document.querySelector('.first details').open = true;"
                            "document.querySelector('.where button').click()")  # fmt: skip
        await browser.wait("document.querySelector('.where button')?.textContent", lambda t: t == "Copied")
        await browser.after(browser.click(".first > .more a"))
        self.assertEqual(await browser.text(".first"), "")
        self.assertEqual(await browser.value("location.pathname + location.search"), "/")
        self.assertTrue(node.running)


class Style(unittest.TestCase):
    """Colours can be told from their ground: a contrast of 4.5 to 1, as WCAG 2 computes it."""

    @staticmethod
    def light_of(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * d for d in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def test_contrast(self):
        schemes = re.findall(r":root \{([^}]*)\}", STYLE.read_text(encoding="utf-8"))
        self.assertEqual(len(schemes), 2)  # light and dark
        for scheme in schemes:
            colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", scheme))
            for ground in ("bg", "card"):
                for ink in ("text", "dim", "link", "good", "busy", "bad"):
                    high, low = sorted(map(self.light_of, (colours[ground], colours[ink])), reverse=True)
                    self.assertGreaterEqual((high + 0.05) / (low + 0.05), 4.5, (ink, ground, scheme))
