#!/usr/bin/env python3
"""Writes man/node.toml.5 from node.toml, which the program itself wrote from its tables.

usage: man5.py <node.toml >man/node.toml.5
"""

import re
import sys

RANGE = re.compile(r"\d|one of ")


def escape(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def main() -> int:
    print('.TH NODE.TOML 5 "2026-11-21" "alfisd" "File Formats"')
    print(".SH NAME\nnode.toml, alfisd.toml \\- settings of alfisd\n.SH DESCRIPTION")
    comments: list[str] = []
    for line in sys.stdin.read().splitlines() + [""]:
        if line.startswith("#"):
            comments.append(line[2:])
        elif line.startswith("["):
            print(f".SH [{line.strip('[]')}]")
        elif "=" in line:
            key, _, value = line.partition(" = ")
            print(f".TP\n.BR {escape(key)} \" = {escape(value).replace(chr(34), chr(92) + '(dq')}\"")
            for text in comments:  # the reason, then the range
                print((".br\n" if RANGE.match(text) else "") + escape(text))
            comments = []
        elif comments:
            print("\n".join(map(escape, comments)))
            comments = []
    print('.SH SEE ALSO\n.BR alfisd (1)')
    return 0


if __name__ == "__main__":
    sys.exit(main())
