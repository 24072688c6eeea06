"""Listening sockets that the service manager holds (LISTEN_FDS), also while the node is down."""

import asyncio
import json
import os
import socket
import sys
import unittest

import dns_client as dns
import harness

# Sockets N… become 3…, then the program takes this one's place.
HAND_OVER = """
import os, sys
own, fds = int(sys.argv[1]), [int(n) for n in sys.argv[2].split(",")]
high = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
    os.close(fd)
os.environ["LISTEN_FDS"] = str(len(fds))
os.environ["LISTEN_PID"] = str(os.getpid() + (not own))
os.execvp(sys.argv[3], sys.argv[3:])
"""


class Inherited(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        host = harness.fresh_host()
        self.peers = self.listening(socket.AF_INET, (host, 0))
        self.page = self.listening(socket.AF_INET, (host, 0))
        self.local = self.listening(socket.AF_UNIX, str(self.folder / "held.sock"))
        self.node = self.make_node(
            self.chain("devnet-72"), net__listen=["{}:{}".format(*self.peers.getsockname())],
            admin__socket=str(self.folder / "held.sock"),
            admin__listen="{}:{}".format(*self.page.getsockname()),
        )  # fmt: skip

    def listening(self, family: int, address) -> socket.socket:
        sock = socket.socket(family)
        self.addCleanup(sock.close)
        sock.bind(address)
        sock.listen()
        return sock

    async def launch(self, own: bool = True, more: tuple[socket.socket, ...] = ()) -> None:
        """With the sockets in the environment of this process, or in that of another one."""
        held = [sock.fileno() for sock in (self.page, self.peers, self.local, *more)]
        self.node.through = [sys.executable, "-c", HAND_OVER, str(int(own)),
                             ",".join(map(str, held))]  # fmt: skip
        await self.node.launch(pass_fds=held)

    async def test_dns(self):
        """Both sockets of the DNS server, too; without one of them its address is taken."""
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(udp.close)
        udp.bind((harness.fresh_host(), 0))
        tcp = self.listening(socket.AF_INET, udp.getsockname())
        self.node.settings["dns.listen"] = ["{}:{}".format(*udp.getsockname())]
        await self.launch(more=(udp, tcp))
        await self.node.wait_line("ready")
        name = "ygpo-napu-ygg-pape.v6"
        by_udp, by_tcp = dns.Udp(udp.getsockname()), await dns.Tcp.connect(udp.getsockname())
        for client in (by_udp, by_tcp):
            self.assertEqual((await client.ask(name, dns.AAAA)).data, ["203:1904::1"])
            client.close()
        self.assertFalse(self.node.said("inherited"))
        await self.node.stop()

    async def answers(self) -> None:
        """Over all three."""
        self.assertEqual((await self.node.status())["height"], 0)
        reader, writer = await asyncio.open_connection(*self.page.getsockname())
        writer.write(b"GET /status HTTP/1.0\r\n\r\n")
        text = await asyncio.wait_for(reader.read(), 10 * harness.SLOW)
        writer.close()
        self.assertEqual(json.loads(text.partition(b"\r\n\r\n")[2])["height"], 0)
        self.node.address = self.peers.getsockname()
        await self.connect(self.node, self.node.chain)

    async def test_served_and_left_open(self):
        for _ in range(2):
            early = socket.create_connection(self.page.getsockname())  # nobody accepts yet
            self.addCleanup(early.close)
            await self.launch()
            await self.node.wait_line("ready", harness.START_TIME)
            early.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            early.setblocking(False)
            loop = asyncio.get_running_loop()
            answer = await asyncio.wait_for(loop.sock_recv(early, 100), 10 * harness.SLOW)
            self.assertIn(b"HTTP/1.", answer)
            await self.answers()
            await self.node.stop()
            self.assertTrue((self.folder / "held.sock").exists())

    async def test_left_and_taken_again(self):
        """A reload to an address of our own and back."""
        await self.launch()
        await self.node.wait_line("ready", harness.START_TIME)
        held = dict(self.node.settings)
        own = f"{self.node.host}:{harness.free_port(self.node.host)}"
        for settings in (held | {"net.listen": [own], "admin.listen": ""}, held):
            self.node.config.write_text(harness.toml_text(settings))
            code, body = await self.node.get("/reload", "POST")
            self.assertEqual(code, 200, body)
        await self.answers()
        await self.node.stop()

    async def test_one_that_fits_no_setting_is_named(self):
        other = self.listening(socket.AF_INET, (harness.fresh_host(), 0))
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        await self.launch(more=(other, silent))
        await self.node.wait_line("ready", harness.START_TIME)
        told = [line for line in self.node.lines if "the service manager passed a socket at" in line]
        self.assertEqual(len(told), 2, self.node.log_tail())
        self.assertIn("{}:{}, which is none of net.listen".format(*other.getsockname()), told[0])
        self.assertIn("descriptor 7, which does not listen", told[1])
        await self.answers()

    async def test_one_that_has_the_port_is_named(self):
        """That is no other program."""
        port = harness.free_port("127.0.0.1")
        any_ = self.listening(socket.AF_INET, ("0.0.0.0", port))
        self.node.settings["net.listen"] = [f"[::]:{port}"]
        await self.launch(more=(any_,))
        self.assertEqual(await self.node.wait_end(), harness.TASK_FAILED)
        self.assertTrue(self.node.said(f"the service manager's own socket at 0.0.0.0:{port} has the port"),
                        self.node.log_tail())  # fmt: skip
        self.node.settings["net.listen"] = ["{}:{}".format(*self.peers.getsockname())]
        self.node.settings["admin.listen"] = f"127.0.0.1:{port}"
        await self.launch(more=(any_,))
        line = await self.node.wait_line("admin.listen: cannot listen on", harness.START_TIME)
        self.assertIn(f"the service manager's own socket at 0.0.0.0:{port} has the port", line)
        await self.node.wait_line("ready", harness.START_TIME)

    async def test_two_paths_of_one_socket(self):
        """As /run and /var/run."""
        (self.folder / "way").symlink_to(self.folder)
        self.node.settings["admin.socket"] = str(self.folder / "way" / "held.sock")
        await self.launch()
        await self.node.wait_line("ready", harness.START_TIME)
        await self.answers()

    async def test_of_another_process(self):
        await self.launch(own=False)
        self.assertEqual(await self.node.wait_end(), harness.TASK_FAILED)
        await self.node.wait_line("Address already in use")


if __name__ == "__main__":
    unittest.main()
