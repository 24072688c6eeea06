"""Lists of addresses to listen on: "both", one that contains another, one twice."""

import socket
import unittest

import harness


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
            return True
    except OSError:
        return False


class Listen(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")
        self.port = harness.free_port("0.0.0.0")

    def listening(self, *hosts: str) -> harness.Node:
        return self.make_node(self.small, net__listen=[f"{h}:{self.port}" for h in hosts])

    def assert_answers(self, *hosts: str) -> None:
        for host in hosts:
            socket.create_connection((host, self.port), 5 * harness.SLOW).close()

    async def test_both_in_either_order(self):
        if not has_ipv6():
            self.skipTest("no IPv6 here")
        for hosts in (("0.0.0.0", "[::]"), ("[::]", "0.0.0.0"), ("[::]", "127.0.0.1"), ("[::]",)):
            with self.subTest(hosts):
                node = await self.listening(*hosts).start()
                self.assert_answers("127.0.0.1", "::1")
                await node.stop()

    async def test_one_inside_another_and_one_twice(self):
        for hosts in (("0.0.0.0", "127.0.0.6"), ("127.0.0.6", "0.0.0.0"),
                      ("127.0.0.6", "127.0.0.6")):  # fmt: skip
            with self.subTest(hosts):
                node = await self.listening(*hosts).start()
                self.assert_answers("127.0.0.6")
                await node.wait_line("net.listen")
                await node.stop()

    async def test_reload_to_both_and_back(self):
        node = await self.listening("0.0.0.0").start()
        for hosts in (["0.0.0.0", "[::]"], ["127.0.0.1", "0.0.0.0"], ["0.0.0.0"]):
            if "[::]" in hosts and not has_ipv6():
                continue
            node.settings["net.listen"] = [f"{h}:{self.port}" for h in hosts]
            node.config.write_text(harness.toml_text(node.settings))
            code, body = await node.get("/reload", "POST")
            self.assertEqual(code, 200, body)
            self.assert_answers("127.0.0.1")

    async def test_another_program_has_it(self):
        """Who asked for the reload learns the reason, and the node goes on as it was."""
        node = await self.listening("127.0.0.1").start()
        with socket.create_server(("127.0.0.7", 0)) as other:
            taken = "127.0.0.7:{}".format(other.getsockname()[1])
            node.config.write_text(harness.toml_text(node.settings | {"net.listen": [taken]}))
            code, body = await node.get("/reload", "POST")
            self.assertEqual(code, 400, body)
            self.assertIn(f"cannot listen on {taken}: Address already in use", body)
            self.assert_answers("127.0.0.1")
        await node.wait_line("another program has the port")


if __name__ == "__main__":
    unittest.main()
