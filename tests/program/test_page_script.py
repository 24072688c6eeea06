"""The script of the status page, run without a browser (by node, where it is installed): it says so
when the node is gone, never stops to look for it, and comes back by itself."""

import functools
import json
import re
import shutil
import subprocess
from pathlib import Path

import harness

PAGE = harness.PROJECT / "api" / "page.html"
PLAYER = Path(__file__).with_name("page_script.js")


class Text(harness.unittest.TestCase):
    """What can be seen without running it."""

    def test_the_end_is_not_for_good(self):
        text = PAGE.read_text(encoding="utf-8")
        for kind in ("end", "error"):
            self.assertIn(f'source.addEventListener("{kind}", again);', text)
        again = re.search(r"^async function again\(\) \{\n(.*?)^\}", text, re.M | re.S)[1]
        self.assertIn("timer = setTimeout(listen, wait);", again)
        self.assertIn("wait = Math.min(2 * wait, MOST_WAIT);", again)

    def test_no_path_from_the_root(self):
        """A web server may have the page under a path of its own."""
        text = PAGE.read_text(encoding="utf-8")
        self.assertEqual(re.findall(r'(?:fetchJson|EventSource)\("/[^"]*"', text), [])


@functools.cache
def play(program: str) -> dict[str, dict]:
    done = subprocess.run(
        [program, PLAYER, PAGE], capture_output=True, text=True, timeout=60 * harness.SLOW
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return {row["step"]: row for row in map(json.loads, done.stdout.splitlines())}


class Script(harness.unittest.TestCase):
    def setUp(self):
        program = shutil.which("node")
        if not program:
            self.skipTest("node (package nodejs) is not here")
        self.steps = play(program)

    def test_title(self):
        titles = {name: row.get("title") for name, row in self.steps.items()}
        self.assertEqual(titles["at tip"], "at tip – alfisd")
        self.assertEqual(titles["syncing"], "62 % – alfisd")
        self.assertEqual(titles["stalled"], "⚠ 62 % – alfisd")
        self.assertEqual(titles["no peers"], "⚠ no peers – alfisd")
        self.assertEqual(titles["signatures"], "at tip – alfisd")
        self.assertEqual(titles["stopped"], "⚠ no answer – alfisd")
        self.assertEqual(titles["started again"], "at tip – alfisd")

    def test_no_block_has_no_age(self):
        self.assertEqual(self.steps["empty"]["age"], "–")
        self.assertNotIn(self.steps["at tip"]["age"], ("", "–"))

    def test_lost(self):
        for name in ("stopped", "an hour later", "silent: gone"):
            self.assertTrue(self.steps[name]["lost"], name)
            self.assertRegex(
                self.steps[name]["banner"], r"^no answer from the node since \d\d:\d\d:\d\d$"
            )
        self.assertEqual(self.steps["stopped"]["banner"], self.steps["an hour later"]["banner"])

    def test_found_again(self):
        for name in ("at tip", "started again", "quiet"):
            row = self.steps[name]
            self.assertEqual((row["lost"], row["banner"], row["open"]), (False, "", 1), name)

    def test_the_stream_is_opened_again_ever_less_often(self):
        opened = self.steps["an hour later"]["streams"] - self.steps["stopped"]["streams"]
        self.assertTrue(20 <= opened <= 120, opened)

    def test_a_silent_stream_is_replaced(self):
        """All places taken, or a cable out: the node is asked without it."""
        row = self.steps["silent: asked without the stream"]
        self.assertEqual((row["lost"], row["reason"]), (False, "asked"))
        self.assertGreater(row["streams"], self.steps["quiet"]["streams"])

    def test_a_lost_node_is_not_asked_for_tables(self):
        self.assertEqual(self.steps["questions while lost"]["asked"], 0)
