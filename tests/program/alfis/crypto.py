"""The primitives of the wire: X25519, ChaCha20-Poly1305 (IETF), Ed25519 (protocol 6.3, 9.4)."""

import hashlib
import os

from nacl import bindings, exceptions

KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16


class KeyPair:
    """An X25519 pair. The secret may be given, to replay recorded sessions."""

    def __init__(self, secret: bytes | None = None) -> None:
        self.secret = secret if secret is not None else os.urandom(KEY_SIZE)
        self.public = bindings.crypto_scalarmult_base(self.secret)


def shared_secret(secret: bytes, public: bytes) -> bytes:
    """Plain X25519; a low-order key gives 32 zero bytes, as it does at the reference."""
    try:
        return bindings.crypto_scalarmult(secret, public)
    except exceptions.RuntimeError:
        return bytes(KEY_SIZE)


def seal(key: bytes, nonce: bytes, plain: bytes) -> bytes:
    return bindings.crypto_aead_chacha20poly1305_ietf_encrypt(plain, None, nonce, key)


def unseal(key: bytes, nonce: bytes, box: bytes) -> bytes | None:
    """None when the tag is wrong."""
    try:
        return bindings.crypto_aead_chacha20poly1305_ietf_decrypt(box, None, nonce, key)
    except (exceptions.CryptoError, ValueError):
        return None


class SigningKey:
    """An Ed25519 key made from a seed."""

    def __init__(self, seed: bytes) -> None:
        self.public, self._secret = bindings.crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        return bindings.crypto_sign(message, self._secret)[:64]

    def sign_otherwise(self, message: bytes) -> bytes:
        """As valid, and another one each time."""
        reduce = bindings.crypto_core_ed25519_scalar_reduce
        secret = bytearray(hashlib.sha512(self._secret[:32]).digest()[:32])
        secret[0] &= 248
        secret[31] = secret[31] & 63 | 64
        nonce = reduce(os.urandom(64))
        point = bindings.crypto_scalarmult_ed25519_base_noclamp(nonce)
        challenge = reduce(hashlib.sha512(point + self.public + message).digest())
        product = bindings.crypto_core_ed25519_scalar_mul(challenge, reduce(bytes(secret) + bytes(32)))
        return point + bindings.crypto_core_ed25519_scalar_add(nonce, product)


def signature_valid(public: bytes, signature: bytes, message: bytes) -> bool:
    """Honest signatures only: the network's exact rule for odd keys is wider (9.4)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        bindings.crypto_sign_open(signature + message, public)
        return True
    except exceptions.BadSignatureError:
        return False
