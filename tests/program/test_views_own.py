"""The owner's pages in Chromium, as their user has them: rules of accessibility, and a name from its
registration to its transfer by the pointer and the keys."""

import harness
from browser import Browser
from test_domains import DomainsTest
from test_views import ViewsTest

NAME = "mine.ygg"


class OwnViewsTest(ViewsTest, DomainsTest):
    """A browser, and a node at whose page of its own one logs in."""

    PASSWORD = "a long \u0431\u043e\u0431\u0440 & <password>"

    def owning(self) -> dict[str, str]:
        """The settings of such a node; the address of its page is self.site then."""
        port = harness.free_port("127.0.0.1")
        self.site = f"http://127.0.0.1:{port}"
        return {"webui__listen": f"127.0.0.1:{port}", "webui__password": self.PASSWORD}

    async def log_in(self, browser: Browser, path: str = "/own") -> None:
        """By the form that every page leads to."""
        await browser.go(self.site + path)
        self.assertEqual(await browser.value("location.pathname"), "/login")
        await self.try_password(browser, self.PASSWORD)
        self.assertEqual(await browser.value("location.pathname"), path)

    async def try_password(self, browser: Browser, password: str) -> None:
        await browser.submit({"[name=password]": password}, "main form button")

    async def own(self) -> Browser:
        """One that is logged in."""
        browser = await self.browser()
        await browser.open("about:blank")
        await self.log_in(browser)
        return browser

    async def done_job(self, browser: Browser) -> None:
        """The page of a job is open; it ends well."""
        number = int((await browser.value("location.pathname")).rpartition("/")[2])
        await self.wait_state(self.seen, number, "done")
        await browser.go(f"{self.site}/own/jobs/{number}")
        self.assertIn("done", await browser.text("main"))


class Pages(OwnViewsTest):
    async def test_rules(self):
        node = await self.start("me", "her", **self.owning())
        await self.made(node, "new", NAME, "--key", "me", "--record", "@ AAAA 200::1", "--contact", "mail=a@b")
        browser = await self.own()
        for language in ("en", "ru"):
            await browser.language(language)
            for path in ("/own", "/own/new", "/own/new?name=other.ygg", f"/own/name/{NAME}", "/own/renew?days=366",
                         f"/own/transfer/{NAME}", "/own/jobs", "/own/jobs/1", "/own/keys", "/own/signing",
                         "/node/peers", "/", "/login"):  # fmt: skip
                await browser.go(self.site + path)
                await self.look(browser, f"{path}, {language}")
        # With what is wrong beside its field, and with the preview.
        await browser.go(f"{self.site}/own/new?name=other.ygg")
        await browser.fill("[name=r0]", "@ AAAA no")
        await browser.after(browser.click("button.main, button[value=preview]:not(.skip)"))
        self.assertEqual(await browser.value("document.querySelector('[name=r0]').ariaInvalid"), "true")
        await self.look(browser, "a wrong record")
        await self.walk(browser, "editor")
        self.assert_good(browser)
        await node.stop()


class Life(OwnViewsTest):
    async def test_from_registration_to_transfer(self):
        node = self.seen = await self.start("me", "her", **self.owning())
        browser = await self.own()
        await browser.go(f"{self.site}/own/new?name={NAME.upper()}")
        await browser.fill("[name=r0]", "@ AAAA 200::1")
        await self.preview_and_start(browser)
        await self.done_job(browser)
        self.assertEqual(len((await self.name(node, NAME))["records"]), 1)
        # Changed, from the list of one's names.
        await browser.go(f"{self.site}/own")
        await browser.after(browser.click(f"a[href='/own/name/{NAME}']"))
        await browser.fill("[name=r1]", "www AAAA 200::2")
        await self.preview_and_start(browser)
        await self.done_job(browser)
        self.assertEqual(len((await self.name(node, NAME))["records"]), 2)
        # Renewed; a page that is loaded again asks for nothing twice.
        await browser.go(f"{self.site}/own/renew?days=366")
        await browser.after(browser.click("main form[method=post] button:not(.skip)"))
        self.assertEqual(await browser.value("location.pathname"), "/own/jobs")
        await self.wait_state(node, 3, "done")
        await browser.after(browser.value("location.reload()"))
        self.assertEqual((await node.get("/jobs/4"))[0], 404)
        # Given away, which asks once more.
        line = await self.owner_line(node, "her")
        await browser.go(f"{self.site}/own/transfer/{NAME}")
        await browser.submit({"[name=to]": line}, "main form[method=post] button:not(.skip)")
        await browser.click("[name=sure]")
        await browser.after(browser.click("main form[method=post] button:not(.skip)"))
        await self.done_job(browser)
        self.assertEqual((await self.name(node, NAME))["owner"].upper(), line.split(":")[1])
        # The key is locked, which the page tells.
        await browser.go(f"{self.site}/own/keys")
        await browser.after(browser.click("form[action='/own/keys/lock'] button"))
        self.assertIn("locked", await browser.text("main"))
        self.assert_alone(browser)
        await node.stop()

    async def preview_and_start(self, browser: Browser) -> None:
        await browser.after(browser.click("button[value=preview]:not(.skip)"))
        self.assertEqual(await browser.value("document.querySelectorAll('[aria-invalid=true]').length"), 0)
        await browser.after(browser.click("button[value=start]"))


class Cancelled(OwnViewsTest):
    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}

    async def test_cancelled(self):
        node = self.seen = await self.start("me", **self.owning())
        browser = await self.own()
        await browser.go(f"{self.site}/own/new?name={NAME}")
        await browser.after(browser.click("button[value=preview]:not(.skip)"))
        await browser.after(browser.click("button[value=start]"))
        await self.wait_state(node, 1, "searches")
        # The page goes on by itself, and leaves the focus where it is.
        await browser.value("document.querySelector('button[value=pause]').focus()")
        before = await browser.value("document.querySelector('main').textContent")
        await browser.wait("document.querySelector('main').textContent", lambda told: told != before)
        self.assertEqual(await browser.value("document.activeElement.value"), "pause")
        await browser.after(browser.click("button[value=cancel]"))
        self.assertEqual((await self.job(node, 1))["state"], "cancelled")
        self.assertIn("cancelled", await browser.text("main"))
        self.assert_alone(browser)
        await node.stop()
