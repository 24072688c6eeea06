"""What the loop's thread does with a block of a sync, in instructions, without hash and signature."""

import re
import shutil
import subprocess
from pathlib import Path

COUNT = 600
NEVER = 1_000_000
KINDS = {"domain blocks": NEVER, "with signing blocks": 35}  # from there on others sign


def instructions(build: Path, folder: Path, kind: str) -> float:
    """A block, as it comes in and as it comes back from the checkers."""
    places = [folder / "loop-maker", folder / "loop-node"]
    for place in places:
        place.mkdir()
    counted = ["--toggle-collect=sync_block", "--toggle-collect=sync_collect"]
    callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *counted]
    command = [*callgrind, str(build / "loop"), *map(str, places), str(COUNT), str(KINDS[kind])]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    for place in places:
        shutil.rmtree(place)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return int(found[1]) / COUNT
