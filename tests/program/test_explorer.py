"""The pages of the chain (docs/page.md): whole without scripts, in two languages; in a browser:
test_views.py."""

import asyncio
import html.parser
import re
import subprocess
import unittest
import urllib.parse

import faults
import harness

MKCHAIN = harness.PROGRAM.parent / "mkchain"
VOID = ("meta", "link", "input", "br", "img")
NAME = "home.mob"


class Checked(html.parser.HTMLParser):
    """A page whose elements are closed in order; collects its links and identifiers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.text = ""
        self.feed(page)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        assert not [name for name in found if name == "style" or name.startswith("on")], attrs
        if tag not in VOID:
            self.open.append(tag)
        if "href" in found:
            self.links.append(found["href"])
        if tag in ("input", "progress", "textarea") and found.get("type") != "hidden" and "label" not in self.open:
            self.labels.append(found["aria-label"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


@unittest.skipUnless(MKCHAIN.exists(), "needs mkchain")
class Explorer(harness.ProgramTest):
    async def made(self, **settings) -> harness.Node:
        path = self.folder / "made.jsonl"
        subprocess.run([str(MKCHAIN), "--seed", "3", "--blocks", "60", "--domain", NAME, str(path)],
                       check=True, capture_output=True)  # fmt: skip
        return await self.loaded_node(faults.read_chain(path), **settings)

    async def page(self, node: harness.Node, path: str, status: int = 200) -> Checked:
        code, body = await node.get(path)
        self.assertEqual(code, status, f"{path}: {body[:300]}")
        return Checked(body)

    async def head(self, node: harness.Node, path: str) -> str:
        reader, writer = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 10 * harness.SLOW)
        writer.close()
        return answer.decode().partition("\r\n\r\n")[0] + "\r\n"

    async def test_every_link_leads_somewhere(self):
        """From the list of blocks all pages can be reached, and none of them links to nothing."""
        node = await self.made()
        waiting, seen, kinds = ["/explorer", "/explorer/names", f"/explorer/name/{NAME}"], set(), set()
        while waiting:
            path = waiting.pop().partition("#")[0]
            kind = re.sub(r"(/[0-9A-F]{64}|/\d+|=\d+|/home.mob)$", "", path)
            if path in seen or (len(seen) > 60 and kind in kinds):
                continue
            seen.add(path)
            kinds.add(kind)
            if path == "/" or not path.startswith("/"):
                continue
            code, body = await node.get(path)
            self.assertEqual(code, 200, f"{path}: {body[:200]}")
            if path.startswith(("/explorer", "/node")):
                waiting += Checked(body).links
        for wanted in ("/explorer/block", "/explorer/key", "/explorer/name", "/block", "/key",
                       "/domain", "/explorer?from", "/node/peers", "/node/resolver",
                       "/node/time", "/history"):  # fmt: skip
            self.assertIn(wanted, kinds)

    async def test_a_name_in_five_spellings(self):
        node = await self.made()
        for way in ("home.mob", "HOME.Mob", "www.home.mob.", "http://a.b.home.mob:80/x/y?z", " home.mob "):
            path = "/search?" + urllib.parse.urlencode({"q": way})
            head = await self.head(node, path)
            self.assertIn("303 See Other", head)
            self.assertIn("Location: /explorer/name/home.mob\r\n", head)
        page = await self.page(node, "/explorer/name/home.mob")
        for wanted in ("Records", "History", "registered", "Owner", "Free to others from"):
            self.assertIn(wanted, page.text)
        russian = await self.page(node, "/explorer/name/home.mob?lang=ru")
        for wanted in ("Записи", "История", "Владелец"):
            self.assertIn(wanted, russian.text)
        free = await self.page(node, "/explorer/name/nobody.mob")
        self.assertIn("Nobody has registered this name.", free.text)
        self.assertIn(f"alfisd --config {node.config} domain new nobody.mob", free.text)

    async def test_a_command_that_is_shown_works(self):
        """Pasted into a shell that stands elsewhere; the node runs with settings of its own."""
        node = await self.made()
        free = await self.page(node, "/explorer/name/nobody.mob")
        command = re.search(r"alfisd .* domain check nobody.mob", free.text)[0]
        shell = await asyncio.create_subprocess_exec(
            "sh", "-c", f'alfisd() {{ "{harness.PROGRAM}" "$@"; }}; {command}', cwd="/",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said = (await shell.communicate())[0].decode()
        self.assertIn("nobody.mob", said)
        self.assertNotIn("is it running", said)

    async def test_found_or_why_not(self):
        node = await self.made()
        for path, why in (
            ("/explorer/block/999", "There is no such block."),
            ("/explorer/key/" + "0" * 64, "No block of this key is known,"),
            ("/explorer/name/example.com", "the zones are"),
            ("/search?q=999", "There is no such block."),
            ("/search?q=my+demo.ygg", "a name has no blanks"),
            ("/search?q=" + "0" * 64, "Nobody has registered a name with this identity"),
        ):  # fmt: skip
            page = await self.page(node, path, 404)
            self.assertIn(why, page.text)
