"""What an owner of keys is told: whose signature is waited for, which of his keys are in danger, and
that another node has one of them."""

import asyncio
import hashlib
import json

import harness
from alfis import vectors
from alfis.crypto import SigningKey, bindings
from test_domains import DomainsTest


def made_seed(public: bytes) -> bytes:
    """The seed of a key of tools/mkchain."""
    for number in range(4096):
        text = b"alfisd devnet " + (1).to_bytes(8, "big") + number.to_bytes(8, "big")
        seed = hashlib.sha256(text).digest()
        if SigningKey(seed).public == public:
            return seed
    raise AssertionError("mkchain has no such key")


class DrawnTest(DomainsTest):
    """The last block is a full one, of which nobody has signed."""

    HEIGHT = 48
    AGE = 6 * 3600
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 2, "block_signers_start": 35,
                                   "signing_wait": 1, "signing_poll": 1}  # fmt: skip

    def made_chain(self, blocks: int) -> vectors.Chain:
        chain = super().made_chain(blocks)
        self.full = max(b.index for b in chain.blocks if b.block().transaction is not None)
        self.assertGreater(self.full, 35)
        return chain.first(self.full)

    def key_file(self, public: str) -> str:
        """A file of the network's own program with this key."""
        file = self.folder / "drawn.toml"
        secret = hashlib.sha256(b"encryption").digest()[:31] + b"\1"
        pairs = {"signing": (bytes.fromhex(public), made_seed(bytes.fromhex(public))),
                 "encryption": (bindings.crypto_scalarmult_ed25519_base_noclamp(secret), secret)}  # fmt: skip
        text = "encrypted = false"
        for name, (pub, sec) in pairs.items():
            text += f'\n\n[{name}]\npublic = "{pub.hex().upper()}"\nsecret = "{sec.hex().upper()}"'
        file.write_text(text)
        file.chmod(0o600)
        return str(file)

    async def sign(self, node: harness.Node) -> dict:
        return json.loads((await node.command("sign", "status", "--json")).out)

    async def until(self, node: harness.Node, what) -> dict:
        while not what(told := await self.sign(node)):
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)
        return told


class Told(DrawnTest):
    async def test_drawn_restored_and_foreign(self):
        a = await self.start()
        told = await self.sign(a)
        self.assertEqual((told["block"], told["waits"], told["missing"]), (self.full, True, 4))
        self.assertEqual(len(told["drawn"]), 7)
        self.assertIn(f"waiting for 4 of 4 signatures of block {self.full} since ", told["waiting"])
        public = told["drawn"][0]["key"]
        self.assertEqual(told["drawn"][0]["ours"], "")
        await a.stop()

        # The key has blocks in the chain, and no journal knows them: as after a restored backup.
        file = self.key_file(public)
        a.settings |= {"key_files": [file]}
        await a.start()
        line = await a.wait_line(f"nothing is signed for full block {self.full}")
        self.assertIn("owner: ", line)
        told = await self.until(a, lambda t: any("restored backup" in w for w in t["warnings"]))
        self.assertEqual(told["drawn"][0]["ours"], "drawn")
        self.assertEqual(told["drawn"][0]["signed"], 0)
        self.assertIn("our key drawn", (await a.command("sign", "status")).out)
        self.assertEqual((await a.status())["height"], self.full)

        # Another node with the same key, which does not sign.
        b = self.make_node(self.small, peers=[a.address], owner__sign=False, key_files=[file])
        await self.fill(b, self.small)
        await b.start()
        line = await b.wait_line(f"is drawn to sign block {self.full}, and signing is off")
        self.assertIn("key drawn", line)
        status = (await b.command("status")).out
        self.assertIn(f"a key is drawn to sign block {self.full}", " ".join(status.split()))

        done = await a.command("sign", "on", "--after-restore")
        self.assertEqual(done.status, harness.DONE, str(done))
        await a.wait_height(self.full + 1)
        told = await self.until(a, lambda t: t["drawn"][0]["signed"] == self.full + 1)
        self.assertEqual(told["missing"], 3)
        self.assertEqual(told["warnings"], [])

        line = await b.wait_line("was not made by this node")
        self.assertIn(f"block {self.full + 1} is by key drawn", line)
        self.assertEqual((await self.sign(b))["foreign_newest"], self.full + 1)
        self.assertIn(f"block {self.full + 1} is by a key of ours", " ".join((await b.command("status")).out.split()))
        self.assertFalse([line for line in a.lines if "was not made" in line], a.log_tail())
        # Told once, not after a restart again.
        await b.stop()
        await b.start()
        await b.wait_line("at tip")
        await self.until(b, lambda t: t["foreign"] == 1)
        self.assertFalse([line for line in b.lines if "was not made" in line], b.log_tail())


class Steps(DomainsTest):
    """A search that finds nothing."""

    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}

    async def test_steps_of_a_job(self):
        node = await self.start("me")
        reader, writer = await asyncio.open_unix_connection(node.settings["admin.socket"])
        self.addCleanup(writer.close)
        writer.write(b"GET /events HTTP/1.0\r\n\r\n")

        async def step(state: str) -> dict:
            while True:
                if (await reader.readline()).strip() != b"event: job":
                    continue
                data = (await reader.readline()).decode().removeprefix("data: ")
                self.assertNotIn("one.ygg", data)
                if (told := json.loads(data))["state"] == state:
                    return told

        await reader.readuntil(b"event: status")
        await self.made(node, "new", "one.ygg", "--no-wait")
        told = await asyncio.wait_for(step("searches"), 20)
        self.assertEqual((told["id"], told["difficulty"]), (1, 60))
        while (told := await asyncio.wait_for(step("searches"), 40))["hashes_a_second"] == 0:
            pass  # progress, every five seconds
        self.assertGreater(told["hashes"], 0)
        self.assertGreater(told["expected_seconds"], 1e9)
        status = (await node.command("status")).out
        self.assertIn("jobs     1 open, 0 waiting; searching, on average for ", status)
        jobs = (await node.status())["jobs"]
        self.assertEqual((jobs["jobs_open"], jobs["job_search_on"]), (1, 1))
        self.assertGreater(jobs["job_hashes_total"], 0)
        await node.command("job", "cancel", "1")
        await asyncio.wait_for(step("cancelled"), 20)
        await node.wait_line("job 1: one.ygg: cancelled")
        jobs = (await node.status())["jobs"]
        self.assertEqual((jobs["jobs_open"], jobs["jobs_cancelled_total"]), (0, 1))
