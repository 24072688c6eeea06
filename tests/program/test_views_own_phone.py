"""The owner's pages on a phone: nothing is wider than it or moves sideways, and all can be reached; where
the focus is after a mistake; and the forms of the peers' page."""

import json

from browser import PHONE, Browser
from test_domains import DomainsTest
from test_views_own import NAME, OwnViewsTest

# What is wider than its place: the page, a table, a row.
WIDE = """[document.documentElement, ...document.querySelectorAll("main .wide, main tr, main form, main dl, main p")]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
  .map(one => `${one.outerHTML.slice(0, 80)}: ${one.scrollWidth} > ${one.clientWidth}`)"""
# Buttons whose middle is outside of the window, or too small for a finger.
OUTSIDE = """[...document.querySelectorAll("main button:not(.skip)")].filter(one => {
  const box = one.getBoundingClientRect();
  return one.checkVisibility() && (box.left < 0 || box.right > innerWidth || box.width < 24 || box.height < 24);
}).map(one => one.outerHTML)"""
LONG = "a-long-host.with.several.parts 3600 AAAA 200:1111:2222:3333:4444:5555:6666:7777"


class Phone(OwnViewsTest):
    async def fits(self, browser: Browser, name: str) -> None:
        with self.subTest(page=name):
            self.assertEqual(await browser.value("innerWidth"), PHONE[0])
            self.assertEqual(await browser.value(WIDE), [])
            self.assertEqual(await browser.value(OUTSIDE), [])

    async def test_nothing_moves_sideways(self):
        node = await self.start("me", "her", webui__unlock=True, **self.owning())
        await self.made(node, "new", NAME, "--key", "me", "--record", LONG, "--record", "@ 60 TXT " + "x" * 200,
                        "--contact", "mail=somebody@a-long-host.example.org", "--info", "y" * 200)  # fmt: skip
        browser = await self.own()
        await browser.screen(*PHONE, phone=True)
        for language in ("en", "ru"):
            await browser.language(language)
            for path in ("/own", "/own/new", "/own/new?name=other.ygg", "/own/new?name=www.other.ygg",
                         f"/own/name/{NAME}", "/own/renew?days=366", "/own/renew?days=400", f"/own/transfer/{NAME}",
                         "/own/jobs", "/own/jobs/1", "/own/keys", "/own/signing", "/login"):  # fmt: skip
                await browser.go(self.site + path)
                await self.fits(browser, f"{path}, {language}")
            await browser.go(f"{self.site}/own/name/{NAME}")
            await browser.after(browser.click("button[value=down0]"))
            self.assertTrue((await browser.value("document.querySelector('[name=r1]').value")).startswith("a-long"))
            await browser.after(browser.click("button[value=preview]:not(.skip)"))
            self.assertTrue(await browser.value("!!document.querySelector('button[value=start]')"))
            await self.fits(browser, f"preview, {language}")
        self.assert_alone(browser)
        await node.stop()


# The field with the focus, whether it is wrong, and why, as a reader of the screen tells it.
FOCUSED = """(f => [f.name, f.ariaInvalid, document.getElementById(f.getAttribute("aria-describedby"))?.innerText.trim()])(
  document.activeElement)"""


class Focus(OwnViewsTest):
    async def blamed(self, browser: Browser, field: str, why: str) -> None:
        """A browser gives the focus some time after it has loaded a page."""
        await browser.wait(FOCUSED, lambda told: told[:2] == [field, "true"] and why in told[2])

    async def test_after_a_mistake(self):
        """The field that is wrong has the focus, and what is wrong with it is read with it."""
        node = await self.start("me", **self.owning())
        browser = await self.browser()
        await browser.open(f"{self.site}/own/keys")
        await self.try_password(browser, "wrong")
        await self.blamed(browser, "password", "The password is wrong.")
        # In the other language it leads to the same place.
        await browser.after(browser.click("footer a[lang=ru]"))
        self.assertEqual(await browser.value("document.documentElement.lang"), "ru")
        await self.try_password(browser, self.PASSWORD)
        self.assertEqual(await browser.value("location.pathname"), "/own/keys")
        await browser.go(f"{self.site}/own/new?lang=en")
        await browser.submit({"main [name=name]": "no.zone.here"}, "main form button")
        await self.blamed(browser, "name", "the zones are")
        await browser.go(f"{self.site}/own/renew?days=400")
        await self.blamed(browser, "days", "from 1 to 366")
        self.assert_alone(browser)
        await node.stop()


class Peers(OwnViewsTest, DomainsTest):
    PEER, HOST = "127.0.0.9:1", "192.0.2.7"

    async def told(self, node, path: str, name: str) -> list[dict]:
        return json.loads((await node.get(path))[1])[name]

    async def test_forms(self):
        """A peer is added and removed, a host banned and let in again, with the pointer."""
        node = await self.start(**self.owning())
        browser = await self.browser()
        await browser.open("about:blank")
        await self.log_in(browser, "/node/peers")
        add, ban = "form[action='/node/peers/add']", "form[action='/node/peers/ban']"
        await browser.submit({f"{add} [name=address]": self.PEER}, f"{add} button")
        self.assertEqual(await browser.value("location.pathname"), "/node/peers")
        self.assertIn(self.PEER, await browser.text("main"))
        self.assertIn(self.PEER, [one["address"] for one in await self.told(node, "/peers?all", "configured")])
        # Once more is too often: the reason stands with the field, which keeps what was typed.
        await browser.submit({f"{add} [name=address]": self.PEER}, f"{add} button")
        self.assertIn("there already", await browser.text("#wrong-address"))
        self.assertEqual(await browser.value(f'document.querySelector("{add} [name=address]").value'), self.PEER)
        await browser.after(browser.click("form[action='/node/peers/remove'] button"))
        self.assertNotIn(self.PEER, await browser.text("main"))
        self.assertEqual(await self.told(node, "/peers?all", "configured"), [])

        await browser.submit({f"{ban} [name=address]": self.HOST, f"{ban} [name=seconds]": "soon"}, f"{ban} button")
        self.assertIn("From 1 s to 365 d", await browser.text("#wrong-seconds"))
        await browser.submit({f"{ban} [name=seconds]": "1 h"}, f"{ban} button")
        self.assertIn(self.HOST, await browser.text("main"))
        self.assertEqual([one["address"] for one in await self.told(node, "/bans", "bans")], [self.HOST])
        await browser.after(browser.click("form[action='/node/peers/unban'] button"))
        self.assertIn("Nobody is banned.", await browser.text("main"))
        self.assertEqual(await self.told(node, "/bans", "bans"), [])
        self.assert_alone(browser)
        await node.stop()
