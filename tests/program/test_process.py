"""The process as its starter made it: descriptors that are closed."""

import asyncio
import contextlib
import hashlib
import itertools
import os
import stat
import sys
import unittest

import harness

CLOSERS = ("<&-", ">&-", "2>&-")
FAILED = (harness.USAGE, harness.TASK_FAILED, harness.STORE_FAILED)


class ClosedDescriptors(harness.ProgramTest):
    """A file of the store must not get the number of a standard descriptor: the next message would
    be written into it."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.there = self.make_node(self.chain("devnet-72"))
        await self.fill(self.there, self.chain("devnet-72"))
        self.junk = self.folder / "junk"
        self.junk.write_text("not a chain\n")

    def store(self) -> dict[str, str]:
        """chain.mdb by its content; what else is there by its size, which a message would change."""
        data = self.there.folder / "data"
        found = {p.name: str(p.stat().st_size) for p in data.iterdir() if p.is_file()}
        return found | {"chain.mdb": hashlib.sha256((data / "chain.mdb").read_bytes()).hexdigest()}

    async def closed(self, closers: tuple[str, ...], *args: str) -> int:
        shell = f'"$@" {" ".join(closers)}; exit $?'
        through = ["sh", "-c", shell, "sh", *harness.COMMAND, *args,
                   "--config", str(self.there.config)]  # fmt: skip
        return (await harness.ended(*through)).status

    def combinations(self):
        return itertools.chain(*(itertools.combinations(CLOSERS, n) for n in (1, 2, 3)))

    async def test_commands_leave_the_store_alone(self):
        self.assertEqual(await self.closed((), "show", "chain"), harness.DONE)
        before = self.store()
        for closers in self.combinations():
            for command, status in (
                (("import", str(self.junk)), harness.TASK_FAILED),
                (("show", "chain"), harness.DONE),
                (("show", "block", "7x"), harness.TASK_FAILED),
                (("verify",), harness.DONE),
                (("status",), harness.TASK_FAILED),
            ):
                with self.subTest(closed=closers, command=command):
                    self.assertEqual(await self.closed(closers, *command), status)
                    self.assertEqual(self.store(), before)

    async def answers(self, node: harness.Node) -> None:
        """With standard error closed nobody hears that it is ready."""

        async def ask() -> None:
            while True:
                with contextlib.suppress(OSError):
                    await node.get("/health")
                    return
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(ask(), harness.START_TIME)

    async def test_the_node_runs_with_any_of_them_closed(self):
        for closers in self.combinations():
            with self.subTest(closed=closers):
                node = self.there
                shell = f'exec "$@" {" ".join(closers)}'
                node.through = ["sh", "-c", shell, "sh"]
                await node.launch()
                await self.answers(node)
                self.assertEqual(await self.closed(closers, "limits"), harness.DONE)
                node.signal(15)
                self.assertEqual(await node.wait_end(), harness.DONE)
                node.through = []
                ended = await node.command("verify")
                self.assertEqual(ended.status, harness.DONE, str(ended))


class Surroundings(harness.ProgramTest):
    """What else the starter leaves behind."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    async def test_signals_that_were_blocked(self):
        node = self.make_node(self.small)
        block = "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)); "
        node.through = [sys.executable, "-c", block + "os.execvp(sys.argv[1], sys.argv[1:])"]
        await node.start()
        await node.stop()

    async def test_a_mask_that_leaves_nothing(self):
        node = self.make_node(self.small)
        node.through = ["sh", "-c", 'umask 777 && exec "$@"', "sh"]
        await node.start()
        self.assertEqual((await node.status())["height"], 0)
        await node.stop()
        data = node.folder / "data"
        for path in (data, data / "chain.mdb"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0)
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o600, 0o600)

    async def test_nothing_in_the_environment(self):
        node = self.make_node(self.small)
        node.through = ["env", "-i"]
        await node.start()
        await node.stop()

    async def test_a_working_directory_that_is_gone(self):
        node = self.make_node(self.small)
        gone = self.folder / "gone"
        gone.mkdir()
        node.through = ["sh", "-c", f'cd {gone} && rmdir {gone} && exec "$@"', "sh"]
        await node.start()
        await node.stop()
        ended = await harness.ended(
            "sh", "-c", 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"', "sh",
            str(gone), *harness.COMMAND, "run", "--set", "net.peers=[]",
        )  # fmt: skip
        self.assertEqual(ended.status, harness.STORE_FAILED, str(ended))
        self.assertIn("node.data_dir", ended.err)

    async def test_places_of_a_manager_that_lead_nowhere(self):
        for place in (str(self.folder / "absent"), str(self.folder), "/" + 200 * "a", "x", "@"):
            node = self.make_node(self.small)
            await node.start(env=os.environ | {"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "soon",
                                               "LISTEN_PID": "x", "LISTEN_FDS": "-1"})  # fmt: skip
            await node.stop()

    async def test_limits_of_the_process(self):
        """Ended with a line, or running; never by a signal. A store that finds no room is a matter
        of limits.store_map_bytes."""
        most = () if harness.INSTRUMENTED else ("-v 300000",)  # its shadow is larger
        for limit in (*most, "-f 10", "-n 8", "-s 128", "-u 1"):
            with self.subTest(limit):
                node = self.make_node(self.small)
                node.through = ["sh", "-c", f'ulimit {limit}; exec "$@"', "sh"]
                await node.launch()
                with contextlib.suppress(AssertionError):
                    await node.wait_line("ready", harness.START_TIME)
                if node.running:
                    await node.stop()
                else:
                    self.assertIn(await node.wait_end(), FAILED)
                    self.assertTrue(any(" error " in line for line in node.lines), node.log_tail())


if __name__ == "__main__":
    unittest.main()
