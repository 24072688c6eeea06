"""Completions offer every command and option of --help, with a shell where it is installed."""

import os
import re
import shutil
import subprocess
import unittest

from harness import PROGRAM, PROJECT

FOLDER = PROJECT / "contrib" / "completion"
ENV = os.environ | {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, env=ENV).stdout


class Completion(unittest.TestCase):
    def setUp(self):
        text = said(str(PROGRAM), "--help")
        part = text.split("commands:\n")[1].split("\noptions:")[0]
        self.commands = set(re.findall(r"^  ([a-z-]+)", part, re.M))
        self.options = set(re.findall(r"(--[a-z-]+)", text.split("\noptions:")[1]))
        self.assertGreaterEqual(self.commands, {"run", "check-config", "show", "stop"})
        self.assertGreaterEqual(self.options, {"--config", "--set", "--json", "--verbose"})

    def need(self, shell: str) -> str:
        return shutil.which(shell) or self.skipTest(f"{shell} is not installed")

    def bash(self, *words: str) -> set[str]:
        """What bash offers for the last word."""
        before = words[-2] if len(words) > 1 else "alfisd"
        script = f"""compopt() {{ :; }}; . {FOLDER}/alfisd.bash
            COMP_WORDS=(alfisd "$@"); COMP_CWORD=$#
            _alfisd alfisd "${{!#}}" "{before}"; printf '%s\\n' "${{COMPREPLY[@]}}\""""
        return set(said(self.need("bash"), "-c", script, "bash", *words).split())

    def test_bash(self):
        self.assertEqual(self.bash(""), self.commands)
        self.assertEqual(self.bash("--"), self.options)
        self.assertEqual(self.bash("--config", "node.toml", "sta"), {"status"})
        self.assertEqual(self.bash("show", ""), {"chain", "block", "domain", "key"})
        self.assertEqual(self.bash("--json", "peer", ""), {"add", "remove"})
        self.assertEqual(self.bash("--log-level", "d"), {"debug"})
        self.assertEqual(self.bash("--set", "net.pub"), {"net.public="})
        self.assertEqual(self.bash("--set", "limits.max_new_p"), {"limits.max_new_peers="})

    def test_zsh(self):
        """The completion system itself only runs on a terminal; its calls are answered here."""
        script = f"""_describe() {{ print -rl -- ${{(P)2}}; }}; _arguments() {{ print -rl -- "$@"; }}
            . {FOLDER}/_alfisd; $1"""
        commands = said(self.need("zsh"), "-fc", script, "zsh", "_alfisd_commands")
        told = dict(line.split(":", 1) for line in commands.splitlines())
        self.assertEqual(set(told), self.commands)
        self.assertNotIn("", told.values())
        options = said("zsh", "-fc", script, "zsh", "_alfisd")
        self.assertEqual(set(re.findall(r"^\*?(--[a-z-]+)\[", options, re.M)), self.options)

    def test_fish(self):
        def offered(line: str) -> dict[str, str]:
            script = f"source {FOLDER}/alfisd.fish; complete -C '{line}'"
            text = said(self.need("fish"), "--no-config", "-c", script)
            return dict((row + "\t").split("\t")[:2] for row in text.splitlines())

        commands = offered("alfisd ")
        self.assertEqual(set(commands), self.commands)
        self.assertNotIn("", commands.values())
        self.assertEqual(set(offered("alfisd peer ")), {"add", "remove"})
        self.assertEqual(set(offered("alfisd --")), self.options)
