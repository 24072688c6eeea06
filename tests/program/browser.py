"""A page in Chromium, asked over its debugging pipe: two descriptors, messages that end in a zero. What
a user does is done as the user does it: the pointer, the keys, a phone's width, a slow link."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable

import harness

SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--no-first-run",
    "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars",
    "--remote-debugging-pipe",
)  # fmt: skip
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "Space": 32}
PHONE = (360, 740)


class Page:
    """What pages of any browser have in common."""

    async def value(self, expression: str) -> Any:
        """Of a piece of script, as JSON."""
        raise NotImplementedError

    async def wait(self, expression: str, accept: Callable[[Any], bool], seconds: float = 60) -> Any:
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(seconds * harness.SLOW)
        while not accept(found := await self.value(expression)):
            assert loop.time() < end, f"{expression} is {found!r}"
            await asyncio.sleep(0.1)
        return found


class Browser(Page):
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future] = {}
        self._loaded = asyncio.Event()
        self._context = ""
        self.complaints: list[str] = []  # exceptions of scripts, and what the console says
        self.requests: list[str] = []  # every address that a page asked for
        self.bytes = 0  # that came over the link, heads included

    @staticmethod
    def program() -> str | None:
        return shutil.which("chromium")

    async def start(self, folder: Path, *switches: str) -> "Browser":
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        script = f'exec "$@" 3<&{to_read} 4>&{from_write}'
        self._process = await asyncio.create_subprocess_exec(
            "bash", "-c", script, "bash", str(self.program()), *SWITCHES, *switches, f"--user-data-dir={folder}",
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
        with contextlib.suppress(asyncio.IncompleteReadError):
            while message := await reader.readuntil(b"\0"):
                told = json.loads(message[:-1])
                if future := self._waiting.pop(told.get("id", 0), None):
                    future.set_result(told)
                else:
                    self._note(told.get("method"), told.get("params", {}))
        for future in self._waiting.values():
            future.set_result({"error": "the browser ended"})

    def _note(self, method: str | None, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params))
        elif method == "Log.entryAdded":
            entry = params["entry"]
            if entry["source"] != "network" and entry["level"] in ("warning", "error"):
                self.complaints.append(entry["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Network.loadingFinished":
            self.bytes += int(params["encodedDataLength"])
        elif method == "Page.loadEventFired":
            self._loaded.set()

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

    async def tell(self, method: str, **params: Any) -> dict[str, Any]:
        """The same of the page."""
        return await self.call(method, self._session, **params)

    # ---- pages ----

    async def open(self, address: str) -> None:
        """A new page, of nobody who was here before: it has cookies and a cache of its own. The page
        before is closed."""
        if self._context:
            await self.call("Target.disposeBrowserContext", browserContextId=self._context)
        self._context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = await self.call(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Runtime", "Page", "Network", "Log"):
            await self.tell(f"{domain}.enable")
        await self.go(address)

    async def go(self, address: str) -> None:
        """Leads the page there, and waits until all of it is loaded."""
        self._loaded.clear()
        told = await self.tell("Page.navigate", url=address)
        assert "errorText" not in told, f"{address}: {told}"
        if "loaderId" in told:  # else it went to a place of the same page
            await self.loaded()

    async def loaded(self) -> None:
        await asyncio.wait_for(self._loaded.wait(), 10 * harness.SLOW)

    async def after(self, doing: Any) -> None:
        """Does what leads to another page, and waits for that."""
        self._loaded.clear()
        await doing
        await self.loaded()

    async def value(self, expression: str) -> Any:
        """Of a piece of script, as JSON."""
        told = await self.tell(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def text(self, selector: str = "body") -> str:
        """As it is shown; "" when there is nothing like it."""
        return await self.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    async def cookies(self) -> dict[str, dict[str, Any]]:
        told = await self.tell("Network.getCookies")
        return {cookie["name"]: cookie for cookie in told["cookies"]}

    # ---- the user's hands ----

    async def click(self, selector: str) -> None:
        """Its middle, with the pointer."""
        x, y = await self.value(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{ block: "center" }});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            await self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def press(self, key: str, shift: bool = False) -> None:
        text = {"Enter": "\r", "Space": " "}.get(key, "")
        name = " " if key == "Space" else key
        about = {"key": name, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": 8 * shift}
        await self.tell("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **about)
        await self.tell("Input.dispatchKeyEvent", type="keyUp", **about)

    async def fill(self, selector: str, text: str) -> None:
        """Types into a field in place of what is there."""
        await self.value(f"(f => {{ f.focus(); f.select?.(); }})(document.querySelector({json.dumps(selector)}))")
        if text:
            await self.tell("Input.insertText", text=text)
        else:
            await self.value(f"document.querySelector({json.dumps(selector)}).value = ''")

    async def submit(self, fields: dict[str, str], button: str) -> None:
        """Fills a form, presses its button, and waits for the page that comes."""
        for selector, text in fields.items():
            await self.fill(selector, text)
        await self.after(self.click(button))

    # ---- other machines ----

    async def screen(self, width: int, height: int, phone: bool = False) -> None:
        await self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height,
                        deviceScaleFactor=2 if phone else 1, mobile=phone)  # fmt: skip

    async def dark(self, on: bool) -> None:
        wanted = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        await self.tell("Emulation.setEmulatedMedia", features=[wanted])

    async def language(self, code: str) -> None:
        await self.tell("Network.setExtraHTTPHeaders", headers={"Accept-Language": code})

    async def scripts(self, on: bool) -> None:
        await self.tell("Emulation.setScriptExecutionDisabled", value=not on)

    async def link(self, bytes_a_second: int, latency_ms: int) -> None:
        """A slow one; -1, 0 = as fast as it is."""
        await self.tell("Network.emulateNetworkConditions", offline=False, latency=latency_ms,
                        downloadThroughput=bytes_a_second, uploadThroughput=bytes_a_second)  # fmt: skip

    async def picture(self, file: Path, whole: bool = True) -> None:
        """Of the page from top to end."""
        size = (await self.tell("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        told = await self.tell("Page.captureScreenshot", captureBeyondViewport=whole,
                               **({"clip": clip} if whole else {}))  # fmt: skip
        file.write_bytes(base64.b64decode(told["data"]))
