"""A key that is taken in by POST /api/keys/import, to the end: it is there, open, active, and mines."""

import json
import unittest

from test_web_api import DATA, OTHER, PHRASE, Script, WebApi


class Import(WebApi):
    async def sealed(self, script: Script, name: str) -> str:
        code, _, text = await script.raw("GET", f"/api/keys/export?name={name}")
        self.assertEqual(code, 200)
        return text

    async def key(self, script: Script, name: str) -> dict:
        told = await self.done_at(script, "/api/keys")
        return next(key for key in told["keys"] if key["name"] == name)

    async def mined(self, script: Script, name: str, **more) -> None:
        await self.done_at(script, "/api/domains", {"name": name, "data": DATA} | more)
        await self.until_true(script, "/api/domains", lambda told: name in [d["name"] for d in told["domains"]])

    async def test_a_sealed_key(self):
        """It is moved to another node under another name and passphrase, and has its names there."""
        node, script = await self.page(webui__unlock=True)
        await self.make_key(script, "home")
        await self.mined(script, "mine.ygg")
        sealed = await self.sealed(script, "home")
        public = (await self.key(script, "home"))["public"]
        self.assertEqual((await node.command("key", "remove", "home", "--yes")).status, 0)
        await self.make_key(script, "other")

        body = {"filename": "moved.toml", "file": sealed, "passphrase": OTHER, "old_passphrase": PHRASE, "page": 1}
        code, told = await script.ask("/api/keys/import", body | {"old_passphrase": "wrong"})
        self.assertEqual(code, 403, told)
        code, told = await script.ask("/api/keys/import", body | {"file": 1})
        self.assertEqual(code, 400, told)
        told = await self.done_at(script, "/api/keys/import", body)
        self.assertEqual((told["name"], told["signing"].upper()), ("moved", public.upper()))

        keys = await self.until_true(script, "/api/keys", lambda told: any(
            key["name"] == "moved" and key["state"] == "open" and i == told["active"]
            for i, key in enumerate(told["keys"])))  # fmt: skip
        self.assertEqual({key["name"] for key in keys["keys"]}, {"moved", "other"})
        self.assertIn("mine.ygg", [d["name"] for d in (await self.done_at(script, "/api/domains"))["domains"]])
        await self.mined(script, "next.ygg")

        # Its file opens by the new passphrase alone.
        await self.done_at(script, "/api/keys/lock", {"name": "moved"})
        code, told = await script.ask("/api/keys/unlock", {"name": "moved", "passphrase": PHRASE})
        self.assertEqual((code, told["reason"]), (403, "wrong-passphrase"))
        await self.done_at(script, "/api/keys/unlock", {"name": "moved", "passphrase": OTHER})
        code, told = await script.ask("/api/keys/import", body | {"filename": "twice"})
        self.assertEqual((code, told["reason"]), (400, "exists"), json.dumps(told))


if __name__ == "__main__":
    unittest.main()
