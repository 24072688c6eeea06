"""A root zone that is signed with Ed25519 (RFC 4034, RFC 8080), as a server that is asked: for
resolvers that validate."""

import base64
import socket
import struct
import time

import dns_client as dns
from nacl.signing import SigningKey

RRSIG, DNSKEY, ED25519 = 46, 48, 15
TTL = 300
DAY = 86400
WITH_DO = struct.pack(">BHHIH", 0, dns.OPT, 1232, 0x8000, 0)


class SignedRoot:
    """Has `addresses`: name → IPv4. Signatures of the names in `forged` are wrong."""

    def __init__(self, addresses: dict[str, str], forged: tuple[str, ...] = ()) -> None:
        self.addresses = addresses
        self.forged = forged
        self.key = SigningKey(b"k" * 32)
        self.dnskey = struct.pack(">HBB", 257, 3, ED25519) + bytes(self.key.verify_key)

    @property
    def anchor(self) -> str:
        """As a line of a zone file."""
        return f". IN DNSKEY 257 3 {ED25519} {base64.b64encode(self.dnskey[4:]).decode()}"

    @property
    def tag(self) -> int:
        total = sum(byte << (0 if i % 2 else 8) for i, byte in enumerate(self.dnskey))
        return total + (total >> 16) & 0xFFFF

    def signed(self, owner: str, kind: int, data: bytes) -> tuple[bytes, bytes]:
        """The record and its signature."""
        row = dns.record(owner, kind, TTL, data)
        now = int(time.time())
        head = struct.pack(">HBBIIIH", kind, ED25519, len(owner.split(".")) if owner else 0, TTL,
                           now + DAY, now - DAY, self.tag) + dns.labels("")  # fmt: skip
        signature = bytearray(self.key.sign(head + row).signature)
        signature[0] ^= owner in self.forged
        return row, dns.record(owner, RRSIG, TTL, head + bytes(signature))

    def script(self, q: dns.Question) -> None:
        """For dns_client.Stub. What it does not have is not there, without a proof."""
        rows: tuple[bytes, ...] = ()
        if (q.name, q.message.kind) == ("", DNSKEY):
            rows = self.signed("", DNSKEY, self.dnskey)
        elif q.message.kind == dns.A and q.name in self.addresses:
            rows = self.signed(q.name, dns.A, socket.inet_aton(self.addresses[q.name]))
        q.answer(*rows, additional=(WITH_DO,), rcode=0 if rows else dns.NXDOMAIN)
