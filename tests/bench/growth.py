"""What a block costs beside its hash, in instructions: low on the chain and at height 200,000."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from alfis import vectors

HEIGHTS = (1_000, 200_000)
MINED = 16  # more than a node checks at its start
COUNTED = 500  # blocks behind each height
NEVER = 10_000_000
RULES = {"with healing": 500, "before healing": NEVER}


def grow(build: Path, folder: Path, height: int, healing: int, mined=0, wrapper=(), more=()):
    """The finished command."""
    numbers = [str(height), str(healing), str(mined), *map(str, more)]
    command = [*wrapper, str(build / "growth"), str(folder), *numbers]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done


def instructions_behind(build: Path, folder: Path, height: int, healing: int) -> float:
    """Counted on a copy, so that the chain can go on to grow from here."""
    copy = folder.with_name(folder.name + "-copy")
    shutil.copytree(folder, copy)
    callgrind = ["valgrind", "--tool=callgrind", "--toggle-collect=check_block"]
    out = ["--callgrind-out-file=/dev/null"]
    said = grow(build, copy, height + COUNTED, healing, 0, [*callgrind, *out]).stderr
    shutil.rmtree(copy)
    found = re.search(r"Collected : (\d+)", said)
    assert found, said
    return int(found[1]) / COUNTED


def instructions(build: Path, folder: Path, rules: str) -> list[float]:
    """Instructions a block behind each of HEIGHTS."""
    data = folder / rules.replace(" ", "-")
    data.mkdir()
    counts = []
    for height in HEIGHTS:
        grow(build, data, height, RULES[rules])
        counts.append(instructions_behind(build, data, height, RULES[rules]))
    shutil.rmtree(data)
    return counts


def chain(build: Path, folder: Path, height: int) -> vectors.Chain:
    """The network of a chain that is made in that data directory; its blocks stay there."""
    made = json.loads(grow(build, folder, height, RULES["with healing"], MINED).stdout)
    return vectors.Chain("growth", made["origin"], made["params"], ())


def domains(build: Path, folder: Path, count: int) -> vectors.Chain:
    """The same of a chain in which every block but the first registers a domain that lives:
    name-1-0 and up. The last one more than asked for: the tip's own does not count yet."""
    said = grow(build, folder, count + 2, NEVER, MINED, more=[NEVER]).stdout
    made = json.loads(said)
    return vectors.Chain("domains", made["origin"], made["params"], ())
