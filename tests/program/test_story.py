"""What somebody reads who starts the node in the foreground and watches its log."""

import asyncio
import re
import time
import unittest

import faults
import harness

AT_TIP = re.compile(r"at tip: block 72, after 72 blocks( in [\d.]+ m?s)?$")


class Story(harness.ProgramTest):
    def texts(self, node: harness.Node, *levels: str) -> list[str]:
        """Lines of these levels, without time."""
        found = []
        for line in node.lines:
            _, level, text = line.split(maxsplit=2)
            if level in levels:
                found.append(text)
        return found

    async def test_a_start_without_peers(self):
        port = harness.free_port("127.0.0.1")
        node = await self.node(self.chain("devnet-72"), log__level="info",
                               admin__listen=f"127.0.0.1:{port}")  # fmt: skip
        began = self.texts(node, "info")
        version = (await harness.run("--version")).out.split()[1]
        self.assertIn(f"alfisd {version} (network release 0.10.0), devnet, {node.config}", began)
        self.assertIn(f"listening on {node.host}:{node.address[1]}", began)
        self.assertIn(f"admin socket {node.settings['admin.socket']}", began)
        self.assertIn(f"status page http://127.0.0.1:{port}/", began)
        self.assertEqual(began[-1], "ready")
        await node.wait_line("no peers are configured", 20 * harness.SLOW)
        await node.stop()
        self.assertEqual(self.texts(node, "info")[-2:], ["SIGTERM: stopping", "stopped"])
        self.assertEqual(self.texts(node, "warn", "error"), [])

    async def test_nobody_answers(self):
        nobody = harness.fresh_host(), harness.free_port("127.0.0.1")
        node = await self.node(self.chain("devnet-72"), peers=[nobody], log__level="info")
        line = await node.wait_line("no peers (0 of 1 configured", 20 * harness.SLOW)
        self.assertIn("{}:{}: Connection refused".format(*nobody), line)
        await node.stop()

    async def test_a_sync(self):
        _, address = await self.reference(self.chain("devnet-72"))
        node = await self.node(self.chain("devnet-72"), peers=[address], log__level="info")
        line = await node.wait_line("at tip", 30 * harness.SLOW)
        self.assertRegex(line, AT_TIP)
        await node.stop()
        self.assertEqual(self.texts(node, "info").count("stopped"), 1)

    async def test_bans_of_the_past_are_no_warnings(self):
        chain = self.long_chain(1100)
        node = self.make_node(chain)
        await self.fill(node, chain)
        serving = await node.start()
        fresh = await self.node(chain, peers=[serving.address])
        await fresh.wait_height(chain.height, 60)
        await fresh.wait_line("at tip: block", 30 * harness.SLOW)
        self.assertEqual([t for t in self.texts(fresh, "warn") if "banned for good" in t], [])
        if harness.SLOW == 1:
            bans = [t for t in self.texts(fresh, "debug") if "banned for good" in t]
            self.assertGreater(len(bans), 0)

    async def test_no_address_to_dial_from(self):
        """net.bind is not on this machine."""
        node = await self.node(self.chain("devnet-72"), peers=[("127.0.0.1", 9)],
                               net__bind="192.0.2.77")  # fmt: skip
        words = "net.bind: this machine has no address 192.0.2.77"
        await node.wait_line(words, 10 * harness.SLOW)
        await node.wait_status("the reason", lambda s: words in s["reason"], 10)

    async def test_few_descriptors(self):
        node = self.make_node(self.chain("devnet-72"))
        node.through = ["sh", "-c", 'ulimit -n 60 && exec "$@"', "sh"]
        await node.start()
        await node.wait_line("only 60 files may be open: enough for about 19 of the 48", 1)
        await node.stop()
        node.through = ["sh", "-c", 'ulimit -Sn 60 && exec "$@"', "sh"]
        await node.start()  # it may raise its own limit
        self.assertFalse(node.said("files may be open"), node.log_tail())
        await asyncio.sleep(0)


class BanOfToday(faults.FaultTest):
    async def test_is_a_warning(self):
        """The same bans as above, to a node whose clock stands at the block that closes their window."""
        closing = 1025
        await self.serve(self.chain("devnet-3000").first(closing + 3))
        node, control = self.client("today")
        when = self.goal.blocks[closing - 1].block().timestamp
        control.clock(when - int(time.time()))
        await node.start(env=control.environment())
        line = await node.wait_line("banned for good", 60 * harness.SLOW)
        self.assertRegex(line, rf" warn +block {closing} closes a healed window: signer [0-9A-F]+ is banned")
        await node.stop()


if __name__ == "__main__":
    unittest.main()
