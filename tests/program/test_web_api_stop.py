"""POST /api/mining/stop while a signature is searched for: it ends the search, and signing goes on."""

import json
import unittest

import harness
from alfis import vectors
from machine import free_port
from test_domains import DomainsTest
from test_owner_told import DrawnTest
from test_web_api import PASSWORD, Script


class SignatureTest(DrawnTest):
    """Nine names, of eight keys; the last one needs signatures, which nobody finds."""

    HEIGHT = 9
    PARAMS = DrawnTest.PARAMS | {"block_signers_start": 9, "signer_difficulty": 60, "signing_poll": 3600}

    def begin(self) -> int:
        return 1700000000  # the same chain each time, in which seven keys are drawn

    def made_chain(self, blocks: int) -> vectors.Chain:
        self.full = blocks
        return DomainsTest.made_chain(self, blocks)

    async def searching(self) -> tuple[harness.Node, Script]:
        """A node that searches for a signature."""
        node = await self.start()
        author = self.small.blocks[-1].block().pub_key
        drawn = (await self.sign(node))["drawn"]
        place = next(at for at, one in enumerate(drawn) if bytes.fromhex(one["key"]) != author)
        file = self.key_file(drawn[place]["key"])
        await node.stop()
        port = free_port("127.0.0.1")
        node.settings |= {"key_files": [file], "webui.listen": f"127.0.0.1:{port}", "webui.password": PASSWORD}
        await node.start()
        await self.until(node, lambda told: told["drawn"][place]["ours"] == "drawn")
        await node.command("sign", "on", "--after-restore")
        await self.until(node, lambda told: told["searching"])
        return node, Script(port)

    async def stop_mining(self, script: Script, body: bytes = b"") -> dict:
        code, _, text = await script.raw("POST", "/api/mining/stop", body)
        self.assertEqual(code, 200, text)
        return json.loads(text)

    async def test_stop(self):
        node, script = await self.searching()
        self.assertEqual(await script.log_in(), 200)
        # A script may send members that mean nothing here.
        told = await self.stop_mining(script, b'{"all":true}')
        self.assertEqual(told, {"cancelled": [], "signature": True, "key_search": False})
        told = await self.sign(node)
        self.assertFalse(told["searching"])
        self.assertTrue(told["on"])
        self.assertEqual((await self.stop_mining(script))["signature"], False)


if __name__ == "__main__":
    unittest.main()
