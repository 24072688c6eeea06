#!/usr/bin/python3
"""Memory under churn: a real node with a chain, and clients that come, ask, stay silent or send
rubbish, and go. Prints a table, and fails when what the node holds grows.

usage: soak.py --duration SECONDS --peers N

Judged are the exact figures: bytes that the node counts for itself, and its open descriptors. The
kernel's RssAnon is printed beside them.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

import harness
from alfis import vectors

GROWTH_BYTES = 65536  # between the second and the last quarter
GROWTH_FILES = 4


def rss_anon(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


async def visit(address: tuple[str, int], chance: random.Random) -> None:
    """One client: rubbish of some length, in one or two pieces, then gone."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(*address), 2)
        for _ in range(chance.randint(0, 2)):
            writer.write(chance.randbytes(chance.choice([1, 40, 254, 4000])))
            await asyncio.sleep(chance.random() / 10)
        writer.close()
    except (OSError, asyncio.TimeoutError):
        pass


async def visitor(address: tuple[str, int], seed: int, ending: asyncio.Event) -> int:
    chance, visits = random.Random(seed), 0
    while not ending.is_set():
        await visit(address, chance)
        visits += 1
    return visits


async def run(duration: float, peers: int) -> int:
    chain = vectors.chain("devnet-72")
    assert chain is not None
    rows: list[tuple[float, int, int, int]] = []
    ending = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="alf") as folder:
        node = harness.Node(Path(folder) / "node", chain)
        node.settings["limits.max_connections"] = max(48, peers + 8)
        node.settings["log.level"] = "info"  # "ready" is waited for
        await node.start()
        visitors = [
            asyncio.create_task(visitor(node.address, seed, ending)) for seed in range(peers)
        ]
        loop = asyncio.get_running_loop()
        begun = loop.time()
        print("seconds   counted   RssAnon  files")
        while (now := loop.time() - begun) < duration:
            await asyncio.sleep(min(1.0, duration / 20))
            status = await node.status()
            row = (now, status["memory_bytes"], rss_anon(node.pid), open_files(node.pid))
            rows.append(row)
            print(f"{row[0]:7.1f} {row[1]:9} {row[2]:9} {row[3]:6}", flush=True)
        ending.set()
        visits = sum(await asyncio.gather(*visitors))
        await node.stop()
    return judge(rows, visits)


def judge(rows: list[tuple[float, int, int, int]], visits: int) -> int:
    quarter = max(1, len(rows) // 4)
    early, late = rows[quarter : 2 * quarter] or rows, rows[-quarter:]

    def growth(column: int) -> float:
        middle = [statistics.median(r[column] for r in part) for part in (early, late)]
        return middle[1] - middle[0]

    held, files = growth(1), growth(3)
    print(f"{visits} visits; growth: {held:.0f} bytes counted, {growth(2):.0f} RssAnon, "
          f"{files:.0f} files")
    return 0 if held <= GROWTH_BYTES and files <= GROWTH_FILES else 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--duration", type=float, default=120)
    parser.add_argument("--peers", type=int, default=20)
    given = parser.parse_args()
    return asyncio.run(run(given.duration, given.peers))


if __name__ == "__main__":
    sys.exit(main())
