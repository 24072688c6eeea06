"""Test peers with a fixed pace, and clients that only ask: for measurements."""

import asyncio
import selectors
import socket

from alfis import crypto, frame, hello, message, peer, vectors


class PacedPeer:
    """Has a chain and answers GetBlock one after the other, one per `service` seconds, each
    `delay` seconds after its turn came."""

    def __init__(self, chain: vectors.Chain, service: float, delay: float) -> None:
        self.identity = peer.Identity(chain.origin, chain.height, chain.tip)
        self.plain = [
            message.encode(peer.block_message(s.index, s.cbor)) for s in chain.blocks
        ]
        self.service = service
        self.delay = delay
        self.first_asked = 0.0
        self._server: asyncio.Server | None = None

    async def start(self, host: str) -> tuple[str, int]:
        self._server = await asyncio.start_server(self._serve, host, 0)
        return self._server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer) -> None:
        conn = peer.Connection(reader, writer, self.identity)
        try:
            await conn.accept()
            if await conn.expect("Hand") is not None:
                await conn.send(self.identity.shake())
                await self._answer(conn)
        except (OSError, ConnectionError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()

    async def _answer(self, conn: peer.Connection) -> None:
        loop = asyncio.get_running_loop()
        free_at = 0.0
        while (msg := await conn.receive(3600)) is not None:
            if msg.name != "GetBlock":
                await conn.courtesy(msg)
                continue
            now = loop.time()
            self.first_asked = self.first_asked or now
            free_at = max(free_at, now) + self.service
            plain = self.plain[msg.fields["index"] - 1]
            if free_at + self.delay > now:
                loop.call_at(free_at + self.delay, self._send, conn, plain)
            else:
                self._send(conn, plain)

    @staticmethod
    def _send(conn: peer.Connection, plain: bytes) -> None:
        assert conn.session is not None
        if not conn.writer.is_closing():
            conn.writer.write(conn.session.frame(plain))


async def stay(conn: peer.Connection) -> None:
    """Answers what every node answers, and asks for nothing."""
    while (msg := await conn.receive(3600)) is not None:
        await conn.courtesy(msg)
        stay.answered += msg.name in ("Ping", "GetPeers")


stay.answered = 0


class Asker:
    """Asks one node for every block once, `window` requests ahead. Says itself of our kind, so
    that it is answered without the care that release 0.10 needs."""

    def __init__(self, address, source: str, chain: vectors.Chain, window: int) -> None:
        self.sock = socket.create_connection(address, source_address=(source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.window = window
        self.session = self._hello()
        who = peer.Identity(chain.origin, chain.height, chain.tip, app_version="0.10.0 alfisd")
        self.sock.sendall(self.session.frame(message.encode(who.hand())))
        self.requests = [
            self.session.frame(message.encode(peer.get_block(s.index))) for s in chain.blocks
        ]
        self.asked = self.blocks = 0
        self.buffer = bytearray()

    def _hello(self) -> frame.Session:
        key = crypto.KeyPair()
        self.sock.sendall(hello.client_hello(key.public))
        first = self._exactly(1)
        rest = self._exactly(hello.server_hello_size(first[0]) - 1)
        public, nonce = hello.parse_server_hello(first + rest)
        return frame.Session(crypto.shared_secret(key.secret, public), nonce)

    def _exactly(self, size: int) -> bytes:
        return self.sock.recv(size, socket.MSG_WAITALL)

    def begin(self) -> None:
        self.sock.setblocking(False)
        self._ask()

    def _ask(self) -> None:
        more = min(len(self.requests), self.blocks + self.window) - self.asked
        if more > 0:
            self.sock.send(b"".join(self.requests[self.asked : self.asked + more]))
            self.asked += more

    def read(self) -> bool:
        """Takes what came. False when nothing more is to come."""
        data = self.sock.recv(1 << 20)
        if not data:
            raise ConnectionError(f"closed after {self.blocks} blocks")
        self.buffer += data
        at = 0
        while len(self.buffer) - at >= 2:
            size = 2 + frame.payload_size(self.buffer[at : at + 2])
            if len(self.buffer) - at < size:
                break
            self.blocks += size > 500  # nothing else is as long
            at += size
        del self.buffer[:at]
        self._ask()
        return self.blocks < len(self.requests)


def ask_all(address: tuple[str, int], chain: vectors.Chain, clients: int) -> int:
    """That many clients at once each get the whole chain. Returns the number of answers."""
    askers = [Asker(address, f"127.{i + 2}.0.9", chain, 64) for i in range(clients)]
    selector = selectors.DefaultSelector()
    for asker in askers:
        selector.register(asker.sock, selectors.EVENT_READ, asker)
        asker.begin()
    while selector.get_map():
        for key, _ in selector.select(10):
            if not key.data.read():
                selector.unregister(key.fileobj)
                key.data.sock.close()
    return sum(a.blocks for a in askers)
