"""The words of the command line: help and version in every form, options where they mean something,
errors as JSON."""

import json
import re
import unittest

import harness


class CommandLine(harness.ProgramTest):
    async def commands(self) -> list[str]:
        text = (await harness.run("--help")).out
        return re.findall(r"^  ([a-z][a-z-]*)", text.split("options:")[0], re.M)

    async def test_help_in_every_form(self):
        every = await harness.run("--help")
        for form in ("-h", "help"):
            self.assertEqual((await harness.run(form)).out, every.out)
        for name in await self.commands():
            told = (await harness.run("help", name)).out
            self.assertTrue(told.startswith(f"usage: alfisd {name}"), told)
            for form in (("-h", name), (name, "--help"), (name, "--json", "-h"), ("--help", name)):
                ended = await harness.run(*form)
                self.assertEqual((ended.status, ended.out), (harness.DONE, told), form)
        ended = await harness.run("help", "statsu")
        self.assertEqual(ended.status, harness.USAGE)
        self.assertIn("unknown command: statsu, did you mean status?", ended.err)

    async def test_version_in_every_form(self):
        told = (await harness.run("--version")).out
        self.assertRegex(told, r"\Aalfisd \d+\.\d+\.\d+ .*network release")
        for form in ("version", "-V", "-v"):
            ended = await harness.run(form)
            self.assertEqual((ended.status, ended.out), (harness.DONE, told), form)
        long = (await harness.run("version", "--verbose")).out
        self.assertEqual((await harness.run("--version", "--verbose")).out, long)
        self.assertIn("libevent", long)

    async def test_help_and_version_read_no_settings(self):
        (self.folder / "node.toml").write_text("blorp = 1\n")
        for command in ("help", "version", "config-template", "metrics-reference"):
            ended = await harness.run(command, cwd=self.folder)
            self.assertEqual(ended.status, harness.DONE, str(ended))
        ended = await harness.run("check-config", cwd=self.folder)
        self.assertEqual(ended.status, harness.USAGE, str(ended))

    async def test_no_option_behind_two_dashes(self):
        ended = await harness.run("--", "version")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        ended = await harness.run("help", "--", "--json")
        self.assertEqual(ended.status, harness.USAGE)
        self.assertIn("unknown command: --json", ended.err)

    async def test_an_option_without_effect_is_an_error(self):
        told = json.loads((await harness.run("help", "--json")).out)
        options = [o["name"] for o in told["options"] if not o["everywhere"]]
        valued = {o["name"]: o.get("value") for o in told["options"]}
        self.assertGreaterEqual(set(options), {"json", "watch", "all", "check", "once", "verbose"})
        for command in told["commands"]:
            name, wants = command["name"].split(), command["arguments"].split()
            arguments = ["x" for word in wants if not word.startswith("[")]
            for option in set(options) - set(command["options"].split()):
                value = ["1"] if valued[option] else []
                with self.subTest(f"{name} --{option}"):
                    ended = await harness.run(*name, *arguments, f"--{option}", *value)
                    self.assertEqual(ended.status, harness.USAGE, str(ended))
                    self.assertIn(f"--{option} has no effect on {command['name']}", ended.err)
                    self.assertEqual(ended.out, "")

    async def test_commands_of_two_words(self):
        together = (await harness.run("help", "peer")).out
        self.assertTrue(together.startswith("usage: alfisd peer add ADDR | remove ADDR [OPTION]…\n"))
        for name in ("peer add", "peer remove"):
            told = (await harness.run("help", *name.split())).out
            self.assertTrue(told.startswith(f"usage: alfisd {name} ADDR [OPTION]…\n"), told)
            self.assertIn(told.splitlines()[2].strip(), together)
            self.assertEqual("--once" in told, name == "peer add")
            for form in ((*name.split(), "--help"), ("-h", *name.split()), ("peer", "-h", name[5:])):
                self.assertEqual((await harness.run(*form)).out, told, form)
        for words in (("peer",), ("peer", "ad", "10.1.1.1"), ("peer", "10.1.1.1")):
            ended = await harness.run(*words)
            self.assertEqual(ended.status, harness.USAGE)
            self.assertEqual(ended.err, "alfisd: usage: alfisd peer add ADDR | remove ADDR (see alfisd --help)\n")  # fmt: skip
        ended = await harness.run("help", "peer", "ad")
        self.assertEqual(ended.status, harness.USAGE)

    async def test_errors_as_json(self):
        folder = ("--data-dir", str(self.folder / "data"))
        for status, arguments in (
            (harness.USAGE, ("--json",)),
            (harness.USAGE, ("nonsense", "--json")),
            (harness.USAGE, ("status", "--wacth", "--json")),
            (harness.USAGE, ("show", "--json")),
            (harness.USAGE, ("show", "chain", "--json", "--set", "net.blorp=1")),
            (harness.TASK_FAILED, ("status", "--json", *folder)),
            (harness.TASK_FAILED, ("show", "chain", "--json", *folder)),
        ):
            with self.subTest(arguments):
                ended = await harness.run(*arguments)
                self.assertEqual((ended.status, ended.out), (status, ""), str(ended))
                self.assertEqual(list(json.loads(ended.err)), ["error"])
        ended = await harness.run("x\xff\"\\\n".encode("latin-1"), "--json")
        self.assertEqual(
            json.loads(ended.err)["error"],
            'unknown command: x\ufffd"\\\n (see alfisd --help)',
        )

    async def test_lines_of_the_log_are_json_too(self):
        """Bans of the chain's past, which are told at level debug."""
        node = self.make_node(self.long_chain(1030))
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        file = self.folder / "chain.jsonl"
        harness.write_chain(file, node.chain)
        ended = await node.command("import", str(file), "--json", "--log-level", "debug")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        self.assertEqual(json.loads(ended.out)["height"], node.chain.height)
        said = [json.loads(line)["text"] for line in ended.err.splitlines()]
        banned = [text for text in said if "banned for good" in text]
        self.assertEqual(len(banned) > 0, node.chain.height > 1025)

    async def test_addresses_that_are_none(self):
        node = await self.node(self.chain("devnet-72"))
        for command in (("ban", ""), ("unban", ""), ("peer", "add", ""), ("peer", "remove", "")):
            ended = await node.command(*command)
            self.assertEqual(ended.status, harness.USAGE, str(ended))
            self.assertEqual(ended.err, f"alfisd: {' '.join(command).strip()}: the address is empty\n")
        for address in ("10.1.1.1\n", "10.1.1.1 "):
            ended = await node.command("ban", address)
            self.assertEqual(ended.status, harness.USAGE, str(ended))
            self.assertEqual(
                ended.err, "alfisd: ban: the address has spaces or control characters in it\n"
            )


if __name__ == "__main__":
    unittest.main()
