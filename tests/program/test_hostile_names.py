"""Anybody may give a key of ours a name whose block holds what he likes: nothing of it harms the
lists, the node or the key process."""

import dataclasses
import gzip
import hashlib
import json
import unittest
from pathlib import Path

import harness
from alfis.crypto import SigningKey
from test_blocks import block_of, file_of
from test_domains import DomainsTest
from test_keys import PHRASE

TABLE = Path(__file__).parent.parent / "vectors/tables/ecies-decrypt.jsonl.gz"
SECRET = "6a3179baaf9d3b3b38f40fb355099996f1c260bc181470101c8d9124c238eaf8"
STRANGE = '\\u001b[31m\\u202e\\u0007 \\u0000 <script>&\\"\\\\ \\n'


def ciphers() -> dict[str, str]:
    """What the table has for this secret: why, and the ciphertext."""
    with gzip.open(TABLE, "rt") as file:
        rows = [json.loads(line) for line in file]
    return {row["why"]: row["ciphertext"] for row in rows if row.get("secret") == SECRET}


def not_text() -> str:
    """A ciphertext for this secret whose plain text is no UTF-8."""
    with gzip.open(TABLE, "rt") as file:
        for row in map(json.loads, file):
            try:
                bytes.fromhex(row.get("plain", "")).decode()
            except UnicodeDecodeError:
                if row["secret"] == SECRET:
                    return row["ciphertext"]
    raise AssertionError("the table has none")


def hostile() -> dict[str, str]:
    known = ciphers()
    sealed = {
        "text": not_text(),
        "crash": known["truncated-37"],  # release 0.10 ends at it
        "short": known["truncated-17"],
        "none": "",
        "long": "00" * 6000,
        "hex": "+" + "a" * 131,
    }
    data = {name: f'{{"encrypted":"{text}","zone":"ygg"}}' for name, text in sealed.items()}
    data["strange"] = (f'{{"encrypted":"{not_text()}","zone":"ygg","info":"{STRANGE}","records":['
                       f'{{"type":"TXT","domain":"@","data":"{STRANGE}","ttl":1}}],'
                       f'"contacts":[{{"name":"{STRANGE}","value":"{STRANGE}"}}]}}')  # fmt: skip
    return data


class HostileNames(DomainsTest):
    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"keystore_difficulty": 0, "domain_difficulty": 4}

    def key_of_the_table(self) -> Path:
        """A plain key file whose secret opens the table's ciphertexts."""
        seed = bytes(31) + b"\x07"
        keys = SigningKey(seed).public.hex(), self.encryption(SECRET)
        file = self.folder / "ours.toml"
        file.write_text(f'encrypted = false\n\n[signing]\npublic = "{keys[0]}"\nsecret = "{seed.hex()}"\n\n'
                        f'[encryption]\npublic = "{keys[1]}"\nsecret = "{SECRET}"')  # fmt: skip
        self.ours = keys
        return file

    def encryption(self, secret: str) -> str:
        from nacl import bindings  # pylint: disable=import-outside-toplevel

        return bindings.crypto_scalarmult_ed25519_base_noclamp(bytes.fromhex(secret)).hex()

    async def give(self, node: harness.Node, name: str, data: str) -> harness.Finished:
        """A stranger mines it for us, with this data."""
        stranger = SigningKey(hashlib.sha256(name.encode()).digest())
        theirs = self.encryption("05" * 32)
        file = self.folder / "block"
        done = await node.command(
            "block", "prepare", f"{name}.ygg", "--key", f"{stranger.public.hex()}:{theirs}",
            "--to", f"{self.ours[0]}:{self.ours[1]}", "--output", str(file),
        )  # fmt: skip
        self.assertEqual(done.status, harness.DONE, str(done))
        block = block_of(file.read_text())
        changed = dataclasses.replace(block.transaction, data=data)
        file.write_text(file_of(self.small.origin, dataclasses.replace(block, transaction=changed).encode()))
        done = await node.command("block", "search", str(file), "--threads", "1")
        self.assertEqual(done.status, harness.DONE, str(done))
        block = block_of(file.read_text())
        signature = stranger.sign(block.signature_preimage())
        file.write_text(file_of(self.small.origin, dataclasses.replace(block, signature=signature).encode()))
        return await node.command("block", "submit", str(file))

    async def test_list(self):
        node = await self.start()
        file = self.key_of_the_table()
        await self.done(node, "import", str(file), "me", phrases=(PHRASE,))
        await self.until(node, {"me": "open"})
        child = await self.process(node)
        given = 0
        for name, data in hostile().items():
            done = await self.give(node, name, data)
            self.assertEqual(done.status, harness.DONE, f"{name}: {done}")
            given += 1
        for words in ((), ("--key", self.ours[0])):
            done = await self.domain(node, "list", *words, "--json")
            self.assertEqual(done.status, harness.DONE, str(done))
            rows = json.loads(done.out)["domains"]
            self.assertEqual(len(rows), given, rows)
            done = await self.domain(node, "list", *words)
            self.assertEqual(done.status, harness.DONE, str(done))
            bad = [c for c in done.out + done.err if c != "\n" and not c.isprintable()]
            self.assertEqual(bad, [])
            for name in hostile():
                self.assertNotIn(f"{name}.ygg", done.out)
        # A name that can be believed is among them as ever.
        job = await self.made(node, "new", "mine.ygg", "--key", "me")
        self.assertEqual(job["state"], "done")
        self.assertEqual(await self.process(node), child)
        await node.stop()


if __name__ == "__main__":
    unittest.main()
