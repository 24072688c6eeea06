#!/usr/bin/python3
"""Pictures of the pages, taken by Chromium from the demonstration's network: those that the documents
show, and one of each page in both languages, light, dark and on a phone.

usage: tools/docs/pages.py ALFISD MKCHAIN FOLDER EVERY
       FOLDER gets what the documents show, EVERY gets all
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools" / "demo"), str(ROOT / "tests" / "program")]

# pylint: disable=wrong-import-position
import views  # noqa: E402
from browser import Browser  # noqa: E402
from network import page_address, wait_until  # noqa: E402
from run import NAME, Demo  # noqa: E402

TAKEN_AT = 500  # blocks
SHOWN = {"name-en-dark": "name-dark.png"}  # of every page; the first one is taken during a sync


class Pictures:
    """One browser that goes through the pages of a node."""

    def __init__(self, demo: Demo, browser: Browser, every: Path) -> None:
        self.demo, self.browser, self.every = demo, browser, every
        self.node = demo.nodes[3]
        self.at = page_address()

    def start(self) -> None:
        demo = self.demo
        shutil.rmtree(self.node.data, ignore_errors=True)
        self.node.start([demo.nodes[2].peer, demo.relays[1].peer], self.at, verify_threads=1)

    async def take(self, name: str, path: str) -> None:
        """In each language, colour and width."""
        for language in ("en", "ru"):
            await self.browser.language(language)
            await self.browser.go(f"http://{self.at}{path}")
            files = iter([self.every / f"{name}-{language}-{kind}.png" for kind in ("light", "dark", "phone")])
            await views.as_seen(self.browser, lambda: self.browser.picture(next(files)))

    def paths(self) -> dict[str, str]:
        height = (self.node.status() or {})["height"]
        blocks = [self.node.ask("GET", f"/block/{n}") or {} for n in range(height - 20, height + 1)]
        full = max(b["index"] for b in blocks if b.get("transaction"))
        return views.public(NAME, full, full + 1, blocks[-1]["pub_key"])

    async def run(self, to: Path) -> None:
        self.start()
        await self.browser.open("about:blank")
        wait_until(60, "blocks", lambda: (self.node.status() or {}).get("height", 0) > TAKEN_AT)
        await self.browser.screen(*views.WIDE)
        await self.browser.go(f"http://{self.at}/")
        await asyncio.sleep(2)  # until its figures have a pace
        await self.browser.picture(to / "status-light.png")
        wait_until(60, "the tip", lambda: (self.node.status() or {}).get("height") == self.demo.height)
        for name, path in self.paths().items():
            await self.take(name, path)
        for name, file in SHOWN.items():
            shutil.copyfile(self.every / f"{name}.png", to / file)
        self.node.stop()


async def take_all(demo: Demo, folder: Path, to: Path, every: Path) -> None:
    browser = await Browser().start(folder / "chromium")
    try:
        await Pictures(demo, browser, every).run(to)
    finally:
        await browser.stop()


def main() -> None:
    alfisd, mkchain, to, every = sys.argv[1:]
    Path(every).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="alfisd-docs-"))
    demo = Demo(alfisd, mkchain, folder)
    try:
        demo.make_network()
        asyncio.run(take_all(demo, folder, Path(to), Path(every)))
    finally:
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
