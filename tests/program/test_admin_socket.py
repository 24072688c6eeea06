"""The file of the admin socket: nothing of anybody else's is removed for it, no running node loses
its own, and what a killed node left is replaced."""

import asyncio
import os
import socket
import stat
import unittest
from pathlib import Path

import harness


class SocketFile(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    async def refused(self, name: str, status: int, words: str) -> harness.Node:
        node = self.make_node(self.small, admin__socket=name)
        await self.fill(node, self.small)
        await node.launch()
        self.assertEqual(await node.wait_end(), status, node.log_tail())
        await node.wait_line(words)
        return node

    async def test_names_of_the_store(self):
        for name in ("chain.mdb", "chain.mdb-lock", "lock", "./lock"):
            with self.subTest(name):
                words = "is a name of the store's own files"
                node = await self.refused(name, harness.USAGE, words)
                checked = await node.command("check-config")
                self.assertEqual(checked.status, harness.USAGE, str(checked))
                self.assertIn(f"admin.socket: {node.folder}/data/{name} {words}", checked.err)
                shown = await node.command("show", "chain")
                self.assertRegex(shown.out, r"height +72")

    async def test_what_is_no_socket_stays(self):
        notes, folder, link, dead = (self.folder / n for n in ("notes", "folder", "link", "dead"))
        notes.write_text("mine\n")
        folder.mkdir()
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(str(dead))
        link.symlink_to(dead)
        for path in (notes, folder, link):
            with self.subTest(path.name):
                before = path.lstat()
                node = await self.refused(
                    str(path), harness.USAGE, f"{path} is there and is no socket"
                )
                self.assertEqual(path.lstat(), before)
                checked = await node.command("check-config")
                self.assertEqual(checked.status, harness.USAGE, str(checked))
        self.assertEqual(notes.read_text(), "mine\n")
        await self.refused("..", harness.USAGE, "is there and is no socket")

    async def test_no_store_is_made_for_a_wrong_name(self):
        for name in ("lock", "/" + 200 * "a"):
            node = self.make_node(self.small, admin__socket=name)
            await node.launch()
            self.assertEqual(await node.wait_end(), harness.USAGE)
            self.assertFalse((node.folder / "data").exists())

    async def test_a_running_node_keeps_its_own(self):
        path = str(self.folder / "s")
        first = await self.node(self.small, admin__socket=path)
        second = await self.refused(path, harness.TASK_FAILED,
                                    f"another program answers at {path}; set another admin.socket")
        self.assertFalse(second.said("ready"))
        self.assertEqual((await first.status())["height"], 0)
        await first.stop()
        self.assertFalse(os.path.exists(path))

    async def test_of_somebody_who_does_not_accept(self):
        """A full queue and a socket of another kind are in use as well."""
        path = str(self.folder / "s")
        with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX) as waits:
            other.bind(path)
            other.listen(0)
            waits.connect(path)
            await self.refused(path, harness.TASK_FAILED, "another program answers")
        os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(path)
            await self.refused(path, harness.TASK_FAILED, "another program answers")
        self.assertTrue(stat.S_ISSOCK(os.lstat(path).st_mode))

    async def test_what_a_killed_node_left_is_replaced(self):
        node = await self.node(self.small)
        path = Path(node.settings["admin.socket"])
        await node.kill()
        self.assertTrue(path.exists())
        await node.start()
        self.assertEqual((await node.status())["height"], 0)
        await node.stop()
        self.assertFalse(path.exists())

    async def test_only_its_own_is_removed_at_the_end(self):
        """Somebody removed the node's file and put another there."""
        node = await self.node(self.small)
        path = str(node.settings["admin.socket"])
        os.unlink(path)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            other.listen()
            await node.stop()
            self.assertTrue(os.path.exists(path))
        os.unlink(path)
        await node.start()
        os.unlink(path)
        Path(path).write_text("mine\n")
        await node.stop()
        self.assertEqual(Path(path).read_text(), "mine\n")

    async def test_reload(self):
        """A name that cannot be had is refused, and the node goes on with the one that it has."""
        node = await self.node(self.small)
        old, notes = str(node.settings["admin.socket"]), self.folder / "notes"
        notes.write_text("mine\n")
        new = str(self.folder / "new")
        for name, words in ((str(notes), "is there and is no socket"),
                            ("chain.mdb", "is a name of the store's own files")):  # fmt: skip
            node.config.write_text(harness.toml_text(node.settings | {"admin.socket": name}))
            code, _ = await node.get("/reload", "POST")
            self.assertEqual(code, 400)
            await node.wait_line(words)
        self.assertEqual(notes.read_text(), "mine\n")
        node.config.write_text(harness.toml_text(node.settings | {"admin.socket": new}))
        code, _ = await node.get("/reload", "POST")
        self.assertEqual(code, 200)
        self.assertFalse(os.path.exists(old))
        node.settings["admin.socket"] = new
        self.assertEqual((await node.status())["height"], 0)

    async def test_a_node_without_a_socket(self):
        node = await self.node(self.small, admin__socket="")
        for command in ("status", "reload", "stop", "events"):
            ended = await node.command(command)
            self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
            self.assertEqual(
                ended.err,
                "alfisd: admin.socket is empty: the node has no socket to ask (kill -HUP reloads, "
                "kill -TERM stops)\n",
            )

    async def test_half_an_answer_is_none(self):
        """As of a node that is killed while it answers."""
        body = b'{"height":72,"reason":"at tip"}'

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + sent)
            writer.close()

        path = str(self.folder / "node")
        server = await asyncio.start_unix_server(answer, path)
        self.addCleanup(server.close)
        for sent, status in ((body, harness.DONE), (body[:-9], harness.TASK_FAILED)):
            ended = await harness.run("status", "--json", "--set", f"admin.socket={path}")
            self.assertEqual(ended.status, status, str(ended))
            self.assertEqual("gave no answer" in ended.err, status != harness.DONE, str(ended))

    async def test_a_node_whose_socket_was_renamed(self):
        """The command knows the new name, the node the old one."""
        node = await self.node(self.small)
        text = harness.toml_text(node.settings | {"admin.socket": str(self.folder / "new")})
        node.config.write_text(text)
        for command in ("reload", "stop"):
            ended = await node.command(command)
            self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
            self.assertRegex(ended.err, r"\Aalfisd: no node answers at \S+/new: .*kill -HUP[^\n]+\n\Z")
        self.assertTrue(node.running)

    async def test_owner_and_group_may_ask(self):
        node = await self.node(self.small)
        mode = os.lstat(str(node.settings["admin.socket"])).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o660)


if __name__ == "__main__":
    unittest.main()
