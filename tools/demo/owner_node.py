"""A node whose owner has keys: it makes and opens them, asks for changes of names, and is killed."""

import json
import os
import re
import signal
import subprocess
from dataclasses import dataclass
from urllib.parse import urlencode

from network import Failure, Node, wait_until
from screen import CYAN, say

PHRASE = "five nodes and a demonstration"
OWNER = re.compile(r"alfis1:[0-9A-F]{64}:[0-9A-F]{64}:[0-9A-F]{8}")
COMMAND_SECONDS = 240.0


@dataclass
class Wanted:
    """What a name is to be at the end."""

    owner: str  # public signing key
    address: str
    info: str = ""
    newest: int = 0  # index of the block that made it so; 0 = not known yet


class OwnerNode(Node):
    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.keys: dict[str, str] = {}  # name to owner line
        self.peers: list[str] = []
        self.deaths = 0

    # ---- life ----

    def begin(self) -> None:
        self.start(self.peers)

    def kill(self) -> None:
        """As a power cut."""
        if not self.process:
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None
        self.deaths += 1

    def come_back(self) -> None:
        self.begin()
        if any(key["state"] == "locked" for key in self.own_keys()):
            self.key("unlock")
        self.wait_open()

    # ---- commands ----

    def command(self, *words: str, phrases: int = 0, status: int = 0) -> str:
        """A command of the program about this node; what it printed, errors too when those are what
        is expected."""
        line = [self.alfisd, *words, "--config", str(self.config)]
        here, there = os.pipe()
        os.write(there, (PHRASE + "\n").encode() * phrases)
        os.close(there)
        try:
            done = subprocess.run(
                line + (["--passphrase-fd", str(here)] if phrases else []),
                pass_fds=(here,), capture_output=True, text=True, check=False,
                timeout=COMMAND_SECONDS,
            )  # fmt: skip
        finally:
            os.close(here)
        if done.returncode != status:
            raise Failure(
                f"{self.name}: {' '.join(words)}: exit status {done.returncode}, not {status}: "
                f"{(done.stderr or done.stdout).strip()}"
            )
        return done.stdout if status == 0 else done.stdout + done.stderr

    def tell(self, *words: str) -> None:
        shown = " ".join(f"'{word}'" if " " in word else word for word in words)
        say(f"   {self.name}$ alfisd {OWNER.sub('alfis1:…', shown)}", CYAN)

    def key(self, *words: str, phrases: int = 1) -> str:
        return self.command("key", *words, phrases=phrases)

    def own_keys(self) -> list[dict]:
        return (self.ask("GET", "/keys") or {"keys": []})["keys"]

    def wait_open(self) -> None:
        def are_open() -> bool:
            states = [key["state"] for key in self.own_keys()]
            return bool(states) and set(states) == {"open"}

        wait_until(30, f"{self.name}'s keys to be open", are_open)
        for key in self.own_keys():
            if key["name"] not in self.keys:
                shown = json.loads(self.command("key", "show", key["name"], "--json"))
                self.keys[key["name"]] = shown["owner"]

    def signing(self, key: str) -> str:
        return self.keys[key].split(":")[1]

    # ---- names ----

    def api_change(self, name: str, key: str, data: dict, to: str = "", **more) -> int:
        """A change of a name by the API; the number of its job."""
        form = {"name": name, "key": key, "data": json.dumps(data)} | more
        if to:
            form |= {"to_signing": to.split(":")[1], "to_encryption": to.split(":")[2]}
        answer = self.ask("POST", "/domains/new", urlencode(form)) or {}
        if "id" not in answer:
            raise Failure(f"{self.name}: POST /domains/new for {name}: {answer}")
        return answer["id"]

    def job(self, number: int) -> dict:
        return self.ask("GET", f"/jobs/{number}") or {}

    def wait_job(self, number: int, seconds: float) -> dict:
        """Until it has ended well."""

        def is_done() -> bool:
            state = self.job(number).get("state")
            if state in ("failed", "cancelled"):
                raise Failure(f"{self.name}: job {number} is {state}: {self.job(number)['reason']}")
            return state == "done"

        wait_until(seconds, f"job {number} of {self.name}: {self.job(number)}", is_done)
        return self.job(number)

    def jobs(self) -> list[dict]:
        return (self.ask("GET", "/jobs") or {"jobs": []})["jobs"]

    def shows(self, name: str, wanted: Wanted) -> bool:
        """Is the name here what was asked for?"""
        shown = self.ask("GET", f"/domain/{name}") or {}
        addresses = [r.get("addr") for r in shown.get("records", []) if r["domain"] == "@"]
        return (
            shown.get("owner", "").upper() == wanted.owner
            and addresses == [wanted.address]
            and shown.get("info", "") == wanted.info
        )
