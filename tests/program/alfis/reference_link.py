"""One connection of the player of release 0.10: its buffer, its state, its clock."""

import asyncio
import enum
import socket
from dataclasses import dataclass
from typing import Protocol

from . import crypto, frame
from .message import Message


@dataclass
class Habits:
    """The numbers of release 0.10, in seconds, and its quirks; a test may change each."""

    pause_after_write: float = 0.002
    validation: float = 0.033  # of one block; deaf meanwhile
    frame_rest: float = 0.1  # for what is missing of a frame
    silent_client: float = 5.0
    hello_exchange: float = 10.0
    no_sign_of_life: float = 120.0
    idle_before_ping: float = 30.0
    idle_spread: int = 29
    behind_ping: float = 5.0
    recently_active: float = 10.0
    request_lifetime: float = 5.0
    ban_time: float = 600.0
    forget_seen: float = 60.0
    tick: float = 0.5
    # Quirks. By default it has those that every node of that release has.
    one_frame_an_event: bool = True  # what lies behind a frame that is not answered stays unread
    nagle: bool = True
    keeps_seen: bool = True  # a block that it received, even in vain, is not looked at again
    own_block_for_worse_fork: bool = True
    asks_by_tick: bool = True  # with four active peers and more, beside what Pings make it ask
    lost: float = 0.0  # odds that a good block is not stored: its database was locked
    deaf: float = 0.0  # so long after the start nobody is served
    tells_all: bool = True  # grow() does so; the real one tells one peer at a time


class State(enum.Enum):
    CONNECTED = "waits for the client hello"
    HELLO_SENT = "waits for the server hello"
    KEYED = "waits for Hand"
    IDLE = "idle"
    CLOSED = "closed"


class Owner(Protocol):
    """What a link needs of the node that it belongs to."""

    habits: Habits
    key: crypto.KeyPair
    wake: asyncio.Event

    def now(self) -> float: ...

    def on_link(self, link: "Link") -> None: ...


class Link(asyncio.Protocol):
    """One connection: bytes in a buffer and the edge that says that some arrived."""

    def __init__(self, node: Owner, inbound: bool) -> None:
        self.node = node
        self.inbound = inbound
        self.state = State.CONNECTED
        self.since = node.now()
        self.buffer = bytearray()
        self.edge = False
        self.ended = False
        self.outgoing: Message | None = None
        self.session: frame.Session | None = None
        self.key: crypto.KeyPair = node.key
        self.transport: asyncio.Transport | None = None
        self.address: tuple[str, int] = ("", 0)
        self.height = 0
        self.public = not inbound
        self.active = False
        self.active_at = 0.0
        self.highest_received = 0
        self.announced = 0
        self.requested: set[int] = set()
        self.credit = 0

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.address = transport.get_extra_info("peername")[:2]
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, not self.node.habits.nagle)
        self.node.on_link(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.edge = True
        self.node.wake.set()

    def eof_received(self) -> bool:
        self.ended = True
        self.node.wake.set()
        return True

    def connection_lost(self, error) -> None:
        self.ended = True
        self.node.wake.set()

    def enter(self, state: State) -> None:
        self.state = state
        self.since = self.node.now()

    def mark_active(self) -> None:
        self.active = True
        self.active_at = self.node.now()

    def is_active(self) -> bool:
        age = self.node.now() - self.since
        habits = self.node.habits
        if self.state is State.CONNECTED:
            return age < habits.silent_client
        if self.state is State.HELLO_SENT:
            return age < habits.hello_exchange
        if self.state is State.IDLE:
            return age < habits.no_sign_of_life
        return self.active and self.node.now() - self.active_at < habits.no_sign_of_life
