"""The judge of the soak: it must find a slope in noise, and none where there is none."""

import random
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import soak_judge


def points(per_hour: float, seconds: float, noise: float, seed: int) -> list[tuple[float, float]]:
    chance = random.Random(seed)
    return [
        (t, 700_000 + per_hour * t / 3600 + chance.uniform(-noise, noise))
        for t in range(0, int(seconds), 8)
    ]


class Judge(unittest.TestCase):
    def test_flat_is_flat(self):
        accused = sum(
            soak_judge.slope(points(0, 1800, 1500, seed)).surely_above(4096) for seed in range(200)
        )
        self.assertLess(accused, 10)
        exact = soak_judge.slope([(t, 5.0) for t in range(10)])
        self.assertEqual((exact.per_hour, exact.either_way), (0.0, 0.0))

    def test_a_leak_is_found(self):
        for seed in range(200):
            found = soak_judge.slope(points(16384, 1800, 1500, seed))
            self.assertTrue(found.surely_above(4096), str(found))
            self.assertLess(abs(found.per_hour - 16384), 3 * found.either_way)

    def test_the_interval_holds_the_truth(self):
        """In 95 of 100, for few points and for many."""
        for count in (4, 12, 40):
            inside = 0
            for seed in range(400):
                chance = random.Random(seed)
                found = soak_judge.slope([(t, chance.gauss(0, 1) + t) for t in range(count)])
                inside += abs(found.per_hour - 3600) <= found.either_way
            self.assertTrue(364 < inside < 394, f"{count} points: {inside}")

    def test_too_few(self):
        with self.assertRaises(ValueError):
            soak_judge.slope(points(0, 24, 1, 1))

    def test_a_lag_is_the_nodes_or_the_machines(self):
        for seen, own, too_late in (
            (0.010, 0.005, False),
            (0.050, 0.005, False),  # others had the processors
            (0.050, 0.020, False),
            (0.050, 0.025, True),  # the node is slow, and the machine is busy too
            (0.050, 0.050, True),  # it is the node alone
        ):
            self.assertEqual(soak_judge.Lag(seen, own).too_late(0.020), too_late, (seen, own))
        self.assertEqual(str(soak_judge.Lag(0.05, 0.005)), "p99 5 ms of its own, 50 ms with what others took")

    def test_the_picture_is_well_formed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "p.svg"
            curve = points(1000, 100, 10, 1)
            soak_judge.picture(path, [("a", curve, str), ("flat", [(0, 1), (9, 1)], str)])
            tree = ElementTree.parse(path)
            lines = tree.findall("{http://www.w3.org/2000/svg}polyline")
            self.assertEqual(len(lines[0].get("points").split()), len(curve))
            self.assertEqual(len(lines), 2)


if __name__ == "__main__":
    unittest.main()
