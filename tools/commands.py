#!/usr/bin/env python3
"""Writes the parts of the completions and of the man page that follow from cli/commands.def, which
the program prints. They stand between two marks; everything around them is written by hand.

usage: commands.py PROGRAM           writes them again, for example with build/alfisd
       commands.py PROGRAM --check   changes nothing; names the files that differ, status 1
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = ">>> from cli/commands.def, by tools/commands.py", "<<<"
REPEATED = {"set"}


class Tables:
    """What the program prints, and what all files need of it."""

    def __init__(self, told: dict) -> None:
        self.commands, self.options = told["commands"], told["options"]
        self.groups = {g["word"]: g["help"] for g in told["groups"]}
        self.seconds: dict[str, list[dict]] = {}  # first word -> its commands
        for command in self.commands:
            first, _, second = command["name"].partition(" ")
            if second:
                self.seconds.setdefault(first, []).append(command | {"second": second})

    def first_words(self) -> dict[str, str]:
        """The first word of every command, and what it does."""
        found: dict[str, str] = {}
        for command in self.commands:
            first = command["name"].split()[0]
            found.setdefault(first, self.groups.get(first, command["help"]))
        return found

    def taken(self, command: dict) -> list[dict]:
        names = command["options"].split()
        return [o for o in self.options if o["everywhere"] or o["name"] in names]

    def offers(self) -> list[tuple[str, int, str]]:
        """(words before, which argument behind them, what is offered there), but second words."""
        found = []
        for command in self.commands:
            for number, what in enumerate(command["offers"].split()):
                if what != "-":
                    found.append((command["name"], number, what))
        return found

    def second_words(self) -> list[tuple[str, list[dict]]]:
        """(words before, the commands that go on there), also behind what offers commands."""
        found = []
        before = [""] + [words + " " for words, number, what in self.offers()
                         if what == "commands" and not number]  # fmt: skip
        for first, commands in self.seconds.items():
            found += [(words + first, commands) for words in before]
        return found

    def kinds(self) -> set[str]:
        offered = [what for _, _, what in self.offers()] + [o["offers"] for o in self.options]
        return {what for what in offered if what and "|" not in what}


def chosen(what: str) -> str:
    """Choices, divided by spaces."""
    return " ".join(what.replace("|", " ").split())


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# ---- bash ----


def shell_case(subject: str, arms: list[tuple[str, str]]) -> list[str]:
    return ["{", f"\tcase {subject} in", *[f"\t{pattern}) {do} ;;" for pattern, do in arms], "\tesac", "}"]


def valued(tables: Tables) -> str:
    return " | ".join("--" + o["name"] for o in tables.options if o["value"])


def options_by_words(tables: Tables) -> list[tuple[str, list[dict]]]:
    """(pattern of the words before with a space behind, the options that may follow)."""
    patterns: dict[str, list[str]] = {}
    taken: dict[str, list[dict]] = {}
    for command in tables.commands:
        options = tables.taken(command)
        key = " ".join(o["name"] for o in options)
        taken[key] = options
        patterns.setdefault(key, []).append(f'"{command["name"]} "*')
    return [(" | ".join(some), taken[key]) for key, some in patterns.items()] + [("*", tables.options)]


def shell_arguments(tables: Tables, offer, words_before: str) -> list[str]:
    """What is offered behind so many words that begin with these."""
    arms = [("0:", "_alfisd_commands")]
    for words, commands in tables.second_words():
        offered = offer("|".join(c["second"] for c in commands) + "|")
        arms.append((f'{len(words.split())}:"{words}"', offered))
    for words, number, what in tables.offers():
        behind = f'"{words}"' if number == 0 else f'"{words} "*'
        arms.append((f"{len(words.split()) + number}:{behind}", offer(what)))
    return shell_case(f"${{#{words_before}[@]}}:${{{words_before}[*]}}", arms)


def bash_offer(what: str) -> str:
    return f'offered="{chosen(what)}"' if "|" in what else f'_alfisd_{what} "$1"'


def bash(tables: Tables) -> list[str]:
    values = [(f'--{o["name"]}', bash_offer(o["offers"]) if o["offers"] else ":")
              for o in tables.options if o["value"]]  # fmt: skip
    options = [
        (pattern, 'offered="' + " ".join("--" + o["name"] for o in some) + '"')
        for pattern, some in options_by_words(tables)
    ]
    return [
        "_alfisd_commands()", "{", f'\toffered="{" ".join(tables.first_words())}"', "}", "",
        "_alfisd_has_value()", *shell_case("$1", [(valued(tables), ":"), ("*", "return 1")]), "",
        "# What the value of an option may be; false when it takes none.",
        "_alfisd_value()", *shell_case("$2", values + [("*", "return 1")]), "",
        "# The options that may stand behind the words before.",
        "_alfisd_options()", *shell_case('"${words[*]} "', options), "",
        "# How many words stand before, and which.",
        "_alfisd_argument()", *shell_arguments(tables, bash_offer, "words"),
    ]  # fmt: skip


# ---- zsh ----


def zsh_offer(what: str) -> str:
    return "_values what " + chosen(what) if "|" in what else f"_alfisd_{what}"


def zsh_option(option: dict) -> str:
    name, text = option["name"], re.sub(r"([][:\\])", r"\\\1", option["help"])
    what = option["offers"]
    action = f"({chosen(what)})" if "|" in what else f"_alfisd_{what}" if what else ""
    value = f":{option['value']}:{action}" if option["value"] else ""
    return quoted(f"{'*' if name in REPEATED else ''}--{name}[{text}]{value}")


def zsh(tables: Tables) -> list[str]:
    names = [
        (pattern, "names=(" + " ".join(o["name"] for o in options) + ")")
        for pattern, options in options_by_words(tables)
    ]
    specs = [f"\t\t{option['name']} {zsh_option(option)}" for option in tables.options]
    commands = [quoted(f"{word}:{text}") for word, text in tables.first_words().items()]
    return [
        "_alfisd_commands() {", "\tlocal -a commands", "\tcommands=(",
        *[f"\t\t{command}" for command in commands], "\t)", "\t_describe command commands", "}", "",
        "_alfisd_has_value()", *shell_case("$1", [(valued(tables), ":"), ("*", "return 1")]), "",
        "# The options that may stand behind the words before, as _arguments takes them.",
        "_alfisd_options()", "{", "\tlocal -a names", "\tlocal -A all", "\tall=(", *specs, "\t)",
        *shell_case('"${before[*]} "', names)[1:-1],
        "\tspecs=(${(v)all[(I)${(j:|:)names}]})", "}", "",
        "# How many words stand before, and which.",
        "_alfisd_argument()", *shell_arguments(tables, zsh_offer, "before"),
    ]  # fmt: skip


# ---- fish ----


def fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_offer(what: str) -> str:
    if what == "files":
        return "-F"
    return "-a " + fish_quoted(chosen(what) if "|" in what else f"(__alfisd_{what})")


def fish_option(tables: Tables, option: dict) -> str:
    line = f"complete -c alfisd -l {option['name']}"
    if option["letter"]:
        line += f" -s {option['letter']}"
    if not option["everywhere"]:
        names = [c["name"] for c in tables.commands if option["name"] in c["options"].split()]
        takes = " ".join(f'"{name}"' for name in names)
        line += " -n " + fish_quoted("__alfisd_takes " + takes)
    if option["value"]:
        line += " -r " if option["offers"] == "files" else " -x "
        line += fish_offer(option["offers"]) if option["offers"] else ""
    return f"{line} -d {fish_quoted(option['help'])}"


def fish_at(words: str, number: int) -> str:
    return fish_quoted(f'__alfisd_at {len(words.split()) + number} "{words}"')


def fish(tables: Tables) -> list[str]:
    valued = " ".join("--" + o["name"] for o in tables.options if o["value"])
    lines = ["function __alfisd_valued", f"    contains -- $argv[1] {valued}", "end", "",
             "function __alfisd_commands"]  # fmt: skip
    lines += [f"    printf '%s\\t%s\\n' {word} {fish_quoted(text)}"
              for word, text in tables.first_words().items()]  # fmt: skip
    lines += ["end", "", *[fish_option(tables, option) for option in tables.options], ""]
    lines.append("complete -c alfisd -n '__alfisd_at 0 \"\"' -a '(__alfisd_commands)'")
    for words, commands in tables.second_words():
        for command in commands:
            lines.append(f"complete -c alfisd -n {fish_at(words, 0)} -a {command['second']} "
                         f"-d {fish_quoted(command['help'])}")  # fmt: skip
    for words, number, what in tables.offers():
        lines.append(f"complete -c alfisd -n {fish_at(words, number)} {fish_offer(what)}")
    return lines


# ---- the man page ----


def roff(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return "\\&" + text if text[:1] == "." else text


def man(tables: Tables) -> list[str]:
    lines = []
    for command in tables.commands:
        shown = f"\\fB{roff(command['name'])}\\fR"
        if command["arguments"]:
            shown += " " + re.sub(r"([A-Z]+)", r"\\fI\1\\fR", roff(command["arguments"]))
        for name in command["options"].split():
            value = next(o["value"] for o in tables.options if o["name"] == name)
            shown += f" [\\fB\\-\\-{roff(name)}\\fR{' ' + value if value else ''}]"
        lines += [".TP", shown, roff(command["help"])]
    return lines


# ---- the files ----

PLACES = {
    "contrib/completion/alfisd.bash": (bash, "# ", r"^_alfisd_{}\(\)"),
    "contrib/completion/_alfisd": (zsh, "# ", r"^_alfisd_{}\(\)"),
    "contrib/completion/alfisd.fish": (fish, "# ", r"^function __alfisd_{}$"),
    "man/alfisd.1": (man, '.\\" ', ""),
}


def written(name: str, old: str, tables: Tables) -> str:
    make, mark, function = PLACES[name]
    begin, end = f"{mark}{BEGIN}\n", f"{mark}{END}\n"
    if old.count(begin) != 1 or old.count(end) != 1 or old.index(begin) > old.index(end):
        raise SystemExit(f"{name}: the marks are missing: {begin.strip()} and {end.strip()}")
    before, after = old.split(begin)[0], old.split(end)[1]
    new = before + begin + "\n".join(make(tables)) + "\n" + end + after
    for kind in sorted(tables.kinds()):
        if function and not re.search(function.format(kind), new, re.M):
            raise SystemExit(f"{name}: cli/commands.def offers {kind}: there is no function for it")
    return new


def main(arguments: list[str]) -> int:
    if not arguments or arguments[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    told = subprocess.run([arguments[0], "help", "--json"], capture_output=True, check=True).stdout
    tables = Tables(json.loads(told))
    status = 0
    for name in PLACES:
        old = (ROOT / name).read_text(encoding="utf-8")
        new = written(name, old, tables)
        if old == new:
            continue
        if arguments[1:]:
            print(f"{name} is not what cli/commands.def says: tools/commands.py build/alfisd")
            status = 1
        else:
            (ROOT / name).write_text(new, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
