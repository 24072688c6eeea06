"""A node that syncs from one honest node while enemies of every kind are about."""

import asyncio
import contextlib
import signal
import sys
import time
from typing import Any

import enemies
import harness
import hostile
from alfis import liar, peer, vectors
from alfis.line import Line, Quality

PATIENCE = 10 * harness.SLOW  # for one answer to an honest peer
END = 600  # for a sync
HOSTILE = len(hostile.ALL)  # connections: one of each kind
HOSTS = 4  # addresses of theirs
SLOW_LINE = Quality(rate=20000, good=3, silence=2)
WAITS = {
    "limits__request_timeout": "2 s",
    "limits__hello_timeout": "2 s",
    "limits__handshake_timeout": "2 s",
    "limits__frame_timeout": "2 s",
}


class SiegeTest(harness.ProgramTest):
    async def sync(self, chain: vectors.Chain, streams: int) -> float:
        """Seconds until the node has it all from an honest one, with so many streams beside it."""
        honest = await self.loaded_node(chain)
        node = await self.node(chain, peers=[honest.address], **WAITS)
        many = enemies.Enemies(node.address, chain, 1)
        self.addAsyncCleanup(many.stop)
        began = time.monotonic()
        many.start(enemies.STREAMS, streams)
        status = await node.wait_height(chain.height, END)
        seconds = time.monotonic() - began
        self.assertEqual(status["tip"], chain.tip)
        if streams:
            self.assertGreater(many.came, 0)
        await many.stop()
        await node.stop()  # looks at its memory, too
        await honest.stop()
        return seconds

    async def compare(self, chain: vectors.Chain, streams: int) -> tuple[float, float]:
        """Without and with the streams."""
        return await self.sync(chain, 0), await self.sync(chain, streams)

    async def enemies(self, node: harness.Node, chain: vectors.Chain, loris: int, ready: int):
        """In a process of their own, so that they do not hold up who measures."""
        command = [enemies.__file__, *node.address, chain.name, chain.height, loris, ready]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *map(str, command), stdin=asyncio.subprocess.PIPE
        )
        self.addAsyncCleanup(self.send_away, process)
        return process

    async def send_away(self, process: asyncio.subprocess.Process) -> None:
        harness.send_signal(process, signal.SIGKILL)
        await process.wait()

    async def siege(self, chain: vectors.Chain, loris: int, ready: int) -> float:
        """Every kind of enemy at once; the slowest answer to an honest peer, in seconds. Another
        honest node is behind a bad line."""
        honest, far = await self.loaded_node(chain), await self.loaded_node(chain)
        slow = await self.over_a_slow_line(far)
        liars = [await self.liar(kind(chain)) for kind in liar.ALL]
        node = await self.node(chain, peers=[*liars, slow, honest.address], **WAITS)
        conn = await self.connect(node, chain, 0)
        crowd = self.crowd(node, chain)
        many = await self.enemies(node, chain, loris, ready)
        beside = asyncio.create_task(self.beside(node, honest.host))
        times: list[float] = []
        status = await node.status()
        while status["height"] < chain.height or status["network"]["accepted_total"] < 3 * loris:
            times.append(await self.answer(conn))
            status = await node.status()
        self.assertEqual(status["tip"], chain.tip)
        self.assertLessEqual(status["memory_peak_bytes"], status["memory_budget_bytes"])
        await self.send_away(many)
        self.assertGreater(crowd.came, 0)
        await crowd.stop()
        beside.cancel()
        await self.assert_newcomer_is_served(node, chain)
        await node.stop()
        self.tell(node, status, sorted(times))
        return max(times)

    async def over_a_slow_line(self, node: harness.Node) -> tuple[str, int]:
        line = Line(SLOW_LINE)
        self.addAsyncCleanup(line.stop)
        return await line.to(node.address, harness.fresh_host())

    def crowd(self, node: harness.Node, chain: vectors.Chain) -> hostile.Crowd:
        """Who claims blocks and keeps the node waiting for them."""
        crowd = hostile.Crowd(node.address, chain, chain.height, 0.02)
        self.addAsyncCleanup(crowd.stop)
        crowd.start(hostile.ALL, HOSTILE, [harness.fresh_host() for _ in range(HOSTS)])
        return crowd

    async def beside(self, node: harness.Node, host: str) -> None:
        """One behind the address of the honest node, who gets himself banned again and again."""
        alien = peer.Identity("AB" * 32)
        while True:
            with contextlib.suppress(*enemies.REFUSED):
                conn = await peer.Connection.open(node.address, alien, host)
                try:
                    await conn.hello()
                    await conn.send(alien.hand())
                    await conn.closed(5)
                finally:
                    await conn.close()
            await asyncio.sleep(0.3)

    def tell(self, node: harness.Node, status: dict[str, Any], times: list[float]) -> None:
        told = harness.MEMORY_TOLD.search("\n".join(node.lines))
        assert told is not None
        print(f"siege: {status['network']['accepted_total']} connections accepted, {len(times)} "
              f"answers, median {times[len(times) // 2]:.3f} s, slowest {times[-1]:.3f} s, "
              f"{node.most_memory >> 10} kB held of {float(told[1]) + float(told[2]):.1f} MB told",
              flush=True)  # fmt: skip

    async def answer(self, conn: peer.Connection) -> float:
        began = time.monotonic()
        await conn.send(conn.identity.ping())
        pong = await conn.expect("Pong", timeout=PATIENCE)
        self.assertIsNotNone(pong, "the honest peer was closed")
        return time.monotonic() - began

    async def assert_newcomer_is_served(self, node: harness.Node, chain: vectors.Chain) -> None:
        await node.wait_status("free places", lambda s: s["network"]["inbound"] <= 1, 30)
        conn = await self.connect(node, chain, chain.height)
        await conn.send(peer.get_block(chain.height))
        block = await conn.expect("Block", timeout=PATIENCE)
        self.assertEqual(block["block"], chain.blocks[-1].cbor)
