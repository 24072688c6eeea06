"""The settings files of the network's other node, as they are: every key that its releases know."""

import asyncio
import json
import os
import socket

import harness
from alfis import vectors

FILES = sorted((vectors.PROJECT / "tests" / "data").glob("alfis-*.toml"))
# What each file has that this version takes without effect: one notice for each.
NOTICES = {
    "alfis-0.8.toml": ["dns.threads"],
    "alfis-0.9.toml": ["dark_theme", "8 MB instead of 100 MB", "dns.threads"],
    "alfis-0.10.toml": ["dark_theme", "8 MB instead of 50 MB", "dns.threads", "webui.password"],
    "alfis-fork.toml": ["check_blocks: 1000000 instead of", "something_new",
                        "keys of [net]", "8 MB instead of 64 MB"],
}  # fmt: skip
# What check-config says besides: it reads the hosts files, and certificates.
HOSTS = {"alfis-0.8.toml": ["dns.hosts: adblock.txt"], "alfis-0.9.toml": ["dns.hosts: ", "TLS needs"],
         "alfis-0.10.toml": ["TLS needs"]}  # fmt: skip


def other_address(text: str) -> tuple[str, int]:
    host, port = text.rsplit(":", 1)
    return host, int(port)


class ReferenceFiles(harness.ProgramTest):
    def copy(self, file) -> str:
        """As a user has it: called alfis.toml, in the working folder."""
        (self.folder / "alfis.toml").write_bytes(file.read_bytes())
        return "alfis.toml"

    async def test_check_config(self):
        self.assertEqual([f.name for f in FILES], sorted(NOTICES))
        for file in FILES:
            with self.subTest(file.name):
                ended = await harness.run("check-config", "--config", self.copy(file), "--json",
                                          cwd=self.folder)  # fmt: skip
                self.assertEqual(ended.status, harness.DONE, str(ended))
                said = json.loads(ended.out)
                self.assertTrue(said["ok"])
                expected = NOTICES[file.name] + HOSTS.get(file.name, [])
                self.assertEqual(len(said["notices"]), len(expected), said["notices"])
                for notice, word in zip(said["notices"], expected):
                    self.assertIn(word, notice)
                    self.assertTrue(notice.startswith("alfis.toml:"), notice)
                self.assertNotIn("correct horse", ended.out)

    async def test_node_runs(self):
        for file in FILES:
            with self.subTest(file.name):
                await self.run_node(file)

    async def run_node(self, file) -> None:
        config = ("--config", self.copy(file), "--data-dir", "d")
        host = harness.fresh_host()
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, *config, "--set", f"net.listen={host}:{harness.free_port(host)}",
            "--set", "net.peers=[]", "--set", "admin.listen=", cwd=self.folder, stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            lines = []
            while not lines or not lines[-1].endswith(" ready\n"):
                line = await asyncio.wait_for(process.stderr.readline(), harness.START_TIME)
                self.assertTrue(line, "\n".join(lines))
                lines.append(line.decode())
            told = [line for line in lines if "alfis.toml:" in line]
            self.assertEqual(len(told), len(NOTICES[file.name]), told)
            self.assertFalse(any("correct horse" in line for line in lines))
            ended = await harness.run("status", *config, cwd=self.folder)
            self.assertEqual(ended.status, harness.DONE, str(ended))
            self.assertEqual(ended.err, "")
        finally:
            harness.send_signal(process, 15)
            await process.communicate()
        self.assertEqual(process.returncode, harness.DONE)

    async def test_a_taken_port_is_a_warning(self):
        """The reference runs without it; the node says so, and listens when the port is free."""
        chain = self.chain("devnet-72")
        with socket.create_server((harness.fresh_host(), 0)) as other:
            taken = "{}:{}".format(*other.getsockname())
            (self.folder / "alfis.toml").write_text(
                f'origin = "{chain.origin}"\ndark_theme = true\n[net]\nlisten = "{taken}"\npeers = []\n'
            )
            config = ("--config", "alfis.toml", "--data-dir", "d")
            process = await asyncio.create_subprocess_exec(
                *harness.COMMAND, *config, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                text = ""
                while not text.endswith(" ready\n"):
                    line = await asyncio.wait_for(process.stderr.readline(), harness.START_TIME)
                    self.assertTrue(line, text)
                    text += line.decode()
                self.assertIn(f"cannot listen on {taken}: Address already in use", text)
                said = json.loads((await self.ask("status", "--json", *config)).out)["reason"]
                self.assertIn(f"; cannot listen on {taken}: Address already in use", said)
                other.close()
                ended = await self.ask("reload", *config)
                self.assertEqual(ended.status, harness.DONE, str(ended))
                socket.create_connection(other_address(taken), 5 * harness.SLOW).close()
                said = json.loads((await self.ask("status", "--json", *config)).out)["reason"]
                self.assertNotIn("cannot listen", said)
            finally:
                harness.send_signal(process, 15)
                await process.communicate()
            self.assertEqual(process.returncode, harness.DONE)

    async def test_a_taken_port_is_an_error_elsewhere(self):
        with socket.create_server((harness.fresh_host(), 0)) as other:
            taken = "{}:{}".format(*other.getsockname())
            for text, *more in (
                (f'[node]\n[dns]\n[net]\nlisten = "{taken}"\n',),
                ("[dns]\n", "--set", f"net.listen={taken}"),
            ):
                (self.folder / "node.toml").write_text(text)
                ended = await self.ask("run", *more, "--set", "net.peers=[]")
                self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))

    async def ask(self, *words: str) -> harness.Finished:
        return await harness.run(*words, cwd=self.folder)

    async def test_offline_commands_are_silent(self):
        for file in FILES:
            with self.subTest(file.name):
                config = ("--config", self.copy(file), "--data-dir", "d")
                for command in (("config",), ("show", "chain"), ("verify",), ("import", "none")):
                    ended = await harness.run(*command, *config, cwd=self.folder)
                    self.assertNotIn("alfis.toml:", ended.err)

    async def test_beside_a_table_of_ours(self):
        """What is appended to it makes it ours: its own keys stay notices, unknown ones do not."""
        file = self.folder / "node.toml"
        text = FILES[0].parent.joinpath("alfis-0.10.toml").read_text(encoding="utf-8")
        file.write_text(text + '\n[node]\ndata_dir = "x"\n')
        ended = await harness.run("check-config", "--config", str(file))
        self.assertEqual(ended.status, harness.DONE, str(ended))
        file.write_text("dark_theme = true\nfuture = 1\n[node]\n")
        ended = await harness.run("check-config", "--config", str(file))
        self.assertEqual(ended.status, harness.USAGE, str(ended))
        self.assertIn("node.toml:2:1: unknown key future", ended.err)

    async def test_in_a_cluster(self):
        """Variables that are put beside a service called alfisd do not matter; a wrong one does."""
        env = os.environ | {
            "ALFISD_SERVICE_HOST": "10.96.0.5", "ALFISD_SERVICE_PORT": "4244",
            "ALFISD_PORT": "tcp://10.96.0.5:4244", "ALFISD_PORT_4244_TCP_ADDR": "10.96.0.5",
            "ALFISD_DNS_SERVICE_PORT": "53", "ALFISD_VERSION": "1", "ALFISD_CONFIG": "/x",
        }  # fmt: skip
        ended = await harness.run("check-config", "--config", "/dev/null", env=env)
        self.assertEqual(ended.status, harness.DONE, str(ended))
        self.assertNotIn("ALFISD_", ended.out + ended.err)
        env["ALFISD_NET_PUBIC"] = "true"
        ended = await harness.run("check-config", "--config", "/dev/null", env=env)
        self.assertEqual(ended.status, harness.USAGE, str(ended))
        self.assertIn("did you mean ALFISD_NET_PUBLIC?", ended.err)


if __name__ == "__main__":
    harness.unittest.main()
