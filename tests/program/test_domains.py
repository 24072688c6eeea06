"""Names by command line: mined, changed, given away by a running node with sealed keys."""

import asyncio
import json
import re
import signal
import subprocess
import time

import faults
import harness
import processes
from alfis import vectors
from test_keys import PHRASE, KeysTest

OWNER = re.compile(r"alfis1:[0-9A-F]{64}:[0-9A-F]{64}:[0-9A-F]{8}")


class DomainsTest(KeysTest):
    """A devnet of one node, in which no block needs signers, with one key."""

    HEIGHT = 10
    AGE = 3600  # seconds, of the chain's first block
    PARAMS = {"origin_difficulty": 2, "domain_difficulty": 9, "signer_difficulty": 2,
              "keystore_difficulty": 2, "blocks_without_discount": 0, "new_domains_interval": 0,
              "block_signers_start": 1000}  # fmt: skip

    def begin(self) -> int:
        """When its first block is made."""
        return int(time.time()) - self.AGE

    def made_chain(self, blocks: int) -> vectors.Chain:
        """Made for the parameters of this class."""
        path = self.folder / "made.jsonl"
        words = [f"{name}={value}" for name, value in self.PARAMS.items()]
        command = [str(harness.PROGRAM.parent / "mkchain"), "--blocks", str(blocks), "--keys", "8",
                   "--start", str(self.begin())]  # fmt: skip
        for word in words:
            command += ["--param", word]
        subprocess.run([*command, str(path)], check=True, capture_output=True)
        return faults.read_chain(path)

    async def start(self, *keys: str, **settings) -> harness.Node:
        self.small = self.made_chain(self.HEIGHT)
        node = self.make_node(self.small, mining__threads=1, **settings)
        await self.fill(node, self.small)
        await node.start()
        for name in keys:
            await self.done(node, "new", name, phrases=(PHRASE, PHRASE))
        while not set(keys) <= await self.open_keys(node):  # as far as the node has heard
            await asyncio.sleep(harness.POLL)
        return node

    async def open_keys(self, node: harness.Node) -> set[str]:
        told = json.loads((await node.get("/keys"))[1])
        return {key["name"] for key in told["keys"] if key["state"] == "open"}

    async def domain(self, node: harness.Node, *words: str) -> harness.Finished:
        return await node.command("domain", *words)

    async def made(self, node: harness.Node, *words: str) -> dict:
        done = await self.domain(node, *words, "--json")
        self.assertEqual(done.status, harness.DONE, str(done))
        return json.loads(done.out)

    async def name(self, node: harness.Node, name: str) -> dict:
        return json.loads((await node.get(f"/domain/{name}"))[1])

    async def job(self, node: harness.Node, number: int) -> dict:
        code, body = await node.get(f"/jobs/{number}")
        self.assertEqual(code, 200, body)
        return json.loads(body)

    async def wait_state(self, node: harness.Node, number: int, state: str) -> dict:
        while (job := await self.job(node, number))["state"] != state:
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)
        return job

    async def owner_line(self, node: harness.Node, key: str) -> str:
        return OWNER.search((await node.command("key", "show", key)).out).group(0)


class Life(DomainsTest):
    async def test_new_set_renew_transfer(self):
        node = await self.start("me", "her")
        dry = await self.domain(
            node, "new", "Mine.ygg", "--key", "me", "--record", "@ AAAA 200::1 60", "--dry-run"
        )
        self.assertEqual(dry.status, 0, str(dry))
        self.assertIn("+ @ 60 AAAA 200::1", dry.out)
        self.assertIn("a new name", dry.out)
        job = await self.made(
            node, "new", "Mine.ygg", "--key", "me", "--record", "@ AAAA 200::1 60",
            "--record", "www CNAME @", "--info", "first",
        )  # fmt: skip
        self.assertEqual((job["state"], job["block"], job["name"]), ("done", 11, "mine.ygg"))
        self.assertGreater(job["hashes"], 0)
        shown = await self.name(node, "mine.ygg")
        self.assertEqual((shown["info"], len(shown["records"])), ("first", 2))

        done = await self.domain(node, "new", "mine.ygg", "--key", "me")
        self.assertEqual(done.status, 1)
        self.assertIn("is yours already", done.err)
        await self.made(
            node, "set", "mine.ygg", "--key", "me", "--remove", "www CNAME",
            "--record", "mail AAAA 200::2",
        )  # fmt: skip
        shown = await self.name(node, "mine.ygg")
        self.assertEqual(shown["info"], "first")
        self.assertEqual([r["domain"] for r in shown["records"]], ["@", "mail"])

        before = shown["block"]
        await self.made(node, "renew", "mine.ygg", "--key", "me")
        shown = await self.name(node, "mine.ygg")
        self.assertEqual((shown["block"], len(shown["records"])), (before + 1, 2))

        line = await self.owner_line(node, "her")
        await self.made(node, "transfer", "mine.ygg", "--key", "me", "--to", line)
        shown = await self.name(node, "mine.ygg")
        self.assertEqual(shown["owner"].upper(), line.split(":")[1])
        done = await self.domain(node, "set", "mine.ygg", "--key", "me", "--info", "no")
        self.assertIn("taken by", done.err)
        # It is hers for the rules as soon as there is another block.
        job = await self.made(
            node, "set", "mine.ygg", "--key", "her", "--info", "hers now", "--no-wait"
        )
        self.assertIn("as soon as there is another block", job["reason"])
        await self.made(node, "new", "other.ygg", "--key", "me")
        job = await self.wait_state(node, job["id"], "done")
        self.assertEqual(job["block"], before + 4)
        self.assertEqual((await self.name(node, "mine.ygg"))["info"], "hers now")
        jobs = json.loads((await node.command("job", "list", "--json")).out)["jobs"]
        self.assertEqual([j["state"] for j in jobs], ["done"] * 6)
        self.assertIn("mine.ygg", (await node.command("job", "list")).out)

    async def test_refusals(self):
        node = await self.start("me")
        for words, status, error in (
            (("new", "a--b.ygg"), harness.REFUSED, "a--b.ygg: "),
            (("new", "x.nozone"), harness.REFUSED, "x.nozone: "),
            (("new", "x.ygg", "--record", "@ A 1.2.3.4"), harness.REFUSED, "A records"),
            (("new", "x.ygg", "--record", "@ AAAA no"), 1, "--record, column"),
            (("new", "x.ygg", "--key", "absent"), 1, "there is no key of this name"),
            (("set", "x.ygg", "--info", "x"), 1, "is not a name of this key"),
            (("transfer", "x.ygg"), 1, "is not a name of this key"),
            (("new", "x.ygg", "--for", "alfis1:12"), 2, "--for"),
        ):
            done = await self.domain(node, *words)
            self.assertEqual(done.status, status, str(done))
            self.assertIn(error, done.err)
            self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertEqual((await node.status())["height"], 10)

    async def test_no_key_no_node(self):
        node = await self.start()
        done = await self.domain(node, "new", "x.ygg")
        self.assertIn("there is no key here: alfisd key new", done.err)
        self.assertEqual(json.loads((await node.get("/jobs"))[1])["jobs"], [])
        done = await node.command("sign", "off")
        self.assertIn("there is no key here", done.err)
        await node.stop()
        done = await self.domain(node, "new", "x.ygg")
        self.assertIn("no node answers", done.err)


class ForOthers(DomainsTest):
    async def test_for_another_owner(self):
        """The name is theirs at once; keys that are ours, or of two owners, are refused."""
        node = await self.start("me", "her")
        me, her = [await self.owner_line(node, key) for key in ("me", "her")]
        mine, hers = me.split(":"), her.split(":")
        for owner, words in (
            (me, "it is yours"),
            (f"{mine[1]}:{mine[2]}", "it is yours"),
            (f"{hers[1]}:{mine[2]}", "the encryption key is your own"),
            (f"{mine[1]} {hers[2]}", "the signing key is your own"),
            ("1" * 63, "64 hexadecimal digits"),
            ("01" + "0" * 62 + ":" + hers[2], "of small order"),
            (hers[1] + ":" + "02" + "0" * 62, "no point of the curve"),
        ):
            done = await self.domain(node, "new", "x.ygg", "--key", "me", "--for", owner)
            self.assertEqual(done.status, harness.USAGE, str(done))
            self.assertIn(words, done.err)
        body = f"name=x.ygg&data={{}}&key=me&to_signing={hers[1]}&to_encryption={mine[2]}"
        code, text = await node.get("/domains/new", "POST", body)
        self.assertEqual(code, 400, text)
        self.assertIn("the encryption key is your own", json.loads(text)["error"])
        job = await self.made(node, "new", "gift.ygg", "--key", "me", "--for", her, "--threads", "1",
                              "--record", "@ AAAA 200::1")  # fmt: skip
        self.assertEqual((job["state"], job["threads"]), ("done", 1))
        self.assertEqual((await self.name(node, "gift.ygg"))["owner"].upper(), hers[1])
        for threads in ("0", "65", "x"):
            done = await self.domain(node, "new", "y.ygg", "--key", "me", "--threads", threads)
            self.assertEqual(done.status, 1, str(done))
            self.assertIn("threads", done.err)


class Alone(DomainsTest):
    async def test_not_without_peers(self):
        """A tip that nobody confirms is not mined on, unless its user says so, and on no other
        network than a devnet."""
        node = await self.start("me", mining__offline=False)
        done = await self.domain(node, "new", "one.ygg", "--no-wait", "--json")
        number = json.loads(done.out)["id"]
        job = json.loads((await node.get(f"/jobs/{number}"))[1])
        self.assertEqual((job["state"], job["hashes"]), ("waits", 0))
        self.assertIn("alfisd run --offline", job["reason"])
        await node.stop()
        node.task_words = ["--offline"]
        await node.start()
        await self.done(node, "unlock", phrases=(PHRASE,))
        while json.loads((await node.get(f"/jobs/{number}"))[1])["state"] != "done":
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)
        (self.folder / "main.toml").write_text("[mining]\noffline = true\n")
        done = await harness.run("check-config", "--config", str(self.folder / "main.toml"))
        self.assertEqual(done.status, harness.USAGE)
        self.assertIn("2:1: mining.offline: only a devnet may", done.err)


class Jobs(DomainsTest):
    """So hard that nothing is found."""

    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 60}

    async def asked(self, node: harness.Node, name: str) -> int:
        return (await self.made(node, "new", name, "--no-wait"))["id"]

    async def test_cancel_pause_and_the_next(self):
        node = await self.start("me")
        one, two = await self.asked(node, "one.ygg"), await self.asked(node, "two.ygg")
        await self.wait_state(node, one, "searches")
        self.assertIn("first", (await self.job(node, two))["reason"])
        self.assertEqual((await node.command("job", "pause", str(one))).status, 0)
        await self.wait_state(node, two, "searches")
        self.assertIn("paused", (await node.command("job", "show", str(one))).out)
        self.assertEqual((await node.command("job", "cancel", str(two))).status, 0)
        self.assertEqual((await node.command("job", "resume", str(one))).status, 0)
        await self.wait_state(node, one, "searches")
        done = await node.command("job", "cancel", str(two))
        self.assertIn("this job has ended", done.err)
        done = await node.command("job", "show", "77")
        self.assertIn("no job of this number", done.err)

    async def test_locked_and_restarted(self):
        """A locked key stops the search; after a restart the job goes on with its hashes."""
        node = await self.start("me")
        one = await self.asked(node, "one.ygg")
        await self.wait_state(node, one, "searches")
        while (await self.job(node, one))["hashes"] < 16:
            await asyncio.sleep(harness.POLL)
        while not (job := await self.job(node, one)).get("hashes_a_second"):
            await asyncio.sleep(harness.POLL)
        self.assertLessEqual(job["half_seconds"], job["mean_seconds"])
        self.assertLessEqual(job["mean_seconds"], job["ninety_percent_seconds"])
        shown = (await node.command("job", "show", str(one))).out
        self.assertRegex(shown, r"time     from now on .* on average at .* hashes/s")
        self.assertIn("mean time left", (await node.command("job", "list")).out)
        await self.done(node, "lock")
        job = await self.wait_state(node, one, "waits")
        self.assertIn("alfisd key unlock", job["reason"])
        while (job := await self.job(node, one))["hashes"] < 16:  # as its threads end
            await asyncio.sleep(harness.POLL)
        await node.stop()
        await node.start()
        again = await self.job(node, one)
        self.assertEqual((again["name"], again["hashes"]), ("one.ygg", job["hashes"]))
        await self.done(node, "unlock", phrases=(PHRASE,))
        await self.wait_state(node, one, "searches")

    async def test_control_c_detaches(self):
        node = await self.start("me")
        process = await asyncio.create_subprocess_exec(
            str(harness.PROGRAM), "domain", "new", "one.ygg", "--config", str(node.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self.wait_job(node)
        await self.wait_state(node, 1, "searches")
        await processes.until_hears(self, process.pid, signal.SIGINT)
        process.send_signal(signal.SIGINT)
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        self.assertIn(b"job 1 goes on: alfisd job show 1, alfisd job cancel 1", out)
        self.assertEqual((await self.job(node, 1))["state"], "searches")

    async def wait_job(self, node: harness.Node) -> None:
        while not json.loads((await node.get("/jobs"))[1])["jobs"]:
            await asyncio.sleep(harness.POLL)

    async def commits(self, node: harness.Node) -> int:
        return int(re.search(r"(?m)^alfisd_commits_total (\d+)$", (await node.get("/metrics"))[1])[1])

    async def test_bounds(self):
        """max_jobs, job_bytes and mine_scratch_bytes are kept."""
        node = await self.start("me", limits__max_jobs=2, limits__job_bytes=70000)
        await self.asked(node, "one.ygg")
        await self.asked(node, "two.ygg")
        done = await self.domain(node, "new", "three.ygg", "--no-wait")
        self.assertIn("too many jobs (limits.max_jobs, job_bytes)", done.err)
        rows = {r["row"]: r for r in json.loads((await node.get("/limits"))[1])["limits"]}
        self.assertEqual(rows["max_jobs"]["used"], 2)
        for row in ("max_jobs", "job_bytes", "mine_scratch_bytes"):
            self.assertGreater(rows[row]["used"], 0)
            self.assertLessEqual(rows[row]["peak"], rows[row]["max"])

    async def test_killed_while_it_searches(self):
        node = await self.start("me")
        one = await self.asked(node, "one.ygg")
        await self.wait_state(node, one, "searches")
        # With the next commit, which another change makes sure of.
        before = await self.commits(node)
        await self.asked(node, "two.ygg")
        while await self.commits(node) == before:
            await asyncio.sleep(harness.POLL)
        await node.kill()
        await node.start()
        self.assertEqual((await self.job(node, one))["name"], "one.ygg")


class Signing(DomainsTest):
    PARAMS = DomainsTest.PARAMS | {"block_signers_start": 12}

    async def signing(self, node: harness.Node) -> dict:
        return json.loads((await node.get("/sign"))[1])

    async def test_on_and_off(self):
        """Signing is on by itself, says why nothing is to be signed, and can be switched off."""
        node = await self.start("me")
        while "need no signatures" not in (status := await self.signing(node))["reason"]:
            await asyncio.sleep(harness.POLL)  # until the key process has told of the key
        self.assertTrue(status["on"])
        self.assertEqual((await node.command("sign", "off")).status, 0)
        self.assertIn("off", (await node.command("sign", "status")).out)
        self.assertEqual((await node.command("sign", "on")).status, 0)
        self.assertIn("on: ", (await node.command("sign", "status")).out)
