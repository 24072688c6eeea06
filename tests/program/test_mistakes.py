"""What people get wrong on the command line: one line that says what would be right, and the exit
statuses of the man page."""

import os
import re
import resource
import socket
import unittest
from pathlib import Path

import harness

NO_KEY = "A" * 64


class Mistakes(harness.ProgramTest):
    async def refused(self, status: int, words: str, *args: str, **kwargs) -> None:
        with self.subTest(" ".join(args)):
            ended = await harness.run(*args, cwd=self.folder, **kwargs)
            self.assertEqual(ended.status, status, str(ended))
            self.assertRegex(ended.err.splitlines()[-1], words)
            self.assertEqual(len(ended.err.splitlines()), 1, str(ended))

    async def test_words(self):
        usage = harness.USAGE
        await self.refused(usage, "unknown command: statsu, did you mean status?", "statsu")
        await self.refused(usage, "unknown command: rleoad, did you mean reload?", "rleoad")
        await self.refused(usage, r"unknown command: bus \(see", "bus")
        await self.refused(usage, r"unknown command: xylophone \(see alfisd --help\)$", "xylophone")
        await self.refused(usage, "unknown command", "x" * 100)
        await self.refused(usage, "unknown option: --wacth", "status", "--wacth")
        await self.refused(usage, r"usage: alfisd status \(see", "status", "now")
        await self.refused(usage, r"^alfisd: unknown command: a\\x1b\[31m\\x0ab\\xff \(see",
                           os.fsdecode(b"a\x1b[31m\nb\xff"))  # fmt: skip
        await self.refused(usage, r"usage: alfisd ban ADDR \[SECONDS\]", "ban")
        await self.refused(usage, "peer add ADDR", "peer", "ad", "1.2.3.4")

    async def test_help(self):
        every = (await harness.run("--help")).out
        for name in re.findall(r"^  ([a-z][a-z-]*)", every.split("options:")[0], re.M):
            for arguments in ((name, "--help"), ("-h", name)):
                ended = await harness.run(*arguments)
                self.assertEqual(ended.status, harness.DONE, str(ended))
                self.assertRegex(ended.out, rf"\Ausage: alfisd {name}[^\n]*\n\n  \w")
        await self.refused(harness.USAGE, "unknown command", "statsu", "--help")

    async def test_nothing_there(self):
        """Neither a node nor a chain, and nothing is made by looking for them."""
        failed, folder = harness.TASK_FAILED, str(self.folder / "data")
        for command in ("status", "reload", "stop", "events"):
            await self.refused(failed, "no node answers at .*with this configuration",
                               command, "--data-dir", folder)  # fmt: skip
            # A relative folder is told as what it is from here.
            await self.refused(failed, f"no node answers at {folder}/admin.sock: No such file",
                               command, "--data-dir", "data")  # fmt: skip
        # Which settings were asked for is told: a folder that one happens to be in may have some.
        (self.folder / "node.toml").write_text('node.data_dir = "data"\n')
        await self.refused(failed, f"with this configuration, {self.folder}/node.toml", "status")
        for command in ("show chain", "show block 1", "verify", f"export {self.folder}/file"):
            await self.refused(failed, "there is no chain yet",
                               *command.split(), "--data-dir", folder)  # fmt: skip
        for name, words in (("file", "No such file"), ("", "the name of the file is empty")):
            await self.refused(failed, words, "import", name, "--data-dir", folder)
        self.assertFalse((self.folder / "data").exists())

    async def test_what_the_node_refuses(self):
        node = await self.loaded_node(self.chain("devnet-72"))
        config = ("--config", str(node.config))
        for what, why in (
            ("ban 999.1.1.1", "this is no address"),
            ("ban 10.0.0.0/8", "this is no address"),
            ("ban 10.1.1.1 soon", "time is not from 1 s to 365 d"),
            ("ban 10.1.1.1 0", "time is not from 1 s"),
            ("ban 10.1.1.1 99999999999999999999", "time is not from 1 s"),
            ("unban 10.1.1.1", "there is no such entry"),
            ("peer add host:99999", "this is no address"),
            ("show block 73", "no such block: 73"),
            ("show block 7x", "no such block: 7x"),
            ("show domain nobody.here", "no such domain"),
            ("show key " + NO_KEY, "no such key"),
        ):
            words = why if what.startswith("show") else f"alfisd: {what}: .*{why}"
            await self.refused(harness.TASK_FAILED, words, *what.split(), *config)
        self.assertFalse(node.said("banned"), node.log_tail())
        ended = await harness.run("ban", "10.1.1.1", "1 h", *config)
        self.assertEqual(ended.status, harness.DONE, str(ended))
        await node.wait_line("10.1.1.1 banned for 1 h")

    async def test_nobody_answers(self):
        """The reason counts peers that were added by hand, too."""
        node = await self.node(self.chain("devnet-72"))
        address = f"{node.host}:{harness.free_port(node.host)}"
        ended = await node.command("peer", "add", address)
        self.assertEqual(ended.status, harness.DONE, str(ended))
        await node.wait_status(
            "the error", lambda s: f"0 of 1 configured answered; last error: {address}" in s["reason"],
            10 * harness.SLOW)  # fmt: skip

    async def test_port_taken(self):
        with socket.socket() as other:
            other.bind((harness.fresh_host(), 0))
            other.listen()
            taken = "{}:{}".format(*other.getsockname())
            ended = await harness.run("--data-dir", str(self.folder / "data"), "--set",
                                      f"net.listen={taken}", "--set", "net.peers=[]")  # fmt: skip
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        self.assertIn(f"cannot listen on {taken}: Address already in use", ended.err)

    async def test_too_few_descriptors(self):
        """Another address would not help."""
        many = ", ".join(f'"{harness.fresh_host()}:4244"' for _ in range(6))
        ended = await harness.run(
            "--data-dir", str(self.folder / "data"), "--set", f"net.listen=[{many}]",
            "--set", "net.peers=[]", "--set", "admin.listen=",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)))  # fmt: skip
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        self.assertIn("Too many open files; allow more open files (ulimit -n", ended.err)

    async def test_damage_inside(self):
        """What to do is in the line itself."""
        node = await self.loaded_node(self.chain("devnet-72"))
        await node.stop()
        store = Path(node.settings["node.data_dir"]) / "chain.mdb"
        content = bytearray(store.read_bytes())
        content[4 * 4096 : 20 * 4096] = b"\xa5" * (16 * 4096)  # behind the two pages of LMDB itself
        store.write_bytes(content)
        for command in ("verify", "show chain", "run"):
            ended = await node.command(*command.split())
            self.assertEqual(ended.status, harness.STORE_FAILED, str(ended))
            self.assertRegex(ended.err, r"chain\.mdb.*(damaged|missing).*; restore a snapshot")

    @unittest.skipIf(os.getuid(), "only root can become somebody else")
    async def test_no_permission(self):
        node = await self.loaded_node(self.chain("devnet-72"))
        for folder in (self.folder, node.folder):
            folder.chmod(0o755)
        (self.folder / "elsewhere").mkdir()
        config = ("--config", str(node.config))
        for command, why in (
            ("status", r"admin\.sock: Permission denied \(ask as root or as the node's user\)"),
            ("show chain", "data/chain.mdb: Permission denied; read it as root or as the node's user"),
        ):
            await self.refused(harness.TASK_FAILED, why, *command.split(), *config,
                               user=65534, group=65534, extra_groups=[])  # fmt: skip
        ended = await harness.run("--data-dir", str(self.folder / "elsewhere"), "--set",
                                  "net.listen=[]", cwd="/", user=65534, group=65534,
                                  extra_groups=[])  # fmt: skip
        self.assertEqual(ended.status, harness.STORE_FAILED, str(ended))
        self.assertTrue(re.search("cannot write in the data directory: no permission", ended.err))


if __name__ == "__main__":
    unittest.main()
