"""The owner's searches: their speed beside the hash alone, what they leave to others, and what they
hold.

The searches are measured by tests/bench/mine.c, in the processor time of their threads. For the
rest a devnet of one node searches for a name that nobody finds, on every processor, with
`mining.lower`; its job is paused and goes on in turn, and others are measured beside it.
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

import faults
import harness
import names
import peers
from alfis.vectors import Chain

ROUNDS = 5
SYNC_ROUNDS = 3
SEARCHES = 2_000
LOCKS = 200
ASKED = 10_000
PHRASE = "one for a bench"
LAG_SECONDS = 5
FULL = "34 MB"  # of each thread
EASY = {"origin_difficulty": 2, "domain_difficulty": 9, "signer_difficulty": 2,
        "keystore_difficulty": 2, "blocks_without_discount": 0, "new_domains_interval": 0,
        "block_signers_start": 1000}  # fmt: skip
HARD = EASY | {"domain_difficulty": 60}
NARROW = {"x86-64-v3": ("AVX2", 4.5), "x86-64": ("SSE2", 2)}


class MineBench:
    """The rows; `bench` is what they are added to."""

    def __init__(self, bench, build: Path, folder: Path) -> None:
        self.bench = bench
        self.build = build
        self.folder = folder / "mine"
        self.folder.mkdir()
        self.rig = names.Rig(build, self.folder)
        self.most = 0

    async def run(self) -> None:
        wanted = self.bench.wanted
        if wanted("mine, block") or wanted("mine, cancel"):
            self.searches()
        if wanted("mine, hashes"):
            self.until_found()
        if wanted("mine, locks"):
            self.locks()
        try:
            if wanted("mine, RssAnon"):
                await self.memory()
            if wanted("mine, beside"):
                await self.beside()
        finally:
            self.rig.stop()

    # ---- the searches themselves ----

    def searches(self) -> None:
        add, got = self.bench.add, self.bench.micro("mine")
        block = got["block"]
        goal = {"avx512": 8, "avx2": 4.5}.get(self.bench.width, 2)
        add("mine, block, one thread; the lanes alone", block, "1/s", got["lanes"], 0.97)
        add("mine, block; one lane, a preimage each", block, "1/s", got["scalar"], goal)
        if os.uname().machine == "x86_64":
            for march, (name, least) in NARROW.items():
                narrow = self.narrower(march)
                add(f"  with {name} alone", narrow["block"], "1/s", narrow["scalar"], least)
        add("mine, block, all cores; one thread x cores", got["all cores"], "1/s",
            block * got["cores"], 0.9)  # fmt: skip
        add("mine, block; key", got["key"], "1/s", block, 0.95)
        add("mine, block, least scratch; whole", got["least scratch"], "1/s", block, 0.65)
        for what in ("cancel", "new block"):
            late = got[f"beyond a batch: {what}"]
            add(f"mine, {what}, later than a batch by", late, "ms", ok=late <= 20)

    def narrower(self, march: str) -> dict[str, float]:
        """When the processor had no more than this."""
        program = self.build / f"bench-mine-{march}"
        make = ["make", "-s", f"BUILD={self.build}", str(program)]
        subprocess.run(make, cwd=self.bench.ROOT, check=True, capture_output=True)
        return self.told(str(program), "mine-quick")[0]

    def told(self, *command: str) -> list[dict[str, float]]:
        """What several processes say that run at once; `command` may end with one number a process."""
        done = subprocess.run(command, text=True, check=True, capture_output=True)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return [{row["name"]: row["value"] for row in rows}]

    def until_found(self) -> None:
        """Two processes, with other random numbers each."""
        command = [str(self.build / "bench"), "found"]
        running = [
            subprocess.Popen([*command, seed, str(SEARCHES // 2)], stdout=subprocess.PIPE, text=True)
            for seed in ("1", "2")
        ]
        means = []
        for process in running:
            out, _ = process.communicate()
            assert process.returncode == 0, out
            rows = {row["name"]: row["value"] for row in map(json.loads, out.splitlines())}
            means.append(rows["hashes until found"])
        mean = sum(means) / 2
        self.bench.add("mine, hashes until found; their mean", mean, "", rows["mean"],
                       ok=0.95 <= mean / rows["mean"] <= 1.05)  # fmt: skip

    # ---- signing ----

    def locks(self) -> None:
        folder = self.folder / "locks"
        for away in (0, 4):
            folder.mkdir()
            got = self.told(str(self.build / "locks"), str(folder), str(LOCKS), str(away))[0]
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
            what = f"{away} of 24 keys away" if away else "all keys there"
            for figure, unit, goal in (("wasted", "1/lock", 0.5), ("time to lock", "s", 1)):
                ours, theirs = got[f"ours {figure}"], got[f"0.10 {figure}"]
                self.bench.add(f"mine, locks, {figure}, {what}; 0.10", ours, unit, theirs, goal,
                               ok=ours <= goal * theirs)  # fmt: skip

    # ---- a node with a key ----

    def made_chain(self, params: dict[str, int], blocks: int) -> Chain:
        file = self.folder / f"made-{blocks}.jsonl"
        words = [word for name, value in params.items() for word in ("--param", f"{name}={value}")]
        maker = [str(self.build / "mkchain"), "--blocks", str(blocks), "--keys", "8"]
        begun = ["--start", str(int(time.time()) - 3600)]
        subprocess.run([*maker, *begun, *words, str(file)], check=True, capture_output=True)
        return faults.read_chain(file)

    async def owner(self, name: str, params: dict[str, int], blocks: int, **settings) -> harness.Node:
        """A devnet of one node with one key."""
        chain = self.made_chain(params, blocks)
        threads = os.cpu_count() or 1
        scratch = f"{34 * threads} MB"
        room = {"limits__verify_scratch_bytes": "8 MB", "node__memory_budget": f"{270 + 72 * threads} MB",
                "limits__mine_scratch_bytes": scratch, "limits__key_search_scratch_bytes": scratch}  # fmt: skip
        node = harness.Node(self.folder / name, chain, self.rig.host, **(room | settings))
        node.settings["log.level"] = "info"
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        file = self.folder / f"{name}.jsonl"
        harness.write_chain(file, chain)
        done = await node.command("import", str(file))
        assert done.status == harness.DONE, str(done)
        await node.start()
        await self.command(node, "key", "new", "main", phrases=2)
        await node.stop()  # what it prints at its start counts the rows of keys from now on
        await node.start()
        await self.command(node, "key", "unlock", "main", phrases=1)
        return node

    async def command(self, node: harness.Node, *words: str, phrases=0) -> str:
        if phrases:
            here, there = os.pipe()
            os.write(there, (PHRASE + "\n").encode() * phrases)
            os.close(there)
            words, given = (*words, "--passphrase-fd", str(here)), {"pass_fds": (here,)}
        else:
            given = {}
        done = await node.command(*words, **given)
        assert done.status == harness.DONE, f"{words}: {done}"
        if phrases:
            os.close(here)
        return done.out

    @contextlib.asynccontextmanager
    async def memory_watched(self, node: harness.Node):
        """self.most: what both processes held at most."""

        async def look() -> None:
            key = json.loads((await node.get("/keys"))[1]).get("pid") or 0
            while True:
                both = harness.anonymous_memory(node.pid)
                both += harness.anonymous_memory(key) if key else 0
                self.most = max(self.most, both)
                await asyncio.sleep(0.02)

        self.most = 0
        task = asyncio.create_task(look())
        yield
        task.cancel()

    async def memory(self) -> None:
        """Keys and names are made, signed, and one is searched for that nobody finds."""
        node = await self.owner("easy", EASY, 10)
        async with self.memory_watched(node):
            for number in range(4):
                await self.command(node, "domain", "new", f"mine{number}.ygg", "--key", "main")
            await self.command(node, "key", "new", "second", phrases=2)
            for number in range(4):
                await self.command(node, "domain", "set", f"mine{number}.ygg", "--key", "main", "--info", "x")
        told = next(filter(None, map(harness.MEMORY_TOLD.search, node.lines)))
        most = float(told[1]) + float(told[2])
        self.bench.add("mine, RssAnon of both; the worst case", self.most / (1 << 20), "MB", most,
                       1, ok=self.most / (1 << 20) <= most + harness.ROUNDED)  # fmt: skip
        await node.stop()

    # ---- others beside it ----

    async def beside(self) -> None:
        node = await self.owner("hard", HARD, 1, dns__listen=[f"{self.rig.host}:{self.rig.port}"])
        await self.command(node, "domain", "new", "never.ygg", "--key", "main", "--no-wait")
        await self.searching(node, True)
        dns = names.Server("alfisd", self.rig.port, node.pid)
        self.rig.wait_answering(dns, "name-1-0.ygg")
        await self.lag(node)
        giver = await self.bench.filled(self.bench.chain)
        await giver.start()
        asked = names.chain_names(names.WARM)  # nobody has them: looked up all the same
        await self.both(node, "DNS", "1/s", ROUNDS, lambda: asyncio.to_thread(
            lambda: self.rig.ask(dns, asked, ASKED).rate))  # fmt: skip
        await self.both(node, "serving", "blocks/s", ROUNDS, lambda: asyncio.to_thread(
            lambda: self.serving(giver)))  # fmt: skip
        await self.both(node, "sync", "blocks/s", SYNC_ROUNDS, lambda: self.sync(giver))
        await giver.stop()
        await node.stop()

    async def lag(self, node: harness.Node) -> None:
        """Of its own loop, while peers ask it all the time."""
        end = time.monotonic() + LAG_SECONDS
        while time.monotonic() < end:
            await asyncio.to_thread(peers.ask_all, node.address, node.chain, 8)
        late = 1000 * (await node.status())["loop"]["loop_lag_p99_seconds"]
        self.bench.add("mine, beside: p99 of the loop's lag", late, "ms", ok=late <= 20)

    async def searching(self, node: harness.Node, on: bool) -> None:
        if (await self.job(node))["state"] != ("searches" if on else "waits"):
            await self.command(node, "job", "resume" if on else "pause", "1")
        while (await self.job(node))["state"] != ("searches" if on else "waits"):
            await asyncio.sleep(harness.POLL)

    async def job(self, node: harness.Node) -> dict:
        return json.loads((await node.get("/jobs/1"))[1])

    async def both(self, node: harness.Node, what: str, unit: str, rounds: int, measure) -> None:
        """Medians with and without the search, in turn."""
        got: dict[bool, list[float]] = {True: [], False: []}
        for number in range(2 * rounds):
            on = number % 4 in (1, 2)
            await self.searching(node, on)
            got[on].append(await measure())
        with_, without = (statistics.median(got[on]) for on in (True, False))
        self.bench.add(f"mine, beside: {what}; no search", with_, unit, without, 0.9)

    def serving(self, giver: harness.Node) -> float:
        begun = time.monotonic()
        answers = peers.ask_all(giver.address, self.bench.chain, 24)
        return answers / (time.monotonic() - begun)

    async def sync(self, giver: harness.Node) -> float:
        node = self.bench.new_node([giver.address])
        await node.start()
        begun = time.monotonic()
        await node.wait_height(self.bench.chain.height, 120)
        took = time.monotonic() - begun
        await node.stop()
        return self.bench.chain.height / took
