"""Where the output goes: a full disk is no success, a reader who went away is no trouble."""

import asyncio
import os
import unittest

import harness


class Output(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.there = self.make_node(self.chain("devnet-72"))
        await self.fill(self.there, self.chain("devnet-72"))

    async def into(self, target: int, *args: str) -> tuple[int, str]:
        """Standard output is that descriptor: status and standard error."""
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, *args, "--config", str(self.there.config),
            stdin=asyncio.subprocess.DEVNULL, stdout=target, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, err = await asyncio.wait_for(process.communicate(), 30 * harness.SLOW)
        return process.returncode, err.decode()

    async def test_a_full_disk(self):
        await self.there.start()
        with open("/dev/full", "wb") as full:
            for command in ("--help", "--version", "help run", "version --verbose", "check-config",
                            "config-template", "metrics-reference", "show chain --json",
                            "show block 1", "status", "peers", "limits --json", "events",
                            "reload"):  # fmt: skip
                with self.subTest(command):
                    status, err = await self.into(full.fileno(), *command.split())
                    self.assertEqual(status, harness.TASK_FAILED, err)
                    line = "standard output: No space left on device"
                    if "--json" in command:
                        self.assertEqual(err, '{"error":"%s"}\n' % line)
                    else:
                        self.assertEqual(err, f"alfisd: {line}\n")

    async def test_a_reader_who_went_away(self):
        await self.there.start()
        for command in ("--help", "show chain", "limits", "events", "config-template"):
            with self.subTest(command):
                reading, writing = os.pipe()
                os.close(reading)
                status, err = await self.into(writing, *command.split())
                os.close(writing)
                self.assertEqual((status, err), (harness.TASK_FAILED, ""))

    async def test_the_status_of_a_failure_stays(self):
        with open("/dev/full", "wb") as full:
            status, err = await self.into(full.fileno(), "show", "block", "7x")
            self.assertEqual(status, harness.TASK_FAILED)
            self.assertEqual(err, "alfisd: no such block: 7x\n")


if __name__ == "__main__":
    unittest.main()
