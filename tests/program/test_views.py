"""Every page in Chromium: rules of accessibility in both languages, light, dark and on a phone; nothing
from elsewhere; the keys alone are enough."""

import os
import re
import subprocess
import unittest
from pathlib import Path

import faults
import harness
import views
from browser import Browser

MKCHAIN = harness.PROGRAM.parent / "mkchain"
RULES = Path(__file__).with_name("page_rules.js").read_text(encoding="utf-8")
PICTURES = os.environ.get("PICTURES", "")  # a folder that gets one of each page that is looked at
NAME = "home.mob"
STOPS = 80  # more places than a page has between its start and its foot
FOCUSED = """(() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  if (one === document.body) return null;
  window.stops ??= [];
  const before = window.stops.at(-1), place = before?.compareDocumentPosition(one);
  window.stops.push(one);
  return { what: one.outerHTML.slice(0, 120), first: window.stops[0] === one && window.stops.length > 1,
    onward: !before || Boolean(place & Node.DOCUMENT_POSITION_FOLLOWING),
    seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) && box.width > 0,
    inside: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight };
})()"""


class ViewsTest(harness.ProgramTest):
    """A browser, and a node whose pages it opens."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.wrong: dict[str, list[str]] = {}

    async def browser(self, *switches: str) -> Browser:
        if not Browser.program():
            self.skipTest("chromium is not here")
        browser = await Browser().start(self.folder / "chromium", *switches)
        self.addAsyncCleanup(browser.stop)
        return browser

    def listening(self) -> dict[str, str]:
        """The setting of a node that has pages; their address is self.site then."""
        port = harness.free_port("127.0.0.1")
        self.site = f"http://127.0.0.1:{port}"
        return {"admin__listen": f"127.0.0.1:{port}"}

    async def look(self, browser: Browser, name: str) -> None:
        """At the page that is open: all rules, in each colour and width."""
        if PICTURES:
            kinds = iter(("light", "dark", "phone"))
            place = f"{PICTURES}/{re.sub('[^a-z0-9.]+', '-', name).strip('-')}"
            await views.as_seen(browser, lambda: browser.picture(Path(f"{place}-{next(kinds)}.png")))
        found = await views.as_seen(browser, lambda: browser.value(RULES))
        for kind, wrong in found.items():
            for one in wrong:
                self.wrong.setdefault(one, []).append(f"{name}, {kind}")

    def assert_good(self, browser: Browser) -> None:
        """No rule was broken on any page, each told once with the pages."""
        told = [f"{one}\n    {'; '.join(pages)}" for one, pages in self.wrong.items()]
        self.assertEqual(told, [], "\n".join(told))
        self.assert_alone(browser)

    def assert_alone(self, browser: Browser) -> None:
        """No page asked anybody else for anything, and none complained."""
        others = [url for url in browser.requests if not url.startswith((f"{self.site}/", "data:", "about:"))]
        self.assertEqual(others, [])
        self.assertEqual(browser.complaints, [])

    async def walk(self, browser: Browser, name: str) -> int:
        """From the top of a page to its end by the tabulator; the number of stops."""
        for number in range(STOPS):
            await browser.press("Tab")
            stop = await browser.value(FOCUSED)
            if stop is None or stop["first"]:
                return number
            with self.subTest(page=name, stop=stop["what"]):
                self.assertTrue(stop["onward"], "the order is not that of the page")
                self.assertTrue(stop["seen"], "nobody sees where the focus is")
                self.assertTrue(stop["inside"], "it is outside of the window")
            if number == 0:
                self.assertIn("skip", stop["what"])
        return STOPS


@unittest.skipUnless(MKCHAIN.exists(), "needs mkchain")
class ChainViews(ViewsTest):
    """With a chain that has a name."""

    async def made(self) -> harness.Node:
        path = self.folder / "made.jsonl"
        subprocess.run([str(MKCHAIN), "--seed", "3", "--blocks", "60", "--domain", NAME, str(path)],
                       check=True, capture_output=True)  # fmt: skip
        self.chain_made = faults.read_chain(path)
        return await self.loaded_node(self.chain_made, **self.listening())

    def pages(self) -> dict[str, str]:
        first = self.chain_made.blocks[0].block()
        full = [s.index for s in self.chain_made.blocks[:-4] if s.block().transaction]
        return views.public(NAME, full[-1], full[-1] + 1, first.pub_key.hex().upper())


class Views(ChainViews):
    async def test_rules(self):
        node = await self.made()
        browser = await self.browser()
        await browser.open("about:blank")
        for language in ("en", "ru"):
            await browser.language(language)
            for name, path in self.pages().items():
                await browser.go(self.site + path)
                self.assertEqual(await browser.value("document.documentElement.lang"), language)
                await self.look(browser, f"{name}, {language}")
        self.assert_good(browser)
        await node.stop()

    async def test_by_keys_alone(self):
        node = await self.made()
        browser = await self.browser()
        await browser.open("about:blank")
        for name in ("node", "blocks", "name", "peers"):
            await browser.go(self.site + self.pages()[name])
            self.assertGreater(await self.walk(browser, name), 6)
        # Past the head at once, and a search without the pointer.
        await browser.go(self.site + "/explorer")
        await browser.press("Tab")
        await browser.press("Enter")
        self.assertEqual(await browser.value("location.hash"), "#content")
        await browser.fill("input[name=q]", " HOME.mob")
        await browser.after(browser.press("Enter"))
        self.assertEqual(await browser.value("location.pathname"), f"/explorer/name/{NAME}")
        await node.stop()

    async def test_without_scripts_on_a_slow_link(self):
        """Whole all the same."""
        node = await self.made()
        browser = await self.browser()
        await browser.open("about:blank")
        await browser.link(50_000, 100)
        for name in ("node", "name"):
            path = self.pages()[name]
            await browser.go(self.site + path)
            live = await browser.text("main")
            await browser.scripts(False)
            await browser.go(self.site + path)
            still = await browser.text("main")
            await browser.scripts(True)
            self.assertGreater(len(still), 200)
            self.assertEqual(still.splitlines()[0], live.splitlines()[0])
        await node.stop()


if __name__ == "__main__":
    unittest.main()
