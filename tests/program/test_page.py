"""The status page: whole without scripts, live in a browser (Chromium, where it is installed)."""

import asyncio
import base64
import hashlib
import html.parser
import json
import os
import re
import shutil
from pathlib import Path

import harness
from browser import Browser

SHOTS = os.environ.get("SCREENSHOTS", "")  # a folder to keep the pictures in


class Text(html.parser.HTMLParser):
    """Text by id, and every tag's attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.by_id: dict[str, str] = {}
        self.tags: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(dict(attrs).get("id", ""))

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

    async def test_true_without_scripts(self):
        server, address = await self.reference(self.small)
        node = await self.node(self.small, peers=[address])
        await node.wait_height(72)
        code, page = await node.get("/")
        self.assertEqual(code, 200)
        text = Text(page).by_id
        self.assertEqual(text["height"], "72")
        self.assertEqual(text["peer-count"], "1")
        self.assertIn("at tip", text["reason"])
        self.assertIn(address[0], text["peers"])
        self.assertIn("max_connections", text["limits"])
        self.assertIn("info ready", text["log"])
        self.assertEqual(len(re.findall(r"\d+ [0-9A-F]{4}", text["blocks"])), 32)

    async def test_nothing_from_elsewhere(self):
        node = await self.node(self.small)
        _, page = await node.get("/")
        self.assertNotRegex(page, r"https?://")
        for tag, attrs in Text(page).tags:
            for name in ("src", "href"):
                self.assertRegex(attrs.get(name, "data:"), r"^(data:|/\w)", (tag, attrs))

    async def test_bounds_without_a_value_now(self):
        """A dash, like `alfisd limits`: two peers of one address are no 0 of max_per_address."""
        node = await self.node(self.small)
        for _ in range(2):
            await self.connect(node, self.small)
        _, page = await node.get("/")
        rows = re.findall(r"<tr><td>(\w+)</td><td>.*?</td><td class=\"n\">(.*?)</td>", page)
        shown = dict(rows)
        _, body = await node.get("/limits")
        for row in json.loads(body)["limits"]:
            if not row["at_bound"]:
                self.assertEqual(shown[row["row"]] == "–", not row["current"], row)
        self.assertEqual((shown["max_per_address"], shown["hello_timeout"]), ("–", "–"))
        self.assertEqual(shown["max_inbound"], "2")

    async def test_policy_lets_its_own_script_run(self):
        """The hashes are those of what is there: a browser runs nothing else."""
        node = await self.node(self.small, **self.listen)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.addCleanup(writer.close)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head, _, page = (await reader.read()).decode().partition("\r\n\r\n")
        for tag in ("script", "style"):
            inside = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.S)
            self.assertEqual(len(inside), 1)
            digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
            self.assertIn(f"{tag}-src 'sha256-{digest}';", head)
        self.assertNotIn("unsafe", head)
        self.assertNotRegex(page, r"<[^>]+ (style|on\w+)=")
        self.assertTrue(node.running)

    async def test_readable_by_a_screen_reader(self):
        node = await self.node(self.small)
        _, page = await node.get("/")
        tags = Text(page).tags
        ids = {attrs.get("id") for _, attrs in tags}
        for tag, attrs in tags:
            if tag == "section":
                self.assertIn(attrs["aria-labelledby"], ids)
            if tag == "progress":
                self.assertTrue(attrs["aria-label"])
            if tag == "th":
                self.assertEqual(attrs["scope"], "col")
        self.assertIn(("html", {"lang": "en"}), tags)

    async def test_text_of_others_is_no_markup(self):
        node = await self.node(self.small)
        await self.connect(node, self.small, app_version="0.10.0<script>alert(1)")
        _, page = await node.get("/")
        self.assertIn("0.10.0&lt;script>alert(1)", page)
        self.assertNotIn("<script>alert", page)

    # ---- in a browser ----

    async def browse(self, *options: str, seconds: int = 4) -> tuple[str, str]:
        """The page as the browser has it after its scripts ran, and what its console said."""
        program = shutil.which("chromium")
        if not program:
            self.skipTest("chromium is not here")
        process = await asyncio.create_subprocess_exec(
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-extensions",
            "--disable-dev-shm-usage", "--no-first-run", "--enable-logging=stderr", "--v=0",
            f"--user-data-dir={self.folder / 'chromium'}", f"--timeout={seconds * 1000}",
            *options, f"http://127.0.0.1:{self.port}/",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 50 * harness.SLOW)
        console = "\n".join(line for line in err.decode().splitlines() if "CONSOLE" in line)
        return out.decode(), console

    async def test_live_during_a_sync(self):
        """Filled by scripts, with the figures of that moment, and no complaint."""
        chain = self.long_chain(1500)
        server = await self.loaded_node(chain)
        node = await self.node(chain, peers=[server.address], **self.listen)
        before = (await node.status())["height"]
        page, console = await self.browse("--dump-dom")
        after = (await node.status())["height"]
        self.assertEqual(console, "")
        text = Text(page).by_id
        shown = int(text["height"].replace(",", ""))
        self.assertTrue(before <= shown <= after, (before, shown, after))
        self.assertIn(server.host, text["peers"])
        self.assertIn("blocks/s", text["rate"])
        # As node.toml counts them.
        self.assertRegex(text["memory"], r"^[\d.]+ of 32 MB$")

    async def test_node_goes_and_comes_back(self):
        """Below an open page: it says so, and is right again without a reload of the page."""
        if not Browser.program():
            self.skipTest("chromium is not here")
        node = await self.loaded_node(self.small, **self.listen)
        browser = await Browser().start(self.folder / "chromium")
        self.addAsyncCleanup(browser.stop)
        await browser.open(f"http://127.0.0.1:{self.port}/")
        await browser.wait("document.title", lambda t: t == "⚠ no peers – alfisd")
        seen = "document.getElementById('lost').textContent"
        faint = "Number(getComputedStyle(document.querySelector('section')).opacity) < 1"
        self.assertEqual((await browser.value(seen), await browser.value(faint)), ("", False))
        await node.stop()
        await browser.wait(seen, lambda t: t.startswith("no answer from the node since "))
        await browser.wait("document.title", lambda t: t == "⚠ no answer – alfisd")
        self.assertTrue(await browser.value(faint))
        server, address = await self.reference(self.small)
        node.settings["net.peers"] = ["{}:{}".format(*address)]
        node.config.write_text(harness.toml_text(node.settings))
        await node.start()
        await browser.wait("document.title", lambda t: t == "at tip – alfisd")
        self.assertEqual((await browser.value(seen), await browser.value(faint)), ("", False))
        self.assertIn("at tip", await browser.value("document.getElementById('reason').textContent"))
        self.assertEqual(browser.complaints, [])

    async def test_pictures(self):
        chain = self.long_chain(1500)
        server = await self.loaded_node(chain)
        node = await self.node(chain, peers=[server.address], **self.listen)
        await node.wait_height(100)
        folder = Path(SHOTS) if SHOTS else self.folder
        kinds = {
            "light": ("--window-size=1200,1400",),
            "dark": ("--window-size=1200,1400", "--force-dark-mode"),
            "phone": ("--window-size=420,1400",),
        }
        for name, options in kinds.items():
            file = folder / f"status-{name}.png"
            _, console = await self.browse(f"--screenshot={file}", *options, seconds=3)
            self.assertEqual(console, "")
            self.assertGreater(file.stat().st_size, 20000)
