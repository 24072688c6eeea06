"""What the demonstration shows: lines that fit the terminal, in colour where that is wanted."""

import os
import shutil
import sys
import time

MB = 1 << 20
PACE_SECONDS = 2.0
INDENT = 5  # of what a command printed

TERMINAL = sys.stdout.isatty()
COLOURS = TERMINAL and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
GREEN, RED, CYAN, BOLD = "32", "31", "36", "1"


def colour(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOURS else text


def width() -> int:
    return shutil.get_terminal_size((80, 24)).columns


def say(text: str, code: str = "") -> None:
    print(colour(text, code) if code else text, flush=True)


def show_output(text: str) -> None:
    """What a command printed, indented and cut at the edge of the terminal."""
    for line in text.splitlines():
        line = " " * INDENT + line
        say(line if not TERMINAL or len(line) < width() else line[: width() - 2] + "…")


class Progress:
    """One line about a sync that is written again and again; whole lines where it is no terminal."""

    def __init__(self, of: int) -> None:
        self.of = of
        self.heights: list[tuple[float, int]] = []
        self.shown = 0.0

    def pace(self, height: int) -> float:
        """Blocks a second over the last seconds."""
        now = time.monotonic()
        self.heights.append((now, height))
        while now - self.heights[0][0] > PACE_SECONDS:
            self.heights.pop(0)
        begun, low = self.heights[0]
        return (height - low) / (now - begun) if now > begun else 0.0

    def line(self, status: dict) -> str:
        height = status["height"]
        memory = f"{status['memory_bytes'] / MB:.1f} of {status['memory_budget_bytes'] / MB:.0f} MB"
        numbers = (
            f" {height:4} of {self.of}  {self.pace(height):4.0f} blocks/s"
            f"  {status['peers']} peers  {memory}"
        )
        room = min(30, width() - len(numbers) - 8)
        if room < 5:
            return ("  " + numbers)[: width() - 1]
        done = height * room // self.of
        bar = colour("#" * done, GREEN) + "." * (room - done)
        return f"   [{bar}]{numbers}"

    def show(self, status: dict) -> None:
        ended = status["height"] >= self.of
        if not TERMINAL and not ended and time.monotonic() - self.shown < 1:
            return
        self.shown = time.monotonic()
        if TERMINAL:
            print("\r\033[K" + self.line(status), end="\n" if ended else "", flush=True)
        else:
            print(self.line(status), flush=True)
