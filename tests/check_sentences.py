#!/usr/bin/env python3
"""Each sentence that the engine says on a page has its Russian in web/sentences.def. The sentences
are the strings of its sources. Asked by check_source.py; by itself it prints what has none."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Where sentences for the pages are made, and in which functions (.* = all; !x = all but x).
# Not here: what goes to the log or the command line alone, and words for programs.
MAKERS = {
    "owner/zone_fields.c": "lower_name|zone_read_owner|read_host|take_word|field_.*|read_end|zone_read_fields",
    "owner/zone_text.c": "!unit_of",
    "owner/zone_token.c": ".*",
    "owner/draft_words.c": "!draft_why_name|draft_reason_name|draft_say_time|seconds",
    "owner/jobs*.c": ".*",
    "owner/sign_look.c": "put_keys|sign_look_words",
    "owner/owner_line.c": "!|owner_line_write",
    "owner/keys_client.c": ".*",
    "owner/keys_job.c": ".*",
    "owner/keys_journal.c": "!journal_name",
    "owner/keys_link*.c": ".*",
    "owner/keys_make.c": ".*",
    "owner/keys_node.c": ".*",
    "owner/keys_process.c": "process_judges",
    "owner/keys_relay.c": "pass_on",
    "owner/keys_sign.c": ".*",
    "owner/keys_start.c": "!become|own_file",
    "owner/keys_state.c": "keys_said_name",
    "owner/keys_store.c": ".*",
    "owner/keys_try.c": ".*",
    "owner/keys_worker.c": "gone",
    "owner/key_file.c": "key_cost_is_allowed|wrong|next_line|value_of|read_hex|read_cost|read_first|key_file_decode",
    "owner/key_folder*.c": "!|key_folder_write",
    "owner/key_ring.c": ".*",
    "node/node_mine.c": "node_mine_add",
    "node/node_mine_ask.c": "may_be_alone|node_mine_ready",
    "node/node_names.c": "!finish",
    "node/node_owner.c": ".*",
    "node/node_owner_ask.c": ".*",
    "node/node_owner_keys.c": "!add_unnamed",
    "node/node_secret.c": "!",
    "sync/sync_own_block.c": ".*",
    "sync/sync_check.c": ".*",
    "sync/sync_kick.c": ".*",
    "sync/wrong_clock.c": "wrong_clock_words",
    "chain/rules.c": "!verdict_name",
    "api/reason.c": "!reason_word",
    "api/keys.c": "keys_name_rule|keys_judge_new",
    "api/names.c": "refuse",
    "api/query_name.c": ".*",
    "web/page_search.c": "page_search",  # the one that a page says itself
    "dns/stages.c": ".*",
    "dns/chase.c": ".*",
    "dns/waiting.c": ".*",
    "dns/serve_query.c": ".*",
    "dns/figures.c": "dns_source_names",
    "dns/upstream_try.c": ".*",
    "dns/upstream_judge.c": ".*",
    "dns/tls.c": ".*",
    "dns/tls_store.c": "add|read_all|read_file|dns_tls_store_fill",
    "dns/tls_words.c": ".*",
    "dns/http2.c": "words_of|over",
    "dns/http2_stream.c": "dns_http2_.*|judge|keep_within_window|on_end",
    "dns/upstream_https.c": "connected|flush",
    "dns/upstream_https_host.c": "why_not|ask",
    "dns/upstream_target.c": "set_https|set_transports",
    "dns/upstream_tcp_conn.c": "on_deadline|on_event",
    "dns/upstream_tcp_length.c": "receive",
    "dns/server.c": "start_thread|dns_server_start",
    "dns/server_loop.c": "make",
    "node/node_dns.c": "node_dns_reload",
    "chain/store.c": "store_text_of",
    "net/resolver.c": ".*",
    "net/listen_sockets.c": ".*",
    "net/listener.c": ".*",
    "p2p/types.c": "close_reason_name",
    "p2p/handshake.c": "handshake_.*",
    "p2p/dialer.c": ".*",
    "p2p/p2p_peers.c": ".*",
    "p2p/p2p_admin.c": "p2p_ban",
    "p2p/bans.c": "bans_init",
    "http/access.c": "judge_web|http_access_judge",
    "http/http_conn.c": "read_body|read_head",
    "http/http_reply.c": "subscribe|run_route|http_reply_admits",
    "http/request.c": ".*",
    "http/request_args.c": "tell_unknown|check",
    "http/request_headers.c": "take_.*|http_request_header",
    "http/request_line.c": "take_target|http_request_line",
    "api/routes.c": "api_take_number|tell|take_.*|no_route|api_refuse",
    "web/routes.c": "check_token|no_json|web_admit",
    "config/limits.def": "LIMIT",
}
# Calls whose strings nobody reads on a page.
SILENT = re.compile(
    r"log_\w+|process_says|page_go|slice_str|wr_format_json|\w*assert|json_\w+|str\w+|slice_is|__attribute__|open\w*|fopen|path_is|bound_\w+|http_arg\w*|is_word\w*|key_is_\w+"
)
# These are no sentences: names of files, of settings, of fields.
NAMES = {"alfis1", "argon2id", "signing", "encryption", "salt", "nonce", "sealed", "/etc/resolv.conf", "fb",
         "ListenStream", "ListenDatagram", "removed", "jobs", "waits", "hashes", "active-key", "alfisd",
         "key_search_scratch_bytes", "dns.listen", "net.listen", "/proc/self/exe", "key7",
         '{"type":"X","domain"', '"ttl":7}'}
# Here several strings make one sentence.
COMPOSED = {"api/reason.c", "owner/sign_look.c", "owner/draft_words.c", "net/listen_sockets.c", "owner/key_file.c",
            "dns/waiting.c"}
NUMBER = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?(?:hh|h|ll|l|z|j)?[diuxX]")
TEXT = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[scfp]|%[-+ #0]*\.\*f|%\.\df")
TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*|^\#[^\n]*)|(?P<string>\"(?:\\.|[^\"\\])*\")"
    r"|(?P<char>'(?:\\.|[^'\\])*')|(?P<word>\w+)|(?P<mark>[^\s\w])",
    re.S | re.M,
)
MARK = re.compile(r"%([1-6])")


# ---- what the sources say ----


def unquote(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text[1:-1])


def strings(source: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Each string of a C source: function, the calls around it, text. Neighbours are one string."""
    calls: list[str] = []
    parts: list[str] = []
    found = []
    depth, word, function = 0, "", ""
    for m in TOKEN.finditer(source):
        kind, text = m.lastgroup, m[0]
        if kind == "comment":
            continue
        if kind == "string":
            parts.append(unquote(text))
            continue
        if parts and re.fullmatch(r"PRI[uxXd]\d+", text):
            parts.append("u")
            continue
        if parts:
            found.append((function, tuple(calls), "".join(parts)))
            parts = []
        if text == "(":
            calls.append(word)
            function = word if depth == 0 else function
        elif text == ")" and calls:
            calls.pop()
        elif text == "[" and depth == 0 and not calls:
            function = word  # a table
        depth += {"{": 1, "}": -1}.get(text, 0)
        word = text if kind == "word" else ""
    return found


def is_wanted(function: str, rule: str) -> bool:
    return not re.fullmatch(rule[1:], function) if rule[0] == "!" else bool(re.fullmatch(rule, function))


def sentences_of(name: str, source: str, rule: str) -> list[str]:
    if name == "config/limits.def":
        return re.findall(r'^LIMIT\([^"]*"([^"]*)"', source, re.M)
    found = []
    for function, calls, text in strings(source):
        if not is_wanted(function, rule) or any(SILENT.fullmatch(call) for call in calls):
            continue
        if calls and calls[-1] == "take_word" or function in ("field_address",) and text.startswith("an address"):
            text += " is missing"
        found.append(text)
    return found


def sample(text: str) -> str:
    """The sentence with something filled in."""
    text = re.sub(r"^%s(?=[a-z])", "", text)  # what stands before, and its "; "
    return TEXT.sub("X", NUMBER.sub("7", text.replace("%%", "\0"))).replace("\0", "%").strip(" ;:,\n")


# ---- what the table has, as web/sentence.c reads it ----


def table() -> list[tuple[str, str]]:
    rows = (ROOT / "web/sentences.def").read_text("utf-8")
    quoted = r'"((?:\\.|[^"\\])*)"'
    found = re.findall(rf"^SENTENCE\({quoted},\s*{quoted}\)", rows, re.M)
    assert len(found) == len(re.findall(r'^SENTENCE\("', rows, re.M)), "web/sentences.def: a row has another form"
    return [(unquote(f'"{english}"'), unquote(f'"{russian}"')) for english, russian in found]


def values(form: str, line: str) -> dict[str, str] | None:
    pieces = MARK.split(form)  # text, mark, text, mark, text
    if not line.startswith(pieces[0]):
        return None
    left, found = line[len(pieces[0]):], {}
    for i in range(1, len(pieces), 2):
        text = pieces[i + 1]
        last = i + 2 == len(pieces)
        at = (len(left) - len(text) if left.endswith(text) else -1) if last else left.find(text)
        if at < 0:
            return None
        found[pieces[i]] = left[:at]
        left = left[at + len(text):]
    return None if left else found


def swallows(english: str, russian: str, found: dict[str, str]) -> bool:
    last = re.search(r"%([1-6])$", english)
    return bool(last) and f"&{last[1]}" not in russian and "; " in found[last[1]]


def has_words(text: str) -> bool:
    """An example of a record has none."""
    return bool(re.search(r"[a-z]{2}", re.sub(r"www(\.example\.net)?| or ", "", text)))


def is_said(rows: list[tuple[str, str]], line: str) -> bool:
    waiting = [line]
    while waiting:
        part = waiting.pop()
        if not has_words(part):
            continue
        for english, russian in rows:
            found = values(english, part)
            if found is not None and not swallows(english, russian, found):
                if any(has_words(found[mark]) for mark in re.findall(r"%([1-6])", russian)):
                    return False  # a part of the sentence would stay English
                waiting += [found[mark] for mark in re.findall(r"&([1-6])", russian)]
                break
        else:
            return False
    return True


def is_part(forms: list[str], text: str) -> bool:
    """A sentence is made of several strings: is this one a part of a row?"""
    return any(text in form for form in forms)


def is_name(file: str, text: str) -> bool:
    if re.match("http/|dns/http2", file) and " " not in text or text.startswith("Allow: "):  # of a header
        return True
    return "_" in text and " " not in text or not has_words(text) or text in NAMES


def check(_texts: object = None) -> list[str]:
    rows = table()
    forms = [MARK.sub("X", english) for english, _ in rows]
    bad = []
    for pattern, rule in MAKERS.items():
        paths = sorted(ROOT.glob(pattern))
        if not paths:
            bad.append(f"{pattern}: tests/check_sentences.py looks for it")
        for path in paths:
            name = str(path.relative_to(ROOT))
            for text in sentences_of(name, path.read_text("utf-8"), rule):
                said = sample(text)
                part = name in COMPOSED and is_part(forms, re.sub(r"[X7]", "X", said))
                if not is_name(name, said) and not part and not is_said(rows, said):
                    bad.append(f'{name}: "{text}" has no Russian in web/sentences.def')
    for english, russian in rows:
        if set(re.findall(r"[%&]([1-6])", russian)) - set(MARK.findall(english)):
            bad.append(f'web/sentences.def: "{russian}" has a mark that the English has not')
        for words in re.findall(r"\{([^}]*)\}", russian):
            if words.count("|") != 2:
                bad.append(f'web/sentences.def: "{russian}": a number has words for one, few and many')
    return bad


if __name__ == "__main__":
    found = check()
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
