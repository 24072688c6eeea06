"""A program in a terminal of a given size, and what a person would see of it.

Understood is what alfisd writes: texts, carriage return and line feed, "cursor home", erasing to the
end of the line or screen, and the second screen of xterm. Anything else fails the test.
"""

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import termios

SEQUENCE = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")


class Screen:
    """Rows of characters, a cursor, and how often it scrolled."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.scrolled = 0
        self.clear()

    def clear(self) -> None:
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def line_feed(self) -> None:
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.scrolled += 1
        self.cells = self.cells[1:] + [[" "] * self.columns]

    def put(self, char: str) -> None:
        if self.column == self.columns:  # the cursor waits behind the last column
            self.column = 0
            self.line_feed()
        self.cells[self.row][self.column] = char
        self.column += 1

    def erase_line(self) -> None:
        at = min(self.column, self.columns - 1)
        self.cells[self.row][at:] = [" "] * (self.columns - at)

    def erase_below(self) -> None:
        self.erase_line()
        for row in range(self.row + 1, self.rows):
            self.cells[row] = [" "] * self.columns

    @property
    def lines(self) -> list[str]:
        """Without the empty ones at the end."""
        text = "\n".join("".join(row).rstrip() for row in self.cells)
        return text.rstrip().split("\n") if text.strip() else []


class Terminal:
    """What `command` shows; use as an asynchronous context."""

    def __init__(self, *command: str, rows: int = 24, columns: int = 80, **environment: str) -> None:
        self.command = command
        self.size = (rows, columns)
        self.environment = {"TERM": "xterm", **environment}
        self.main, self.second = Screen(rows, columns), Screen(rows, columns)
        self.drawing = False  # on the second screen
        self.drawings = 0  # times that the cursor went home
        self.status: int | None = None
        self._rest = b""
        self._news = asyncio.Condition()

    async def __aenter__(self) -> "Terminal":
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)
            os.environ.update(self.environment)
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", *self.size, 0, 0))
            os.execvp(self.command[0], self.command)
        os.set_blocking(self.fd, False)
        asyncio.get_running_loop().add_reader(self.fd, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            await self.ended()
        os.close(self.fd)

    @property
    def lines(self) -> list[str]:
        return (self.second if self.drawing else self.main).lines

    def resize(self, rows: int, columns: int) -> None:
        """A person drags the window's corner."""
        self.main, self.second = Screen(rows, columns), Screen(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    async def until(self, what: str, true, timeout: float) -> None:
        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(true)

        try:
            await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(f"not seen: {what}\n" + "\n".join(self.lines)) from None

    async def ended(self, timeout: float = 30) -> int:
        await self.until("the end", lambda: self.status is not None, timeout)
        assert self.status is not None
        return self.status

    # ---- what comes ----

    def _read(self) -> None:
        try:
            part = os.read(self.fd, 65536)
        except OSError:  # the terminal of a program that is gone
            part = b""
        if part:
            self._take(part)
        else:
            asyncio.get_running_loop().remove_reader(self.fd)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _take(self, part: bytes) -> None:
        bytes_ = self._rest + part
        try:
            text, self._rest = bytes_.decode(), b""
        except UnicodeDecodeError as e:
            text, self._rest = bytes_[: e.start].decode(), bytes_[e.start :]
        cut = text.rfind("\x1b")
        if cut >= 0 and not SEQUENCE.match(text, cut):
            text, self._rest = text[:cut], text[cut:].encode() + self._rest
        at = 0
        while at < len(text):
            found = SEQUENCE.match(text, at)
            if found:
                self._obey(found[1], found[2])
            else:
                self._put(text[at])
            at = found.end() if found else at + 1

    def _put(self, char: str) -> None:
        screen = self.second if self.drawing else self.main
        if char == "\n":
            screen.line_feed()
        elif char == "\r":
            screen.column = 0
        else:
            assert char.isprintable(), f"a control character: {char!r}"
            screen.put(char)

    def _obey(self, numbers: str, letter: str) -> None:
        screen = self.second if self.drawing else self.main
        if (numbers, letter) == ("?1049", "h"):
            self.drawing = True
        elif (numbers, letter) == ("?1049", "l"):
            self.drawing = False
        elif (numbers, letter) == ("", "H"):
            screen.row = screen.column = 0
            self.drawings += 1
        elif (numbers, letter) == ("2", "J"):
            row, column = screen.row, screen.column
            screen.clear()
            screen.row, screen.column = row, column
        elif (numbers, letter) == ("", "J"):
            screen.erase_below()
        elif (numbers, letter) == ("", "K"):
            screen.erase_line()
        else:
            raise AssertionError(f"an unknown sequence: {numbers}{letter}")
