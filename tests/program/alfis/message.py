"""Messages as CBOR (protocol 5.1): a text for a bare variant, else a map of one pair."""

import io
from dataclasses import dataclass, field
from typing import Any

import cbor2

HEX = frozenset("0123456789ABCDEF")


class Malformed(Exception):
    """Not a message that an honest node sends."""


def _is_u64(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 64


def _is_u32(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 32


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_bool(value: Any) -> bool:
    return type(value) is bool


def _is_hex(value: Any) -> bool:
    return type(value) is str and len(value) % 2 == 0 and HEX.issuperset(value)


def _is_texts(value: Any) -> bool:
    return type(value) is list and all(type(v) is str for v in value)


def _is_byte_list(value: Any) -> bool:
    return type(value) is list and all(type(v) is int and 0 <= v < 256 for v in value)


_HAND = {
    "app_version": _is_text,
    "origin": _is_text,
    "version": _is_u32,
    "public": _is_bool,
    "rand_id": _is_text,
}
_TIP = {"height": _is_u64, "hash": _is_hex}

# name -> fields in their order with the test of each; empty: a bare variant
FIELDS: dict[str, dict[str, Any]] = {
    "Error": {},
    "Hand": _HAND,
    "Shake": _HAND | {"height": _is_u64},
    "Ping": _TIP,
    "Pong": _TIP,
    "Twin": {},
    "Loop": {},
    "GetPeers": {},
    "Peers": {"peers": _is_texts},
    "GetBlock": {"index": _is_u64},
    "Block": {"index": _is_u64, "block": _is_byte_list},
}


@dataclass
class Message:
    """`fields` is empty for bare variants; Block.block is bytes."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.fields[key]

    def __str__(self) -> str:
        shown = {k: v if k != "block" else f"{len(v)} bytes" for k, v in self.fields.items()}
        return f"{self.name}{shown or ''}"


def encode(message: Message) -> bytes:
    """The one form that nodes emit."""
    names = FIELDS[message.name]
    if not names:
        return cbor2.dumps(message.name)
    fields = {name: message.fields[name] for name in names}
    if message.name == "Block":
        # An array of small integers, not a byte string: the protocol's best known quirk.
        fields["block"] = list(fields["block"])
    return cbor2.dumps({message.name: fields})


def _variant(item: Any) -> tuple[str, dict[str, Any]]:
    if type(item) is str:
        return item, {}
    if type(item) is not dict or len(item) != 1:
        raise Malformed("neither a text nor a map of one pair")
    name, fields = next(iter(item.items()))
    if type(name) is not str or type(fields) is not dict:
        raise Malformed("variant without a name or fields")
    return name, fields


def decode(plain: bytes) -> Message:
    """Strict: exactly what an honest node emits, byte for byte; everything else is Malformed."""
    stream = io.BytesIO(plain)
    try:
        item = cbor2.load(stream)
    except Exception as error:  # hostile bytes raise nearly anything, also MemoryError
        raise Malformed(f"not CBOR: {error}") from error
    if stream.tell() != len(plain):
        raise Malformed("trailing bytes")
    name, fields = _variant(item)
    if name not in FIELDS:
        raise Malformed(f"unknown message {name!r}")
    if list(fields) != list(FIELDS[name]):
        raise Malformed(f"{name} has the fields {list(fields)}")
    for key, is_right in FIELDS[name].items():
        if not is_right(fields[key]):
            raise Malformed(f"{name}.{key} has a wrong type")
    if name == "Block":
        fields["block"] = bytes(fields["block"])
    message = Message(name, fields)
    if encode(message) != plain:
        raise Malformed(f"{name} is not in the canonical form")
    return message


def from_recorded(recorded: Any) -> Message:
    """A message as the transcripts write it: {"Ping": {...}}, {"GetPeers": null} or "Twin"."""
    if isinstance(recorded, str):
        return Message(recorded)
    name, fields = next(iter(recorded.items()))
    fields = dict(fields or {})
    if name == "Block":
        fields["block"] = bytes.fromhex(fields["block"])
    return Message(name, fields)
