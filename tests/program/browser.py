"""A page in Chromium, asked over its debugging pipe: two descriptors, messages that end in a zero."""

import asyncio
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable

import harness

SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--no-first-run",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future] = {}
        self.complaints: list[str] = []

    @staticmethod
    def program() -> str | None:
        return shutil.which("chromium")

    async def start(self, folder: Path) -> "Browser":
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        script = f'exec "$@" 3<&{to_read} 4>&{from_write}'
        self._process = await asyncio.create_subprocess_exec(
            "bash", "-c", script, "bash", str(self.program()), *SWITCHES, f"--user-data-dir={folder}",
            pass_fds=(to_read, from_write), stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(from_write)
        self._to = os.fdopen(to_write, "wb", buffering=0)
        reader = asyncio.StreamReader(limit=1 << 26)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(from_read, "rb")
        )
        self._listening = asyncio.create_task(self._listen(reader))
        return self

    async def stop(self) -> None:
        self._listening.cancel()
        self._to.close()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while message := await reader.readuntil(b"\0"):
            told = json.loads(message[:-1])
            if future := self._waiting.pop(told.get("id", 0), None):
                future.set_result(told)
            elif told.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["params"]))

    async def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        asked = {"id": number, "method": method, "params": params}
        if session:
            asked["sessionId"] = session
        self._to.write(json.dumps(asked).encode() + b"\0")
        told = await asyncio.wait_for(self._waiting[number], 60 * harness.SLOW)
        assert "result" in told, told
        return told["result"]

    async def open(self, address: str) -> None:
        target = await self.call("Target.createTarget", url=address)
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        await self.call("Runtime.enable", self._session)

    async def value(self, expression: str) -> Any:
        """Of a piece of script, as JSON."""
        told = await self.call(
            "Runtime.evaluate", self._session, expression=expression, returnByValue=True
        )
        return told["result"].get("value")

    async def wait(self, expression: str, accept: Callable[[Any], bool], seconds: float = 60) -> Any:
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(seconds * harness.SLOW)
        while not accept(found := await self.value(expression)):
            assert loop.time() < end, f"{expression} is {found!r}"
            await asyncio.sleep(0.1)
        return found
