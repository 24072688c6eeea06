#!/usr/bin/env python3
"""Rules about the source that a compiler does not know: who may include whom, which file may use
which library, file sizes, formatting. One line for each breach; last line counts the rules."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import check_sentences

ROOT = Path(__file__).resolve().parent.parent

# An arrow that is not here is forbidden (ARCHITECTURE.md).
ARROWS = {
    "base": "",
    "net": "",
    "config": "net",
    "domain": "",
    "chain": "config domain",
    "p2p": "config net",
    "mine": "config chain",
    "sync": "config net chain p2p",
    "dns": "config net domain chain",
    "http": "config net",
    "owner": "config chain domain mine",
    "api": "config net domain chain mine p2p sync dns owner http",
    "web": "config net domain chain mine p2p sync dns owner http api",
    "node": "config net domain chain mine p2p sync dns owner http api web",
    "cli": "config net domain chain mine p2p sync dns http owner api web node",
}
MAY_INCLUDE = {folder: {"base", folder, *others.split()} for folder, others in ARROWS.items()}

# One thing in several files: these may include each other in a circle. All other modules, each a
# .c and its .h, go one way, so that each can be read, tested and moved without the next.
ONE_THING = {
    "base/log base/log_line base/log_queue": "the log: its lines go through the queue",
    "chain/chain chain/split": "the chain, and how it takes another copy of a block",
    "chain/verify chain/verify_batch": "checkers: threads, and the work of one batch",
    "cli/export_file cli/export_file_guard cli/export_file_helper": "the file that `export` writes",
    "config/config config/keys config/loader": "settings: their struct, their names, their loader",
    "p2p/admission p2p/p2p p2p/peer": "the table of peers, one of them, who makes room for whom",
    "sync/sync sync/twin sync/twin_count": "the sync engine, and what it does with two copies",
    "dns/serve dns/serve_query": "a question's way through the stages",
    "dns/tcp dns/tcp_listener": "clients of DNS by TCP: their table, and one of them",
    "node/node node/node_api node/node_dns node/node_foreign node/node_job_events node/node_mine node/node_names node/node_notify node/node_own_block node/node_owner node/node_remind node/node_say node/node_secret node/node_sign node/node_web node/reload node/service_manager node/settings node/start_check "
    "node/story": "the node: its parts, and what is done with all of them",
}

# header prefix -> files that may include it
LIBRARIES = {
    r"lmdb\.h": r"chain/store\w*\.[ch]",
    r"event2/": r"net/(event_loop|listener|resolver|netwatch)\w*\.[ch]|p2p/(conn\w*|dialer|p2p\w*)\.[ch]"
    r"|dns/(server\w*|udp_listener|tcp_\w+|tls|upstream\w*|timers)\.[ch]"
    r"|http/(server\w*|http_conn\w*|http_reply|http_later|event_stream)\.[ch]|api/events\.c|web/login\.c"
    r"|owner/keys_(link|link_start|relay|worker)\.c|node/(node|node_signer|node_dns_ask|node_owner|node_mine|node_notify|node_names|engines|signals|service_manager|loop_lag)\.[ch]|cli/main\.c",
    r"sodium\.h": r"chain/(crypto|ecies)\.c|owner/key_seal\.c|p2p/(secure|key_exchange)\.c|web/password\.c",
    r"openssl/": r"chain/(crypto|ecies)\.c|dns/tls\w*\.[ch]",
    r"cbor\.h": r"base/cbor\.c",
    r"toml\+\+/": r"config/toml\.cc",
    r"sqlite3\.h": r"cli/block_source_sqlite\w*\.c",
    r"zlib\.h": r"cli/input\.c",
    r"ares\.h": r"net/resolver\w*\.[ch]",
    r"nghttp2/": r"dns/http2\w*\.[ch]",
}

ASKS_VERSIONS = "node/version.c"  # of every library

ALLOCATORS = r"(?<![\w.>])(malloc|calloc|realloc|strdup|strndup|alloca)\s*\("
LINES_MAX = 450


def sources() -> list[Path]:
    found: list[Path] = []
    for folder in MAY_INCLUDE:
        for pattern in ("*.c", "*.h", "*.cc"):
            found += (ROOT / folder).glob(pattern)
    return sorted(found)


def check_arrows(path: Path, text: str) -> list[str]:
    folder = path.parent.name
    name = f"{folder}/{path.name}"
    bad = []
    for included in re.findall(r'^#include "(\w+)/', text, re.M):
        if included not in MAY_INCLUDE[folder]:
            bad.append(f"{name}: {folder}/ may not include {included}/")
    libraries = [] if name == ASKS_VERSIONS else re.findall(r"^#include <([^>]+)>", text, re.M)
    for included in libraries:
        for header, users in LIBRARIES.items():
            if re.match(header, included) and not re.fullmatch(users, name):
                bad.append(f"{name}: may not include <{included}>")
    return bad


def check_internal(path: Path, text: str) -> list[str]:
    """What only a folder itself may see."""
    folder = path.parent.name
    return [f"{folder}/{path.name}: {included} is for {included.split('/')[0]}/ alone"
            for included in re.findall(r'^#include "(\w+/\w+_internal\.h)"', text, re.M)
            if not included.startswith(f"{folder}/")]


def check_secrets(path: Path, text: str) -> list[str]:
    """Who may see secrets in plain."""
    name = f"{path.parent.name}/{path.name}"
    allowed = path.parent.name == "owner" or name == "cli/key_process.c"
    return [f"{name}: owner/keys.h is for the key process alone"
            for _ in re.findall(r'^#include "owner/keys\.h"', text, re.M) if not allowed]


def module_of(name: str) -> str:
    """x.c, x.h and x_internal.h are one."""
    return re.sub(r"(_internal)?\.\w+$", "", name)


def reached(module: str, uses: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [module]
    while waiting:
        fresh = uses.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def circles(uses: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules of which each reaches all others."""
    reach = {module: reached(module, uses) for module in uses}
    found = []
    for module in sorted(uses):
        circle = sorted(m for m in reach[module] if module in reach.get(m, set()))
        if circle and module == circle[0]:
            found.append(circle)
    return found


def check_circles(texts: dict[Path, str]) -> list[str]:
    uses: dict[str, set[str]] = {}
    for path, text in texts.items():
        module = module_of(f"{path.parent.name}/{path.name}")
        names = {module_of(name) for name in re.findall(r'^#include "(\w+/\w+\.h)"', text, re.M)}
        uses.setdefault(module, set()).update(names - {module})
    found, allowed = circles(uses), {group: set(group.split()) for group in ONE_THING}
    bad = [f"a circle of modules: {' '.join(circle)}" for circle in found
           if not any(group.issuperset(circle) for group in allowed.values())]
    return bad + [f"no circle any more, strike it out of ONE_THING: {name}"
                  for name, group in allowed.items()
                  if not any(group.issuperset(circle) for circle in found)]


def check_allocators(path: Path, text: str) -> list[str]:
    name = f"{path.parent.name}/{path.name}"
    if name in ("base/mem.c", "config/toml.cc"):
        return []
    code = re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", "", text, flags=re.S)
    return [f"{name}: {found}() instead of base/mem.h" for found in re.findall(ALLOCATORS, code)]


def check_size(path: Path, text: str) -> list[str]:
    lines = text.count("\n")
    name = f"{path.parent.name}/{path.name}"
    return [f"{name}: {lines} lines, more than {LINES_MAX}"] if lines > LINES_MAX else []


def check_head(path: Path, text: str) -> list[str]:
    """A .c file opens with what it is for, not only with its neighbours or where to read that."""
    name = f"{path.parent.name}/{path.name}"
    if path.suffix != ".c":
        return []
    head = re.match(r"/\*(.*?)\*/", text, re.S)
    words = re.sub(r"\s*\*?\s+", " ", head[1]) if head else ""
    role = re.sub(r"(?:Before|After|See)\b[^:.]*(?::.*?|.*?)(?:\.(?=\s)|$)", "", words)
    return [] if len(role.split()) > 2 else [f"{name}: does not open with its role"]


def prototypes(text: str) -> list[tuple[str, bool]]:
    """Functions that a header declares, and whether each has a comment: above it, or above the
    group of lines without a gap in which it stands, or behind it on its line."""
    text = re.sub(r"/\* ---- [^*:]* ---- \*/", "", text)  # the title of a part
    text = re.sub(r"/\*.*?\*/", "\x01", text, flags=re.S)
    text = re.sub(r"^#(?:[^\n\\]|\\.|\\\n)*\n|extern \"C\" \{", "", text, flags=re.M)
    inner = 1
    while inner:  # from the inside outwards, until only what is outermost is left
        text, inner = re.subn(r"\{[^{}]*\}", "\x02", text)
    found = []
    for group in re.split(r"\n[ \t]*\n", text):
        above = False
        for part in re.finditer(r"\x01|[^\x01\x02;]+(?:;|\x02;?)(?:[ \t]*(\x01))?", group):
            name = re.search(r"^(?!typedef|_Static_assert|static_assert)[\w\s*]+?(\w+)\s*\(",
                             part[0].strip())
            above |= part[0] == "\x01"
            if name:
                found.append((name[1], above or bool(part[1])))
    return found


def check_prototypes(path: Path, text: str) -> list[str]:
    """Who calls a function reads its header only."""
    if path.suffix != ".h":
        return []
    return [f"{path.parent.name}/{path.name}: {name}() has no comment"
            for name, described in prototypes(text) if not described]


def check_words(path: Path, text: str) -> list[str]:
    name = f"{path.parent.name}/{path.name}"
    return [f"{name}: unfinished: {found}" for found in re.findall(r"\b(?:TODO|FIXME|XXX)\b", text)]


# clang-format takes them for C++ and breaks the lines around them.
CXX_WORDS = "class delete explicit export friend namespace new operator private protected public " \
            "template this typename using virtual".split()


def code_of(text: str) -> str:
    """Without comments and strings."""
    return re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|^#include.*?$", "", text, flags=re.S | re.M)


def check_identifiers(path: Path, text: str) -> list[str]:
    if path.suffix == ".cc":
        return []
    found = sorted(set(re.findall(rf"\b(?:{'|'.join(CXX_WORDS)})\b", code_of(text))))
    return [f"{path.parent.name}/{path.name}: {word} is a word of C++" for word in found]


def limit_rows(table: str) -> list[str]:
    return re.findall(r"^LIMIT\((\w+),", table, re.M)


def unused_limits(rows: list[str], program: str, tests: str) -> list[str]:
    """A row that nobody obeys, or that no test names, is a promise only."""
    used, tested = set(re.findall(r"\w+", program)), tests.replace("limits__", " ")
    named = set(re.findall(r"\w+", tested))
    return [f"config/limits.def: {row}: no .c file outside config/ uses it"
            for row in rows if row not in used] + [
        f"config/limits.def: {row}: no test names it" for row in rows if row not in named]


def check_limits(texts: dict[Path, str]) -> list[str]:
    program = [code_of(text) for path, text in texts.items()
               if path.suffix == ".c" and path.parent.name != "config"]
    unit = [code_of(path.read_text("utf-8")) for path in (ROOT / "tests/unit").glob("*.[ch]")]
    outside = [path.read_text("utf-8") for path in (ROOT / "tests/program").glob("test_*.py")]
    rows = limit_rows((ROOT / "config/limits.def").read_text("utf-8"))
    return unused_limits(rows, "\n".join(program), "\n".join(unit + outside))


OWN_NAMES = {"alfisd", "example", "ygg"}  # the same in every language
SHOWN = re.compile(r">([^<>]*)<|(?:aria-label|title|placeholder|alt)=\"([^\"]*)")


def words_in_code(text: str) -> list[str]:
    """What a page would show in English alone: words between elements, or in what is read aloud."""
    strings = re.findall(r'"((?:\\.|[^"\\\n])*)"', re.sub(r"/\*.*?\*/|^#include.*?$", "", text, flags=re.S | re.M))
    shown = [found for part in strings for pair in SHOWN.findall(part.replace('\\"', '"')) for found in pair]
    plain = [re.sub(r"&\w+;|%[-.*\d]*l*[a-z]", " ", one) for one in shown]
    return [one for one in plain if set(re.findall(r"[A-Za-z]{2,}", one)) - OWN_NAMES]


def check_texts(texts: dict[Path, str]) -> list[str]:
    """Each text of the pages is used, and they have no others."""
    web = {path: text for path, text in texts.items() if path.parent.name == "web"}
    tables = [path.read_text("utf-8") for path in (ROOT / "web").glob("*.def") if path.name != "texts.def"]
    code = "\n".join([*web.values(), *tables])
    rows = re.findall(r"^TEXT\((\w+),", (ROOT / "web/texts.def").read_text("utf-8"), re.M)
    used = set(re.findall(r"\bTEXT_(\w+)", code))
    return [f"web/texts.def: {row}: no page has it" for row in rows if row not in used] + [
        f"web/{path.name}: \"{words.strip()}\" is no text of web/texts.def"
        for path, text in web.items() if path.suffix == ".c" for words in words_in_code(text)]


def check_accounts(texts: dict[Path, str]) -> list[str]:
    """Every place that asks for memory has its line in docs/memory.md, and every line its place."""
    listed = re.findall(r"^\| (\w+/[\w.]+) \|", (ROOT / "docs/memory.md").read_text("utf-8"), re.M)
    bad = []
    for path, text in texts.items():
        name = f"{path.parent.name}/{path.name}"
        asked = len(re.findall(r"\bmem_(?:re)?alloc(?:_unset)?\(", text))
        if path.stem != "mem" and asked != listed.count(name):
            bad.append(f"{name}: asks for memory in {asked} places, docs/memory.md lists "
                       f"{listed.count(name)}")
    return bad


def check_format() -> list[str] | None:
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    if not tool:
        return None
    files = [str(p) for p in sources() if p.suffix != ".def"]
    files += [str(p) for p in sorted((ROOT / "tests").glob("*/*.[ch]"))]
    files += [str(p) for p in sorted((ROOT / "tools").glob("**/*.[ch]"))]
    done = subprocess.run(
        [tool, "--dry-run", "--Werror", *files], capture_output=True, text=True, check=False
    )
    bad = re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)
    return sorted({f"{Path(b).relative_to(ROOT)}: not formatted" for b in bad})


def main() -> int:
    rules = {"arrows": check_arrows, "internal": check_internal, "secrets": check_secrets,
             "allocators": check_allocators, "size": check_size, "head": check_head, "prototypes": check_prototypes,
             "words": check_words, "identifiers": check_identifiers}
    texts = {path: path.read_text(encoding="utf-8") for path in sources()}
    passed = failed = skipped = 0
    for rule in rules.values():
        bad = [line for path, text in texts.items() for line in rule(path, text)]
        print("\n".join(bad), end="\n" if bad else "")
        failed += bool(bad)
        passed += not bad
    for whole in (check_circles, check_accounts, check_limits, check_texts, check_sentences.check):
        bad = whole(texts)
        print("\n".join(bad), end="\n" if bad else "")
        failed += bool(bad)
        passed += not bad
    bad = check_format()
    if bad is None:
        skipped += 1
        print("clang-format is not installed: formatting not checked")
    else:
        print("\n".join(bad), end="\n" if bad else "")
        failed += bool(bad)
        passed += not bad
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
