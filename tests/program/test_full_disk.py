"""A start on a full disk: with a service manager the node waits for room, without one it ends."""

import os
import signal
import subprocess
from pathlib import Path

import harness
import managed
from test_disk import LIMITED, mounted


class FullDisk(managed.ManagedTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.long = self.chain("devnet-3000")
        _, address = await self.reference(self.long)
        self.node_of_disk = self.make_node(self.long, peers=[address])
        self.data = Path(self.node_of_disk.settings["node.data_dir"])
        disk = mounted(self, self.data, "tmpfs")
        if not disk.__enter__():
            self.skipTest("may not mount")
        self.addCleanup(disk.__exit__)

    def grow(self) -> None:
        more = f"remount,size={16 * LIMITED}"
        subprocess.run(["mount", "-o", more, str(self.data)], check=True)

    async def launch(self, managed: bool) -> harness.Node:
        more = {"NOTIFY_SOCKET": self.path} if managed else {}
        await self.node_of_disk.launch(env=os.environ | more)
        return self.node_of_disk

    async def waits(self) -> harness.Node:
        node = await self.launch(True)
        text = await self.told("waiting for room")
        self.assertRegex(text, r"^EXTEND_TIMEOUT_USEC=\d+\nSTATUS=waiting for room on the disk of "
                               rf"{self.data}: \d+ (bytes|kB) free, 64 kB wanted$")  # fmt: skip
        await node.wait_line("waiting until there is room")
        return node

    def fill_disk(self) -> None:
        with open(self.data / "fill", "wb") as file:
            file.write(bytes(LIMITED - 16384))

    async def test_a_node_that_filled_its_disk_goes_on_when_there_is_room(self):
        node = await self.launch(True)
        self.assertEqual(await node.wait_end(45 * harness.SLOW), harness.STORE_FAILED)
        await self.waits()
        self.grow()
        await self.told("READY=1")
        await node.wait_line("free now: going on")
        await node.wait_line(f"at tip: block {self.long.height:,}", 60 * harness.SLOW)
        await node.stop()

    async def test_a_signal_ends_the_wait(self):
        self.fill_disk()
        for number in (signal.SIGTERM, signal.SIGINT):
            node = await self.waits()
            node.signal(signal.SIGHUP)  # waits, and is no end
            node.signal(number)
            self.assertEqual(await node.wait_end(), harness.DONE, node.log_tail())
            await self.told("STOPPING=1")
            await node.wait_line(f"{number.name}: stopping")
            node.assert_ended_well()

    async def test_without_a_manager_it_ends(self):
        self.fill_disk()
        node = await self.launch(False)
        self.assertEqual(await node.wait_end(), harness.STORE_FAILED, node.log_tail())
        self.assertFalse(node.said("waiting"), node.log_tail())
        self.assertTrue(node.said("the disk is full"), node.log_tail())
