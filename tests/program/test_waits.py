"""Nobody outside makes the node wait: not who reads its log, not the service manager."""

import asyncio
import os
import pty
import re
import signal
import socket
import subprocess
import termios

import harness
import managed

LINES = 1500  # more than a pipe, a terminal and the node hold together


def stuff(fd: int) -> None:
    """Writes until nothing more is taken."""
    os.set_blocking(fd, False)
    try:
        while os.write(fd, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(fd, True)


class LogThatNobodyTakes(harness.ProgramTest):
    """Standard error is full from the start, or becomes so."""

    async def launch(self, stderr: int) -> harness.Node:
        """Until it answers. What it says can only be read from `stderr`'s other end."""
        node = self.make_node(self.chain("devnet-72"), log__level="debug")
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        self.process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "run", "--config", str(node.config), stderr=stderr, cwd=node.folder,
        )  # fmt: skip
        self.addCleanup(harness.send_signal, self.process, signal.SIGKILL)
        await self.answers(node)
        return node

    async def answers(self, node: harness.Node) -> None:
        async def ask() -> None:
            while True:
                try:
                    code, _ = await node.get("/status")
                    self.assertEqual(code, 200)
                    return
                except (FileNotFoundError, ConnectionError):
                    await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(ask(), harness.START_TIME)

    async def use(self, node: harness.Node) -> None:
        """Much that is logged; then it still answers, and stops when it is told to."""
        for _ in range(LINES):
            code, _ = await node.get("/reload", "POST")
            self.assertEqual(code, 200)
        self.process.send_signal(signal.SIGHUP)
        await self.answers(node)

    async def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), harness.STOP_TIME)
        self.assertEqual(status, harness.DONE)

    async def test_a_pipe(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        stuff(writer)
        node = await self.launch(writer)
        await self.use(node)
        await self.stop()

    async def test_a_pipe_whose_reader_is_gone(self):
        reader, writer = os.pipe()
        node = await self.launch(writer)
        os.close(writer)
        os.close(reader)
        await self.use(node)
        await self.stop()

    async def test_a_pipe_that_is_read_again(self):
        """How much is missing is said, and so is what came last."""
        reader, writer = os.pipe()
        stuff(writer)
        node = await self.launch(writer)
        os.close(writer)
        await self.use(node)
        _, metrics = await node.get("/metrics")
        found = re.search(r'limit_hits_total\{row="log_buffer_bytes"\} (\d+)', metrics)
        self.assertTrue(found and int(found[1]) > 0, found)
        with os.fdopen(reader, "rb") as file:
            text = asyncio.create_task(asyncio.to_thread(file.read))
            await self.stop()
            said = (await text).decode().replace("x", "")
        self.assertRegex(said, r" warn  \d+ lines of the log lost: they could not be written in time\n")
        self.assertRegex(said, r"stopped\n\Z")

    async def test_a_terminal_that_was_stopped(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        node = await self.launch(slave)
        termios.tcflow(slave, termios.TCOOFF)  # Ctrl-S
        await self.use(node)
        await self.stop()

    async def test_a_terminal_that_nobody_reads(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        node = await self.launch(slave)
        await self.use(node)
        await self.stop()

    async def test_a_socket(self):
        """As the journal's."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            stuff(theirs.fileno())
            node = await self.launch(theirs.fileno())
            await self.use(node)
            await self.stop()

    async def test_an_error_ends_it_nevertheless(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        stuff(writer)
        node = await self.launch(writer)
        second = subprocess.Popen(
            [*harness.COMMAND, "run", "--config", str(node.config)], stderr=writer, cwd=self.folder
        )
        self.addCleanup(second.kill)
        status = await asyncio.wait_for(asyncio.to_thread(second.wait), harness.STOP_TIME)
        self.assertEqual(status, harness.TASK_FAILED)  # the data directory is in use
        await self.stop()


class StartUpCheck(harness.ProgramTest):
    """It looks at every block, which takes its time."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.path = str(self.folder / "notify.sock")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.bind(self.path)
        self.addCleanup(self.sock.close)

    async def begin(self) -> harness.Node:
        node = self.make_node(self.long_chain(300), check_blocks=1000000)
        await self.fill(node, node.chain)
        await node.launch(env=os.environ | {"NOTIFY_SOCKET": self.path})
        text = (await asyncio.wait_for(self.word(), harness.START_TIME)).decode()
        self.assertRegex(text, r"^EXTEND_TIMEOUT_USEC=\d+\n"
                               rf"STATUS=start-up check: block 1 of {node.chain.height}$")  # fmt: skip
        return node

    async def word(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.sock, 4096)

    async def test_a_stop_ends_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            node = await self.begin()
            node.signal(number)
            self.assertEqual(await node.wait_end(), harness.DONE)
            await node.wait_line(f"{number.name}: stopping")
            self.assertFalse(node.said("ready"), node.log_tail())
            node.assert_ended_well()
            word = await self.word()
            while not word.startswith(b"STOPPING=1"):
                word = await self.word()

    async def test_a_reload_waits_for_its_end(self):
        node = await self.begin()
        node.signal(signal.SIGHUP)
        await node.wait_line("ready", harness.START_TIME)
        await node.wait_line("reload: 0 settings changed", harness.START_TIME)
        self.assertEqual((await node.status())["height"], node.chain.height)
        await node.stop()


class ManagerThatDoesNotRead(managed.ManagedTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as other:
            other.connect(self.path)
            try:
                while other.send(b"STATUS=of another"):
                    pass
            except BlockingIOError:
                pass

    async def begin(self) -> harness.Node:
        node = self.make_node(self.chain("devnet-72"))
        await node.start(env=os.environ | {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": "200000"})
        code, _ = await node.get("/status")
        self.assertEqual(code, 200)
        return node

    async def test_it_is_told_later(self):
        node = await self.begin()
        self.assertIn("STATUS=height 0", await self.told("READY=1"))
        await self.told("WATCHDOG=1")
        await node.stop()

    async def test_its_socket_is_gone(self):
        node = await self.begin()
        self.sock.close()
        os.unlink(self.path)
        for _ in range(3):  # each tells it
            code, _ = await node.get("/reload", "POST")
            self.assertEqual(code, 200)
        await node.stop()

    async def test_it_ends_without_a_word(self):
        node = await self.begin()
        await node.stop()
