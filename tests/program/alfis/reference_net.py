"""The network thread of the player of release 0.10 (protocol 5.4, 5.14).

One task stands for its only thread: while that validates, writes or waits, nobody is served.
Reading is edge-triggered, one frame an event, so a frame behind one that is not answered stays
unread until more bytes arrive or something is written.
"""

import asyncio
import os

from . import crypto, frame, hello, message
from .message import Message
from .reference_link import Habits, Link, State

POLL = 0.2


class NetworkThread:
    """Connections and their frames; what frames mean is up to ReferencePeer."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.key = crypto.KeyPair()
        self.links: list[Link] = []
        self.bans: list[str] = []  # why it would not talk to that address for ten minutes
        self.closes: list[str] = []  # why it closed connections, bans included
        self.answered = 0
        self.ignored: dict[str, float] = {}
        self.wake = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._task: asyncio.Task | None = None
        self._last_tick = self.now()

    def hand(self) -> Message:
        raise NotImplementedError

    async def handle(self, link: Link, msg: Message) -> None:
        raise NotImplementedError

    async def tick(self) -> None:
        raise NotImplementedError

    async def start(self, host: str = "", port: int = 0) -> tuple[str, int]:
        """Runs the network thread and, with a host, listens there; returns the address."""
        self._task = asyncio.create_task(self._network_thread())
        if not host:
            return ("", 0)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Link(self, True), host, port)
        return self._server.sockets[0].getsockname()[:2]

    async def dial(self, address: tuple[str, int], local: str | None = None) -> Link:
        loop = asyncio.get_running_loop()
        bound = (local, 0) if local else None
        dialled = loop.create_connection(lambda: Link(self, False), *address, local_addr=bound)
        _, link = await asyncio.wait_for(dialled, 10)
        return link

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._task is not None:
            self._task.cancel()
            results = await asyncio.gather(self._task, return_exceptions=True)
            failure = results[0]
            if isinstance(failure, Exception) and not isinstance(
                failure, asyncio.CancelledError
            ):
                raise failure
        for link in self.links:
            if link.transport is not None:
                link.transport.abort()

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    # ---- the network thread ----

    async def _network_thread(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.habits.deaf)
        while True:
            poll = loop.call_later(min(POLL, self.habits.tick), self.wake.set)
            await self.wake.wait()
            poll.cancel()
            self.wake.clear()
            for link in list(self.links):
                await self._events(link)
            if self.now() - self._last_tick > self.habits.tick:
                self._last_tick = self.now()
                await self.tick()

    async def _events(self, link: Link) -> None:
        """At most one readable and one writable event."""
        if link.ended and link.state is not State.CLOSED:
            # What lies unread before the end is lost.
            self.close(link, "closed by the other side")
        if link.edge and link.state is not State.CLOSED:
            link.edge = False
            if link.buffer:
                await self._readable(link)
            if link.buffer and not self.habits.one_frame_an_event:
                link.edge = True
        if link.outgoing is not None and link.state is not State.CLOSED:
            await self._writable(link)
        if link.state is not State.CLOSED and (link.edge or link.outgoing is not None):
            self.wake.set()

    async def _writable(self, link: Link) -> None:
        msg, link.outgoing = link.outgoing, None
        assert link.session is not None and msg is not None
        await self._write(link, link.session.frame(message.encode(msg)))
        self.answered += 1
        link.enter(State.IDLE)

    async def _write(self, link: Link, data: bytes) -> None:
        assert link.transport is not None
        link.transport.write(data)
        await asyncio.sleep(self.habits.pause_after_write)
        # Registering the socket anew reports what lies unread.
        if link.buffer:
            link.edge = True
            self.wake.set()

    async def _readable(self, link: Link) -> None:
        if link.state is State.CONNECTED:
            await self._read_client_hello(link)
        elif link.state is State.HELLO_SENT:
            await self._read_server_hello(link)
        else:
            await self._read_frame(link)

    async def _read_client_hello(self, link: Link) -> None:
        size = hello.client_hello_size(link.buffer[0])
        if len(link.buffer) < size:
            return self.close(link, "client hello in pieces")
        public = hello.parse_client_hello(bytes(link.buffer[:size]))
        del link.buffer[:size]
        nonce = os.urandom(crypto.NONCE_SIZE)
        secret = crypto.shared_secret(self.key.secret, public)
        link.session = frame.Session(secret, nonce)
        link.mark_active()
        link.enter(State.KEYED)
        await self._write(link, hello.server_hello(self.key.public, nonce))

    async def _read_server_hello(self, link: Link) -> None:
        size = hello.server_hello_size(link.buffer[0])
        if len(link.buffer) < size:
            return self.close(link, "server hello in pieces")
        public, nonce = hello.parse_server_hello(bytes(link.buffer[:size]))
        del link.buffer[:size]
        secret = crypto.shared_secret(self.key.secret, public)
        link.session = frame.Session(secret, nonce)
        link.mark_active()
        link.enter(State.IDLE)
        await self._write(link, link.session.frame(message.encode(self.hand())))

    async def _read_frame(self, link: Link) -> None:
        if len(link.buffer) < frame.LENGTH_SIZE:
            return self.close(link, "one length byte alone")
        size = frame.payload_size(bytes(link.buffer[:2]))
        if size == 0:
            return self.close(link, "length 0")
        end = self.now() + self.habits.frame_rest
        while len(link.buffer) < 2 + size:
            if link.ended or self.now() > end:
                return self.close(link, "frame not complete in time")
            await asyncio.sleep(0.001)
        payload = bytes(link.buffer[2 : 2 + size])
        del link.buffer[: 2 + size]
        assert link.session is not None
        plain = link.session.open(payload)
        try:
            if plain is None:
                raise message.Malformed("wrong tag")
            msg = message.decode(plain)
        except message.Malformed as error:
            return self.close(link, f"undecodable: {error}")
        if link.state is State.KEYED:
            link.enter(State.IDLE)
        await self.handle(link, msg)

    # ---- links ----

    def on_link(self, link: Link) -> None:
        assert link.transport is not None
        if self.now() < self.ignored.get(link.address[0], 0):
            link.transport.close()
            link.enter(State.CLOSED)
            return
        self.links.append(link)
        if not link.inbound:
            link.mark_active()
            link.enter(State.HELLO_SENT)
            link.transport.write(hello.client_hello(self.key.public))
        self.wake.set()

    def queue(self, link: Link, msg: Message) -> None:
        """One slot: a newer message replaces one that was not sent."""
        if link.state is not State.CLOSED:
            link.outgoing = msg
            self.wake.set()

    def close(self, link: Link, why: str) -> None:
        if link.state is State.CLOSED:
            return
        link.enter(State.CLOSED)
        self.closes.append(why)
        if link.transport is not None:
            link.transport.close()
        if link in self.links:
            self.links.remove(link)

    def ban(self, link: Link, why: str) -> None:
        self.bans.append(why)
        self.ignored[link.address[0]] = self.now() + self.habits.ban_time
        self.close(link, why)

    def active_count(self) -> int:
        return sum(link.is_active() for link in self.links)
