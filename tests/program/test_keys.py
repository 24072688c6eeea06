"""The owner's keys as a user sees them: made, listed, locked, and never told to anybody."""

import asyncio
import gzip
import json
import os
import re
import signal
import stat
import subprocess
import unittest
from pathlib import Path

import harness

PHRASE = "correct horse battery staple 7f3"
OTHER = "quite another phrase 9c1"
OWNER = re.compile(r"alfis1:([0-9A-F]{64}):([0-9A-F]{64}):[0-9A-F]{8}")
LIST_MAX = 32  # entries of a list in the settings
TABLE = Path(__file__).parent.parent / "vectors/tables/key-file.jsonl.gz"


def vectors() -> list[dict]:
    with gzip.open(TABLE, "rt") as file:
        return [row for row in map(json.loads, file) if "hex" in row]


class KeysTest(harness.ProgramTest):
    """A node whose keys are found at once."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    def owner(self, **settings) -> harness.Node:
        return self.make_node(
            self.small, **{"chain__params__keystore_difficulty": 4} | settings
        )

    async def key(self, node, *args: str, phrases: tuple[str, ...] = ()) -> harness.Finished:
        """A command about keys that reads these passphrases."""
        if not phrases:
            return await node.command("key", *args)
        here, there = os.pipe()
        os.write(there, "".join(phrase + "\n" for phrase in phrases).encode())
        os.close(there)
        try:
            return await node.command(
                "key", *args, "--passphrase-fd", str(here), pass_fds=(here,)
            )
        finally:
            os.close(here)

    async def done(self, node, *args: str, phrases: tuple[str, ...] = ()) -> str:
        result = await self.key(node, *args, phrases=phrases)
        self.assertEqual(result.status, harness.DONE, str(result))
        return result.out

    async def refused(self, node, *args: str, phrases: tuple[str, ...] = ()) -> str:
        result = await self.key(node, *args, phrases=phrases)
        self.assertEqual((result.status, result.out), (1, ""), str(result))
        self.assertEqual(result.err.count("\n"), 1, result.err)
        return result.err

    async def told(self, node) -> dict:
        code, body = await node.get("/keys")
        self.assertEqual(code, 200)
        return json.loads(body)

    async def states(self, node) -> dict[str, str]:
        return {key["name"]: key["state"] for key in (await self.told(node))["keys"]}

    async def until(self, node, wanted: dict[str, str]) -> None:
        while await self.states(node) != wanted:
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)

    async def process(self, node) -> int:
        """The key process's number, once it runs."""
        while not (pid := (await self.told(node))["pid"]):
            await asyncio.sleep(harness.POLL)
        return pid

    def plain_key(self) -> Path:
        row = next(row for row in vectors() if row["accept"] is True)
        file = self.folder / "vector.toml"
        file.write_bytes(bytes.fromhex(row["hex"]))
        return file

    def folder_of(self, node) -> Path:
        return Path(node.settings["node.data_dir"]) / "keys"


class Making(KeysTest):
    async def test_without_a_key_there_is_no_process(self):
        node = await self.owner().start()
        told = await self.told(node)
        self.assertEqual((told["state"], told["pid"], told["keys"]), ("off", 0, []))
        self.assertIn("there is no key yet", await self.refused(node, "unlock", phrases=(PHRASE,)))
        self.assertFalse(self.folder_of(node).exists())
        self.assertNotIn("\nkeys ", (await node.command("status")).out)
        self.assertEqual(subprocess.run(["pgrep", "-P", str(node.pid)], check=False).returncode, 1)

    async def test_new_list_show(self):
        node = await self.owner().start()
        out = await self.done(node, "new", "main", phrases=(PHRASE,))
        self.assertIn("Back it up now: `alfisd key export main FILE`", out)
        match = OWNER.search(out)
        self.assertTrue(match, out)
        await self.until(node, {"main": "open"})
        shown = json.loads(await self.done(node, "show", "main", "--json"))
        self.assertEqual(shown["owner"], match[0])
        self.assertEqual((shown["signing"], shown["encryption"]), match.groups())
        self.assertGreaterEqual(shown["strength"], 4)
        self.assertGreaterEqual(shown["argon2id_kib"], 7 << 10)
        self.assertIn(match[1], await self.done(node, "list"))
        self.assertIn("keys     1, 0 locked", (await node.command("status")).out)
        file = self.folder_of(node) / "main.key"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(file.parent.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((file.parent.parent / "keys.sock").stat().st_mode), 0o600)
        self.assertTrue(file.read_text().startswith("alfisd key 1\n"))

    async def sum_of(self, node) -> int:
        return sum(row["worst_bytes"] for row in json.loads((await node.get("/limits"))[1])["limits"])

    async def test_memory_for_the_first_key(self):
        """A memory_budget that was given does not grow: hashing gives way, or the error names a
        budget that is enough."""
        node = await self.owner(node__memory_budget="64 MB").start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        await node.wait_line("keys get memory of limits.verify_scratch_bytes", 1)
        self.assertLessEqual(await self.sum_of(node), 64 << 20)
        await node.stop()
        node = await self.owner(node__memory_budget="40 MB").start()
        error = await self.refused(node, "new", "main", phrases=(PHRASE,))
        await node.stop()
        enough = re.search(r'set it to "(\d+ MB)"', error)
        assert enough, error
        node = await self.owner(node__memory_budget=enough[1]).start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        self.assertLessEqual(await self.sum_of(node), int(enough[1].split()[0]) << 20)

    async def test_two_keys_have_two_names(self):
        node = await self.owner(limits__max_keys=3).start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        error = await self.refused(node, "new", "main", phrases=(OTHER,))
        self.assertIn("there is a key of this name already", error)
        one = json.loads(await self.done(node, "new", "--json", phrases=(OTHER,)))
        two = json.loads(await self.done(node, "new", "--json", phrases=(OTHER,)))
        self.assertEqual((one["name"], two["name"]), ("key1", "key2"))
        await self.until(node, {"key1": "open", "key2": "open", "main": "open"})
        self.assertIn("limits.max_keys", await self.refused(node, "new", phrases=(OTHER,)))
        for name in ("", "-x", "../x", "a b", "x" * 49):
            result = await self.key(node, "rename", "main", name)
            self.assertNotEqual(result.status, harness.DONE, name)

    async def test_interrupted_waiting_leaves_the_search_alone(self):
        node = await self.owner(chain__params__keystore_difficulty=60).start()
        self.assertIn("`alfisd key list` shows it",
                      await self.done(node, "new", "main", "--no-wait", phrases=(PHRASE,)))
        while not (search := (await self.told(node))["search"])["running"]:
            await asyncio.sleep(harness.POLL)
        self.assertEqual((search["name"], search["mean"]), ("main", 1 << 60))
        self.assertIn("search   for main", await self.done(node, "list"))
        self.assertIn("search", await self.refused(node, "new", "more", phrases=(PHRASE,)))
        self.assertIn("no search runs", await self.done(node, "new", "--cancel"))
        while (await self.told(node))["search"]["running"]:
            await asyncio.sleep(harness.POLL)
        self.assertEqual(await self.states(node), {})

    async def test_control_c_detaches(self):
        node = await self.owner(chain__params__keystore_difficulty=60).start()
        here, there = os.pipe()
        os.write(there, f"{PHRASE}\n".encode())
        os.close(there)
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "key", "new", "main", "--passphrase-fd", str(here), "--config",
            str(node.config), pass_fds=(here,), stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        os.close(here)
        while not (await self.told(node))["search"]["running"]:
            await asyncio.sleep(harness.POLL)
        while process.returncode is None:
            harness.send_signal(process, signal.SIGINT)
            try:
                await harness.for_a_while(process.wait(), 1)
            except asyncio.TimeoutError:
                continue
        _, error = await process.communicate()
        if process.returncode == 1:  # else it came before it was waited for
            self.assertIn(b"the search goes on", error)
        self.assertTrue((await self.told(node))["search"]["running"])
        await self.done(node, "new", "--cancel")

    async def test_small_bounds(self):
        node = await self.owner(
            limits__key_process_bytes="11 MB", limits__owner_requests=4,
            limits__key_search_scratch_bytes=450000, mining__threads=1,
        ).start()
        for number in range(6):
            await self.done(node, "new", f"k{number}", phrases=(PHRASE,))
        shown = json.loads(await self.done(node, "show", "k0", "--json"))
        self.assertLess(shown["argon2id_kib"], 11 << 10)
        await node.stop()
        node.settings |= {"limits.key_process_bytes": "20 MB"}
        await node.start()
        await self.until(node, {f"k{number}": "locked" for number in range(6)})
        await self.done(node, "new", "dear", phrases=(PHRASE,))
        await node.stop()
        node.settings |= {"limits.key_process_bytes": "11 MB"}
        await node.start()
        while "dear" not in await self.states(node):
            await asyncio.sleep(harness.POLL)
        self.assertIn("MB", await self.refused(node, "unlock", "dear", phrases=(PHRASE,)))
        await self.done(node, "unlock", "k1", phrases=(PHRASE,))

    async def test_a_given_budget_must_have_room(self):
        node = await self.owner(node__memory_budget="32 MB").start()
        await node.stop()
        node.settings["node.memory_budget"] = "33 MB"
        await node.start()
        error = await self.refused(node, "new", "main", phrases=(PHRASE,))
        self.assertIn("node.memory_budget", error)
        self.assertEqual((await self.told(node))["state"], "off")
        node.config.write_text(node.config.read_text().replace("33 MB", "64 MB"))
        self.assertEqual((await node.command("reload")).status, harness.DONE)
        await self.done(node, "new", "main", phrases=(PHRASE,))
        node.settings["node.memory_budget"] = "64 MB"
        await node.stop()
        await node.start()
        await self.until(node, {"main": "locked"})


class Locking(KeysTest):
    async def test_lock_and_unlock(self):
        node = await self.owner().start()
        await self.done(node, "new", "a", phrases=(PHRASE,))
        await self.done(node, "new", "b", phrases=(PHRASE,))
        await self.done(node, "new", "c", phrases=(OTHER,))
        self.assertEqual(await self.done(node, "lock", "a"), "locked\n")
        await self.until(node, {"a": "locked", "b": "open", "c": "open"})
        await self.done(node, "lock")
        await self.until(node, dict.fromkeys("abc", "locked"))
        self.assertIn("1 key is open", await self.done(node, "unlock", "a", phrases=(PHRASE,)))
        await self.until(node, {"a": "open", "b": "locked", "c": "locked"})
        await self.done(node, "unlock", phrases=(PHRASE,))
        await self.until(node, {"a": "open", "b": "open", "c": "locked"})
        self.assertIn("1 key is locked", (await node.command("status")).out)
        for phrase in ("Tr0ub4dor", PHRASE + "x", " " + PHRASE):
            error = await self.refused(node, "unlock", "c", phrases=(phrase,))
            self.assertIn("passphrase is wrong", error)
            self.assertNotIn(phrase, error)
        self.assertIn("no key of this name", (await self.key(node, "lock", "nobody")).err)

    async def test_it_locks_itself(self):
        node = await self.owner(owner__unlock_for="1 s").start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        await self.until(node, {"main": "locked"})
        await self.done(node, "unlock", "--lock-after", "1 h", phrases=(PHRASE,))
        await self.until(node, {"main": "open"})
        self.assertIn("locks itself in ", await self.done(node, "show", "main"))

    async def test_another_passphrase(self):
        node = await self.owner().start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        before = (self.folder_of(node) / "main.key").read_bytes()
        error = await self.refused(node, "passphrase", "main", phrases=(OTHER, OTHER))
        self.assertIn("passphrase is wrong", error)
        self.assertEqual((self.folder_of(node) / "main.key").read_bytes(), before)
        await self.done(node, "passphrase", "main", phrases=(PHRASE, OTHER))
        await node.stop()
        await node.start()
        await self.until(node, {"main": "locked"})
        await self.refused(node, "unlock", phrases=(PHRASE,))
        await self.done(node, "unlock", phrases=(OTHER,))

    async def test_a_passphrase_must_come_from_somewhere(self):
        node = await self.owner().start()
        result = await self.key(node, "new", "main", "--passphrase-fd", "77")
        self.assertIn("--passphrase-fd 77: ", result.err)
        self.assertIn("empty", (await self.key(node, "new", phrases=("",))).err)
        self.assertIn("1024", (await self.key(node, "new", phrases=("x" * 1025,))).err)
        result = await node.command("key", "new", "main", start_new_session=True)
        self.assertIn("there is no terminal", result.err)
        folder = self.folder / "credentials"
        folder.mkdir()
        (folder / "alfisd.passphrase").write_text(PHRASE + "\n")
        result = await node.command(
            "key", "new", "main", env=os.environ | {"CREDENTIALS_DIRECTORY": str(folder)}
        )
        self.assertEqual(result.status, harness.DONE, str(result))
        await self.done(node, "lock")
        await self.done(node, "unlock", phrases=(PHRASE,))

    async def test_the_process_is_killed(self):
        node = await self.owner().start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        first = await self.process(node)
        os.kill(first, signal.SIGKILL)
        await node.wait_line("the key process has ended")
        await self.until(node, {"main": "locked"})
        self.assertNotEqual(await self.process(node), first)
        await self.done(node, "unlock", phrases=(PHRASE,))
        await self.until(node, {"main": "open"})
        await node.stop()

    async def test_a_killed_node_leaves_nothing_open(self):
        node = await self.owner().start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        pid = await self.process(node)
        await node.kill()
        while Path(f"/proc/{pid}/exe").exists():
            await asyncio.sleep(harness.POLL)
        await node.start()
        await self.until(node, {"main": "locked"})


class Reading(KeysTest):
    async def test_who_only_reads_learns_no_name(self):
        host = harness.fresh_host()
        port = harness.free_port(host)
        node = await self.owner(admin__listen=f"{host}:{port}").start()
        await self.done(node, "new", "verysecretname", phrases=(PHRASE,))
        for path, code in (("/keys", 403), ("/keys/verysecretname", 403), ("/status", 200),
                           ("/metrics", 200), ("/health", 200)):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
            self.assertEqual(int(answer.split()[1]), code, path)
            self.assertNotIn(b"verysecretname", answer)


if __name__ == "__main__":
    unittest.main()
