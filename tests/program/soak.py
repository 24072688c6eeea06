#!/usr/bin/python3
"""Memory under churn: a real node and peers of every kind (soak_peers.py) that come in waves, bring
blocks and forks, and are all gone again between two waves; clients of its DNS server, and
forwarders, do the same (soak_names.py). Prints a table, writes a picture, and fails when something
grows. Last line: N passed, N failed, N skipped.

usage: soak.py --duration SECONDS --peers N [--clients N] [--svg FILE]

Judged is what is exact. Between two waves nobody is connected and the node has nothing to do: the
bytes that it counts for itself then (without the scratch of the hash, which comes and goes, and the
answers that are kept, whose row bounds them) must not grow. Their slope after the warm-up, a quarter of the time, is found by least squares over means of
neighbours; the soak fails when it is above 4 kB an hour with a confidence of 95 %. So a short run
(below five minutes; 8 kB more are allowed there, for caches that still fill) finds what leaks a few
bytes at each visit, and a long one what leaks with time. Descriptors between
waves must not grow at all. From five minutes on 99 of 100 turns of the loop must be less than 20 ms
late, without the time in which other programs had the processors, which is told beside it. No row of the DNS server may ever have held more than its bound. What the kernel counts (RssAnon)
must stay within what the node told, as in every test. Its slope between waves is told with its confidence, and
judged like that of the bytes from an hour on: it rises when more than ever before is held in one moment, which
becomes rare only then. Compared are moments with the same scratch.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

import faults
import harness
import soak_judge
import soak_names
import soak_peers
from alfis.reference import ReferencePeer
from alfis.vectors import Chain, Stored

BEGIN, BEGIN_LONG = 60, 300  # blocks that the node syncs before the first wave: its caches fill
SLOPE_MAX = 4096  # bytes an hour
WAVES_LEAST = 12  # a machine that is busy takes longer
LAG_MAX = 0.020
LONG = 300  # seconds; less are too few turns of the loop for a hundredth
HOUR = 3600  # from then on records of RssAnon are rare
QUIET_TIME = 30 * harness.SLOW
PAGE = 4096
# Caches are small, so that they are full when the warm-up is over.
CACHES = {
    "max_new_peers": 16, "max_address_book": 16, "max_bans": 16, "max_future_blocks": 16,
    "max_seen_blocks": 64, "max_bad_blocks": 16, "max_ahead_blocks": 8,
    "max_ahead_hosts": 8, "max_key_strengths": 64, "max_draws": 4,
}  # fmt: skip
FILLING = 8192  # bytes by which they may still fill in a short run
NICE = 19  # of the peers


@dataclass
class Sample:
    """What was seen at a time."""

    seconds: float
    counted: int  # bytes, by the node itself
    held: int  # of these what is no scratch and no kept answer; two requests, so exact only when nothing happens
    anonymous: int
    scratch: int  # bytes that the hash may use; not all of them were touched
    files: int
    pages: int
    lag: soak_judge.Lag  # of the loop so far


@dataclass
class Soak:
    node: harness.Node
    crowd: soak_peers.Crowd
    clients: soak_names.Clients
    folder: Path
    begin: int  # height before the first wave
    begun: float = 0.0
    all: list[Sample] = field(default_factory=list)
    quiet: list[Sample] = field(default_factory=list)
    most_beyond: int = 0  # RssAnon above what the node counted at most

    def now(self) -> float:
        return asyncio.get_running_loop().time() - self.begun

    async def sample(self) -> tuple[Sample, dict]:
        status = await self.node.status()
        code, body = await self.node.get("/limits")
        assert code == 200, body
        rows = {row["row"]: row["used"] for row in json.loads(body)["limits"]}
        anonymous = self.node.note_memory()
        self.most_beyond = max(self.most_beyond, anonymous - status["memory_peak_bytes"])
        held = status["memory_bytes"] - rows["verify_scratch_bytes"] - rows["dns_cache_bytes"]
        seen = Sample(
            self.now(), status["memory_bytes"], held, anonymous, rows["verify_scratch_bytes"],
            len(os.listdir(f"/proc/{self.node.pid}/fd")),
            rows["store_map_bytes"] // PAGE,
            soak_judge.Lag(*(status["loop"][f"loop_lag_{n}_seconds"] for n in ("p99", "own_p99"))),
        )  # fmt: skip
        return seen, status["network"] | rows

    async def watch(self) -> None:
        while True:
            self.all.append((await self.sample())[0])
            await asyncio.sleep(1)

    async def until_quiet(self) -> None:
        """Nobody is connected, nothing is under way, and it is the same twice."""
        end, before = self.now() + QUIET_TIME, None
        while self.now() < end:
            seen, busy = await self.sample()
            idle = not any(
                busy[name] for name in ("inbound", "outbound", "max_connections",
                                        "max_verify_queue", "commit_blocks", "max_dials",
                                        *soak_names.TABLES)
            )  # fmt: skip
            if idle and before == seen.held:
                self.quiet.append(seen)
                return
            before = seen.held if idle else None
            await asyncio.sleep(0.05)
        raise AssertionError(f"not quiet after {QUIET_TIME} s: {busy}\n{self.node.log_tail()}")

    async def fork_of(self, base: Path, height: int) -> Stored:
        """Another block of that height on the same parent."""
        out = self.folder / "fork.jsonl"
        process = await asyncio.create_subprocess_exec(
            *maker("--from", str(base), "--at", str(height - 1), "--branch", str(height),
                   "--blocks", "1", str(out)),
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        assert await process.wait() == 0
        return faults.read_chain(out).blocks[-1]

    async def run(self, duration: float, wave: float, base: Path, chain: Chain) -> None:
        self.begun = asyncio.get_running_loop().time()
        watcher = asyncio.create_task(self.watch())
        try:
            for height in range(self.begin + 1, chain.height + 1):
                if self.now() >= duration and len(self.quiet) >= WAVES_LEAST:
                    break
                keeps_up = (await self.node.status())["height"] >= height - 1
                fork = await self.fork_of(base, height) if keeps_up else None
                await asyncio.gather(self.crowd.wave(wave, chain.first(height), fork, height),
                                     self.clients.wave(wave, height))  # fmt: skip
                await self.until_quiet()
                say(self.quiet[-1], len(self.quiet))
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)


def maker(*args: str) -> list[str]:
    return [str(harness.PROGRAM.parent / "mkchain"), "--seed", "7", "--keys", "40", *args]


def say(s: Sample, waves: int) -> None:
    if waves % 10 == 1:
        print("wave  seconds      held   RssAnon  files  pages  lag")
    print(f"{waves:4} {s.seconds:8.1f} {s.held:9} {s.anonymous:9} {s.files:6} {s.pages:6}  "
          f"{s.lag}", flush=True)


def settings(node: harness.Node, peers: int) -> None:
    most = max(48, peers + 16)
    node.settings |= {
        "log.level": "info",
        "log.per_site_per_minute": 60,
        "net.public": False,
        "limits.max_connections": most,
        "limits.max_inbound": max(32, peers + 8),
        "limits.max_per_group": most,
        "limits.ban_time": "1 s",
        "limits.hello_timeout": "1 s",
        "limits.handshake_timeout": "1 s",
        "limits.frame_timeout": "1 s",
        "limits.flush_timeout": "1 s",
        "limits.request_timeout": "2 s",
    }
    node.settings |= {f"limits.{name}": value for name, value in CACHES.items()}
    if most > 48:
        node.settings["node.memory_budget"] = f"{33 + (most - 48) // 2} MB"


async def give(node: harness.Node, chain: Chain, host: str) -> None:
    """Over the wire, as all later blocks come."""
    giver = ReferencePeer(chain)
    await giver.start()
    try:
        await giver.dial(node.address, host)
        await node.wait_height(chain.height, 60)
    finally:
        await giver.stop()


async def beyond(node: harness.Node) -> list[str]:
    """Rows of the DNS server that once held more than they may."""
    rows = json.loads((await node.get("/limits"))[1])["limits"]
    return [f"{row['row']}: {row['peak']} of {row['max']}" for row in rows
            if row["row"].startswith("dns_") and row["peak"] > row["max"]]  # fmt: skip


async def soak(duration: float, peers: int, clients: int, svg: Path | None) -> int:
    wave = min(6.0, max(1.0, duration / 40))
    waves = max(WAVES_LEAST, int(duration / wave) + 1)
    begin = BEGIN if duration < LONG else BEGIN_LONG
    with tempfile.TemporaryDirectory(prefix="alf") as name:
        folder = Path(name)
        base = folder / "base.jsonl"
        subprocess.run(
            maker("--domain", soak_names.DOMAIN, "--blocks", str(begin + waves), str(base)),
            check=True, capture_output=True,
        )  # fmt: skip
        chain = faults.read_chain(base)
        node = harness.Node(folder / "node", chain)
        settings(node, peers)
        hosts = [harness.fresh_host() for _ in range(soak_peers.HOSTS)]
        names = soak_names.Clients(node, hosts, clients)
        await node.start()
        crowd = soak_peers.Crowd(node.address, hosts, peers)
        it = Soak(node, crowd, names, folder, begin)
        try:
            await give(node, chain.first(begin), hosts[0])
            # The crowd, not the node; nor who gave, for the node waits no longer than 4 s for it.
            os.nice(max(0, NICE - os.nice(0)))
            await it.run(duration, wave, base, chain)
            status, rows = await node.status(), await beyond(node)
            await node.stop()
        finally:
            if node.running:
                await node.kill()
        print(f"{crowd.visits} visits in {len(it.quiet)} waves, {status['height'] - 1} blocks, "
              f"{status['sync']['blocks_replaced_total']} replaced, "
              f"{status['sync']['blocks_bad_total']} bad, "
              f"{status['network']['accepted_total']} connections")
        print(f"names: {names.answers} answers to {clients} clients, {names.lost} lost; "
              f"rows beyond their bound: {', '.join(rows) or 'none'}")
        return judge(it, duration, [not rows], svg)


def alike(samples: list[Sample]) -> list[Sample]:
    """Those with as much scratch as most have: it is much of RssAnon, and comes and goes."""
    usual = statistics.mode(s.scratch for s in samples)
    same = [s for s in samples if s.scratch == usual]
    return same if len(same) >= soak_judge.LEAST else samples


def judge(it: Soak, duration: float, verdicts: list[bool], svg: Path | None) -> int:
    warm = [s for s in it.quiet if s.seconds > it.quiet[-1].seconds / 4]
    held = soak_judge.slope([(s.seconds, s.held) for s in warm])
    anonymous = soak_judge.slope([(s.seconds, s.anonymous) for s in alike(warm)])
    third = max(1, len(warm) // 3)
    # the least: the question that is asked may still be open
    files = min(s.files for s in warm[-third:]) - min(s.files for s in warm[:third])
    lag = warm[-1].lag
    print(f"bytes counted: {held}; RssAnon: {anonymous}; descriptors: {files:+}")
    print(f"RssAnon: {it.node.most_memory} at most, {it.most_beyond} above what was counted; "
          f"loop lag: {lag}")
    hours = (warm[-1].seconds - warm[0].seconds) / 3600
    limit = SLOPE_MAX + (0 if duration >= LONG else FILLING / hours)
    verdicts += [not held.surely_above(limit), files <= 0]
    verdicts += [not lag.too_late(LAG_MAX)] if duration >= LONG else []
    verdicts += [not anonymous.surely_above(SLOPE_MAX)] if duration >= HOUR else []
    if svg:
        draw(it, svg)
    print(f"{sum(verdicts)} passed, {len(verdicts) - sum(verdicts)} failed, "
          f"{5 - len(verdicts)} skipped")
    return 0 if all(verdicts) else 1


def draw(it: Soak, svg: Path) -> None:
    def curve(samples: list[Sample], name: str) -> list[tuple[float, float]]:
        return [(s.seconds, attrgetter(name)(s)) for s in samples]

    def kilo(v: float) -> str:
        return f"{v / 1024:.0f} kB"

    soak_judge.picture(svg, [
        ("RssAnon", curve(it.all, "anonymous"), kilo),
        ("bytes counted", curve(it.all, "counted"), kilo),
        ("bytes counted between waves, without scratch", curve(it.quiet, "held"), kilo),
        ("descriptors", curve(it.all, "files"), lambda v: f"{v:.0f}"),
        ("pages of the store", curve(it.all, "pages"), lambda v: f"{v:.0f}"),
        ("loop lag of its own, p99 so far", curve(it.all, "lag.own"), lambda v: f"{v * 1000:.0f} ms"),
    ])  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--duration", type=float, default=120)
    parser.add_argument("--peers", type=int, default=20)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--svg", type=Path)
    given = parser.parse_args()
    return asyncio.run(soak(given.duration, given.peers, given.clients, given.svg))


if __name__ == "__main__":
    sys.exit(main())
