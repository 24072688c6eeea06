"""What the owner's pages say before anything is started: why a name cannot be had, when it can, with
which key, what it costs; and where something was typed that cannot be, beside its field."""

import asyncio
import re
import urllib.parse

import harness
from machine import free_port
from test_domains import DomainsTest
from test_web_own import OwnPagesTest

DAY = 86400


def heading(page: str) -> str:
    return re.search(r"<h1><bdi>(.*?)</bdi></h1>", page).group(1)


def beside_the_name(page: str) -> str:
    """What stands against the field of the name."""
    assert re.search(r'name="name"[^>]*aria-invalid="true" aria-describedby="why1-0"', page), page
    return re.search(r'(?s)id="why1-0">(.*?)</p>', page).group(1)


class NamesTest(OwnPagesTest):
    async def lock(self, node: harness.Node, key: str) -> None:
        await self.send(node, "/own/keys/lock", {"name": key}, 303)
        while key in await self.open_keys(node):
            await asyncio.sleep(harness.POLL)


class Refused(NamesTest):
    async def test_at_once(self):
        """Beside the field, without a form to fill in; and what can be done instead."""
        node = await self.start("me", "her")
        line = await self.owner_line(node, "her")
        self.assertEqual((await node.command("key", "remove", "her", "--yes")).status, harness.DONE)
        await self.made(node, "new", "given.ygg", "--for", line)
        for name, why in (("a--b.ygg", "two hyphens"), ("x.nozone", "the zones are"), ("example", "a word and a zone"),
                          ("given.ygg", "another")):  # fmt: skip
            page = await self.page(node, f"/own/new?name={name}", 400)
            self.assertIn(why, beside_the_name(page))
            self.assertIn(f'value="{name}"', page)
            self.assertNotIn('action="/own/edit"', page)
        self.assertIn('href="/explorer/name/given.ygg"', page)
        # A host needs no name of its own.
        page = await self.page(node, "/own/new?name=a.www.mine.ygg", 400)
        self.assertIn("a word and a zone", beside_the_name(page))
        self.assertIn("a host below mine.ygg", page)
        self.assertIn("begins with &quot;a.www&quot;.", page)
        self.assertIn('href="/own/name/mine.ygg"', page)
        self.assertNotIn("a host below", await self.page(node, "/own/new?name=a.b.nozone", 400))
        # The same in Russian; without a name it is asked for.
        code, page = await node.get("/own/new?name=given.ygg&lang=ru")
        self.assertEqual(code, 400)
        self.assertIn("Кому оно принадлежит", page)
        self.assertNotIn("aria-invalid", await self.page(node, "/own/new?name=+"))

    async def test_headings(self):
        node = await self.start("me")
        await self.made(node, "new", "mine.ygg", "--record", "@ AAAA 200::1")
        page = await self.page(node, "/own/new?name=Mine.ygg")
        self.assertIn("This name is yours already", page)
        page = await self.page(node, "/own/name/mine.ygg")
        self.assertNotIn("yours already", page)
        self.assertRegex(page, r'(?s)>Expires<.*36[45] of 365 days are left.*href="/explorer/name/mine.ygg"')
        for path, english, russian in (
            ("/own", "My names", "Мои имена"), ("/own/new", "Take a new name", "Занять новое имя"),
            ("/own/new?name=free.ygg", "Take free.ygg", "Занять free.ygg"),
            ("/own/name/mine.ygg", "Change mine.ygg", "Изменить mine.ygg"),
            ("/own/renew?days=9", "Renew names", "Продление имён"),
            ("/own/transfer/mine.ygg", "Give mine.ygg away", "Передать mine.ygg"),
            ("/own/jobs", "Jobs", "Задания"), ("/own/jobs/1", "Job 1: mine.ygg", "Задание 1: mine.ygg"),
            ("/own/keys", "Keys", "Ключи"), ("/own/signing", "Signing", "Подписание"),
        ):  # fmt: skip
            for language, wanted in (("en", english), ("ru", russian)):
                code, page = await node.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
                self.assertEqual((code, heading(page)), (200, wanted), path)


class Waiting(NamesTest):
    PARAMS = DomainsTest.PARAMS | {"new_domains_interval": DAY}
    HEIGHT = 8  # a name of each of the eight keys

    async def test_until_when(self):
        """A key that has to wait is told with the date, and another one is chosen when there is one."""
        node = await self.start("a", "me")
        await self.made(node, "new", "mine.ygg", "--key", "a")
        page = await self.page(node, "/own/new?name=next.ygg")
        self.assertIn('<option value="me" selected>', page)
        self.assertNotIn("may take its next new name", page)
        await self.lock(node, "me")
        page = await self.page(node, "/own/new?name=next.ygg")
        self.assertRegex(page, '<option value="a" selected>a</option><option value="me">me – locked</option>')
        self.assertRegex(page, r'(?s)class="why busy">this key may take its next new name from \d{4}-\d\d-\d\d.*'
                               r'<time [^>]*>in 2[34] h</time>.*You can start now')  # fmt: skip
        # It is its owner's to change at once, and the key is open.
        page = await self.page(node, "/own/name/mine.ygg")
        self.assertNotIn("next new name", page)
        self.assertNotIn("is locked", page)
        await self.lock(node, "a")
        for path in ("/own/name/mine.ygg", "/own/transfer/mine.ygg", "/own/new?name=next.ygg"):
            page = await self.page(node, path)
            self.assertIn("This key is locked", page)
            self.assertIn('href="/glossary#lock"', page)
            self.assertIn("key unlock a<", page)
        page = await self.edit(node, await self.page(node, "/own/name/mine.ygg"), do="preview")
        self.assertRegex(page, r"(?s)>Begins</dt><dd>This key is locked.*value=\"start\"")
        self.assertIn('id="lock"', await self.page(node, "/glossary"))


class Cost(NamesTest):
    async def test_before_the_click(self):
        """A renewal says what it costs beside its button, in time as soon as a rate is known."""
        node = await self.start("me")
        keys = await self.page(node, "/own/keys")
        self.assertIn("hashes on average<br><small>how long that takes here is known", keys)
        await self.made(node, "new", "mine.ygg", "--record", "@ AAAA 200::1")
        page = await self.page(node, "/own/name/mine.ygg")
        renewal = page[page.index("<h2>Renew</h2>") : page.index('action="/own/renew/mine.ygg"')]
        self.assertRegex(renewal, r"(?s)\d+ bits.*Time here.*[\d,]+ hashes on average")
        page = await self.edit(node, page, do="preview")
        self.assertRegex(page, r"(?s)What it costs.*[\d,]+ hashes on average")

    async def test_days(self):
        """A number that cannot be stays in its field, with the reason and a way back."""
        node = await self.start("me")
        for days in ("400", "x", "-1", "0", ""):
            page = await self.page(node, f"/own/renew?days={days}", 400)
            self.assertRegex(page, f'name="days"[^>]*aria-invalid="true"[^>]*value="{days}"')
            self.assertRegex(page, r'id="wrong-days" role="alert">[^<]*from 1 to 366')
            self.assertRegex(page, r'(?s)<main.*href="/own"')
        page = await self.page(node, "/own/renew?days=7")
        self.assertRegex(page, 'name="days"[^>]*value="7"')
        self.assertNotIn("aria-invalid", page)
        self.assertIn('href="/own/renew?days=7&amp;lang=ru"', page)
        self.assertIn("aria-invalid", await self.send(node, "/own/renew", {"days": "1000"}, 400))

    async def test_a_new_key(self):
        node = await self.start("me")
        page = await self.page(node, "/own/keys")
        self.assertIn("key new main<", page)
        self.assertIn("<h2>Key: me</h2>", page)
        self.assertRegex(page, r"(?s)href=\"/glossary#strength\">Strength</a>.*strength of 2 bits or more.*A new key.*A new name")
        for taken, free in (("main", "main-2"), ("main-2", "main-3")):
            self.assertEqual((await node.command("key", "rename", "me" if taken == "main" else "main", taken)).status, 0)
            page = await self.page(node, "/own/keys")
            if taken == "main":
                self.assertIn(f"key new {free}<", page)
        self.assertIn("key new main<", page)  # it is free again
        page = await self.page(node, "/glossary")
        for anchor in ("strength", "lock", "passphrase", "owner-line"):
            self.assertIn(f'id="{anchor}"', page)


class Work(NamesTest):
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}
    HEIGHT = 1

    async def test_a_job_is_under_way(self):
        node = await self.start("me")
        page = await self.page(node, "/own/new?name=long.ygg")
        self.assertNotIn("under way", page)
        path = await self.edit(node, await self.edit(node, page, do="preview"), 303, do="start")
        page = await self.page(node, "/own/new?name=long.ygg")
        self.assertRegex(page, f'(?s)class="warning">.*under way.*href="{path}">')


class LogIn(harness.ProgramTest):
    async def test_a_wrong_password(self):
        """The reason is told with the field, in both languages, and the way to another password."""
        port = free_port("127.0.0.1")
        node = await self.node(self.chain("devnet-72"), webui__listen=f"127.0.0.1:{port}", webui__password="right")
        form = urllib.parse.urlencode({"password": "wrong", "to": "/own/keys?x"})
        for language, why, hint in (("en", "The password is wrong.", "Forgotten?"), ("ru", "Неверный пароль.", "Забыли пароль?")):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write((f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nAccept-Language: {language}\r\n"
                          "Content-Type: application/x-www-form-urlencoded\r\n"
                          f"Content-Length: {len(form)}\r\n\r\n{form}").encode())  # fmt: skip
            answer = (await asyncio.wait_for(reader.read(), 60 * harness.SLOW)).decode()
            writer.close()
            head, _, page = answer.partition("\r\n\r\n")
            self.assertIn(" 401 ", head.split("\r\n")[0])
            self.assertRegex(page, f'id="why" role="alert"><span class="bad">{why}')
            self.assertRegex(page, 'name="password"[^>]*autofocus aria-invalid="true" aria-describedby="why"')
            self.assertIn(hint, page)
            self.assertIn("alfisd web-password", page)
            other = {"en": "ru", "ru": "en"}[language]
            self.assertIn(f'href="/login?to=%2Fown%2Fkeys%3Fx&amp;lang={other}"', page)
        self.assertTrue(node.running)
