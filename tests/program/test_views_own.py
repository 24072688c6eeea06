"""The owner's pages in Chromium, as their user has them: rules of accessibility, and a name from its
registration to its transfer by the pointer and the keys."""

import asyncio

import harness
from browser import Browser
from test_domains import DomainsTest
from test_views import ViewsTest

NAME = "mine.ygg"


class OwnViewsTest(ViewsTest, DomainsTest):
    """A browser at the owner's socket: a relay stands for the web server that a page of its own has."""

    async def own(self, node: harness.Node) -> Browser:
        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while data := await reader.read(1 << 16):
                    writer.write(data)
            except OSError:
                pass
            writer.close()

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there = await node.asking()
            except OSError:
                writer.close()
                return
            await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

        server = await asyncio.start_server(relay, "127.0.0.1", 0)
        self.addCleanup(server.close)
        self.site = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        browser = await self.browser()
        await browser.open("about:blank")
        return browser

    async def done_job(self, browser: Browser) -> None:
        """The page of a job is open; it ends well."""
        number = int((await browser.value("location.pathname")).rpartition("/")[2])
        await self.wait_state(self.seen, number, "done")
        await browser.go(f"{self.site}/own/jobs/{number}")
        self.assertIn("done", await browser.text("main"))


class Pages(OwnViewsTest):
    async def test_rules(self):
        node = await self.start("me", "her")
        await self.made(node, "new", NAME, "--key", "me", "--record", "@ AAAA 200::1", "--contact", "mail=a@b")
        browser = await self.own(node)
        for language in ("en", "ru"):
            await browser.language(language)
            for path in ("/own", "/own/new", "/own/new?name=other.ygg", f"/own/name/{NAME}", "/own/renew?days=366",
                         f"/own/transfer/{NAME}", "/own/jobs", "/own/jobs/1", "/own/keys", "/own/signing",
                         "/node/peers", "/"):  # fmt: skip
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
        node = self.seen = await self.start("me", "her")
        browser = await self.own(node)
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
        node = self.seen = await self.start("me")
        browser = await self.own(node)
        await browser.go(f"{self.site}/own/new?name={NAME}")
        await browser.after(browser.click("button[value=preview]:not(.skip)"))
        await browser.after(browser.click("button[value=start]"))
        await self.wait_state(node, 1, "searches")
        await browser.after(browser.click("button[value=cancel]"))
        self.assertEqual((await self.job(node, 1))["state"], "cancelled")
        self.assertIn("cancelled", await browser.text("main"))
        self.assert_alone(browser)
        await node.stop()
