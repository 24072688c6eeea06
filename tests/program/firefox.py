"""A page in Firefox, by Marionette: a TCP connection of its own, messages as LENGTH:JSON. What browser.py
is for Chromium, as far as a second browser needs it."""

import asyncio
import base64
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

import harness
from browser import Page

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"
SETTINGS = {
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False, "app.update.enabled": False, "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False, "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False, "browser.startup.page": 0, "remote.active-protocols": 1,
    "browser.newtabpage.enabled": False, "intl.accept_languages": "en",
}  # fmt: skip


class Firefox(Page):
    """One of them, with a profile of its own."""

    @staticmethod
    def program() -> str | None:
        return shutil.which("firefox-esr") or shutil.which("firefox")

    async def start(self, folder: Path) -> "Firefox":
        folder.mkdir()
        port = harness.free_port("127.0.0.1")
        settings = SETTINGS | {"marionette.port": port}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
        (folder / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            str(self.program()), "--headless", "--marionette", "--no-remote", "--profile", str(folder),
            stdout=quiet, stderr=quiet, env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
        self._numbers = itertools.count(1)
        await self._connect(port)
        await self.call("WebDriver:NewSession", capabilities={})
        return self

    async def _connect(self, port: int) -> None:
        end = asyncio.get_running_loop().time() + harness.patience(60 * harness.SLOW)
        while True:
            try:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
                await self._message()  # who it is
                return
            except (OSError, asyncio.IncompleteReadError) as error:
                assert asyncio.get_running_loop().time() < end, f"firefox does not listen: {error}"
                await asyncio.sleep(0.1)

    async def _message(self) -> Any:
        length = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(length[:-1])))

    async def stop(self) -> None:
        self._writer.close()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def call(self, command: str, **params: Any) -> Any:
        text = json.dumps([0, next(self._numbers), command, params])
        self._writer.write(f"{len(text.encode())}:{text}".encode())
        _, _, error, result = await asyncio.wait_for(self._message(), 60 * harness.SLOW)
        assert error is None, f"{command}: {error}"
        return result.get("value", result) if isinstance(result, dict) else result

    async def go(self, address: str) -> None:
        """Leads the page there, and waits until all of it is loaded."""
        await self.call("WebDriver:Navigate", url=address)

    async def value(self, expression: str) -> Any:
        return await self.call("WebDriver:ExecuteScript", script=f"return {expression.strip().rstrip(';')}", args=[])

    async def _element(self, selector: str) -> str:
        found = await self.call("WebDriver:FindElement", using="css selector", value=selector)
        return found[ELEMENT]

    async def fill(self, selector: str, text: str) -> None:
        """Types into a field in place of what is there."""
        element = await self._element(selector)
        await self.call("WebDriver:ElementClear", id=element)
        await self.call("WebDriver:ElementSendKeys", id=element, text=text)

    async def click(self, selector: str) -> None:
        await self.call("WebDriver:ElementClick", id=await self._element(selector))

    async def picture(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(await self.call("WebDriver:TakeScreenshot", full=True)))
