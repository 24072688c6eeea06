"""The interpreter that has the packages: Debian's, when the first one in PATH (of a virtual environment,
of pyenv) has not. Imported before everything that needs them."""

import importlib.util
import os
import sys

DEBIANS = "/usr/bin/python3"
NEEDED = ("nacl", "cbor2")
ONCE = "PYTHON_OF_THE_TESTS"  # names whom we changed to, so that it is done once


def check() -> None:
    changed = os.environ.pop(ONCE, "")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if not missing:
        return
    if os.path.exists(DEBIANS) and not changed:
        os.environ[ONCE] = DEBIANS
        os.execv(DEBIANS, [DEBIANS, *sys.orig_argv[1:]])
    packages = " ".join(f"python3-{name}" for name in missing)
    sys.exit(f"{sys.executable} lacks {', '.join(missing)}: apt-get install {packages}")


check()
