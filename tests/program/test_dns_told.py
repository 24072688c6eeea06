"""What the operator is told of the DNS server: GET /dns, status, metrics, health; names that are asked for by hand."""

import asyncio
import contextlib
import json
import socket
import struct

import dns_client as dns
import harness

RD, NXDOMAIN = 0x0100, 3


async def ask(to: tuple[str, int], name: str) -> int:
    """The code that answers a question for an A."""
    labels = b"".join(bytes([len(part)]) + part for part in name.encode().split(b"."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.sendto(struct.pack(">6H", 1, RD, 1, 0, 0, 0) + labels + b"\0\0\1\0\1", to)
        loop = asyncio.get_running_loop()
        return (await asyncio.wait_for(loop.sock_recv(client, 4096), 5 * harness.SLOW))[3] & 15


class Forgotten(dns.DnsTest):
    async def test_names_are_forgotten(self):
        """More at once than there is room for: each is asked for again, and what is beside them is kept."""
        names = [f"n{i}.example" for i in range(24)]
        stub = await self.stub()
        node = await self.dns(stub)
        client = self.udp(node)
        for name in [*names, "kept.example"]:
            self.assertEqual((await client.ask(name)).data, ["1.2.3.4"])
        done = await asyncio.gather(*(node.command("dns", "flush", name) for name in names))
        self.assertEqual({command.out for command in done}, {"flushed\n"})
        for name in [*names, "kept.example"]:
            self.assertEqual((await client.ask(name)).data, ["1.2.3.4"])
        self.assertEqual([stub.count(name) for name in names], [2] * len(names))
        self.assertEqual(stub.count("kept.example"), 1)


class Told(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")
        host = harness.fresh_host()
        self.at = (host, harness.free_port(host))

    async def told(self, node) -> dict:
        code, text = await node.get("/dns")
        self.assertEqual(code, 200)
        return json.loads(text)

    async def test_off(self):
        node = await self.node(self.small)
        told = await self.told(node)
        self.assertEqual((told["state"], told["dns_on"], told["listen"]), ("off", 0, []))
        self.assertNotIn("\ndns ", (await node.command("status")).out)
        self.assertEqual((await node.command("dns", "show")).out, "off: dns.listen is not set\n")

    async def test_on(self):
        host = harness.fresh_host()
        node = await self.loaded_node(self.small, **{
            "dns__listen": f"{self.at[0]}:{self.at[1]}", "dns__forwarders": [f"{host}:1"],
        })  # fmt: skip
        while not (await self.told(node))["current"]:
            await asyncio.sleep(harness.POLL)
        for _ in range(3):
            self.assertEqual(await ask(self.at, "nobody-has.ygg"), NXDOMAIN)
        told = await self.told(node)
        self.assertEqual(told["state"], "on")
        self.assertEqual(told["listen"], [f"{self.at[0]}:{self.at[1]}"])
        self.assertEqual((told["dns_udp_questions_total"], told["dns_tcp_questions_total"]), (3, 0))
        self.assertEqual(sum(row["total"] for row in told["answers"]), 3)
        self.assertIn({"rcode": "NXDOMAIN", "total": 3}, told["rcodes"])
        self.assertEqual(sum(row["answers"] for row in told["latency"]), 3)
        self.assertEqual([f["forwarder"] for f in told["forwarders"]], [f"{host}:1"])
        self.assertEqual((told["dns_forwarders"], told["dns_forwarders_up"]), (1, 1))
        self.assertEqual((await node.status())["dns"]["dns_udp_questions_total"], 3)
        self.assertEqual(json.loads((await node.get("/health"))[1])["dns"], "on")
        metrics = (await node.get("/metrics"))[1]
        self.assertIn('\nalfisd_dns_rcodes_total{rcode="NXDOMAIN"} 3\n', metrics)
        self.assertIn("\nalfisd_dns_latency_seconds_count 3\n", metrics)
        self.assertIn("\n         1 of 1 forwarders up\n", (await node.command("status")).out)
        shown = (await node.command("dns", "show")).out
        self.assertIn(f"listens  {self.at[0]}:{self.at[1]}\n", shown)
        self.assertIn("codes    3 NXDOMAIN\n", shown)

    async def test_a_forwarder_is_down(self):
        """Nobody is at its port; the reason is told."""
        host = harness.fresh_host()
        node = await self.loaded_node(self.small, **{
            "dns__listen": f"{self.at[0]}:{self.at[1]}", "dns__forwarders": [f"{host}:1"],
        })  # fmt: skip
        for number in range(4):
            self.assertEqual(await ask(self.at, f"name{number}.example"), 2)
        await node.wait_status("down", lambda s: s["dns"]["dns_forwarders_up"] == 0, 10)
        row = (await self.told(node))["forwarders"][0]
        self.assertFalse(row["up"])
        self.assertNotEqual(row["last_error"], "")
        self.assertIn("0 of 1 forwarders up: alfisd dns show", (await node.command("status")).out)

    async def test_resolve(self):
        host = harness.fresh_host()
        node = await self.loaded_node(self.small, **{
            "dns__listen": f"{self.at[0]}:{self.at[1]}", "dns__forwarders": [f"{host}:1"],
        })  # fmt: skip
        name = "ygpo-napu-ygg-pape.v6"
        done = await node.command("resolve", name, "AAAA")
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertEqual(done.out.split(), [f"{name}.", done.out.split()[1], "AAAA", "203:1904::1"])
        done = await node.command("resolve", name, "aaaa", "--trace")
        self.assertRegex(done.out, rf"(?m)^; {name} AAAA: ")
        self.assertIn("203:1904::1", done.out)
        done = await node.command("resolve", name, "AAAA", "--json")
        told = json.loads(done.out)
        self.assertEqual((told["rcode"], told["found"], told["answers"][0]["data"]), ("NOERROR", True, "203:1904::1"))
        done = await node.command("resolve", name)
        self.assertEqual(done.status, harness.TASK_FAILED)
        self.assertEqual(done.out, "")
        self.assertEqual(done.err, f"alfisd: resolve {name}: the name has no records of this type\n")
        while not (await self.told(node))["current"]:
            await asyncio.sleep(harness.POLL)
        done = await node.command("resolve", "nobody-has.ygg", "TXT")
        self.assertEqual(done.err, "alfisd: resolve nobody-has.ygg TXT: there is no such name\n")
        done = await node.command("resolve", "some.example", "--trace")
        self.assertEqual(done.status, harness.TASK_FAILED)
        self.assertIn("no answer could be had", done.err)
        self.assertIn("; some.example A: forwarder: no answer; alfisd dns show has the last error of each\n", done.out)
        done = await node.command("resolve", "a..b")
        self.assertIn("this is no name", done.err)
        done = await node.command("dns", "flush")
        self.assertEqual((done.status, done.out), (harness.DONE, "flushed\n"))
        await node.wait_line("kept answers dropped")

    async def test_resolve_without_a_server(self):
        node = await self.node(self.small)
        for words in (("resolve", "a.example"), ("dns", "flush")):
            done = await node.command(*words)
            self.assertEqual(done.status, harness.TASK_FAILED)
            self.assertIn("the DNS server does not run: dns.listen is not set", done.err)

    async def wait_clients(self, node, accept) -> None:
        """Until so many have a place at the admin socket."""
        async def look() -> None:
            while True:
                rows = json.loads((await node.get("/limits"))[1])["limits"]
                if accept(next(row["used"] for row in rows if row["row"] == "max_admin_clients")):
                    return
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(look(), 10 * harness.SLOW)

    async def test_clients_that_leave(self):
        """They ask, and close before the answer comes; then the node is stopped while one waits."""
        host = harness.fresh_host()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind((host, 0))
            node = await self.loaded_node(self.small, **{
                "dns__listen": f"{self.at[0]}:{self.at[1]}", "dns__forwarders": [f"{host}:{silent.getsockname()[1]}"],
            })  # fmt: skip
            path = str(node.settings["admin.socket"])
            for number in range(6):
                _, writer = await asyncio.open_unix_connection(path)
                writer.write(f"GET /dns/resolve?name=n{number}.example HTTP/1.0\r\n\r\n".encode())
                with contextlib.suppress(ConnectionError):  # when the places are taken it is closed
                    await writer.drain()
                writer.close()
            await self.wait_clients(node, lambda used: used == 1)  # this one
            waiting = asyncio.create_task(node.command("resolve", "last.example"))
            await self.wait_clients(node, lambda used: used > 1)
            await node.stop()
            self.assertEqual((await waiting).status, harness.TASK_FAILED)
