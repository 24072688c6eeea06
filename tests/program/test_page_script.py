"""The script of the pages, run without a browser (by node, where it is installed): it says so
when the node is gone, never stops to look for it, and comes back by itself."""

import functools
import json
import re
import shutil
import subprocess
from pathlib import Path

import harness

SCRIPT = harness.PROJECT / "web" / "script.js"
PLAYER = Path(__file__).with_name("page_script.js")


class Text(harness.unittest.TestCase):
    """What can be seen without running it."""

    def test_no_path_from_the_root(self):
        """A web server may have the pages under a path of its own."""
        text = SCRIPT.read_text(encoding="utf-8")
        asked = re.findall(r"(?:fetch|EventSource)\(([^,)]*)", text)
        self.assertEqual(len(asked), 4)
        for what in asked:
            self.assertTrue(what.startswith("root + ") or what == "location.href", what)

    def test_it_runs_no_text(self):
        """What others wrote can come by the stream."""
        text = SCRIPT.read_text(encoding="utf-8")
        self.assertNotRegex(text, r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(")


@functools.cache
def play(program: str) -> dict[str, dict]:
    done = subprocess.run(
        [program, PLAYER, SCRIPT], capture_output=True, text=True, timeout=60 * harness.SLOW
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
        self.assertEqual(titles["at tip"], "✓ up to date – alfisd")
        self.assertEqual(titles["syncing"], "… syncing, 62 % – alfisd")
        self.assertEqual(titles["stalled"], "✕ the next block does not come – alfisd")
        self.assertEqual(titles["no peers"], "✕ no peers – alfisd")
        self.assertEqual(titles["signatures"], "✓ up to date; a block waits for signatures – alfisd")
        self.assertEqual(titles["stopped"], "⚠ no answer – alfisd")
        self.assertEqual(titles["started again"], "✓ up to date – alfisd")

    def test_state_and_what_to_do(self):
        row = self.steps["no peers"]
        self.assertEqual((row["state"], row["level"], row["advice"]), ("no peers", "state bad", "about no_peers"))
        self.assertIn("last error: x", row["detail"])
        self.assertEqual(self.steps["at tip"]["detail"], "")
        self.assertRegex(self.steps["syncing"]["pace"], r"^3\.[23] blocks/s · 114 s left$")
        self.assertEqual(self.steps["at tip"]["pace"], "")

    def test_said_once(self):
        """Aloud, when it is another state: not at each percent, and nothing at the beginning."""
        self.assertEqual(self.steps["at tip"]["said"], "")
        self.assertEqual(self.steps["syncing"]["said"], "syncing, 62 %")
        self.assertEqual(self.steps["stalled"]["said"], "the next block does not come")

    def test_numbers(self):
        self.assertEqual(self.steps["large"]["height"], "1,234,567")

    def test_lost(self):
        for name in ("stopped", "an hour later", "silent: gone"):
            self.assertTrue(self.steps[name]["lost"], name)
            self.assertRegex(
                self.steps[name]["banner"], r"^No answer from the node since \d\d:\d\d:\d\d\.$"
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
        self.assertEqual((row["lost"], row["height"]), (False, "72"))
        self.assertGreater(row["streams"], self.steps["quiet"]["streams"])

    def test_a_lost_node_is_not_asked_for_tables(self):
        self.assertEqual(self.steps["questions while lost"]["asked"], 0)

    def test_a_page_that_nobody_sees_gives_its_place_back(self):
        self.assertEqual(self.steps["hidden for a moment"]["open"], 1)
        row = self.steps["hidden for long"]
        self.assertEqual((row["open"], row["asked"]), (0, 0))
        row = self.steps["seen again"]
        self.assertEqual((row["open"], row["height"], row["lost"]), (1, "99", False))
        self.assertEqual(row["path"], "http://node.test/under/?part")  # its lists are renewed
