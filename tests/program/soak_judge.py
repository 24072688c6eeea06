"""What the figures of a soak mean: a slope with its confidence, and a picture."""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

BATCHES = 30
LEAST = 4  # points of a slope


@dataclass(frozen=True)
class Slope:
    """Per hour, with the half-width of its 95 % confidence interval."""

    per_hour: float
    either_way: float

    def surely_above(self, limit: float) -> bool:
        return self.per_hour - self.either_way > limit

    def __str__(self) -> str:
        return f"{self.per_hour:+.0f} ± {self.either_way:.0f} an hour"


def batches(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most BATCHES means of neighbours: what remains of them is nearly independent."""
    size = -(-len(points) // BATCHES)
    parts = [points[i : i + size] for i in range(0, len(points), size)]
    return [
        (statistics.fmean(t for t, _ in part), statistics.fmean(v for _, v in part))
        for part in parts
    ]


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """Least squares over (seconds, value)."""
    means = batches(points)
    n = len(means)
    if n < LEAST:
        raise ValueError(f"{n} points are too few for a slope")
    mid_t, mid_v = (statistics.fmean(p[k] for p in means) for k in (0, 1))
    spread = sum((t - mid_t) ** 2 for t, _ in means)
    rise = sum((t - mid_t) * (v - mid_v) for t, v in means) / spread
    rest = sum((v - mid_v - rise * (t - mid_t)) ** 2 for t, v in means)
    student = 1.96 + 2.4 / (n - 2) + 3.0 / (n - 2) ** 2  # of n - 2 degrees, within 2 %, from 4 on
    return Slope(3600 * rise, 3600 * student * (rest / (n - 2) / spread) ** 0.5)


# ---- the loop's lag ----


@dataclass(frozen=True)
class Lag:
    """Seconds by which 99 of 100 turns were late at most: all of it, and what remains without the
    time in which the loop was ready and other programs had the processors. Only that is the node's:
    it computed, or waited for the disk."""

    seen: float
    own: float

    def too_late(self, limit: float) -> bool:
        return self.own > limit

    def __str__(self) -> str:
        return f"p99 {self.own * 1000:.0f} ms of its own, {self.seen * 1000:.0f} ms with what others took"


# ---- the picture ----

WIDE, PANEL, LEFT, TOP = 900, 130, 110, 30


def panel(top: int, title: str, points: Sequence[tuple[float, float]], form: Callable) -> list[str]:
    """One curve over time, its scale from its least to its largest value."""
    last = max(t for t, _ in points) or 1
    low, high = (pick(v for _, v in points) for pick in (min, max))
    high = high if high > low else low + 1
    tall = PANEL - TOP - 20

    def x(t: float) -> float:
        return LEFT + t / last * (WIDE - LEFT - 20)

    def y(v: float) -> float:
        return top + TOP + tall * (1 - (v - low) / (high - low))

    path = " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in points)
    bottom = top + TOP + tall
    return [
        f'<text x="{LEFT}" y="{top + 20}" font-weight="bold">{title}</text>',
        f'<path d="M{LEFT},{top + TOP} V{bottom} H{WIDE - 20}" stroke="#888" fill="none"/>',
        f'<text x="{LEFT - 6}" y="{top + TOP + 5}" text-anchor="end">{form(high)}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">{form(low)}</text>',
        f'<text x="{WIDE - 20}" y="{bottom + 14}" text-anchor="end">{last / 60:.1f} min</text>',
        f'<polyline points="{path}" stroke="#06c" fill="none" stroke-width="1.2"/>',
    ]


def picture(path: Path, panels: Sequence[tuple[str, Sequence[tuple[float, float]], Callable]]) -> None:
    tall = PANEL * len(panels) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{tall}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDE}" height="{tall}" fill="white"/>',
    ]
    for n, (title, points, form) in enumerate(panels):
        lines += panel(n * PANEL, title, points, form)
    path.write_text("\n".join(lines) + "\n</svg>\n", encoding="utf-8")
