"""Who gets to the owner's pages and who does not, tried in Chromium: passwords, cookies, pages of other
sites that have a browser send what its user did not ask for, names that lead to this machine."""

import asyncio
import urllib.parse

import harness
from browser import Browser
from test_views_own import OwnViewsTest

SESSION = "alfis_session"
FORGED = "ab" * 32
WRONG = 10
PAGE = """<!doctype html><title>other</title>
<form method="post" action="{site}/own/keys/lock" enctype="{kind}"><input name="name" value="me"></form>"""
ASK = """Promise.all([
  fetch("{site}/own/keys/lock", {{ method: "POST", mode: "no-cors", credentials: "include", body: "name=me",
    headers: {{ "Content-Type": "application/x-www-form-urlencoded" }} }}),
  fetch("{site}/api/keys/lock", {{ method: "POST", mode: "no-cors", credentials: "include", body: '{{"name":"me"}}' }}),
  fetch("{site}/api/keys/lock", {{ method: "POST", credentials: "include", body: '{{"name":"me"}}',
    headers: {{ "Content-Type": "application/json" }} }}),
  fetch("{site}/own/keys", {{ credentials: "include" }}).then(answer => answer.text()),
].map(one => one.then(() => "answered", () => "refused")))"""


class LogIn(OwnViewsTest):
    async def path(self, browser: Browser) -> str:
        return await browser.value("location.pathname")

    async def test_wrong_ten_times_then_right(self):
        node = await self.start("me", **self.owning())
        browser = await self.browser()
        await browser.open(f"{self.site}/own/keys?x")
        self.assertEqual(await browser.value("location.pathname + location.search"), "/login?to=%2Fown%2Fkeys%3Fx")
        await self.look(browser, "log-in")
        await browser.language("ru")
        await browser.go(f"{self.site}/own")
        await self.look(browser, "log-in, ru")
        await browser.language("en")
        for number in range(WRONG):
            await browser.go(f"{self.site}/own")
            await self.try_password(browser, f"{self.PASSWORD} {number}")
            self.assertEqual(await self.path(browser), "/login")
            self.assertTrue(await browser.text("[role=alert]"))
            self.assertNotIn(SESSION, await browser.cookies())
        await self.look(browser, "wrong password")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await self.log_in(browser)
        self.assertLess(loop.time() - begun, harness.patience(2 * harness.SLOW))
        self.assert_good(browser)
        await node.stop()

    async def test_session(self):
        """What stood in the cookie before is no session afterwards; nor is what ended."""
        node = await self.start("me", **self.owning())
        browser = await self.browser()
        await browser.open("about:blank")
        await browser.tell("Network.setCookie", url=self.site, name=SESSION, value=FORGED)
        await self.log_in(browser)
        cookie = (await browser.cookies())[SESSION]
        self.assertNotEqual(cookie["value"], FORGED)
        self.assertEqual((cookie["httpOnly"], cookie["sameSite"]), (True, "Strict"))
        self.assertNotIn(SESSION, await browser.value("document.cookie"))
        await browser.go(f"{self.site}/login")
        await browser.after(browser.click("form[action='/logout'] button"))
        self.assertEqual(await self.path(browser), "/login")
        self.assertNotIn(SESSION, await browser.cookies())
        for value in (cookie["value"], FORGED):
            await browser.tell("Network.setCookie", url=self.site, name=SESSION, value=value)
            await browser.go(f"{self.site}/own")
            self.assertEqual(await self.path(browser), "/login")
        await node.stop()


    async def test_ended_below_an_open_page(self):
        """A restart of the node ends all sessions: the open page leads to the log-in."""
        node = await self.start("me", **self.owning())
        browser = await self.browser()
        await browser.open("about:blank")
        await self.log_in(browser, "/own/jobs")
        await browser.go(f"{self.site}/")
        await browser.wait("document.body?.className", lambda names: "live" in (names or ""))
        await node.stop()
        await node.start()
        await browser.wait("document.querySelector('#lost a')?.textContent", lambda t: t == "Your session has ended: log in")
        await browser.after(browser.click("#lost a"))
        self.assertEqual(await self.path(browser), "/login")
        await self.try_password(browser, self.PASSWORD)
        self.assertEqual(await self.path(browser), "/")
        await node.stop()


class Forged(OwnViewsTest):
    async def other_site(self, host: str) -> str:
        """Pages of somebody else: one each for what a form can send."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            page = PAGE.format(site=self.site, kind=urllib.parse.unquote(path[1:])).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(page), page))  # fmt: skip
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, host, 0)
        self.addCleanup(server.close)
        return "http://%s:%d" % server.sockets[0].getsockname()[:2]

    async def test_other_sites(self):
        """At another port of this host the cookie comes along."""
        node = await self.start("me", **self.owning())
        browser = await self.own()
        for host in ("127.0.0.1", "127.0.0.2"):
            other = await self.other_site(host)
            for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
                await browser.go(f"{other}/{kind}")
                await browser.after(browser.value("document.forms[0].submit()"))
                with self.subTest(host=host, kind=kind):
                    self.assertTrue((await browser.value("location.href")).startswith(self.site))
                    self.assertEqual(await self.open_keys(node), {"me"})
            await browser.go(f"{other}/text/plain")
            answers = await browser.value(ASK.format(site=self.site))
            self.assertEqual(answers[2:], ["refused", "refused"])
            self.assertEqual(await self.open_keys(node), {"me"})
        # No frame of theirs has the page in it.
        await browser.value(f"document.body.innerHTML = '<iframe src=\"{self.site}/own\"></iframe>'")
        await browser.wait("document.querySelector('iframe').contentDocument === null", bool)
        # Nor is it enough to come from a page of ours: without its token, or with another.
        for change in ("remove()", f"value = '{FORGED}'"):
            await browser.go(f"{self.site}/own/keys")
            await browser.value(f"document.querySelector(\"form[action='/own/keys/lock'] [name=token]\").{change}")
            await browser.after(browser.click("form[action='/own/keys/lock'] button"))
            self.assertEqual(await self.open_keys(node), {"me"})
        # The session is still good, and locks the key when its user asks for it.
        await browser.go(f"{self.site}/own/keys")
        await browser.after(browser.click("form[action='/own/keys/lock'] button"))
        self.assertEqual(await self.open_keys(node), set())
        await node.stop()

    async def test_a_name_that_leads_here(self):
        """A page of evil.example that has its name point to this machine talks to us in that name."""
        node = await self.start(**self.owning())
        browser = await self.browser("--host-resolver-rules=MAP evil.example 127.0.0.1")
        await browser.open("about:blank")
        for path in ("/", "/login", "/own", "/status", "/api/status"):
            await browser.go(self.site.replace("127.0.0.1", "evil.example") + path)
            with self.subTest(path=path):
                told = await browser.value("[performance.getEntriesByType('navigation')[0].responseStatus, "
                                           "document.querySelector('form') === null]")  # fmt: skip
                self.assertEqual(told, [403, True])
        await node.stop()
