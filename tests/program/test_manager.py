"""What a service manager sees: readiness, reloading, status, watchdog, the end; and log lines with
the journal's priorities."""

import asyncio
import os

import harness
import managed


class Manager(managed.ManagedTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    def env(self, **more: str) -> dict[str, str]:
        return os.environ | {"NOTIFY_SOCKET": self.path} | more

    async def test_life(self):
        node = self.make_node(self.small)
        await node.launch(env=self.env(WATCHDOG_USEC="200000"))
        self.assertEqual(
            await self.told("READY=1"), "READY=1\nSTATUS=height 0: no peers are configured"
        )
        beat = await self.told("WATCHDOG=1")
        self.assertIn("STATUS=height 0: no peers", beat)
        await self.told("WATCHDOG=1")
        await node.get("/reload", "POST")
        self.assertRegex(await self.told("RELOADING=1"), r"\nMONOTONIC_USEC=\d+$")
        await self.told("READY=1")
        stopping = asyncio.create_task(node.stop())
        await self.told("STOPPING=1")
        await stopping

    async def test_state_is_told_at_each_change(self):
        """Without a watchdog, long before the next beat; one of another process is none."""
        _, address = await self.reference(self.small)
        node = self.make_node(self.small)
        await node.launch(env=self.env(WATCHDOG_USEC="1000", WATCHDOG_PID="1"))
        await self.told("READY=1")
        await node.get(f"/peers/add?address={address[0]}%3A{address[1]}", "POST")
        state = await self.told("at tip")
        self.assertIn("STATUS=height 72: at tip", state)
        stopping = asyncio.create_task(node.stop())
        end = await self.told("STOPPING=1")
        self.assertEqual(end, "STOPPING=1\nEXTEND_TIMEOUT_USEC=61000000\nSTATUS=stopping")
        await stopping

    async def test_journal(self):
        """Standard error is the journal's when JOURNAL_STREAM names its device and inode."""
        log = self.folder / "stderr"
        with open(log, "wb") as file:
            stat = os.fstat(file.fileno())
            process = await asyncio.create_subprocess_exec(
                str(harness.PROGRAM), "run", "--data-dir", str(self.folder / "data"),
                "--set", "net.listen=[]", "--set", "net.peers=[]", stderr=file,
                env=self.env(JOURNAL_STREAM=f"{stat.st_dev}:{stat.st_ino}"), cwd=self.folder,
            )  # fmt: skip
        await self.told("READY=1")
        process.terminate()
        self.assertEqual(await asyncio.wait_for(process.wait(), harness.STOP_TIME), 0)
        lines = log.read_text().splitlines()
        self.assertIn("<6>ready", lines)
        self.assertTrue(all(line.startswith("<") for line in lines), lines)

    async def test_journal_before_the_log(self):
        """Wrong settings are errors for the journal, too."""
        log = self.folder / "stderr"
        too_much = "limits.max_future_bytes=30MB"
        for command, setting in (("run", "net.public=perhaps"), ("run", too_much),
                                 ("check-config", too_much)):  # fmt: skip
            with open(log, "wb") as file:
                stat = os.fstat(file.fileno())
                process = await asyncio.create_subprocess_exec(
                    str(harness.PROGRAM), command, "--set", setting, stderr=file, cwd=self.folder,
                    stdout=asyncio.subprocess.DEVNULL,
                    env=self.env(JOURNAL_STREAM=f"{stat.st_dev}:{stat.st_ino}"),
                )  # fmt: skip
            self.assertEqual(await asyncio.wait_for(process.wait(), harness.STOP_TIME), 2)
            self.assertRegex(log.read_text(), r"\A<3>alfisd: [^\n]+\n\Z")
