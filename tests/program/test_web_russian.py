"""The pages in Russian (docs/page.md): what the engine says is Russian, too; only the log is not."""

import asyncio
import re
import unittest

import harness
from test_keys import PHRASE
from test_web_own import OwnPagesTest

ENGLISH = re.compile(r'<(?!a )(\w+)([^>]* lang="en"[^>]*)>')  # the link of the other language aside


class Russian(OwnPagesTest):
    LANGUAGE = "ru"

    async def page(self, node: harness.Node, path: str, status: int = 200) -> str:
        page = await super().page(node, f"{path}{'&' if '?' in path else '?'}lang=ru", status)
        return self.russian(page)

    async def send(self, node: harness.Node, path: str, fields: dict[str, str], status: int = 200) -> str:
        answer = await super().send(node, path, fields, status)
        return self.russian(answer) if answer.startswith("<!doctype") else answer

    def russian(self, page: str) -> str:
        self.assertIn('<html lang="ru">', page)
        self.assertEqual([found for found in ENGLISH.findall(page) if 'id="log"' not in found[1]], [])
        return page

    async def test_what_is_wrong(self):
        """Records, names, owner lines, files of keys."""
        node = await self.start("me", webui__unlock=True)
        page = await self.page(node, "/own/new?name=mine.ygg")
        page = await self.edit(node, page, 400, r0="@ AAAA no", r1='www TXT "open', zone="@ CNAME\n")
        for wanted in ("столбец 8: no — не адрес IPv6, например 200::1", "столбец 9: кавычки не закрыты",
                       "строка 1, столбец 8: не указан хост, например www или www.example.net."):  # fmt: skip
            self.assertIn(wanted, page)
        for name, why in (("a--b.ygg", "два дефиса подряд"), ("x.nozone", "такой зоны нет")):
            self.assertIn(why, await self.page(node, f"/own/new?name={name}", 400))
        self.assertIn("у имени есть зона", await self.page(node, "/explorer/name/word", 404))
        new = {"name": "two", "file": "no key", "passphrase": PHRASE}
        self.assertIn("не закрытый ключ", await self.send(node, "/own/keys/import", new, 400))
        wrong = {"name": "me", "passphrase": "wrong"}
        self.assertIn("пароль неверен", await self.send(node, "/own/keys/unlock", wrong, 403))

    async def test_jobs(self):
        """One that waits, one that is done, one that failed; a name that is given away."""
        node = await self.start("me", "her", webui__unlock=True)
        await self.send(node, "/own/keys/lock", {"name": "me"}, 303)
        while "me" in await self.open_keys(node):
            await asyncio.sleep(harness.POLL)
        page = await self.edit(node, await self.page(node, "/own/new?name=one.ygg"), key="me")
        one = await self.edit(node, page, 303, key="me", do="start")
        self.assertIn("его ключ закрыт: alfisd key unlock", await self.page(node, one))
        await self.made(node, "new", "one.ygg", "--key", "her")
        await self.made(node, "new", "two.ygg", "--key", "her")  # rows of the tip do not count yet
        await self.send(node, "/own/keys/unlock", {"name": "me", "passphrase": PHRASE}, 303)
        await self.wait_state(node, int(one.rpartition("/")[2]), "failed")
        self.assertIn("занято, владелец ", await self.page(node, one))
        jobs = await self.page(node, "/own/jobs")
        for wanted in ("не удалось", "готово", "занято, владелец "):
            self.assertIn(wanted, jobs)
        gift = {"name": "two.ygg", "to": "alfis1:12"}
        self.assertIn("в ключе подписи не 64", await self.send(node, "/own/transfer", gift, 400))

    async def test_state_and_bounds(self):
        """The facts behind the state, what happens at each bound, how an answer came about."""
        nobody = "127.0.0.1:1"  # listens there
        node = await self.start("me", dns__listen=["127.0.0.1:0"], net__peers=[nobody])
        alone = "нет соседей (из настроек не ответил ни один, всего 1; последняя ошибка: "
        self.assertIn(alone, await self.page(node, "/"))
        self.assertIn(alone, (await node.get("/?part&lang=ru"))[1])
        self.assertIn("соединение закрывается", await self.page(node, "/node/bounds"))
        page = await self.page(node, "/node/resolver?name=no.ygg&type=A")
        self.assertIn("<bdi>no.ygg A: </bdi><bdi>в загруженной части цепочки его нет", page)
        for path in ("/own", "/own/keys", "/own/signing", "/node/peers", "/node/resolver", "/node/time"):
            await self.page(node, path)


if __name__ == "__main__":
    unittest.main()
