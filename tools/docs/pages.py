#!/usr/bin/python3
"""Pictures of the status page during a sync, taken by Chromium from the demonstration's network.

usage: tools/docs/pages.py ALFISD MKCHAIN FOLDER
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "demo"))

# pylint: disable=wrong-import-position
from network import page_address, wait_until  # noqa: E402
from run import Demo  # noqa: E402

KINDS = {
    "light": ("--window-size=1200,1400",),
    "dark": ("--window-size=1200,1400", "--force-dark-mode"),
    "phone": ("--window-size=500,1400",),
}
TAKEN_AT = 500  # blocks


def take(url: str, file: Path, options: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        subprocess.run(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", f"--user-data-dir={profile}", "--timeout=2000",
             f"--screenshot={file}", *options, url],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip


def main() -> None:
    alfisd, mkchain, to = sys.argv[1:]
    folder = Path(tempfile.mkdtemp(prefix="alfisd-docs-"))
    demo = Demo(alfisd, mkchain, folder)
    try:
        demo.make_network()
        node = demo.nodes[3]
        for kind, options in KINDS.items():
            page = page_address()
            shutil.rmtree(node.data, ignore_errors=True)
            node.start([demo.nodes[2].peer, demo.relays[1].peer], page, verify_threads=1)
            wait_until(60, "blocks", lambda: (node.status() or {}).get("height", 0) > TAKEN_AT)
            take(f"http://{page}/", Path(to) / f"status-{kind}.png", options)
            node.stop()
    finally:
        demo.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
