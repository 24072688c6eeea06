"""Every command that the documents tell is one that works."""

import os
import re
import subprocess
import unittest

import harness
from alfis import vectors

# What the network does and what names are kept: not what this version has.
SPECIFICATIONS = {"protocol.md", "interfaces.md", "reference-peers.md"}
DOCUMENTS = [vectors.PROJECT / "README.md"] + sorted(
    path for path in (vectors.PROJECT / "docs").glob("*.md") if path.name not in SPECIFICATIONS
)
FENCE = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
INLINE = re.compile(r"`(?:build/)?alfisd ([^`]+)`")
# What stands for something of the reader's own, and what this test has for it.
PLACES = {
    "ADDRESS": "9.9.9.9",
    "HOST:PORT": "127.0.0.1:9",
    "FILE": "{snapshot}",
    "chain.snapshot": "{snapshot}",
    "blockchain.db": "{snapshot}",
    "chain.mdb": "",
    "N": "1",
    "NAME": "",
}
# These end the node, wait for it, or must not run beside it.
OTHERS = {"stop", "run", "signer", "events", "import", "verify"}
# They need a key, a name of this chain, a peer: tests of their own have these.
NEED_MORE = {"web-password", "ban", "unban", "peer", "show", "key", "domain", "job", "block", "sign"}


def told() -> list[tuple[str, str]]:
    """(document, words behind "alfisd"), without comments and optional parts."""
    found = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for block in FENCE.findall(text):
            for line in block.splitlines():
                words = line.partition("#")[0].strip()
                if words.startswith(("alfisd ", "build/alfisd ")):
                    found.append((path.name, words.partition(" ")[2]))
        for words in INLINE.findall(text):
            found.append((path.name, re.sub(r"\[.*?\]", "", words).strip()))
    return found


class Documents(harness.ProgramTest):
    async def test_commands_exist(self):
        help_text = (await harness.run("--help")).out
        commands = set(re.findall(r"^  ([a-z][a-z-]*)", help_text, re.M))
        self.assertGreater(len(told()), 25)
        for document, words in told():
            first = words.split()[0]
            if not first.startswith("--"):
                self.assertIn(first, commands, (document, words))

    async def test_commands_work(self):
        host = harness.fresh_host()
        listen = {"dns__listen": f"{host}:{harness.free_port(host)}", "dns__forwarders": []}
        node = await self.loaded_node(self.chain("devnet-72"), **listen)
        snapshot = str(self.folder / "s.snapshot")
        self.assertEqual((await node.command("export", snapshot)).status, 0)
        done = set()
        for document, words in told():
            parts = [PLACES.get(w, w).format(snapshot=snapshot) for w in words.split()]
            if parts[0] in OTHERS or "--watch" in parts or "--config" in parts or "" in parts:
                continue
            if tuple(parts) in done or parts[0] in NEED_MORE:
                continue
            done.add(tuple(parts))
            ended = await node.command(*parts)
            # A node without peers; names of the documents are of another chain.
            expected = 1 if "--check" in parts or parts[0] == "resolve" else 0
            self.assertEqual(ended.status, expected, (document, words, str(ended)))
        self.assertGreater(len(done), 6)

    async def test_links_lead_somewhere(self):
        for path in [*DOCUMENTS, vectors.PROJECT / "CONTRIBUTING.md", vectors.PROJECT / "ARCHITECTURE.md"]:
            text = path.read_text(encoding="utf-8")
            for target in re.findall(r"\]\(([^)#]+)\)", text):
                if "://" not in target:
                    self.assertTrue((path.parent / target).exists(), f"{path.name}: {target}")


OF_CONTRIBUTORS = [*DOCUMENTS, vectors.PROJECT / "CONTRIBUTING.md", vectors.PROJECT / "tests" / "README.md"]


def commands_with(word: str) -> list[tuple[str, list[str]]]:
    """(document, words from `word` on) of each such command, in a block or within a line."""
    found = []
    for path in OF_CONTRIBUTORS:
        text = path.read_text(encoding="utf-8")
        lines = [line.partition(" #")[0] for block in FENCE.findall(text) for line in block.splitlines()]
        for command in lines + re.findall(r"`([^`\n]+)`", text):
            words = command.split()
            if word in words and "…" not in command:
                found.append((path.name, words[words.index(word) :]))
    return found


class CommandsOfTests(unittest.TestCase):
    def test_program_tests_exist(self):
        told = {tuple(words): document for document, words in commands_with("tests/program/run.py")}
        self.assertGreater(len(told), 10)
        for words, document in told.items():
            with self.subTest(document=document, command=" ".join(words)):
                self.assertTrue(os.access(vectors.PROJECT / words[0], os.X_OK))
                listed = subprocess.run([*words, "--list"], cwd=vectors.PROJECT, text=True,
                                        capture_output=True, check=False)  # fmt: skip
                self.assertEqual(listed.returncode, 0, listed.stderr)
                self.assertGreater(len(listed.stdout.splitlines()), 0)

    def test_targets_exist(self):
        makefile = (vectors.PROJECT / "Makefile").read_text(encoding="utf-8")
        known = set(re.search(r"^\.PHONY: (.*)", makefile, re.M)[1].split())
        for document, words in commands_with("make"):
            for target in words[1:]:
                if re.fullmatch(r"[a-z-]+", target):
                    self.assertIn(target, known, (document, words))
