"""The pages in Firefox: the same rules as in Chromium, and a search by its form."""

from firefox import ENTER, Firefox
from test_views import NAME, RULES, ChainViews


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
