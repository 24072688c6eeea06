"""The pages in Firefox: the same rules as in Chromium, a search by its form, and a log-in."""

import asyncio

import harness
from firefox import ENTER, Firefox
from test_views import NAME, RULES, ChainViews
from test_views_own import OwnViewsTest


class InFirefox(ChainViews):
    async def test_every_page(self):
        if not Firefox.program():
            self.skipTest("firefox-esr is not here")
        node = await self.made()
        firefox = await Firefox().start(self.folder / "firefox")
        self.addAsyncCleanup(firefox.stop)
        for name, path in self.pages().items():
            await firefox.go(self.site + path)
            for one in await firefox.value(RULES[RULES.index("(() =>") :]):
                self.wrong.setdefault(one, []).append(name)
            self.assertEqual(await firefox.value("getComputedStyle(document.querySelector('header')).display"), "flex")
        self.assertEqual(self.wrong, {})
        await firefox.fill("input[name=q]", f" {NAME.upper()} {ENTER}")
        await firefox.wait("location.pathname", lambda path: path == f"/explorer/name/{NAME}")
        await node.stop()


class OwnInFirefox(OwnViewsTest):
    async def test_logged_in(self):
        if not Firefox.program():
            self.skipTest("firefox-esr is not here")
        node = await self.start("me", **self.owning())
        firefox = await Firefox().start(self.folder / "firefox")
        self.addAsyncCleanup(firefox.stop)
        await firefox.go(f"{self.site}/own/keys")
        await firefox.fill("[name=password]", self.PASSWORD + ENTER)
        await firefox.wait("location.pathname", lambda path: path == "/own/keys")
        await firefox.wait("document.readyState", lambda state: state == "complete")
        self.assertEqual(await firefox.value(RULES[RULES.index("(() =>") :]), [])
        await firefox.click("form[action='/own/keys/lock'] button")
        while await self.open_keys(node):
            await asyncio.sleep(harness.POLL)
        await node.stop()
