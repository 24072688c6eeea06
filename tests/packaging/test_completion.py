"""Completions offer every command and option of --help, with a shell where it is installed; they and
the man page are what the table of commands makes of them."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import harness
from harness import PROGRAM, PROJECT

FOLDER = PROJECT / "contrib" / "completion"
TOOL = PROJECT / "tools" / "commands.py"
# zsh sends its children SIGCONT, which takes back the SIGSTOP by which a sanitized program looks for
# leaks at its end: it would wait for ever. Leaks are looked for where no shell is between.
ENV = os.environ | {
    "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
    "ASAN_OPTIONS": f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0",
}


def said(*command: str, env: dict[str, str] = ENV) -> str:
    """What it prints; it and all that it started end with the test."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=env,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            text, _ = process.communicate(timeout=harness.patience(60))
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return text


FAKE = """#!/bin/sh
case $1 in
peers) echo '{"peers":[{"address":"10.1.1.1:4244"},{"address":"[200:1::2]:4244"}]}' ;;
bans) echo '{"bans":[{"address":"10.9.9.9"}]}' ;;
esac
"""


class Shells(unittest.TestCase):
    """What each shell offers, by the files in `folder`."""

    folder = FOLDER

    def need(self, shell: str) -> str:
        return shutil.which(shell) or self.skipTest(f"{shell} is not installed")

    def bash(self, *words: str) -> set[str]:
        """What bash offers for the last word."""
        before = words[-2] if len(words) > 1 else "alfisd"
        script = f"""compopt() {{ :; }}; . {self.folder}/alfisd.bash
            COMP_WORDS=(alfisd "$@"); COMP_CWORD=$#
            _alfisd alfisd "${{!#}}" "{before}"; printf '%s\\n' "${{COMPREPLY[@]}}\""""
        return set(said(self.need("bash"), "-c", script, "bash", *words).split())

    def zsh(self, *words: str) -> tuple[str, list[str]]:
        """The options that zsh is told, and what it is told for the last of the words. The
        completion system itself only runs on a terminal; its calls are answered here."""
        script = f"""_describe() {{ print -rl -- "+${{(P)^2}}"; }}
            _values() {{ shift; print -rl -- "+$^@"; }}; _files() {{ print +FILES; }}
            compadd() {{ print -rl -- "+${{(P)^@[-1]}}"; }}
            _arguments() {{ print -rl -- "$@"; _alfisd_argument; }}
            . {self.folder}/_alfisd; words=(alfisd "$@"); CURRENT=$#words; _alfisd"""
        text = said(self.need("zsh"), "-fc", script, "zsh", *words).splitlines()
        return "\n".join(text), [line[1:] for line in text if line.startswith("+")]

    def fish(self, line: str) -> dict[str, str]:
        script = f"source {self.folder}/alfisd.fish; complete -C '{line}'"
        text = said(self.need("fish"), "--no-config", "-c", script)
        return dict((row + "\t").split("\t")[:2] for row in text.splitlines())


class Completion(Shells):
    def setUp(self):
        text = said(str(PROGRAM), "--help")
        part = text.split("commands:\n")[1].split("\noptions:")[0]
        self.commands = set(re.findall(r"^  ([a-z-]+)", part, re.M))
        self.options = set(re.findall(r"(--[a-z-]+)", text.split("\noptions:")[1]))
        self.assertGreaterEqual(self.commands, {"run", "check-config", "show", "stop"})
        self.assertGreaterEqual(self.options, {"--config", "--set", "--json", "--verbose"})

    def test_bash(self):
        self.assertEqual(self.bash(""), self.commands)
        self.assertEqual(self.bash("--"), self.options)
        self.assertEqual(self.bash("--config", "node.toml", "sta"), {"status"})
        self.assertEqual(self.bash("show", ""), {"chain", "block", "domain", "key"})
        self.assertEqual(self.bash("--json", "peer", ""), {"add", "remove"})
        self.assertEqual(self.bash("--log-level", "d"), {"debug"})
        self.assertEqual(self.bash("--set", "net.pub"), {"net.public="})
        self.assertEqual(self.bash("--set", "limits.max_new_p"), {"limits.max_new_peers="})
        self.assertEqual(self.bash("--set", "log.level="), {"error", "warn", "info", "debug"})
        self.assertEqual(self.bash("--set", "net.public=t"), {"true"})
        self.assertEqual(self.bash("--set", "node.data_dir="), set())
        self.assertEqual(self.bash("help", "sta"), {"status"})
        self.assertEqual(self.bash("stop", "--j"), {"--json"})
        self.assertNotIn("--watch", self.bash("stop", "--"))
        self.assertIn("--once", self.bash("peer", "add", "--o"))
        self.assertNotIn("--once", self.bash("peer", "remove", "--"))
        self.assertEqual(self.bash("help", "peer", ""), {"add", "remove"})

    def test_bash_offers_each_word_once(self):
        for words in (("show", "domain", ""), ("show", "chain", ""), ("peer", "add", ""),
                      ("status", ""), ("ban", "10.1.1.1", ""), ("help", "status", "")):  # fmt: skip
            self.assertEqual(self.bash(*words), set(), words)

    def test_bash_as_the_line_is_cut_at_its_breaks(self):
        """COMP_LINE has the line, COMP_WORDS its parts."""
        script = f"""compopt() {{ :; }}; . {FOLDER}/alfisd.bash
            COMP_LINE=$1 COMP_POINT=${{#1}}; COMP_WORDS=(alfisd); COMP_CWORD=0
            _alfisd alfisd; printf '%s\n' "${{COMPREPLY[@]}}\""""
        for line, offered in (
            ("alfisd status --set log.level=de", {"debug"}),
            ("alfisd --set log.level=debug sta", {"status"}),
            ("alfisd show ", {"chain", "block", "domain", "key"}),
            ("alfisd show domain ", set()),
        ):
            told = said(self.need("bash"), "-c", script, "bash", line)
            self.assertEqual(set(told.split()), offered, line)

    def test_bash_asks_the_node_for_addresses(self):
        """A program in its place answers."""
        with tempfile.TemporaryDirectory() as folder:
            fake = Path(folder) / "alfisd"
            fake.write_text(FAKE)
            fake.chmod(0o755)
            env = ENV | {"PATH": f"{folder}:{ENV['PATH']}"}
            for words, offered in (
                (("ban", ""), {"10.1.1.1", "200:1::2"}),
                (("unban", ""), {"10.9.9.9"}),
                (("peer", "remove", "1"), {"10.1.1.1:4244"}),
            ):
                script = f"""compopt() {{ :; }}; . {FOLDER}/alfisd.bash
                    COMP_WORDS=(alfisd "$@"); COMP_CWORD=$#
                    _alfisd alfisd; printf '%s\n' "${{COMPREPLY[@]}}\""""
                told = said(self.need("bash"), "-c", script, "bash", *words, env=env)
                self.assertEqual(set(told.split()), offered, words)

    def test_zsh(self):
        script = f"""_describe() {{ print -rl -- ${{(P)2}}; }}; . {FOLDER}/_alfisd; $1"""
        commands = said(self.need("zsh"), "-fc", script, "zsh", "_alfisd_commands")
        told = dict(line.split(":", 1) for line in commands.splitlines())
        self.assertEqual(set(told), self.commands)
        self.assertNotIn("", told.values())
        options, _ = self.zsh("")
        self.assertEqual(set(re.findall(r"^\*?(--[a-z-]+)\[", options, re.M)), self.options)
        for words, offered in (
            (("show", ""), ["chain", "block", "domain", "key"]),
            (("show", "domain", ""), []),
            (("peer", ""), ["add", "remove"]),
            (("peer", "add", ""), []),
            (("import", ""), ["FILES"]),
            (("status", ""), []),
            (("help", "peer", ""), ["add", "remove"]),
        ):
            self.assertEqual(self.zsh(*words)[1], offered, words)

    def test_zsh_on_a_terminal(self):
        """With its completion system: what it lists behind two tabs."""
        script = f"""zmodload zsh/zpty; zpty shell zsh -f -i
            zpty -w shell "PS1=; fpath=({self.folder} \\$fpath); autoload -U compinit; compinit -u -D"
            zpty -w shell "print REA''DY"; zpty -r shell text '*READY*'
            zpty -n -w shell $1$'\\t\\t'; zpty -r shell text $2; zpty -d shell; print seen"""
        for line, pattern in (
            ("alfisd show ", "*block*chain*domain*key*"),
            ("alfisd --json peer ", "*add*remove*"),
            ("alfisd help peer ", "*add*remove*"),
            ("alfisd --log-level ", "*debug*error*info*warn*"),
            ("alfisd status --", "*--config*--watch*"),
            ("alfisd peer --json ", "*add*remove*"),
            ("alfisd status --log-level ", "*debug*error*info*warn*"),
        ):
            with self.subTest(line):
                told = said(self.need("zsh"), "-fc", script, "zsh", line, pattern)
                self.assertEqual(told, "seen\n")

    def test_zsh_values(self):
        script = f"""compadd() {{ print -rl -- ${{(P)@[-1]}}; }}
            compset() {{ [[ $PREFIX == *=* ]]; }}; . {FOLDER}/_alfisd; PREFIX=$1; _alfisd_settings"""
        for prefix, offered in (("log.level=", {"error", "warn", "info", "debug"}),
                                ("net.public=", {"true", "false"})):  # fmt: skip
            told = said(self.need("zsh"), "-fc", script, "zsh", prefix)
            self.assertEqual(set(told.split()), offered)
        self.assertIn("net.public=", said("zsh", "-fc", script, "zsh", "net.p").split())

    def test_fish(self):
        commands = self.fish("alfisd ")
        self.assertEqual(set(commands), self.commands)
        self.assertNotIn("", commands.values())
        self.assertEqual(set(self.fish("alfisd --")), self.options)
        self.assertEqual(set(self.fish("alfisd help sta")), {"status"})
        for line, offered in (
            ("alfisd peer ", {"add", "remove"}),
            ("alfisd --data-dir d --json show ", {"chain", "block", "domain", "key"}),
            ("alfisd show domain ", set()),
            ("alfisd peer add ", set()),
            ("alfisd status ", set()),
            ("alfisd help peer ", {"add", "remove"}),
            ("alfisd peer --o", {"--once"}),
            ("alfisd peer add --o", {"--once"}),
            ("alfisd peer remove --o", set()),
            ("alfisd --set log.level=d", {"log.level=debug"}),
            ("alfisd --set net.public=", {"net.public=", "net.public=true", "net.public=false"}),
        ):
            self.assertEqual(set(self.fish(line)), offered, line)


ADDED = [
    {"name": "zone flush", "arguments": "[NAME]", "help": "forget it's there", "options": "json", "offers": ""},
    {"name": "zone bans", "arguments": "", "help": "zone", "options": "json", "offers": ""},
    {"name": "lookup", "arguments": "NAME [TYPE]", "help": "ask", "options": "track out", "offers": "- A|AAAA"},
    {"name": "key export", "arguments": "NAME FILE", "help": "write", "options": "json", "offers": "hosts files"},
]  # fmt: skip
OPTIONS = [
    {"name": "track", "letter": "", "value": "", "everywhere": False, "offers": "", "help": "each [step]: told"},
    {"name": "out", "letter": "", "value": "WHAT", "everywhere": False, "offers": "short|long", "help": "form"},
]  # fmt: skip


def tool():
    spec = importlib.util.spec_from_file_location("commands", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Generated(Shells):
    """The files follow from the table, also for commands that are not there yet."""

    def setUp(self):
        self.told = json.loads(said(str(PROGRAM), "help", "--json"))
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def write(self) -> None:
        """Completions in self.folder, and the man page, with commands that are made up."""
        self.told["commands"] += ADDED
        self.told["options"] += OPTIONS
        module = tool()
        for name in module.PLACES:
            old = (PROJECT / name).read_text(encoding="utf-8")
            new = module.written(name, old, module.Tables(self.told))
            (self.folder / Path(name).name).write_text(new, encoding="utf-8")

    def test_files_are_what_the_table_says(self):
        ended = subprocess.run([sys.executable, str(TOOL), str(PROGRAM), "--check"], text=True,
                               capture_output=True, env=ENV, check=False)  # fmt: skip
        self.assertEqual((ended.returncode, ended.stdout + ended.stderr), (0, ""))

    def test_bash_of_another_table(self):
        self.write()
        self.assertEqual(self.bash("zone", ""), {"flush", "bans"})
        self.assertEqual(self.bash("lookup", ""), set())
        self.assertEqual(self.bash("lookup", "a.ygg", ""), {"A", "AAAA"})
        self.assertEqual(self.bash("lookup", "a.ygg", "A", ""), set())
        self.assertEqual(self.bash("lookup", "--o"), {"--out"})
        self.assertEqual(self.bash("lookup", "--out", ""), {"short", "long"})
        self.assertEqual(self.bash("--out", "long", "zone", ""), {"flush", "bans"})

    def test_zsh_of_another_table(self):
        self.write()
        self.assertEqual(self.zsh("zone", "")[1], ["flush", "bans"])
        self.assertEqual(self.zsh("zone", "--out", "long", "")[1], ["flush", "bans"])
        options, offered = self.zsh("lookup", "--json", "a.ygg", "")
        self.assertEqual(offered, ["A", "AAAA"])
        self.assertNotIn("--json", options)
        self.assertIn("--track[each \\[step\\]\\: told]", options)
        self.assertIn("--out[form]:WHAT:(short long)", options)
        self.assertEqual(self.zsh("lookup", "a.ygg", "")[1], ["A", "AAAA"])
        self.assertEqual(self.zsh("key", "export", "a", "")[1], ["FILES"])

    def test_fish_of_another_table(self):
        self.write()
        self.assertEqual(self.fish("alfisd zone "), {"flush": "forget it's there", "bans": "zone"})
        self.assertEqual(set(self.fish("alfisd lookup a.ygg ")), {"A", "AAAA"})
        self.assertEqual(set(self.fish("alfisd lookup a --t")), {"--track"})
        self.assertEqual(set(self.fish("alfisd stop --t")), set())
        self.assertEqual(set(self.fish("alfisd --out long zone ")), {"flush", "bans"})

    def test_what_no_shell_has_is_refused(self):
        ADDED[0]["offers"], before = "zones", ADDED[0]["offers"]
        try:
            with self.assertRaisesRegex(SystemExit, "alfisd.bash: .* offers zones: there is no function"):
                self.write()
        finally:
            ADDED[0]["offers"] = before

    def test_man_page_has_each_option(self):
        page = (PROJECT / "man" / "alfisd.1").read_text(encoding="utf-8").replace("\\-", "-")
        for option in self.told["options"]:
            self.assertRegex(page, rf"--{option['name']}\b")
