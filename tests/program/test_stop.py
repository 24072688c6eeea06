"""The end of the program in every state: orderly, twice, and without a warning."""

import asyncio
import signal
import unittest
from pathlib import Path

import harness
from alfis import liar, peer
from alfis.message import Message
from alfis.reference import Habits


class Orderly(harness.ProgramTest):
    """SIGTERM: status 0, nothing left unfreed. harness.Node.stop() looks at all of that."""

    async def test_idle(self):
        chain = self.chain("devnet-72")
        for number in (signal.SIGTERM, signal.SIGINT):
            node = await self.node(chain)
            node.signal(number)
            await node.wait_end()
            node.assert_ended_well()

    async def test_as_soon_as_it_can_be_signalled(self):
        """While it starts: it may not be ready to stop well, but it must not hang or be damaged."""
        chain = self.chain("devnet-72")
        for delay in (0.0, 0.005, 0.02, 0.05):
            node = self.make_node(chain)
            await node.launch()
            await asyncio.sleep(delay)
            node.signal(signal.SIGTERM)
            status = await node.wait_end()
            self.assertIn(status, (harness.DONE, -signal.SIGTERM), node.log_tail())
            node.assert_clean()

    async def test_during_sync(self):
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        for height in (1, 100, 300):
            node = await self.node(chain, peers=[address])
            await node.wait_height(height)
            await node.stop()
            shown = await node.command("verify")
            self.assertEqual(shown.status, harness.DONE, str(shown))

    async def test_twice(self):
        """The second signal skips the draining, not the freeing."""
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = await self.node(chain, peers=[address], node__drain="20 s")
        conn = await self.connect(node, chain, 0)
        await node.wait_height(50)
        # Answers that nobody reads keep the drain waiting.
        await conn.send(*[peer.get_block(i) for i in range(1, 50)])
        node.signal(signal.SIGTERM)
        await node.wait_line("stopping", 5 * harness.SLOW)
        node.signal(signal.SIGTERM)
        await node.wait_end(5 * harness.SLOW)
        node.assert_ended_well()

    async def test_with_connections_in_every_phase(self):
        chain = self.chain("devnet-72")
        quiet = [await self.liar(liar.SilentAfterAccept(chain)) for _ in range(2)]
        quiet.append(await self.liar(liar.SilentAfterHello(chain)))
        quiet.append(await self.liar(liar.Mute(chain)))
        quiet.append(await self.liar(liar.StallsInFrame(chain)))
        node = await self.loaded_node(chain.first(60), peers=quiet, node__drain="1 s")
        await self.opened(node, chain)
        half = await self.opened(node, chain)
        await half.send_raw(b"\x15\x01")
        keyed = await self.opened(node, chain)
        await keyed.hello()
        begun = await self.connect(node, chain, 60)
        await begun.send_raw(begun.frame(Message("GetPeers"))[:5])
        await self.connect(node, chain, 60)
        await node.wait_status("peers", lambda s: s["network"]["inbound"] >= 5, 5)
        await node.stop()

    async def opened(self, node: harness.Node, chain) -> peer.Connection:
        identity = peer.Identity(chain.origin)
        conn = await peer.Connection.open(node.address, identity, harness.fresh_host())
        self.addAsyncCleanup(conn.close)
        return conn

    async def test_under_flood(self):
        chain = self.chain("devnet-72")
        floods = [await self.liar(kind(chain)) for kind in (liar.FloodsPeers, liar.FloodsPings)]
        node = await self.node(chain, peers=floods)
        await node.wait_status("peers", lambda s: s["peers"] >= 2, 10)
        await node.stop()

    async def test_while_serving(self):
        chain = self.long_chain(500)
        node = await self.loaded_node(chain)
        client, _ = await self.reference(chain, 0, Habits(validation=0.005), False)
        await client.dial(node.address, harness.fresh_host())
        await client.wait_height(20, 10 * harness.SLOW)
        await node.stop()
        self.assertEqual(client.bans, [])

    async def test_by_the_admin_socket(self):
        node = await self.node(self.chain("devnet-72"))
        told = await node.command("stop")
        self.assertEqual(told.status, harness.DONE, str(told))
        await node.wait_end()
        node.assert_ended_well()

    async def test_stop_returns_when_the_node_is_gone(self):
        """The next line of a script meets neither its lock nor the process."""
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain, node__drain="1 s")
        for _ in range(3):
            conn = await self.connect(node, chain, 72)
            told = await node.command("stop")
            self.assertEqual(told.status, harness.DONE, str(told))
            self.assertNotIn(f"{node.pid} (alfisd) S", self.state_of(node.pid))
            verified = await node.command("verify")
            self.assertEqual(verified.status, harness.DONE, str(verified))
            await node.wait_end()
            node.assert_ended_well()
            await conn.close()
            await node.start()

    def state_of(self, pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""

    async def test_stop_waits_for_a_node_that_takes_its_time(self):
        """Halted after it answered; then it goes on and ends."""
        node = await self.loaded_node(self.chain("devnet-72"))
        host = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        told = asyncio.create_task(node.command("stop"))
        await node.wait_line("told to stop", 10 * harness.SLOW)
        node.signal(signal.SIGSTOP)
        halted = not node.said("stopped")
        await asyncio.sleep(1)
        self.assertTrue(told.done() != halted, "stop did not wait")
        node.signal(signal.SIGCONT)
        host[1].close()
        done = await told
        self.assertEqual(done.status, harness.DONE, str(done))
        await node.wait_end()

    async def test_admin_client_that_never_asks(self):
        node = await self.node(self.chain("devnet-72"))
        socket = str(node.settings["admin.socket"])
        _, silent = await asyncio.open_unix_connection(socket)
        _, begun = await asyncio.open_unix_connection(socket)
        begun.write(b"GET /sta")
        await begun.drain()
        await node.status()
        await node.stop()
        for writer in (silent, begun):
            writer.close()


class PowerCut(harness.ProgramTest):
    async def test_nothing_that_was_reported_is_lost(self):
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = self.make_node(chain, peers=[address], limits__commit_blocks=50)
        floor = 0
        for more in (10, 150, 400):
            await node.start()
            status = await node.wait_status(
                "more blocks", lambda s: s["committed_height"] >= floor + more, 15
            )
            self.assertGreaterEqual(status["committed_height"], floor)
            floor = status["committed_height"]
            await node.kill()
            verified = await node.command("verify")
            self.assertEqual(verified.status, harness.DONE, str(verified))
        await node.start()
        status = await node.status()
        self.assertGreaterEqual(status["committed_height"], floor)

    async def test_goes_on_where_it_was(self):
        chain = self.chain("devnet-72")
        _, address = await self.reference(chain)
        node = await self.node(chain, peers=[address])
        await node.wait_status("all", lambda s: s["committed_height"] == 72, 15)
        await node.kill()
        node.settings["net.peers"] = []
        await node.start()
        status = await node.status()
        self.assertEqual((status["height"], status["tip"]), (72, chain.tip))


if __name__ == "__main__":
    unittest.main()
