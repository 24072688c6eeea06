"""Alert rules and dashboard: right, and of metrics that exist."""

import json
import re
import shutil
import subprocess
import unittest

from alfis import vectors

FOLDER = vectors.PROJECT / "contrib" / "monitoring"
NAME = re.compile(r"\b((?:alfisd|process)_\w+)")


def metrics() -> set[str]:
    text = (vectors.PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"`(\w+)` \| (\w+) \|", text)
    return {name for name, _ in rows} | {f"{name}_bucket" for name, kind in rows if kind == "histogram"}


class Monitoring(unittest.TestCase):
    def test_rules(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool (package prometheus) is not here")
        command = ["promtool", "test", "rules", "alerts_test.yml"]
        done = subprocess.run(command, cwd=FOLDER, text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_is_tested(self):
        rules = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
        tests = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
        for name in re.findall(r"- alert: (\w+)", rules):
            self.assertIn(f"alertname: {name}", tests)

    def test_alerts_name_metrics_that_exist(self):
        rules = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
        used = set(NAME.findall(" ".join(re.findall(r"expr: (?:>-\n)?((?:.+\n)+?)\s+(?:for|labels):", rules))))
        self.assertGreater(len(used), 8)
        self.assertLessEqual(used, metrics())

    def test_dashboard_shows_metrics_that_exist(self):
        board = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
        exprs = [t["expr"] for panel in board["panels"] for t in panel["targets"]]
        used = {name for expr in exprs for name in NAME.findall(expr)}
        self.assertGreater(len(used), 15)
        self.assertLessEqual(used, metrics())
        ids = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
