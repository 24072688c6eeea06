"""A plain, well-behaved end of a connection, for tests that say themselves what is sent."""

import asyncio
import contextlib
import os
import random
import socket
import string
from dataclasses import dataclass, field, replace

from . import crypto, frame, hello, message
from .message import Message

RAND_ID = string.ascii_letters + string.digits + "!?"
TIMEOUT = 10.0


def new_rand_id() -> str:
    return "".join(random.choices(RAND_ID, k=6))


@dataclass
class Identity:
    """What a node says of itself in Hand, Shake, Ping and Pong. `tip` is upper-case hex."""

    origin: str
    height: int = 0
    tip: str = ""
    app_version: str = "0.10.0"
    version: int = 1
    public: bool = False
    rand_id: str = field(default_factory=new_rand_id)

    def hand(self) -> Message:
        return Message(
            "Hand",
            {
                "app_version": self.app_version,
                "origin": self.origin,
                "version": self.version,
                "public": self.public,
                "rand_id": self.rand_id,
            },
        )

    def shake(self) -> Message:
        return Message("Shake", self.hand().fields | {"height": self.height})

    def ping(self) -> Message:
        return Message("Ping", {"height": self.height, "hash": self.tip})

    def pong(self) -> Message:
        return Message("Pong", {"height": self.height, "hash": self.tip})

    def at(self, height: int, tip: str) -> "Identity":
        return replace(self, height=height, tip=tip)


def get_block(index: int) -> Message:
    return Message("GetBlock", {"index": index})


def block_message(index: int, encoded: bytes) -> Message:
    return Message("Block", {"index": index, "block": encoded})


def peers_message(*addresses: str) -> Message:
    return Message("Peers", {"peers": list(addresses)})


class Connection:
    """One connection after its hellos. Every receive has a time-out; None means: it was closed."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, identity: Identity
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.identity = identity
        self.session: frame.Session | None = None
        self._head = b""  # of a frame whose rest is still to come
        self.received: list[Message] = []
        sock = writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    async def open(
        cls, address: tuple[str, int], identity: Identity, local: str | None = None
    ) -> "Connection":
        """TCP only; hello() comes next."""
        bound = (local, 0) if local else None
        streams = asyncio.open_connection(*address, local_addr=bound)
        return cls(*await asyncio.wait_for(streams, TIMEOUT), identity)

    @classmethod
    async def connect(
        cls, address: tuple[str, int], identity: Identity, local: str | None = None
    ) -> "Connection":
        """As the dialling side, hellos and Hand and Shake exchanged. ConnectionError if refused."""
        conn = await cls.open(address, identity, local)
        try:
            await conn.hello()
            await conn.send(identity.hand())
            if await conn.expect("Shake") is None:
                raise ConnectionError("closed instead of a Shake")
        except BaseException:
            await conn.close()
            raise
        return conn

    async def hello(self, key: crypto.KeyPair | None = None, garbage: int | None = None) -> None:
        """The client's side of the key exchange."""
        key = key or crypto.KeyPair()
        await self.send_raw(hello.client_hello(key.public, garbage))
        packet = await self._hello_packet(hello.server_hello_size)
        public, nonce = hello.parse_server_hello(packet)
        self.session = frame.Session(crypto.shared_secret(key.secret, public), nonce)

    async def accept(self, key: crypto.KeyPair | None = None, garbage: int | None = None) -> None:
        """The server's side of the key exchange."""
        key = key or crypto.KeyPair()
        nonce = os.urandom(crypto.NONCE_SIZE)
        packet = await self._hello_packet(hello.client_hello_size)
        public = hello.parse_client_hello(packet)
        await self.send_raw(hello.server_hello(key.public, nonce, garbage))
        self.session = frame.Session(crypto.shared_secret(key.secret, public), nonce)

    async def _hello_packet(self, size) -> bytes:
        try:
            first = await asyncio.wait_for(self.reader.readexactly(1), TIMEOUT)
            rest = self.reader.readexactly(size(first[0]) - 1)
            return first + await asyncio.wait_for(rest, TIMEOUT)
        except asyncio.IncompleteReadError as error:
            raise ConnectionError("closed instead of a hello") from error

    def frame(self, msg: Message) -> bytes:
        assert self.session is not None
        return self.session.frame(message.encode(msg))

    async def send(self, *messages: Message) -> None:
        """All in one write."""
        await self.send_raw(b"".join(self.frame(m) for m in messages))

    async def send_raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self, timeout: float = TIMEOUT) -> Message | None:
        """The next message. None: closed. TimeoutError, message.Malformed."""
        return await asyncio.wait_for(self._receive(), timeout)

    async def _receive(self) -> Message | None:
        assert self.session is not None
        try:
            # Whoever waits may give up between the two, and wait again later.
            self._head = self._head or await self.reader.readexactly(frame.LENGTH_SIZE)
            payload = await self.reader.readexactly(frame.payload_size(self._head))
            self._head = b""
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        plain = self.session.open(payload)
        if plain is None:
            raise message.Malformed("frame with a wrong tag")
        msg = message.decode(plain)
        self.received.append(msg)
        return msg

    async def expect(self, *names: str, timeout: float = TIMEOUT) -> Message | None:
        """The next message of these names; answers Ping and GetPeers on the way. None: closed."""

        async def search() -> Message | None:
            while True:
                msg = await self._receive()
                if msg is None or msg.name in names:
                    return msg
                await self.courtesy(msg)

        return await asyncio.wait_for(search(), timeout)

    async def courtesy(self, msg: Message) -> None:
        """The answers that every live node gives."""
        if msg.name == "Ping":
            await self.send(self.identity.pong())
        elif msg.name == "GetPeers":
            await self.send(peers_message())

    async def collect(self, seconds: float) -> list[Message]:
        """All that arrives until it is closed or the time is over."""
        before = len(self.received)

        async def hear() -> None:
            while await self._receive() is not None:
                pass

        heard = asyncio.ensure_future(hear())
        await asyncio.wait([heard], timeout=seconds)
        heard.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heard
        return self.received[before:]

    async def closed(self, timeout: float = TIMEOUT) -> bool:
        """Did the other side close within the time? What it sends before is thrown away."""

        async def drain() -> None:
            while await self.reader.read(65536):
                pass

        try:
            await asyncio.wait_for(drain(), timeout)
        except asyncio.TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    async def close(self) -> None:
        self.writer.close()
        try:
            await asyncio.wait_for(self.writer.wait_closed(), TIMEOUT)
        except (OSError, asyncio.TimeoutError):
            pass


class Server:
    """A listening socket that hands every connection to `handle` and cancels what is left."""

    def __init__(self, handle) -> None:
        self.handle = handle
        self.accepted = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()

    async def start(self, host: str, port: int = 0) -> tuple[str, int]:
        self._server = await asyncio.start_server(self._on_accept, host, port)
        return self._server.sockets[0].getsockname()[:2]

    async def _on_accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._tasks.add(task)
        try:
            await self.handle(reader, writer)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            pass  # the node under test may close whenever it likes
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=TIMEOUT)
