"""What steers a terminal, or turns text around, reaches neither the screen nor JSON, wherever it came
from."""

import json
import re
import unittest

import harness

# C1 as two bytes, DEL, bidi controls, an escape sequence, a tag character, Arabic letter mark.
EVIL = "a\x9bb\x7fc\u202ed\x1b[31me\u2066f\U000e0041g\u200fh\u061ci"
BAD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\U000e0000-\U000e007f]")


class Text(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.node_ = self.make_node(self.chain("devnet-72"))
        await self.fill(self.node_, self.node_.chain)

    async def look(self, *words: str, config: bool = True) -> harness.Finished:
        done = await (self.node_.command(*words) if config else harness.run(*words))
        self.assertEqual(BAD.findall(done.out + done.err), [], (words, str(done)))
        self.assertTrue(done.out + done.err, words)
        return done

    async def test_words_of_the_command_line(self):
        for words in (("show", "domain", EVIL), (EVIL,), ("ban", EVIL), ("peer", "add", EVIL),
                      ("import", f"no{EVIL}"), ("export", f"no/{EVIL}"), ("--set", f"{EVIL}=1"),
                      ("status", "--set", f"admin.socket={EVIL}")):  # fmt: skip
            for more in ((), ("--json",)):
                done = await self.look(*words, *more)
                self.assertNotEqual(done.status, harness.DONE, str(done))
                if more and done.err.startswith("{"):
                    self.assertIn("error", json.loads(done.err))

    async def test_names_of_files(self):
        snapshot = str(self.folder / EVIL)
        for command in ("export", "import"):
            done = await self.look(command, snapshot)
            self.assertEqual(done.status, harness.DONE, str(done))
            self.assertIn("\\xc2\\x9b", done.out)

    async def test_settings(self):
        file = self.folder / f"{EVIL}.toml"
        file.write_text(f'key_files = []\n"{EVIL}" = 1\n["{EVIL}"]\nx = 1\n[net]\nlisten = "{EVIL}"\n'
                        .replace("\x1b", "\\u001b").replace("\x7f", "\\u007f"))  # fmt: skip
        for command in ("check-config", "config"):
            for more in ((), ("--json",)):
                await self.look(command, "--config", str(file), *more, config=False)

    async def test_json_of_the_node(self):
        """Whoever shows an answer, curl on a terminal among others."""
        node = self.node_
        node.settings["log.format"] = "json"
        await node.start()
        code, body = await node.get("/status" + "?" + "a=%C2%9B%7F%E2%80%AE")
        self.assertEqual((code, BAD.findall(body)), (400, []), body)
        await node.stop()
        self.assertEqual(BAD.findall("".join(node.lines)), [])


if __name__ == "__main__":
    unittest.main()
