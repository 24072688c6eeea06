"""First inputs for what the key process and the node read: sealed key files, messages."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
Seed = tuple[str, bytes]

HEX = "00112233445566778899AABBCCDDEEFF" * 2
GOOD = (f"alfisd key 1\nsigning {HEX}\nencryption {HEX}\nargon2id 16384 40\n"
        f"salt {HEX[:32]}\nnonce {HEX[:48]}\nsealed {HEX}{HEX}{HEX[:32]}\n")

NODE, USER, PROCESS, AFAR = 0, 1, 2, 3  # what the first byte of an input says
SENDERS = {"KEYS_FROM_NODE": NODE, "KEYS_FROM_USER": USER, "KEYS_FROM_PROCESS": PROCESS,
           "KEYS_FROM_AFAR": AFAR}


def key_file() -> Iterator[Seed]:
    texts = {
        "good": GOOD,
        "lower-crlf": GOOD.lower().replace("\n", "\r\n"),
        "version-2": GOOD.replace("key 1", "key 2"),
        "cut": GOOD[:200],
        "weak": GOOD.replace("16384 40", "16384 2"),
        "dear": GOOD.replace("16384 40", "2000000 40"),
        "least": GOOD.replace("16384 40", "7168 5"),
        "spare": GOOD + "x",
        "short-hex": GOOD.replace("salt 00", "salt "),
        "plain": "encrypted = false\n\n[signing]\n",
    }
    for name, text in texts.items():
        yield name, text.encode()


def text(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def search() -> bytes:
    return b"\x01" + text(b"new") + struct.pack(">QQQQ", 5, 600, 9, 8388608)


def row(name: bytes, flags: int) -> bytes:
    signed = struct.pack(">Q", 100) + b"p" * 32 + b"h" * 32
    return (text(name) + bytes(range(64)) + struct.pack(">II", 16384, 40) + b"\x17" + b"H" * 32 + bytes([flags])
            + struct.pack(">I", 30) + signed * 2)


def state() -> bytes:
    guard = text(b"") + text(b"no Landlock") + text(b"") + text(b"")
    return guard + search() + struct.pack(">H", 2) + row(b"main", 2) + row(b"plain", 1)


def settings() -> bytes:
    return struct.pack(">IQIQI?II?", 64, 20 << 20, 1000, 1 << 20, 2, True, 23, 0, True)


def field(kind: str, letter: str) -> bytes:
    if letter == "b":
        inner = {"SETTINGS": settings, "STATE": state, "PROGRESS": search}.get(kind, lambda: b"xyz")()
        return struct.pack(">I", len(inner)) + inner
    return {"n": text(b"main"), "m": text(b"other"), "k": text(b"k" * 32), "1": bytes(7) + b"\x63",
            "2": bytes(7) + b"\x07", "f": b"\x01", "s": b"\x02", "l": text(b"a line"),
            "o": text(b"old"), "p": text(b"new")}[letter]


def kinds() -> list[tuple[str, list[int], str]]:
    """The table of owner/keys_frame.h."""
    table = (ROOT / "owner/keys_frame.h").read_text("utf-8")
    found = re.findall(r'KIND\((\w+), (KEYS_FROM[\w |]+), "(\w*)"\)', table)
    return [(name, [SENDERS[s] for s in senders.split(" | ")], fields)
            for name, senders, fields in found]


def keys_frame() -> Iterator[Seed]:
    whole = {NODE: b"", USER: b"", PROCESS: b"", AFAR: b""}
    for number, (kind, senders, fields) in enumerate(kinds()):
        body = bytes([number]) + struct.pack(">I", 7) + b"".join(field(kind, f) for f in fields)
        frame = struct.pack(">I", len(body)) + body
        for sender in senders:
            whole[sender] += frame
            yield f"{kind.lower()}-{sender}", bytes([sender]) + frame
    for sender, frames in whole.items():
        yield f"all-{sender}", bytes([sender]) + frames


# ---- the owner's work ----


def long_text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def stored_job(number: int, state: int = 0, flags: int = 0, line: bytes = b"") -> bytes:
    numbers = struct.pack(">HQqqQQ", 2, number, 1700000000, 5 * (state > 3), 99, 7 * (state == 4))
    numbers += b"h" * 32 + struct.pack(">Q", 9)
    texts = (line, b"example.ygg", b'{"encrypted":"","zone":"ygg"}', b"aa" * 32 * (flags & 1), b"")
    return bytes([3, state, flags]) + numbers + b"k" * 32 + b"".join(map(long_text, texts))


def job() -> Iterator[Seed]:
    """One as it is; several with their lengths."""
    for state in range(8):
        yield f"state-{state}", stored_job(5, state, state % 4, b"why" * (state > 3))
    several = [stored_job(n, 4) for n in (3, 1, 2, 2, 4)]
    yield "several", b"".join(text(one) for one in several)
    yield "version-4", b"\x04" + stored_job(1)[1:]


FORMS = """POST /domains/new
name=new.ygg&key=main&data=%7B%22encrypted%22%3A%22%22%2C%22zone%22%3A%22ygg%22%7D
GET /jobs

POST /jobs/pause
id=1
GET /jobs/1

POST /jobs/resume
id=1
POST /jobs/cancel
id=1
POST /domains/new
name=a.b.ygg&key=more&renewal&dry-run&data=%7B%22zone%22%3A%22ygg%22%2C%22records%22%3A%5B%5D%7D
POST /domains/new
name=x&key=main&to_signing={hex}&to_encryption={hex}&data=x
POST /keys/start
new&name=third
POST /keys/rename
name=main&to=boss
POST /keys/remove
name=main
POST /keys/lock
name=%6Dain
GET /keys

GET /keys/main

GET /sign

POST /sign/off

POST /sign/on

GET /api/keys

POST /api/keys/select
{{"index":1}}
POST /api/keys/create
{{"filename":"third.toml","passphrase":"gr\\u00fcn"}}
POST /api/keys/import
{{"filename":"","file":"alfisd key 1\\n","passphrase":"a","old_passphrase":"b"}}
POST /api/keys/unlock
{{"name":"main","passphrase":"a","seconds":60}}
POST /api/keys/passphrase
{{"name":"main","old_passphrase":"a","passphrase":"b"}}
POST /api/keys/lock
{{}}
GET /api/zones

POST /api/domains
{{"name":"a.ygg","data":{{"encrypted":"","zone":"ygg","records":[{{"type":"AAAA","domain":"@","ttl":60,"addr":"200::1"}}]}},"signing":"","encryption":"","renewal":false,"dry_run":true}}
POST /api/records/check
{{"type":"TXT","domain":"@","ttl":1,"data":"x"}}
POST /api/mining/stop

"""


def api_owner() -> Iterator[Seed]:
    lines = FORMS.format(hex=HEX).splitlines()
    yield "all", "\n".join(lines).encode()
    for at in range(0, len(lines), 2):
        line = lines[at].split("/", 1)[1].replace("/", "-")
        yield f"{line}-{at}", "\n".join(lines[at:at + 2]).encode()


# Names of the chain of tests/fuzz/sync_chains.c, of which some are ours, and others.
EDITED = ("name-0-0.ygg", "name-1-0.anon", "name-2-0.mob", "name-3-0.srv", "free.ygg", "a.b.ygg", "")
EDITS: dict[str, dict[str, str]] = {
    "as-it-is": {},
    "records": {"r0": "@ 60 AAAA 200::1", "r1": "www CNAME @", "r2": 'x TXT "a b"', "r3": "_s._tcp SRV 1 2 3 x"},
    "order": {"r0": "@ AAAA 200::1", "p0": "3", "r1": "b AAAA 200::2", "p1": "1", "r2": "c AAAA 200::3", "do": "up2"},
    "removed": {"r0": "@ AAAA 200::1", "r1": "b AAAA 200::2", "do": "remove0"},
    "wrong": {"r0": "@ AAAA no", "r1": "@ A 1.2.3.4", "r2": '{"type":"AAAA"}', "key": "nobody"},
    "json": {"r0": '{"type":"A","domain":"@","ttl":60,"addr":"1.2.3.4"}', "r1": '{"type":"OPT"}'},
    "zone": {"zone": '$TTL 60\r\na\tAAAA 200::1\r\n  TXT "x y"\r\n', "r0": "old AAAA 200::9"},
    "bad-zone": {"zone": "a AAAA 200::1\nb AAAA x\n"},
    "contacts": {"cn0": "mail", "cv0": "a@b", "cn1": "", "cv1": "x", "cn2": "new", "co2": "old", "cv2": ""},
    "info": {"info": " first\r\nsecond <script>\u202e ", "key": "more"},
    "start": {"do": "start", "seen": "0" * 64, "r0": "@ AAAA 200::1"},
}


def own_form() -> Iterator[Seed]:
    for kind, fields in EDITS.items():
        for name in EDITED if kind == "as-it-is" else EDITED[1:5:3]:
            form = {"name": name, "key": "main", "do": "preview"} | fields
            yield f"{kind}-{name}".rstrip("-"), urlencode(form).encode()
