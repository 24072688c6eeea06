#!/usr/bin/python3
"""A picture of what a command shows on a terminal of 80 columns, from a real run.

usage: tools/docs/terminal.py OUT.svg TITLE COMMAND [ARGUMENT …]

The command runs in a pseudo terminal. What it leaves on the screen is drawn as text, so that the
picture stays small and sharp. Understood are colours, bold, carriage return and "clear the line".
"""

import fcntl
import html
import os
import pty
import re
import struct
import sys
import termios

COLUMNS, ROWS = 80, 40
CELL_WIDTH, CELL_HEIGHT, MARGIN, BAR = 8.43, 18, 16, 34
PLAIN = "#d8dee6"
NBSP = "\u00a0"  # SVG joins other spaces
COLOURS = {"31": "#ff8a80", "32": "#7ee2a8", "33": "#ffd479", "36": "#7fd7ff"}
STEP = re.compile(r"\033\[([0-9;]*)([A-Za-z])|([\r\n])|([^\033\r\n]+)")

Style = tuple[str, bool]
Row = list[tuple[str, Style]]


def run(command: list[str]) -> str:
    """What the command writes to a terminal of 80 columns."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS))
        os.environ.pop("NO_COLOR", None)
        os.execvp(command[0], command)
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the end of a terminal whose program is gone
            break
        if not part:
            break
        parts.append(part)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        sys.exit(f"{' '.join(command)}: exit status {status}")
    return b"".join(parts).decode()


def styled(style: Style, codes: str) -> Style:
    colour, bold = style
    for code in codes.split(";"):
        if code in ("", "0"):
            colour, bold = PLAIN, False
        elif code == "1":
            bold = True
        elif code in COLOURS:
            colour = COLOURS[code]
    return colour, bold


def screen(text: str) -> list[Row]:
    """The rows as they stand at the end."""
    rows: list[Row] = [[]]
    at, style = 0, (PLAIN, False)
    for codes, letter, control, words in STEP.findall(text):
        if letter == "m":
            style = styled(style, codes)
        elif letter == "K":
            del rows[-1][at:]
        elif control == "\n":
            rows.append([])
            at = 0
        elif control == "\r":
            at = 0
        else:
            rows[-1][at : at + len(words)] = [(char, style) for char in words]
            at += len(words)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def spans(row: Row) -> str:
    """Runs of one style, each at its column: no font has to agree with ours about widths."""
    out, begun = [], 0
    for i in range(1, len(row) + 1):
        if i < len(row) and row[i][1] == row[begun][1]:
            continue
        colour, bold = row[begun][1]
        text = "".join(char for char, _ in row[begun:i])
        if text.strip():
            weight = ' font-weight="bold"' if bold else ""
            out.append(
                f'<tspan x="{MARGIN + begun * CELL_WIDTH:.1f}" fill="{colour}"{weight} '
                f'textLength="{len(text) * CELL_WIDTH:.1f}">{html.escape(text.replace(" ", NBSP))}</tspan>'
            )
        begun = i
    return "".join(out)


def picture(rows: list[Row], title: str) -> str:
    width = 2 * MARGIN + COLUMNS * CELL_WIDTH
    height = BAR + len(rows) * CELL_HEIGHT + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{html.escape(title)}">',
        '<rect width="100%" height="100%" rx="8" fill="#14181d"/>',
        f'<text x="50%" y="22" text-anchor="middle" fill="#8b95a1" font-size="13" '
        f'font-family="sans-serif">{html.escape(title)}</text>',
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
    ]
    for i, row in enumerate(rows):
        lines.append(f'<text y="{BAR + (i + 0.8) * CELL_HEIGHT:.1f}">{spans(row)}</text>')
    return "\n".join([*lines, "</g>", "</svg>"]) + "\n"


def main() -> None:
    out, title, *command = sys.argv[1:]
    with open(out, "w", encoding="utf-8") as file:
        file.write(picture(screen(run(command)), title))


if __name__ == "__main__":
    main()
