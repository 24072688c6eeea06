"""After a full run the owner's secrets are looked for wherever they must not be."""

import asyncio
import base64
import itertools
import json
import os
import re
import resource
import signal
import unittest
from pathlib import Path

import harness
from test_domains import DomainsTest
from test_keys import OTHER, PHRASE

SECRET = re.compile(r'secret = "([0-9A-F]{64})"')
LARGEST = 1 << 30  # a sanitizer's shadow is larger than any memory, and has no text in it
# A secret is found in what was read in such forms.
FORMS = (bytes, lambda s: s.hex().encode(), lambda s: s.hex().upper().encode())


def encoded(secret: bytes) -> set[bytes]:
    """In base64 a secret may begin at each of three places of a group; its ends depend on what is
    beside it."""
    forms = {form(secret) for form in FORMS}
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret).rstrip(b"=")
        inner = text[(before * 8 + 5) // 6:len(text) - 1]
        forms |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


def memory(pid: int) -> bytes:
    """All that the process may read and that no library's file holds: more than a core file has."""
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as held:
        for line in maps:
            where, rights = line.split()[:2]
            first, end = (int(x, 16) for x in where.split("-"))
            if not rights.startswith("r") or "x" in rights or "[v" in line or end - first > LARGEST:
                continue
            held.seek(first)
            try:
                found.append(held.read(end - first))
            except OSError:  # between guards, or behind the end of a mapped file
                continue
    return b"".join(found)


class Secrets(DomainsTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.said: list[str] = []  # by every command
        self.logs: list[bytes] = []

    async def key(self, node, *args: str, phrases: tuple[str, ...] = ()) -> harness.Finished:
        done = await super().key(node, *args, phrases=phrases)
        self.said += [done.out, done.err]
        return done

    async def exported(self, node: harness.Node, name: str, phrase: str) -> list[bytes]:
        plain = self.folder / f"{name}.toml"
        await self.done(node, "export", name, str(plain), "--plain", "--yes", phrases=(phrase,))
        seeds = SECRET.findall(plain.read_text())
        self.assertEqual(len(seeds), 2)
        return [bytes.fromhex(seed) for seed in seeds]

    async def work(self, node: harness.Node) -> list[bytes]:
        """What an owner does, and what goes wrong at it. The secrets of both keys."""
        await self.done(node, "lock")
        await self.refused(node, "unlock", "me", phrases=(OTHER,))
        await self.done(node, "passphrase", "me", phrases=(PHRASE, OTHER))
        secrets = await self.exported(node, "me", OTHER) + await self.exported(node, "her", PHRASE)
        await self.refused(node, "import", str(self.folder / "me.toml"), "me", phrases=(OTHER,))
        await self.done(node, "unlock", "me", phrases=(OTHER,))
        await self.done(node, "unlock", "her", phrases=(PHRASE,))
        for words in (("new", "mine.ygg", "--record", "@ AAAA 200::1"), ("renew", "mine.ygg"),
                      ("new", "no.nozone"), ("set", "mine.ygg", "--record", "x")):  # fmt: skip
            done = await self.domain(node, *words, "--key", "me")
            self.said += [done.out, done.err]
        self.assertTrue(await self.name(node, "mine.ygg"))
        os.kill(await self.process(node), signal.SIGKILL)
        await self.until(node, {"me": "locked", "her": "locked"})
        await self.done(node, "unlock", "me", phrases=(OTHER,))
        return secrets

    async def places(self, node: harness.Node) -> dict[str, bytes]:
        """Where no secret may be, of a node that runs with a key that is open."""
        found = {"node's memory": memory(node.pid)}
        for pid in (node.pid, await self.process(node)):
            for name in ("environ", "cmdline", "comm", "status", "limits", "maps"):
                found[f"{pid} {name}"] = Path(f"/proc/{pid}/{name}").read_bytes()
        for path in ("/keys", "/keys/me", "/jobs", "/sign", "/status", "/metrics", "/config",
                     "/limits"):  # fmt: skip
            found[path] = (await node.get(path))[1].encode()
        return found

    def files(self) -> dict[str, bytes]:
        """All but the plain copies, which are asked for: store, journal, sealed files, a core."""
        return {str(f): f.read_bytes() for f in self.folder.rglob("*")
                if f.is_file() and f.suffix != ".toml"}  # fmt: skip

    async def core(self, node: harness.Node) -> None:
        """The network process dies as of a fault, with a core file where the machine makes one."""
        self.logs += node.raw
        node.signal(signal.SIGABRT)
        await node.wait_end()

    @unittest.skipUnless(os.geteuid() == 0, "only root may read another process's memory")
    async def test_nowhere_but_in_the_key_process(self):
        node = await self.start("me", "her")
        await node.stop()
        self.logs += node.raw
        limit = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (limit[1], limit[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limit)
        await node.start()
        secrets = [PHRASE.encode(), OTHER.encode(), *await self.work(node)]
        places = await self.places(node)
        public = json.loads(places["/keys/me"])["signing"]
        self.assertIn(bytes.fromhex(public), places["node's memory"])  # looking finds what is there
        child = await self.process(node)
        held = memory(child)
        self.assertTrue(harness.INSTRUMENTED or any(s in held for s in secrets[2:4]))
        await self.core(node)
        while Path(f"/proc/{child}/exe").exists():
            await asyncio.sleep(harness.POLL)
        places |= self.files() | {"log": b"".join(self.logs), "said": "\n".join(self.said).encode()}
        self.assertTrue(any(name.endswith("chain.mdb") for name in places), list(places))
        makes_cores = Path("/proc/sys/kernel/core_pattern").read_text() == "core\n" and limit[1]
        if makes_cores and not harness.INSTRUMENTED:  # whose memory is too large for one
            self.assertTrue(any(Path(name).name.startswith("core") for name in places))
        for (number, secret), (place, content) in itertools.product(
            enumerate(secrets), places.items()
        ):
            for form in encoded(secret):
                self.assertNotIn(form, content, f"secret {number} in {place}: {form[:8]!r}…")


if __name__ == "__main__":
    unittest.main()
