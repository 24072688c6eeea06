"""The parts of the demonstration's network: nodes, relays that can be cut, clients that are rude."""

import json
import os
import random
import selectors
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from screen import INDENT, width

START_DEADLINE = 10.0
DEFAULT_PAGE_PORT = 4245


class Failure(Exception):
    """Something that the demonstration promises did not happen."""


def wait_until(seconds: float, what: str, test) -> float:
    """Waits for a test to hold; looks again every 50 ms. Returns the seconds that it took."""
    begun = time.monotonic()
    while not test():
        if time.monotonic() - begun > seconds:
            raise Failure(f"waited {seconds:.0f} s for {what} in vain")
        threading.Event().wait(0.05)
    return time.monotonic() - begun


def is_free(address: str, port: int) -> bool:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((address, port))
        except OSError:
            return False
    return True


def free_port(addresses: list[str]) -> int:
    """A port that nobody uses at any of these addresses: a node of the user may have 4244."""
    for _ in range(100):
        with socket.socket() as s:
            s.bind((addresses[0], 0))
            port = s.getsockname()[1]
        if all(is_free(address, port) for address in addresses):
            return port
    raise Failure(f"no port is free at {addresses[0]} to {addresses[-1]}")


def page_address() -> str:
    """The page's usual place, or another port where a node of the user has it."""
    host = "127.0.0.1"
    port = DEFAULT_PAGE_PORT if is_free(host, DEFAULT_PAGE_PORT) else free_port([host])
    return f"{host}:{port}"


class Node:
    """One alfisd with a folder, a settings file and an address of its own."""

    def __init__(self, alfisd: str, folder: Path, name: str, place: tuple[str, int], head: dict):
        self.alfisd, self.name, self.place = alfisd, name, place
        self.data = folder / name
        self.config = folder / f"{name}.toml"
        self.log = folder / f"{name}.log"
        self.head = head
        self.dns: dict[str, object] = {}  # its table [dns]
        self.more: dict[str, dict] = {}  # other tables; "" = above the first one
        self.process: subprocess.Popen | None = None
        self.configure([])

    @property
    def peer(self) -> str:
        return "{}:{}".format(*self.place)

    def configure(self, peers: list[str], page: str = "", **node_settings) -> None:
        tables = {
            "node": {"data_dir": str(self.data), **node_settings},
            "net": {"listen": self.peer, "peers": peers, "public": False},
            "admin": {"listen": page},
            "dns": self.dns,
            "chain": {"network": "devnet"},
            "chain.params": self.head["params"],
        }
        lines = [f'origin = "{self.head["origin"]}"']
        for table, values in ({"": {}} | tables | self.more).items():
            lines += ["", f"[{table}]"] if table else []
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def do(self, *words: str) -> str:
        """A command of the program about this node; its output."""
        done = subprocess.run(
            [self.alfisd, *words, "--config", str(self.config), "--log-level", "error"],
            env=os.environ | {"COLUMNS": str(width() - INDENT - 1)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise Failure(f"{self.name}: {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, peers: list[str], page: str = "", **node_settings) -> None:
        self.configure(peers, page, **node_settings)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.alfisd, "run", "--config", str(self.config)], stderr=log
            )
        wait_until(START_DEADLINE, f"{self.name} to start", lambda: self.status() is not None)

    def status(self) -> dict | None:
        return self.ask("GET", "/status")

    def ask(self, method: str, path: str, body: str = "") -> dict | None:
        """What the node says over its admin socket; None when it does not answer."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            try:
                s.connect(str(self.data / "admin.sock"))
                head = f"{method} {path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n"
                s.sendall((head + body).encode())
                answer = b""
                while part := s.recv(65536):
                    answer += part
                return json.loads(answer.split(b"\r\n\r\n", 1)[1])
            except (OSError, ValueError, IndexError):
                if self.process and self.process.poll() is not None:
                    raise Failure(f"{self.name} died, see {self.log}") from None
                return None

    def stop(self) -> int:
        if not self.process:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its status tells of it; the others are stopped, too
            code = self.process.wait()
        self.process = None
        return code


def tips(nodes: list[Node]) -> dict[str, str]:
    found = {}
    for node in nodes:
        status = node.status()
        if status:
            found[node.name] = f"{status['height']} {status['tip'][:16]}"
    return found


def agree(nodes: list[Node]) -> bool:
    found = tips(nodes)
    return len(found) == len(nodes) and len(set(found.values())) == 1


class Relay(threading.Thread):
    """Passes bytes from one address to another, until it is cut."""

    def __init__(self, place: tuple[str, int], to: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self.to = to
        self.up, self.ending = True, False
        self.pairs: dict[socket.socket, socket.socket] = {}
        self.peer = "{}:{}".format(*place)
        self.listener = socket.create_server(place, backlog=16)
        self.start()

    def drop(self, a: socket.socket) -> None:
        b = self.pairs.pop(a, None)
        if b:
            self.pairs.pop(b, None)
            b.close()
        a.close()

    def accept(self) -> None:
        a, _ = self.listener.accept()
        if not self.up:
            a.close()
            return
        try:
            b = socket.create_connection(self.to, timeout=2)
        except OSError:
            a.close()
            return
        for s in (a, b):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pairs[a], self.pairs[b] = b, a

    def turn(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self.listener, selectors.EVENT_READ)
            for s in self.pairs:
                ready.register(s, selectors.EVENT_READ)
            for key, _ in ready.select(0.1):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.pairs:
                    self.pass_on(key.fileobj)
        if not self.up:
            for s in list(self.pairs):
                self.drop(s)

    def pass_on(self, a: socket.socket) -> None:
        try:
            part = a.recv(65536)
            if part:
                self.pairs[a].sendall(part)
                return
        except OSError:
            pass
        self.drop(a)

    def run(self) -> None:
        while not self.ending:
            self.turn()


class Churn(threading.Thread):
    """Clients that come, say rubbish or nothing, and go."""

    def __init__(self, places: list[tuple[str, int]]) -> None:
        super().__init__(daemon=True)
        self.places, self.ending, self.count = places, threading.Event(), 0
        self.start()

    def run(self) -> None:
        chance = random.Random(1)
        while not self.ending.wait(0.05):
            try:
                with socket.create_connection(chance.choice(self.places), 1) as s:
                    s.sendall(chance.randbytes(chance.choice([0, 1, 40, 254, 1000])))
                    self.count += 1
            except OSError:
                pass
