"""A machine that lets the node down while it runs: descriptors, clock, disk."""

import asyncio
import errno
import os
import resource
import shutil
import socket
import unittest
from pathlib import Path
from typing import Any

import faults
import harness

DESCRIPTORS = 32
CLIENTS = 60
DAY = 86400
WATCH = 4.0  # seconds


def processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Descriptors(harness.ProgramTest):
    async def full_node(self, chain: Any) -> harness.Node:
        """It may open few descriptors, and as many handshakes as there are places may stay begun."""

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))

        absent = [(harness.fresh_host(), 4244) for _ in range(4)]
        node = self.make_node(
            chain, peers=absent, limits__max_half_open=64, limits__hello_timeout="100 s",
            limits__max_per_group=256, log__level="info",
        )  # fmt: skip
        await self.fill(node, chain)
        return await node.start(preexec_fn=limit)

    def crowd(self, node: harness.Node) -> list[socket.socket]:
        clients = []
        for _ in range(CLIENTS):
            client = socket.socket()
            client.bind((harness.fresh_host(), 0))
            client.setblocking(False)
            client.connect_ex(node.address)
            clients.append(client)
        return clients

    async def test_more_clients_than_descriptors(self):
        chain = self.chain("devnet-72")
        node = await self.full_node(chain)
        clients = self.crowd(node)
        await node.wait_line("no further connections", 10 * harness.SLOW)
        begun, lines = processor_time(node.pid), len(node.lines)
        await asyncio.sleep(WATCH)
        used = (processor_time(node.pid) - begun) / WATCH
        said = [s for s in node.lines[lines:] if "no further" in s or "cannot accept" in s]
        self.assertLessEqual(len(said), 1, node.log_tail())  # a minute may have ended
        self.assertLess(used, 0.05)  # one that tries again at once has all that the machine gives
        self.assertGreaterEqual(len(os.listdir(f"/proc/{node.pid}/fd")), DESCRIPTORS)
        for client in clients:
            client.close()
        loop = asyncio.get_running_loop()
        left = loop.time()
        await self.connect(node, chain, chain.height)
        took = loop.time() - left
        print(f"test_machine: {100 * used:.2f} % of a processor, {len(said)} lines in {WATCH} s, "
              f"next client after {took:.2f} s", flush=True)  # fmt: skip
        self.assertLess(took, harness.patience(2 * harness.SLOW))
        await node.stop()


class Clock(faults.FaultTest):
    async def test_jumps_by_a_day(self):
        """Back and forth during a sync and at the tip: nobody is banned, closed or late."""
        await self.serve(self.chain("devnet-3000").first(300))
        node, control = self.client("jumps", limits__commit_blocks=8)
        await node.start(env=control.environment())
        for jump, height in ((DAY, 40), (-DAY, 80), (0, 120), (-DAY, 200), (DAY, 300)):
            control.clock(jump)
            await node.wait_height(height, 30)
        for jump in (-DAY, DAY, 0):
            control.clock(jump)
            await asyncio.sleep(0.5)
        status = await node.status()
        self.assertEqual((status["peers"], status["committed_height"]), (1, 300))
        self.assertFalse(node.said("banned"), node.log_tail())
        await node.stop()
        run = await self.look("jumps", node, "")
        self.assertEqual((run.problem, run.height), ("", 300))


class Disk(faults.FaultTest):
    """The fault comes while nothing is written; what comes then is sure to meet it."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        whole = self.chain("devnet-3000").first(300)
        await self.serve(whole.first(60))
        self.visitor, _ = await self.reference(whole)

    async def visit(self, node: harness.Node) -> None:
        """Somebody comes who has more."""
        await self.visitor.dial(node.address, harness.fresh_host())

    async def test_error_that_lasts_until_a_restart(self):
        """Read-only or full from some moment on: it stops, and goes on when that is over."""
        for error in (errno.EROFS, errno.ENOSPC, errno.EIO):
            node, control = self.client(errno.errorcode[error], limits__commit_blocks=8)
            await node.start(env=control.environment())
            await node.wait_status("60", lambda s: s["committed_height"] >= 60, 20)
            control.plan("disk", 1, error, faults.ALWAYS)
            await self.visit(node)
            self.assertEqual(await node.wait_end(), harness.STORE_FAILED, node.log_tail())
            run = await self.look("disk", node, "")
            self.assertEqual(run.problem, "")
            self.assertGreaterEqual(run.height, 60)
            control.plan("disk", 0, 0)
            await node.start(env=control.environment())
            await self.visit(node)
            await node.wait_line("tip: block 300", 60 * harness.SLOW)
            await node.stop()

    async def test_data_directory_that_vanishes(self):
        """Nothing is reported as kept that lies in a deleted file."""
        node, control = self.client("gone", limits__commit_blocks=8)
        await node.start(env=control.environment())
        await node.wait_status("60", lambda s: s["committed_height"] >= 60, 20)
        shutil.rmtree(node.settings["node.data_dir"])
        await self.visit(node)
        self.assertEqual(await node.wait_end(), harness.STORE_FAILED, node.log_tail())
        self.assertEqual(self.judge_end(node, harness.STORE_FAILED), "")
        self.assertFalse(node.said("tip: block 300"))


if __name__ == "__main__":
    unittest.main()
