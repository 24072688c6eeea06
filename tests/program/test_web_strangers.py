"""What somebody without a session can do at webui.listen to those who have the password; and that each log-in
leads back to where it was asked for, also under a path of a web server in front."""

import asyncio
import html
import re
import urllib.parse

import harness
from test_web_login import PASSWORD, WebTest

FORM = "Content-Type: application/x-www-form-urlencoded"


def hidden(page: str) -> dict[str, str]:
    fields = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}


class Strangers(WebTest):
    async def begun(self, source: str, length: int, sent: int) -> asyncio.StreamReader:
        """A log-in whose body does not end; closed at the end of the test."""
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=(source, 0))
        self.addCleanup(writer.close)
        writer.write(f"POST /login HTTP/1.1\r\nHost: {self.host}\r\n{FORM}\r\n"
                     f"Content-Length: {length}\r\n\r\n{'a' * sent}".encode())  # fmt: skip
        return reader

    async def test_bodies_that_do_not_end(self):
        """They take no memory from a log-in, nor from who asks at the Unix socket."""
        node = await self.begin(limits__http_body_total_bytes="4 kB", limits__admin_timeout="60 s")
        for n in range(6):
            await self.begun(f"127.0.{n + 5}.1", 2048, 2000)
        for length in (65536, 2049):
            answer = await (await self.begun("127.0.4.1", length, 0)).readline()
            self.assertIn(b" 413 ", answer)
        self.assertEqual((await self.log_in()).status, 200)
        answer = await self.post("/login", f"password={urllib.parse.quote(PASSWORD)}&to=%2Fown", FORM)
        self.assertEqual((answer.status, answer.header("Location")), (303, "/own"))
        self.assertEqual((await node.get("/peers/add", "POST", "address=192.0.2.1:4244&once"))[0], 200)

    async def test_the_way_back(self):
        await self.begin()
        for path in ("/own/name/" + urllib.parse.quote("п" * 39 + ".ygg"), "/explorer?from=3"):
            page = await self.ask((await self.ask(path)).header("Location"))
            self.assertEqual(hidden(page.body), {"to": path})
        # What leads back would be too long: the log-in is there all the same.
        asked = await self.ask("/search?q=" + "%" * 200)
        self.assertEqual((asked.status, asked.header("Location")), (303, "/login"))

    async def test_under_a_path(self):
        """A browser, and a web server that has the node under /alfis."""
        await self.begin()
        front = "X-Forwarded-Prefix: /alfis"
        asked = await self.ask("/explorer?from=3", front)
        self.assertEqual(asked.header("Location"), "/alfis/login?to=%2Fexplorer%3Ffrom%3D3")
        page = await self.ask(asked.header("Location")[6:], front)
        self.assertIn('action="/alfis/login"', page.body)
        form = urllib.parse.urlencode(hidden(page.body) | {"password": PASSWORD})
        answer = await self.post("/login", form, FORM, front)
        self.assertEqual((answer.status, answer.header("Location")), (303, "/alfis/explorer?from=3"))
