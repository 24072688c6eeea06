"""The owner's pages (docs/page.md), by their forms alone: names, editor, transfer, jobs, keys, signing."""

import asyncio
import html.parser
import json
import urllib.parse

import harness
from test_domains import DomainsTest
from test_explorer import Checked
from test_keys import PHRASE

SCRIPT = "<script>alert(1)</script>"
TURNED = "\u202egnp.exe"


class Forms(html.parser.HTMLParser):
    """The forms of a page: where they go, and what they would send as they are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and "name" in found and found.get("type") != "checkbox":
            fields[found["name"]] = found.get("value", "")
        elif tag == "textarea":
            self.area = found["name"]
            fields[self.area] = ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data):
        if self.area:
            fields = self.forms[-1][1]
            fields[self.area] += data if fields[self.area] else data.lstrip("\n")

    def to(self, action: str) -> dict[str, str]:
        return next(fields for where, fields in self.forms if where == action)


class OwnPagesTest(DomainsTest):
    LANGUAGE = "en"

    async def page(self, node: harness.Node, path: str, status: int = 200) -> str:
        code, body = await node.get(path)
        self.assertEqual(code, status, f"{path}: {body[-3000:]}")
        Checked(body)
        return body

    async def send(self, node: harness.Node, path: str, fields: dict[str, str], status: int = 200) -> str:
        """A form as a browser sends it: the page, or the path that it leads to."""
        form = urllib.parse.urlencode(fields)
        reader, writer = await node.asking()
        writer.write(
            (f"POST {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
             f"Accept-Language: {self.LANGUAGE}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
             f"Content-Length: {len(form)}\r\n\r\n{form}").encode()
        )  # fmt: skip
        answer = (await asyncio.wait_for(reader.read(), 10 * harness.SLOW)).decode()
        writer.close()
        head, _, body = answer.partition("\r\n\r\n")
        self.assertEqual(int(head.split()[1]), status, f"{path}: {body[-3000:]}")
        if status == 303:
            return next(line for line in head.split("\r\n") if line.startswith("Location: "))[10:]
        if "text/html" in head:
            Checked(body)
        return body

    async def edit(self, node: harness.Node, page: str, status: int = 200, **changes: str) -> str:
        return await self.send(node, "/own/edit", Forms(page).to("/own/edit") | changes, status)

    async def finished(self, node: harness.Node, path: str) -> dict:
        """The job that a form led to, when it is done."""
        await self.page(node, path)
        job = await self.wait_state(node, int(path.rpartition("/")[2]), "done")
        self.assertIn("done", await self.page(node, path))
        return job

    async def records(self, node: harness.Node, name: str) -> list:
        return [(r["domain"], r["type"]) for r in (await self.name(node, name))["records"]]


class Editor(OwnPagesTest):
    async def test_sent_twice(self):
        """A second click, or going back, begins nothing anew; what was seen of a name is not another's."""
        node = await self.start("me")
        await self.send(node, "/own/signing", {"do": "off"}, 303)
        await self.made(node, "new", "one.ygg", "--key", "me")
        seen = await self.edit(node, await self.page(node, "/own/new?name=two.ygg"), key="me", r0="@ AAAA 200::1")
        await node.get("/keys/lock?name=me", "POST")  # so that nothing is made meanwhile
        while await self.open_keys(node):
            await asyncio.sleep(harness.POLL)
        fields = Forms(seen).to("/own/edit") | {"do": "start"}
        changed = await self.send(node, "/own/edit", fields | {"name": "three.ygg"})
        self.assertIn("something was changed since the preview", changed)
        renewals = await self.page(node, "/own/renew?days=366")
        self.assertIn("because the node cannot read them: 1.", renewals)
        self.assertIn("key unlock me", renewals)
        first = await self.send(node, "/own/edit", fields, 303)
        self.assertEqual(await self.send(node, "/own/edit", fields, 303), first)
        renewed = await self.send(node, "/own/renew/one.ygg", {}, 303)
        self.assertEqual(await self.send(node, "/own/renew/one.ygg", {}, 303), renewed)
        self.assertNotEqual(first, renewed)

    async def test_new_change_reorder(self):
        node = await self.start("me")
        self.assertIn("Your keys have no names yet.", await self.page(node, "/own"))
        await self.page(node, "/own/new")
        page = await self.page(node, "/own/new?name=Mine.ygg")
        # What is wrong stands beside its field, and nothing can be started.
        page = await self.edit(node, page, 400, r0="@ AAAA no", r1="www CNAME @", cn0="mail", cv0="a@b")
        self.assertRegex(page, r'(?s)name="r0" value="@ AAAA no"[^>]*aria-invalid.*id="why2-0".*column')
        self.assertNotIn('value="start"', page)
        page = await self.edit(node, page, 400, r0="@ A 1.2.3.4")
        self.assertRegex(page, r'(?s)aria-describedby="why2-0".*no A records')
        page = await self.edit(node, page, r0="@ 60 AAAA 200::1", info="first\r\nsecond")
        for wanted in ("mine.ygg. 60 IN AAAA 200::1", "<ins>+ @ 60 AAAA 200::1</ins>", "a new name", "bytes"):
            self.assertIn(wanted, page)
        # What was not seen is not started.
        page = await self.edit(node, page, do="start", r2="mail AAAA 200::2")
        self.assertIn("mail.mine.ygg.", page)
        job = await self.finished(node, await self.edit(node, page, 303, do="start"))
        self.assertEqual(job["name"], "mine.ygg")
        shown = await self.name(node, "mine.ygg")
        self.assertEqual(shown["info"], "first\nsecond")
        self.assertEqual([r["domain"] for r in shown["records"]], ["@", "www", "mail"])
        listed = await self.page(node, "/own")
        self.assertIn('<a href="/own/name/mine.ygg">', listed)
        # As it is; then in another order, one gone, the rest of a zone file.
        page = await self.page(node, "/own/name/mine.ygg")
        self.assertIn("renewed", await self.edit(node, page))
        page = await self.edit(node, page, do="down0")
        self.assertRegex(page, r'(?s)name="r0" value="www.*name="r1" value="@ 60')
        page = await self.edit(node, page, p2="1")
        self.assertRegex(page, r'(?s)name="r0" value="mail.*name="r1" value="www')
        page = await self.edit(node, page, do="remove1", cv0="")
        page = await self.edit(node, page, do="preview")
        await self.finished(node, await self.edit(node, page, 303, do="start"))
        shown = await self.name(node, "mine.ygg")
        self.assertEqual([r["domain"] for r in shown["records"]], ["mail", "@"])
        self.assertFalse(shown.get("contacts"))
        page = await self.page(node, "/own/name/mine.ygg")
        page = await self.edit(node, page, 400, zone="a AAAA 200::1\nb AAAA x\n")
        self.assertIn("line 2, column", page)
        page = await self.edit(node, page, zone="$TTL 60\na\tAAAA 200::1\n  TXT \"x y\"\n")
        self.assertRegex(page, r'(?s)name="r0" value="a 60 AAAA 200::1".*name="r1" value="a 60 TXT &quot;x y')

    async def test_transfer_and_renew(self):
        node = await self.start("me", "her")
        await self.made(node, "new", "one.ygg", "--key", "me", "--record", "@ AAAA 200::1")
        await self.made(node, "new", "two.ygg", "--key", "me")
        page = await self.page(node, "/own/renew?days=366")
        for wanted in ("one.ygg", "two.ygg", "2 blocks"):
            self.assertIn(wanted, page)
        self.assertIn("None of your names", await self.page(node, "/own/renew?days=1"))
        await self.page(node, "/own/renew?days=x", 400)
        height = (await node.status())["height"]
        self.assertEqual(await self.send(node, "/own/renew", {"days": "366"}, 303), "/own/jobs")
        for number in (3, 4):
            await self.wait_state(node, number, "done")
        self.assertEqual((await node.status())["height"], height + 2)
        self.assertIn("renewal", await self.page(node, "/own/jobs"))
        await self.finished(node, await self.send(node, "/own/renew/one.ygg", {}, 303))
        self.assertEqual(await self.records(node, "one.ygg"), [("@", "AAAA")])

        await self.page(node, "/own/transfer/two.ygg")
        mine, line = await self.owner_line(node, "me"), await self.owner_line(node, "her")
        gift = {"name": "two.ygg", "to": line[:-1] + "Z"}
        self.assertIn("aria-invalid", await self.send(node, "/own/transfer", gift, 400))
        self.assertIn("aria-invalid", await self.send(node, "/own/transfer", gift | {"to": mine}, 400))
        page = await self.send(node, "/own/transfer", gift | {"to": line})
        self.assertIn("This cannot be taken back.", page)
        sure = Forms(page).to("/own/transfer") | {"sure": "yes"}
        await self.finished(node, await self.send(node, "/own/transfer", sure, 303))
        self.assertEqual((await self.name(node, "two.ygg"))["owner"].upper(), line.split(":")[1])
        await self.page(node, "/own/transfer/nobody.ygg", 404)


class Hostile(OwnPagesTest):
    async def test_nothing_becomes_markup_or_is_lost(self):
        """What is not seen in a form stays as it is when the form comes back."""
        node = await self.start("me")
        await self.made(
            node, "new", "bad.ygg", "--record", f'@ TXT "{SCRIPT}"', "--record", f'@ TXT "{TURNED}" 60',
            "--contact", f"x{SCRIPT}={SCRIPT}", "--contact", f"y{TURNED}=1", "--info", f"{SCRIPT} {TURNED}",
        )  # fmt: skip
        path = "/own/jobs/1"
        before = await self.name(node, "bad.ygg")
        self.assertIn(TURNED, before["info"])
        page = await self.page(node, "/own/name/bad.ygg")
        for shown in (page, await self.page(node, path), await self.page(node, "/own"),
                      await self.page(node, "/explorer/name/bad.ygg")):  # fmt: skip
            self.assertNotIn("<script>a", shown)
            self.assertNotIn("\u202e", shown)
        self.assertIn("\\u202E", page)
        page = await self.edit(node, page, r2="www AAAA 200::1")
        await self.finished(node, await self.edit(node, page, 303, do="start"))
        after = await self.name(node, "bad.ygg")
        self.assertEqual(after["info"], before["info"])
        self.assertEqual(after["records"][:2], before["records"])
        self.assertEqual(after["contacts"], before["contacts"])


class Work(OwnPagesTest):
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}
    HEIGHT = 1

    async def test_a_job_is_paused_and_cancelled(self):
        node = await self.start("me")
        page = await self.page(node, "/own/new?name=long.ygg")
        path = await self.edit(node, await self.edit(node, page, do="preview"), 303, do="start")
        number = path.rpartition("/")[2]
        await self.wait_state(node, int(number), "searches")
        page = await self.page(node, path)
        self.assertIn("luck has no memory", page)
        self.assertIn('<noscript><meta http-equiv="refresh"', page)
        for deed, word in (("pause", "paused"), ("resume", "Pause"), ("cancel", "cancelled")):
            self.assertEqual(await self.send(node, "/own/job", {"id": number, "do": deed}, 303), path)
            self.assertIn(word, await self.page(node, path))
        self.assertNotIn('http-equiv="refresh"', await self.page(node, path))
        self.assertIn("has ended", await self.send(node, "/own/job", {"id": number, "do": "cancel"}, 400))
        await self.send(node, "/own/job", {"id": "77", "do": "cancel"}, 404)
        await self.page(node, "/own/jobs/77", 404)

    async def test_keys_and_signing(self):
        node = await self.start("me")
        page = await self.page(node, "/own/keys")
        self.assertIn(await self.owner_line(node, "me"), page)
        self.assertIn("Make a copy of this key", page)
        sealed = await self.send(node, "/own/keys/export", {"name": "me"})
        self.assertTrue(sealed.startswith("alfisd key 1\n"))
        self.assertNotIn("Make a copy of this key", await self.page(node, "/own/keys"))
        self.assertEqual(await self.send(node, "/own/keys/lock", {"name": "me"}, 303), "/own/keys")
        while await self.open_keys(node):
            await asyncio.sleep(harness.POLL)
        self.assertIn(" key unlock me<", await self.page(node, "/own/keys"))
        await self.send(node, "/own/keys/lock", {"name": "other"}, 404)
        await node.stop()
        await node.start()
        self.assertNotIn("Make a copy of this key", await self.page(node, "/own/keys"))
        page = await self.page(node, "/own/signing")
        self.assertIn("full blocks are signed", page)
        await self.send(node, "/own/signing", {"do": "off"}, 303)
        self.assertIn("nothing is signed", await self.page(node, "/own/signing"))
        await self.send(node, "/own/signing", {"do": "what"}, 400)

    async def test_both_languages(self):
        node = await self.start("me")
        for path, word in (("/own", "Мои имена"), ("/own/new", "Занять новое имя"), ("/own/keys", "Строка владельца"),
                           ("/own/jobs", "Заданий ещё не было"), ("/own/signing", "блоки подписываются"),
                           ("/own/name/x.ygg", "Вставить файл зоны"), ("/own/renew?days=9&x=1", "")):  # fmt: skip
            code, body = await node.get(path + ("&" if "?" in path else "?") + "lang=ru")
            self.assertEqual(code, 200 if word else 400, path)
            Checked(body)
            self.assertIn(word, body)
        told = json.loads((await node.get("/keys"))[1])
        self.assertEqual(told["keys"][0]["name"], "me")


class Secrets(OwnPagesTest):
    async def key_state(self, node: harness.Node, name: str) -> str:
        code, body = await node.get(f"/keys/{name}")
        return json.loads(body)["state"] if code == 200 else ""

    async def wait_key(self, node: harness.Node, name: str, state: str) -> None:
        while await self.key_state(node, name) != state:
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)

    async def test_keys_by_passphrase(self):
        """With webui.unlock a key is made, locked, opened and taken in on the page."""
        node = await self.start(webui__unlock=True)
        page = await self.page(node, "/own/keys")
        self.assertIn("There is no key here yet", page)
        new = {"name": "main", "passphrase": PHRASE, "again": PHRASE}
        for bad, why in (({"again": "x"}, "differ"), ({"name": "a/b"}, "letters, digits"), ({"passphrase": ""}, "missing")):
            self.assertIn(why, await self.send(node, "/own/keys/new", new | bad, 400))
        self.assertEqual(await self.send(node, "/own/keys/new", new, 303), "/own/keys")
        await self.wait_key(node, "main", "open")
        self.assertIn("of this name already", await self.send(node, "/own/keys/new", new, 400))
        sealed = await self.send(node, "/own/keys/export", {"name": "main"})
        await self.send(node, "/own/keys/lock", {"name": "main"}, 303)
        await self.wait_key(node, "main", "locked")
        code, body = await node.get("/own/keys/unlock", "POST", urllib.parse.urlencode({"name": "main", "passphrase": "wrong"}))
        self.assertNotEqual(code, 303)
        self.assertIn('class="warning"', body)
        self.assertNotIn("wrong\"", body)
        await self.send(node, "/own/keys/unlock", {"name": "main", "passphrase": PHRASE}, 303)
        await self.wait_key(node, "main", "open")
        self.assertEqual((await node.command("key", "remove", "main", "--yes")).status, 0)
        taken = {"name": "again", "file": sealed.replace("\n", "\r\n"), "passphrase": PHRASE}
        await self.send(node, "/own/keys/import", taken, 303)
        await self.wait_key(node, "again", "open")

    async def test_not_without_the_option(self):
        node = await self.start("me")
        for path in ("/own/keys/new", "/own/keys/unlock", "/own/keys/import"):
            body = await self.send(node, path, {"name": "me", "passphrase": PHRASE}, 403)
            self.assertIn("webui.unlock", body)
        self.assertNotIn('type="password"', await self.page(node, "/own/keys"))
