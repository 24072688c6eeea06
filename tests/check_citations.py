#!/usr/bin/env python3
"""Citations: each section of a specification that a file cites has a heading there, and each file
that ARCHITECTURE.md and the comments name exists. One line for each breach; last line counts."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPECIFICATIONS = {name: ROOT / "docs" / name for name in ("protocol.md", "interfaces.md")}
CITED = re.compile(r"\b(protocol|interfaces)\.md(?:`|\s|\*|#|§)*(\d+(?:\.\d+)?[a-z]?)")
FOLDERS = "base|net|config|domain|chain|p2p|sync|dns|http|owner|api|web|node|cli|tests|tools|docs|contrib|man"
FILE = re.compile(rf"(?<![\w./-])((?:{FOLDERS})/[\w./-]*\w\.(?:c|h|cc|def|css|js|py|md|sh|toml|ref))\b(?!\.\w)")
BARE = re.compile(r"(?<![\w/.*<-])(\w+\.(?:c|h|def))\b(?!\.\w)")
GENERATED = {"web/script_js.h", "web/style_css.h"}
KINDS = {".c", ".h", ".cc", ".def", ".py", ".md"}


def headings(path: Path) -> set[str]:
    found = re.findall(r"^#+ (\d+(?:\.\d+)?[a-z]?)\b", path.read_text("utf-8"), re.M)
    return {number.rstrip(".") for number in found}


def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.splitlines() if Path(name).suffix in KINDS]
    return [path for kind in KINDS for path in ROOT.glob(f"**/*{kind}") if not path.relative_to(ROOT).parts[0].startswith("build")]


def unknown_sections(texts: dict[str, str]) -> list[str]:
    known = {name: headings(path) for name, path in SPECIFICATIONS.items()}
    return [f"{name}: cites {document}.md {number}, which is no heading of it"
            for name, text in texts.items()
            for document, number in CITED.findall(text) if number not in known[f"{document}.md"]]


def missing_files(texts: dict[str, str]) -> list[str]:
    return [f"{name}: names {path}, which is not there"
            for name, text in texts.items()
            for path in sorted(set(FILE.findall(text)))
            if not (ROOT / path).exists() and path not in GENERATED]


def words_of(name: str, text: str) -> str:
    """What is written for people: of C the comments."""
    return "\n".join(re.findall(r"/\*.*?\*/", text, re.S)) if name.endswith((".c", ".h", ".def")) else text


def missing_names(texts: dict[str, str]) -> list[str]:
    """Files that are named without their folder, in comments and documents."""
    there = {Path(name).name for name in texts}
    return [f"{name}: names {found}, and no file is called so"
            for name, text in texts.items()
            if not name.startswith("tests/") and Path(name).name not in SPECIFICATIONS
            for found in sorted(set(BARE.findall(words_of(name, text)))) if found not in there]


def main() -> int:
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in files() if path.is_file()}
    breaches = [unknown_sections(texts), missing_files(texts), missing_names(texts)]
    for bad in breaches:
        print("\n".join(bad), end="\n" if bad else "")
    failed = sum(map(bool, breaches))
    print(f"{len(breaches) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
