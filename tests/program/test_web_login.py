"""The owner's page: who logs in, what a session is good for, when it ends, and what others can do
about it."""

import asyncio
import contextlib
import html
import json
import os
import re
import time
import unittest

import harness
from test_secrets import memory

PASSWORD = "correct horse battery"
# By `web-password`; the cost is that of every hash that it makes.
HASH = "$argon2id$v=19$m=7168,t=5,p=1$VAvk1AM5zb3p+GSUxZr9BQ$yJ5P6terTKLCEhjHG/lR0+iM1pacyfLxG2sZ0A5zAfM"


class Answer:
    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\r\n\r\n")
        self.head, self.body = head.decode(), body.decode()
        self.status = int(self.head.split()[1]) if head else 0
        self.cookie = ""
        if found := re.search(r"\r\nSet-Cookie: alfis_session=([^;]*);(.*)", self.head):
            self.cookie, self.cookie_words = found[1], found[2].strip()

    def header(self, name: str) -> str:
        found = re.search(rf"\r\n{name}: ([^\r]*)", self.head)
        return found[1] if found else ""


class WebTest(harness.ProgramTest):
    async def begin(self, **settings) -> harness.Node:
        self.host = settings.pop("host", "127.0.0.1")
        self.port = harness.free_port(self.host)
        settings.setdefault("webui__password_hash", HASH)
        settings.setdefault("webui__listen", f"{self.host}:{self.port}")
        self.asked = await self.node(self.chain("devnet-72"), **settings)
        return self.asked

    async def ask(self, path: str, *lines: str, method: str = "GET", body: str = "", source: str = "") -> Answer:
        """`source`: the client's address."""
        place = (source, 0) if source else None
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=place)
        try:
            host = [] if any(line.startswith("Host:") for line in lines) else [f"Host: {self.host}:{self.port}"]
            length = [f"Content-Length: {len(body)}"] if method == "POST" else []
            words = [f"{method} {path} HTTP/1.1", *host, "Connection: close", *lines, *length]
            writer.write(("\r\n".join(words) + "\r\n\r\n" + body).encode())
            return Answer(await asyncio.wait_for(reader.read(), 40 * harness.SLOW))
        finally:
            writer.close()

    async def post(self, path: str, body: str, *lines: str, source: str = "") -> Answer:
        return await self.ask(path, *lines, method="POST", body=body, source=source)

    async def call(self, path: str, body: object, *lines: str, source: str = "") -> Answer:
        return await self.post(path, json.dumps(body), "Content-Type: application/json", *lines, source=source)

    async def log_in(self, password: str = PASSWORD, *lines: str, source: str = "") -> Answer:
        return await self.call("/api/login", {"password": password}, *lines, source=source)

    async def session(self) -> str:
        """A Cookie line."""
        answer = await self.log_in()
        self.assertEqual(answer.status, 200, answer.head)
        return f"Cookie: lang=en; alfis_session={answer.cookie}"

    async def token(self, cookie: str) -> str:
        page = await self.ask("/login", cookie)
        found = re.search(r'name="token" value="([0-9a-f]{64})"', page.body)
        assert found, page.body
        return found[1]


class LogIn(WebTest):
    async def test_who_has_no_session(self):
        await self.begin()
        for path, to in (("/", "/login"), ("/explorer?from=3", "/login?to=%2Fexplorer%3Ffrom%3D3")):
            answer = await self.ask(path)
            self.assertEqual((answer.status, answer.header("Location")), (303, to))
        for path in ("/status", "/peers", "/nothing", "/api/status", "/metrics", "/events", "/health"):
            answer = await self.ask(path)
            self.assertEqual(answer.status, 401, path)
            self.assertNotIn("height", answer.body)
        self.assertEqual((await self.ask("/style.css")).status, 200)
        page = await self.ask("/login")
        self.assertEqual(page.status, 200)
        for secret in ("devnet", "explorer", "0.1.0"):
            self.assertNotIn(secret, page.body)
        self.assertEqual((await self.post("/stop", "")).status, 401)
        self.assertEqual((await self.post("/own/job", "id=1&do=cancel")).status, 401)

    async def test_a_form_of_a_session_that_ended(self):
        """A browser gets the log-in, with a page of ours behind it; nothing of the form is kept."""
        await self.begin()
        for path, to in (("/own/edit", "/own"), ("/node/peers/ban", "/node/peers"), ("/stop", "/")):
            answer = await self.post(path, "name=a-secret.anon", "Accept: text/html")
            self.assertEqual(answer.status, 401, path)
            self.assertIn("Your session has ended, so the form was not sent.", answer.body)
            self.assertIn(f'name="to" value="{to}"', html.unescape(answer.body))
            self.assertIn('type="password"', answer.body)
            for word in ("a-secret", "token_file", "POST /api/login", "devnet"):
                self.assertNotIn(word, answer.body)
        answer = await self.ask("/status", "Accept: text/html")
        self.assertEqual(answer.status, 401)
        self.assertIn("There is no session here, or it has ended", answer.body)
        self.assertIn('name="to" value="/status"', html.unescape(answer.body))

    async def test_a_page_from_before_the_log_in(self):
        await self.begin()
        answer = await self.post("/node/peers/unban", f"token={'0' * 64}", await self.session(), "Accept: text/html")
        self.assertEqual(answer.status, 403)
        self.assertIn("This page is from before your log-in", answer.body)
        for word in ("X-Token", "whom its settings allow"):
            self.assertNotIn(word, answer.body)

    async def test_the_status_page_leads_there(self):
        port = harness.free_port("127.0.0.1")
        await self.begin(admin__listen=f"127.0.0.1:{port}")
        self.port, web = port, self.port
        link = f'<a href="http://127.0.0.1:{web}/own">Log in</a>'
        self.assertIn(link, (await self.ask("/explorer")).body)
        answer = await self.ask("/own")
        self.assertEqual(answer.status, 403)
        self.assertIn(f"who logs in at 127.0.0.1:{web}", answer.body)
        lost = await self.ask("/nothing", "Sec-Fetch-Site: none", "Sec-Fetch-Dest: document")
        self.assertEqual((lost.status, lost.header("Content-Type")), (404, "text/html; charset=utf-8"))
        self.assertEqual((await self.ask("/nothing")).header("Content-Type"), "application/json")
        self.port = web
        self.assertNotIn("Log in</a>", (await self.ask("/explorer", await self.session())).body)

    async def test_as_a_script_of_the_reference(self):
        await self.begin()
        wrong = await self.log_in("guess")
        self.assertEqual((wrong.status, wrong.cookie), (401, ""))
        await self.asked.wait_line("webui: a wrong password from 127.0.0.1")
        for body in ("{", "[]", "{}", '{"password":7}', '{"password":"' + "x" * 300 + '"}'):
            answer = await self.post("/api/login", body, "Content-Type: application/json")
            self.assertEqual(answer.status, 400, body)
        self.assertEqual((await self.post("/api/login", "password=x")).status, 415)
        mine = "Cookie: alfis_session=" + "a" * 64  # a cookie that a client brings is not taken
        answer = await self.log_in(PASSWORD, mine)
        self.assertEqual((answer.status, json.loads(answer.body)), (200, {}))
        self.assertRegex(answer.cookie, "^[0-9a-f]{64}$")
        self.assertNotEqual(answer.cookie, "a" * 64)
        self.assertEqual(answer.cookie_words, "Path=/; HttpOnly; SameSite=Strict")
        self.assertEqual((await self.ask("/status", mine)).status, 401)
        cookie = f"Cookie: alfis_session={answer.cookie}"
        self.assertEqual((await self.ask("/status", cookie)).status, 200)
        self.assertEqual((await self.ask("/keys", cookie)).status, 200)
        again = await self.log_in(PASSWORD, cookie)  # a new session takes the place of the old one
        self.assertEqual((await self.ask("/status", cookie)).status, 401)
        cookie = f"Cookie: alfis_session={again.cookie}"
        ended = await self.call("/api/logout", {}, cookie)
        self.assertEqual((ended.status, ended.cookie), (200, ""))
        self.assertIn("Max-Age=0", ended.cookie_words)
        self.assertEqual((await self.ask("/status", cookie)).status, 401)

    async def test_in_a_browser(self):
        await self.begin()
        origin = f"Origin: http://{self.host}:{self.port}"
        wrong = await self.post("/login", "password=guess&to=%2Fexplorer", origin)
        self.assertEqual(wrong.status, 401)
        self.assertIn('role="alert"', wrong.body)
        self.assertIn('name="to" value="&#47;explorer"', wrong.body)
        for to, led in (("%2Fexplorer%3Ffrom%3D3", "/explorer?from=3"), ("%2F%2Fevil.example", "/"),
                        ("%2F%5Cevil.example", "/"), ("https%3A%2F%2Fevil.example", "/"), ("", "/")):  # fmt: skip
            answer = await self.post("/login", f"password=correct+horse+battery&to={to}", origin)
            self.assertEqual((answer.status, answer.header("Location")), (303, led))
        cookie = f"Cookie: alfis_session={answer.cookie}"
        page = await self.ask("/explorer", cookie)
        self.assertEqual(page.status, 200)
        self.assertIn('href="/own"', page.body)
        self.assertNotIn("unsafe-inline", page.header("Content-Security-Policy"))
        self.assertEqual(page.header("Referrer-Policy"), "same-origin")  # else a form's Origin is null
        other = await self.session()
        token = await self.token(cookie)
        answer = await self.post("/logout/all", f"token={token}", cookie, origin)
        self.assertEqual((answer.status, answer.header("Location")), (303, "/login"))
        for line in (cookie, other):
            self.assertEqual((await self.ask("/status", line)).status, 401)

    async def test_the_password_is_right_within_two_seconds(self):
        """Ten wrong ones from the same network, and a flood from many others."""
        await self.begin()
        self.assertEqual((await self.log_in()).status, 200)
        over, statuses = asyncio.Event(), set()

        async def flood(n: int) -> None:
            with contextlib.suppress(OSError):
                while not over.is_set():
                    statuses.add((await self.log_in("guess", source=f"127.{n // 250 + 7}.{n % 250}.1")).status)

        floods = [asyncio.create_task(flood(n)) for n in range(40)]
        try:
            for _ in range(10):
                self.assertIn((await self.log_in("guess")).status, (401,))
            began = time.monotonic()
            answer = await self.log_in()
            took = time.monotonic() - began
        finally:
            over.set()
            await asyncio.gather(*floods)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertLess(took, harness.patience(2 * harness.SLOW))
        self.assertLessEqual(statuses, {0, 401, 429})
        self.assertIn(401, statuses)


class Forged(WebTest):
    async def test_requests_of_other_pages(self):
        await self.begin()
        cookie = await self.session()
        token = await self.token(cookie)
        ours = f"Origin: http://{self.host}:{self.port}"
        ban = "address=192.0.2.7"
        for lines, body, status in (
            ((ours,), f"{ban}&token={token}", 200),
            ((ours, f"X-Token: {token}"), "address=192.0.2.8", 200),
            ((ours,), ban, 403),
            ((), ban, 403),
            ((ours,), f"{ban}&token={'0' * 64}", 403),
            (("Origin: http://evil.example",), f"{ban}&token={token}", 403),
            (("Origin: null",), f"{ban}&token={token}", 403),
            (("Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: document"), f"{ban}&token={token}", 403),
            (("Host: evil.example",), f"{ban}&token={token}", 403),
            (("Host: evil.example", "Origin: http://evil.example"), f"{ban}&token={token}", 403),
        ):
            answer = await self.post("/bans/add", body, cookie, *lines)
            self.assertEqual(answer.status, status, (lines, body, answer.body))
        answer = await self.call("/bans/add", {}, cookie)
        self.assertEqual(answer.status, 415)
        # A call of /api without Origin is a script's; with it, it carries the token.
        self.assertEqual((await self.call("/api/logout", {}, cookie, ours)).status, 403)
        self.assertEqual((await self.post("/api/logout", "", cookie, "Content-Type: text/plain")).status, 403)
        self.assertEqual((await self.ask("/status", cookie, "Host: evil.example")).status, 403)
        self.assertEqual((await self.ask("/status", cookie)).status, 200)
        for path in ("/stop", "/reload"):
            answer = await self.post(path, f"token={token}", cookie)
            self.assertEqual(answer.status, 403, path)
        self.assertEqual((await self.call("/api/logout", {}, cookie, ours, f"X-Token: {token}")).status, 200)

    async def test_a_proxy(self):
        await self.begin(webui__trusted_proxies=["127.0.0.1/32"], webui__public=True)
        lines = ("Host: node.example", "X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.5")
        answer = await self.log_in(PASSWORD, *lines)
        self.assertEqual(answer.cookie_words, "Path=/; HttpOnly; SameSite=Strict; Secure")
        await self.asked.wait_line("webui: logged in from 203.0.113.5")
        answer = await self.log_in(PASSWORD, *lines, source="127.0.0.2")
        self.assertEqual(answer.cookie_words, "Path=/; HttpOnly; SameSite=Strict")
        await self.asked.wait_line("webui: logged in from 127.0.0.2")


class Ends(WebTest):
    async def until_over(self, cookie: str) -> None:
        """Looks at longer and longer intervals, since each look is a use."""
        pause = 0.2
        while (await self.ask("/status", cookie)).status == 200:
            await asyncio.sleep(pause)
            pause *= 1.5

    async def test_of_time(self):
        node = await self.begin(limits__web_session_idle="2 s")
        await self.until_over(await self.session())
        self.assertTrue(node.running)

    async def test_of_places(self):
        """The oldest makes room."""
        node = await self.begin(limits__web_sessions=2)
        first, second, third = [await self.session() for _ in range(3)]
        self.assertEqual((await self.ask("/status", first)).status, 401)
        self.assertEqual((await self.ask("/status", second)).status, 200)
        rows = {row["row"]: row for row in json.loads((await self.ask("/limits", third)).body)["limits"]}
        self.assertEqual(rows["web_sessions"]["hits_total"], 1)
        self.assertEqual(rows["web_sessions"]["max"], 2)
        self.assertTrue(node.running)

    async def test_with_the_password_and_the_node(self):
        node = await self.begin(webui__password="a password in plain", webui__password_hash="")
        await node.wait_line("warn  webui.password stands in the settings in plain")
        said = (await node.command("status")).out
        self.assertIn("web      on, sessions: 0", said)
        self.assertIn("warning  webui.password stands in the settings in plain", said)
        answer = await self.log_in("a password in plain")
        cookie = f"Cookie: alfis_session={answer.cookie}"
        self.assertEqual((await self.ask("/status", cookie)).status, 200)
        node.settings |= {"webui.password": "", "webui.password_hash": HASH}
        node.config.write_text(harness.toml_text(node.settings))
        self.assertEqual((await node.command("reload")).status, harness.DONE)
        self.assertEqual((await self.ask("/status", cookie)).status, 401)
        self.assertEqual((await self.log_in("a password in plain")).status, 401)
        cookie = await self.session()
        node.settings |= {"webui.password_hash": ""}
        node.config.write_text(harness.toml_text(node.settings))
        self.assertEqual((await node.command("reload")).status, harness.DONE)
        with self.assertRaises(OSError):
            await self.ask("/status", cookie)
        self.assertNotIn("web  ", (await node.command("status")).out)
        node.settings |= {"webui.password_hash": HASH}
        await node.stop()
        await node.start()
        self.assertEqual((await self.ask("/status", cookie)).status, 401)
        cookie = await self.session()


class Stream(WebTest):
    async def listen(self, cookie: str) -> tuple[int, asyncio.StreamReader]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        self.addCleanup(writer.close)
        host = f"Host: {self.host}:{self.port}"
        writer.write(f"GET /api/events HTTP/1.1\r\n{host}\r\nAccept: text/event-stream\r\n{cookie}\r\n\r\n".encode())
        return int((await asyncio.wait_for(reader.readline(), 10 * harness.SLOW)).split()[1]), reader

    async def test_it_ends_with_its_session(self):
        await self.begin()
        mine, other = await self.session(), await self.session()
        (code, ends), (_, stays) = await self.listen(mine), await self.listen(other)
        self.assertEqual(code, 200)
        self.assertEqual((await self.call("/api/logout", {}, mine)).status, 200)
        heard = await asyncio.wait_for(ends.read(), 10 * harness.SLOW)
        self.assertTrue(heard.endswith(b'event: end\ndata: {"reason":"the session has ended"}\n\n'), heard)
        await asyncio.wait_for(stays.readuntil(b'"type":"stats"'), 10 * harness.SLOW)
        self.assertFalse(stays.at_eof())
        self.assertEqual((await self.listen(mine))[0], 401)

    async def test_its_places(self):
        """The last ones are kept for the Unix socket."""
        await self.begin()
        cookie = await self.session()
        codes = [(await self.listen(cookie))[0] for _ in range(8)]
        self.assertEqual(codes, [200] * 6 + [503] * 2)
        refused = await self.ask("/api/events", cookie, "Accept: text/event-stream")
        self.assertEqual(refused.status, 503)
        self.assertIn("limits.max_subscribers are there already", refused.body)


class Forgotten(WebTest):
    def look(self, node: harness.Node, password: str) -> None:
        """At once: what comes next may be written over it."""
        held = memory(node.pid)
        self.assertIn(HASH.encode(), held)  # looking finds what is there
        for text in (password, password.replace(" ", "+")):
            self.assertFalse(text.encode()[-16:] in held, text)  # not to print all of it

    @unittest.skipUnless(os.geteuid() == 0, "only root may read another process's memory")
    async def test_the_password(self):
        """Right or wrong, answered, refused or broken off: nothing of it stays in the memory."""
        node = await self.begin(limits__http_body_bytes=4096)
        origin = f"Origin: http://{self.host}:{self.port}"
        for password, status in ((PASSWORD, 200), ("a wrong one that nobody knows", 401)):
            self.assertEqual((await self.log_in(password)).status, status)
            self.look(node, password)
            form = f"password={password.replace(' ', '+')}"
            self.assertEqual((await self.post("/login", form, origin)).status, status if status != 200 else 303)
            self.look(node, password)
            long = json.dumps({"password": password, "x": "x" * 8000})
            self.assertEqual((await self.post("/api/login", long, "Content-Type: application/json")).status, 413)
            self.look(node, password)
            reader, writer = await asyncio.open_connection(self.host, self.port)
            writer.write(f"POST /login HTTP/1.1\r\nContent-Length: 200\r\n\r\n{form}".encode())
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 10 * harness.SLOW)
            writer.close()
            self.look(node, password)


class Settings(WebTest):
    async def test_what_is_refused(self):
        for settings, word in ((["webui.listen=0.0.0.0:8082"], "set webui.public = true"),
                               (["webui.password_hash=x"], "no hash that `alfisd web-password` prints"),
                               (["webui.password=x"], "take out one of them")):  # fmt: skip
            sets = [f"webui.password_hash={HASH}", *settings]
            ended = await harness.run("check-config", *(w for s in sets for w in ("--set", s)), cwd=self.folder)
            self.assertEqual(ended.status, harness.USAGE)
            self.assertIn(word, ended.err + ended.out)

    async def hashed(self, password: str, *words: str) -> harness.Finished:
        here, there = os.pipe()
        os.write(there, (password + "\n").encode())
        os.close(there)
        try:
            return await harness.run("web-password", "--passphrase-fd", str(here), *words,
                                     cwd=self.folder, pass_fds=(here,))  # fmt: skip
        finally:
            os.close(here)

    async def test_what_is_hashed_can_be_typed(self):
        for password, why in (("a\ttab in it", "no control characters"), ("x" * 256, "at most 255 bytes")):
            ended = await self.hashed(password)
            self.assertEqual((ended.status, ended.out), (1, ""), str(ended))
            self.assertIn(why, ended.err)
        longest = "x" * 255
        found = re.search('"(.*)"', (await self.hashed(longest)).out)
        assert found
        await self.begin(webui__password_hash=found[1])
        field = re.search('<input type="password"[^>]*maxlength="([0-9]*)"', (await self.ask("/login")).body)
        assert field
        self.assertGreaterEqual(int(field[1]), len(longest))
        answer = await self.post("/login", f"password={longest}&to=%2Fown")
        self.assertEqual((answer.status, answer.header("Location")), (303, "/own"))

    async def test_a_hash_is_made(self):
        for words, shape in (((), r'\[webui\]\npassword_hash = "(.*)"\n'), (("--json",), r'\{"password_hash":"(.*)"\}\n')):
            ended = await self.hashed(PASSWORD, *words)
            self.assertEqual(ended.status, harness.DONE, str(ended))
            found = re.fullmatch(shape, ended.out)
            assert found, ended.out
        await self.begin(webui__password_hash=found[1])
        await self.session()
