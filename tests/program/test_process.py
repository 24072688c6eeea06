"""The process as its starter made it: descriptors that are closed."""

import asyncio
import contextlib
import hashlib
import itertools
import unittest

import harness

CLOSERS = ("<&-", ">&-", "2>&-")


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


if __name__ == "__main__":
    unittest.main()
