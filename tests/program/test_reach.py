"""What stands between the node and its first peer: name servers that take their time, a login page,
names as people write them."""

import asyncio
import signal
import socket
import types
import unittest
from typing import Any

import faults
import harness
import netns

ORIGIN = "0000001D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E"
PEER = "5.5.1.1"
PORT = 4244
NAME = "peer.example.net"
PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n"


class Outside(harness.ProgramTest):
    """Nodes of the main network with public addresses, in a network of their own."""

    there: netns.Namespace

    async def network(self, **etc: str) -> netns.Namespace:
        self.there = await netns.Namespace.make(self, **etc)
        await self.there.run("ip", "addr", "add", f"{PEER}/32", "dev", "lo")
        return self.there

    def main_node(self, peers: list[str], **settings) -> harness.Node:
        chain = types.SimpleNamespace(origin=ORIGIN, params=None)
        node = self.make_node(chain, net__bind="", **({"net__listen": []} | settings))
        node.settings["net.peers"] = peers
        node.through = self.there.through
        return node

    async def seed(self) -> harness.Node:
        return await self.main_node([], net__listen=[f"{PEER}:{PORT}"]).start()

    async def peers_after(self, node: harness.Node, seconds: float) -> float:
        """How long it took from now until the first peer."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await node.wait_status("a peer", lambda s: s["network"]["ready"] > 0, seconds)
        return loop.time() - begun


class Names(Outside):
    async def test_answers_after_eight_seconds(self):
        await self.network(resolv_conf="nameserver 127.0.0.1\n")
        await netns.NameServer(PEER, 8.0).start(self, self.there, "127.0.0.1")
        await self.seed()
        node = await self.main_node([NAME]).start()
        took = await self.peers_after(node, 15)
        self.assertLess(took, harness.at_most(15) * harness.SLOW)
        self.assertFalse(node.said("no answer in time"), node.log_tail())

    async def test_an_answer_later_than_the_deadline(self):
        """It counts when it comes, whether the name is being asked for again or not."""
        await self.network(resolv_conf="nameserver 127.0.0.1\n")
        server = netns.NameServer(PEER, 3.5)
        await server.start(self, self.there, "127.0.0.1")
        await self.seed()
        node = await self.main_node([NAME], limits__lookup_timeout="2 s").start()
        await self.peers_after(node, 15)
        rows = (await node.get("/limits"))[1]
        self.assertRegex(rows, r'"row": *"lookup_timeout"[^}]*"hits_total": *[1-9]')

    async def test_a_name_server_that_fails(self):
        """SERVFAIL: it is told, asked again with pauses, and asked with success when it is well."""
        await self.network(resolv_conf="nameserver 127.0.0.1\n")
        server = netns.NameServer(PEER)
        server.fails = True
        await server.start(self, self.there, "127.0.0.1")
        await self.seed()
        node = await self.main_node([NAME]).start()
        await node.wait_line(f"no peers (0 of 1 configured answered; last error: {NAME}:{PORT}: "
                             "every name server refuses or fails)", 20 * harness.SLOW)  # fmt: skip
        self.assertIn("every name server refuses or fails", (await node.get("/peers?all=1"))[1])
        tries = sum(f"cannot connect to {NAME}" in line for line in node.lines)
        self.assertIn(tries, range(2, 8))  # after 1, 2, 4, 8 s
        server.fails = False
        await self.peers_after(node, 30)

    async def test_other_name_servers_than_at_the_start(self):
        """While the old one is still being waited for."""
        await self.network(resolv_conf="nameserver 127.0.0.2\n")
        self.addCleanup(self.there.socket(socket.SOCK_DGRAM, ("127.0.0.2", 53)).close)
        await netns.NameServer(PEER).start(self, self.there, "127.0.0.1")
        await self.seed()
        node = self.main_node([NAME, "other.example.net"], limits__lookup_timeout="4 s")
        await node.start()
        await asyncio.sleep(1)
        self.there.write("resolv_conf", "nameserver 127.0.0.1\n")
        await self.peers_after(node, 15)
        failed = sum(f"cannot connect to {NAME}" in line for line in node.lines)
        self.assertLessEqual(failed, 1, node.log_tail())  # the next question is for the new one

    async def test_names_of_the_hosts_file(self):
        """With a final dot, and when nsswitch.conf asks a service that c-ares does not know."""
        await self.network(
            resolv_conf="nameserver 127.0.0.2\n", hosts=f"{PEER} {NAME}\n127.0.0.1 localhost\n",
            nsswitch_conf="hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n",
        )  # fmt: skip
        await self.seed()
        for name in (f"{NAME}.:{PORT}", NAME, NAME.upper() + "."):
            node = await self.main_node([name]).start()
            await self.peers_after(node, 5)
            await node.stop()


class LoginPage(Outside):
    async def page(self, says: bytes) -> asyncio.Server:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if says:
                await reader.read(200)
                writer.write(says)
            writer.close()

        sock = self.there.socket(socket.SOCK_STREAM, (PEER, PORT))
        return await asyncio.start_server(answer, sock=sock)

    async def login(self, says: bytes) -> None:
        """The page answers for every peer for a while, then the user has logged in."""
        await self.network()
        page = await self.page(says)
        node = await self.main_node([f"{PEER}:{PORT}"], log__level="debug").start()
        await node.wait_status(
            "two dials", lambda s: s["network"]["dial_failures_total"] >= 2, 30
        )
        page.close()
        await page.wait_closed()
        await self.seed()
        took = await self.peers_after(node, 30)
        self.assertLess(took, harness.at_most(30) * harness.SLOW)
        self.assertFalse(node.said("banned"), node.log_tail())

    async def test_it_sends_html(self):
        await self.login(PAGE)

    async def test_it_closes(self):
        await self.login(b"")


class Gone(Outside):
    """All peers are out of reach at once, and no packet tells."""

    async def noticed(self, node: harness.Node, peer: harness.Node, what: Any) -> None:
        """After it nobody is connected within thirty seconds, and soon after it is answered."""
        await self.peers_after(node, 10)
        loop = asyncio.get_running_loop()
        peer.signal(signal.SIGSTOP)  # the kernel of the other side still confirms what it gets
        try:
            begun = loop.time()
            await what()
            await node.wait_status("no peer", lambda s: s["network"]["ready"] == 0, 30)
            took = loop.time() - begun
        finally:
            peer.signal(signal.SIGCONT)
        self.assertLess(took, harness.at_most(30) * harness.SLOW)
        await self.peers_after(node, 30)

    async def test_a_sleep(self):
        await self.network()
        seed = await self.seed()
        control = faults.Control(self.folder / "control")
        node = self.main_node([f"{PEER}:{PORT}"])
        await node.start(env=control.environment())

        async def sleep() -> None:
            control.slept(7200)

        await self.noticed(node, seed, sleep)
        await node.wait_line("this machine slept for 2 h")

    async def test_an_address_that_changes(self):
        await self.network()
        seed = await self.seed()
        node = await self.main_node([f"{PEER}:{PORT}"]).start()

        async def change() -> None:
            await self.there.run("ip", "addr", "add", "5.5.2.2/32", "dev", "lo")

        await self.noticed(node, seed, change)

    async def test_a_link_that_comes_back(self):
        await self.network()
        await self.there.run("ip", "link", "add", "cable", "type", "veth", "peer", "wall")
        await self.there.run("ip", "link", "set", "cable", "up")
        seed = await self.seed()
        node = await self.main_node([f"{PEER}:{PORT}"]).start()
        await self.there.run("ip", "link", "set", "wall", "up")
        await self.there.run("ip", "link", "set", "wall", "down")

        async def plug() -> None:
            await self.there.run("ip", "link", "set", "wall", "up")

        await self.noticed(node, seed, plug)

    async def test_addresses_that_come_and_go_all_the_time(self):
        """As beside containers: it asks a few times a minute, and nobody is lost."""
        await self.network()
        await self.seed()
        node = await self.main_node([f"{PEER}:{PORT}"]).start()
        await self.peers_after(node, 10)
        script = "end=$(($(date +%s) + 6)); while [ $(date +%s) -lt $end ]; do "\
                 "for what in add del; do ip addr $what 5.5.3.1/32 dev lo; done; done"  # fmt: skip
        await self.there.run("sh", "-c", script)
        await node.wait_line("every peer is asked", 10)
        said = sum("every peer is asked" in line for line in node.lines)
        self.assertLessEqual(said, 2)
        self.assertEqual((await node.status())["network"]["ready"], 1)


if __name__ == "__main__":
    unittest.main()
