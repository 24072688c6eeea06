"""The words of the dictionaries that libFuzzer may use (tests/fuzz/TARGET.dict)."""

import re
from pathlib import Path

FUZZ = Path(__file__).resolve().parent

RECORDS = "A AAAA CNAME MX NS OPT SRV SOA TLSA TXT PTR UNKNOWN"
WORDS = {
    "block": "index timestamp version difficulty random nonce transaction prev_block_hash hash "
    "pub_key signature class identity confirmation signing encryption data domain origin",
    "domain": '"encrypted": "zone": "info": "contacts": "records": "type": "domain": "ttl": '
    '"addr": "host": "data": "name": "value": "class": "identity": "signing": \\u0041 \\ud800 '
    "1e400 -0 null true " + RECORDS,
    "dns_hosts": "0.0.0.0 127.0.0.1 ::1 :: fe80::1%lo0 example.org in-addr arpa || # \n \t",
    "dns_zone": '"domain":"@" "domain":"*" "domain":"www" "ttl": "addr": "host": "data": \x03ygg \x02v6 '
    "\x02q6 @ * null-0001 " + RECORDS,
    "http": "GET POST HTTP/1.1 Host: Origin: Content-Length: Transfer-Encoding: /status /limits "
    "/peers/add /bans/add address= seconds= %5B \r\n HEAD Authorization: Bearer Basic Expect: "
    "100-continue Content-Type: application/x-www-form-urlencoded Sec-Fetch-Site: cross-site "
    "Sec-Fetch-Dest: document /health?ready /blocks from= count= Cookie: Connection: close "
    "keep-alive a=b",
    "keys": "encrypted signing.public signing.secret encryption.public encryption.secret [signing] "
    "[encryption] public secret = false true",
    "lines": '"format" "alfis-chain" "origin" "index" "hash" "cbor" \n \x1f',
    "message": "Error Hand Shake Ping Pong Twin Loop GetPeers Peers GetBlock Block app_version "
    "origin version public rand_id height hash index block peers 0.10.0",
    "names": ".ygg .anon .btn .conf .index .merch .mirror .mob .screen .srv :: ::ffff: [ ]: :4244",
    "zone_text": "$TTL $ORIGIN IN @ * 1h30m example.ygg. 200::1 ( ) ; \\001 \n " + RECORDS,
    "replay": '"format" "op" "block" "state" "domain" "reopen" "cbor" "hex" "accept" "events" '
    '"kind" "hello" "frame" "raw" "plain" "params" "origin" "now" "verdict" "mainnet" true false',
}


def toml_words() -> list[str]:
    lines = (FUZZ.parent.parent / "node.toml").read_text("utf-8").splitlines()
    keys = [line.split(" = ")[0] for line in lines if re.fullmatch(r"\[[\w.]+\]|\w+ = .*", line)]
    return [*keys, "true", "[[", "'''", '"""', "\\u0041", "1_000", "0x", "1979-05-27", "MB", "min"]


def write_words(target: str, words: list[str]) -> None:
    """In the form of libFuzzer: quoted, what is not plain as \\xNN."""
    plain = re.compile(r'[^ -~]|["\\]')
    quoted = [plain.sub(lambda c: f"\\x{ord(c[0]):02x}", word) for word in dict.fromkeys(words)]
    text = "".join(f'"{word}"\n' for word in quoted)
    (FUZZ / f"{target}.dict").write_text(text, encoding="utf-8")


def write_all() -> None:
    for target, words in WORDS.items():
        write_words(target, words.split(" "))
    write_words("toml", toml_words())
