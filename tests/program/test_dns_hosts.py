"""Names of the hosts files of dns.hosts: read, read again, bounded."""

import re
import signal

import dns_client as dns
import harness


class Hosts(dns.DnsTest):
    async def test_hosts_files(self):
        path = self.folder / "hosts"
        path.write_text("192.0.2.30 printer.lan Printer2.lan # mine\n0.0.0.0 ads.example\n10.0.0.9 home.ygg\n")
        stub = await self.stub()
        node = await self.dns(stub, dns__hosts=[str(path)])
        client = self.udp(node)
        m = await client.ask("PRINTER.lan")
        self.assertEqual((m.data, m.answers[0].owner, m.has(dns.AA)), (["192.0.2.30"], "PRINTER.lan", True))
        self.assertEqual((await client.ask("printer2.lan")).data, ["192.0.2.30"])
        self.assertEqual((await client.ask("ads.example")).data, ["0.0.0.0"])
        self.assertEqual((await client.ask("ads.example", dns.AAAA)).data, ["::"])
        self.assertEqual((await client.ask("home.ygg")).data, ["10.0.0.9"])
        self.assertEqual((await client.ask("other.example")).data, ["1.2.3.4"])
        self.assertEqual(stub.count(), 1)

    async def test_reload_without_a_gap(self):
        path = self.folder / "hosts"
        path.write_text("192.0.2.30 printer.lan\n")
        node = await self.dns(dns__hosts=[str(path)])
        client = self.udp(node)
        for n in range(31, 36):
            path.write_text(f"192.0.2.{n} printer.lan\n")
            node.signal(signal.SIGHUP)
            while (m := await client.ask("printer.lan")).data != [f"192.0.2.{n}"]:
                self.assertEqual((m.rcode, m.data), (0, [f"192.0.2.{n - 1}"]))
        path.write_bytes(b"\0\1\2 binary")
        node.signal(signal.SIGHUP)
        await node.wait_line("the names that were read before stay")
        self.assertEqual((await client.ask("printer.lan")).data, ["192.0.2.35"])

    async def test_a_kept_name_that_is_listed_later(self):
        path = self.folder / "hosts"
        path.write_text("192.0.2.30 printer.lan\n")
        stub = await self.stub()
        node = await self.dns(stub, dns__hosts=[str(path)])
        client = self.udp(node)
        for name in ("ads.example", "other.example"):
            self.assertEqual((await client.ask(name)).data, ["1.2.3.4"])
        path.write_text("192.0.2.31 printer.lan\n0.0.0.0 ads.example\n")
        node.signal(signal.SIGHUP)
        while (await client.ask("printer.lan")).data != ["192.0.2.31"]:
            pass
        self.assertEqual((await client.ask("ads.example")).data, ["0.0.0.0"])
        self.assertEqual((await client.ask("other.example")).data, ["1.2.3.4"])
        self.assertEqual(stub.count("other.example"), 1)  # what is kept of others stays

    async def test_reloads_while_the_files_are_read(self):
        """The last one counts, however long those before it take."""
        path = self.folder / "hosts"
        rest = "".join(f"192.0.2.2 name{i}.example\n" for i in range(8000))
        path.write_text("192.0.2.100 printer.lan\n")
        node = await self.dns(dns__hosts=[str(path)])
        client = self.udp(node)
        for n in range(101, 121):
            other = self.folder / "other"
            other.write_text(f"192.0.2.{n} printer.lan\n" + rest)
            other.rename(path)
            node.signal(signal.SIGHUP)
            while sum("reload: 0 settings changed" in line for line in node.lines) < n - 100:
                await client.ask("printer.lan")
        while (m := await client.ask("printer.lan")).data != ["192.0.2.120"]:
            self.assertEqual((m.rcode, len(m.data)), (0, 1))

    async def test_the_row_holds_both_sets(self):
        path = self.folder / "hosts"
        path.write_text("".join(f"name{i}.example\n" for i in range(5000)))
        node = await self.dns(dns__hosts=[str(path)], limits__dns_hosts_bytes="300 kB")
        client = self.udp(node)
        held = (await self.row(node, "dns_hosts_bytes"))["used"]
        self.assertTrue(150_000 < held < 300_000, held)
        path.write_text("".join(f"other{i}.example\n" for i in range(5000)))
        node.signal(signal.SIGHUP)
        await node.wait_line("raise limits.dns_hosts_bytes; the names that were read before stay")
        self.assertEqual((await client.ask("name7.example")).data, ["0.0.0.0"])
        self.assertEqual((await self.row(node, "dns_hosts_bytes"))["used"], held)
        path.write_text("other7.example\n")
        node.signal(signal.SIGHUP)
        await node.wait_line("dns.hosts: 1 names")
        while (m := await client.ask("other7.example")).data != ["0.0.0.0"]:
            self.assertNotEqual(m.rcode, dns.NOERROR)
        row = await self.row(node, "dns_hosts_bytes")
        self.assertTrue(row["used"] < 20_000 < held < row["peak"] < 300_000, row)

    async def test_check_config_says_what_the_files_need(self):
        path = self.folder / "hosts"
        path.write_text("".join(f"name{i}.example\n" for i in range(9000)))
        node = self.make_dns(dns__hosts=[str(path)])

        async def check(node: harness.Node) -> harness.Finished:
            node.folder.mkdir(exist_ok=True)
            node.config.write_text(harness.toml_text(node.settings))
            return await node.command("check-config")

        done = await check(node)
        self.assertEqual(done.status, 0, done)
        said = re.search(r"dns.hosts: 9000 names; (\d+) bytes suffice", done.out)
        assert said, done
        for bytes_, status in ((int(said[1]), 0), (int(said[1]) // 2, 2)):
            node = self.make_dns(dns__hosts=[str(path)], limits__dns_hosts_bytes=bytes_)
            done = await check(node)
            self.assertEqual(done.status, status, done)
            self.assertEqual(f"limits.dns_hosts_bytes has {bytes_}: raise it" in done.err, status == 2)
        path.write_text("# first\n||ads.example^\n")
        done = await node.command("check-config")
        self.assertEqual(done.status, 2, done)
        self.assertIn(f"dns.hosts: {path}:2: rules of ad blockers are not read", done.err)

    async def test_a_bad_file_at_the_start(self):
        path = self.folder / "hosts"
        path.write_bytes(b"192.0.2.1 good.lan\n||adblock^\n")
        node = self.make_dns(dns__hosts=[str(path)])
        await node.launch()
        self.assertEqual(await node.wait_end(), 1)
        self.assertTrue(node.said(f"{path}:2"), node.log_tail())
