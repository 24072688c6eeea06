"""A network of real nodes over a bad network, cut in two and healed: one round from one number.

The number decides who is linked to whom, the weather of each link, where the cut runs, how each
side's chain grows and who lies. In the end all nodes must hold the same tip, and none of them may
ever have replaced a block more than four below its tip, or have gone to and fro between branches.
Peers of release 0.10 may be mixed in, each with a quirk: they must end there too, and ban nobody.
"""

import asyncio
import random
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import faults
import harness
import hostile
from alfis import block, chaos, liar, peer, vectors
from alfis.line import Line, Quality
from alfis.reference import Habits, ReferencePeer

MAX_DEPTH = 4
MAX_CHANGES = 3  # of one node: to a better branch than it met first, then to a longer one
BASE = 20  # blocks that all begin with
DEEP = 7  # so far below the base's tip a liar's long branch begins
# Seconds. A link may spoil several greetings in a row, and after each one the wait for the next is
# doubled, up to a minute.
AFTER_FAILURES = 180
TIP = re.compile(r"tip: block (\d+)")
REPLACED = re.compile(r"block (\d+) replaced by")

# Waits that are shorter than the defaults, so that a round is, too.
PATIENCE = {
    "net__public": False,
    "node__verify_threads": 1,
    "check_blocks": 0,
    "limits__request_timeout": "2 s",
    "limits__hello_timeout": "4 s",
    "limits__handshake_timeout": "4 s",
    "limits__frame_timeout": "4 s",
    "limits__idle_timeout": "5 s",
    "limits__pong_timeout": "5 s",
    "limits__ban_time": "2 s",
}
BRINGING = Habits(validation=0.005, idle_before_ping=1, idle_spread=1, behind_ping=1)
LIARS = (liar.Mute, liar.HugeHeight, liar.BrokenSignature, liar.PoisonedCopy, liar.Unasked,
         liar.FloodsPeers, liar.GarbageFrames, liar.Dribbles)  # fmt: skip


HOSTILE_EACH = 2  # connections of each hostile kind
SLOW_LINE = Quality(rate=20000, good=3, silence=2)


# What may be wrong with a peer of release 0.10; its long waits are shorter.
WAITS = {"idle_before_ping": 1, "idle_spread": 1, "behind_ping": 1, "forget_seen": 2}
QUIRKS = {
    "plain": Habits(validation=0.005, **WAITS),
    "slow checker": Habits(validation=0.05, **WAITS),
    "slow writer": Habits(validation=0.005, pause_after_write=0.015, **WAITS),
    "locked database": Habits(validation=0.005, lost=0.05, **WAITS),
    "deaf at first": Habits(validation=0.005, deaf=3, **WAITS),
    "forgets what it saw": Habits(validation=0.005, keeps_seen=False, **WAITS),
}
# It closes when a hello comes in pieces.
WHOLE = [weather for weather in chaos.ALL if not weather.dribble]
REFERENCE_DEPTH = 4  # it bans who serves a branch that left its own further down


class OtherBranch(liar.Liar):
    """Serves a valid chain that left everybody's too far down, and is higher."""

    async def on_get_block(self, conn: peer.Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            await conn.send(peer.block_message(index, encoded))


@dataclass
class Chains:
    """What the tool made: the common beginning, a branch a side, and perhaps one from too far down."""

    base: vectors.Chain
    sides: tuple[vectors.Chain, vectors.Chain]
    deep: vectors.Chain | None


def make_chains(folder: Path, seed: int, grown: tuple[int, int], deep: bool) -> Chains:
    tool = str(harness.PROGRAM.parent / "mkchain")
    base = folder / "base.jsonl"

    def make(name: str, *options: str) -> vectors.Chain:
        path = folder / f"{name}.jsonl"
        command = [tool, "--seed", str(seed), *options, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return faults.read_chain(path)

    def branch(number: int, blocks: int, at: int = BASE) -> vectors.Chain:
        return make(f"branch{number}", "--from", str(base), "--at", str(at),
                    "--branch", str(number), "--blocks", str(blocks))  # fmt: skip

    common = make("base", "--blocks", str(BASE))
    sides = branch(1, grown[0]), branch(2, grown[1])
    return Chains(common, sides, branch(3, DEEP + 15, BASE - DEEP) if deep else None)


def depths(lines: list[str]) -> list[int]:
    """How far below its tip each replaced block of a node was, by its log."""
    found, tip = [], 0
    for line in lines:
        if told := TIP.search(line):
            tip = int(told[1])
        elif told := REPLACED.search(line):
            found.append(tip - int(told[1]))
    return found


class Round:
    """The parts are put away by `test`."""

    def __init__(
        self,
        test: harness.ProgramTest,
        seed: int,
        count: int,
        deep: bool = False,
        references: int = 0,
        hostiles: tuple[type[hostile.Hostile], ...] = (),
        slow_line: bool = False,
    ) -> None:
        """`hostiles`: so many kinds keep one node waiting. `slow_line`: one link goes over a line
        that is slow, and silent now and then. `deep`: a liar on each side serves a valid branch from too far down. `references`: so
        many peers of release 0.10 beside the `count` nodes."""
        self.test = test
        self.seed = seed
        self.chance = random.Random(seed)
        self.count = count
        self.deep = deep
        self.nodes: list[harness.Node] = []
        self.mixed_in = references
        self.hostiles = hostiles
        self.slow_line = slow_line
        self.crowd: hostile.Crowd | None = None
        self.line: Line | None = None
        self.references: list[tuple[str, int, ReferencePeer]] = []  # quirk, side
        self.links: dict[tuple[int, int], chaos.Link] = {}
        self.half = set(self.chance.sample(range(count), self.chance.randint(1, count - 1)))
        # One side may be left so far behind that it gives way whichever block is better.
        grown = [self.chance.randint(1, MAX_DEPTH + 1), self.chance.choice([1, 2, 3, 4, 5, 9])]
        self.chance.shuffle(grown)
        self.grown = (grown[0], grown[1])
        self.silent = self.chance.random() < 0.5
        self.healed_in = 0.0
        self.step = "planned"
        self.begun = time.monotonic()
        self.times: list[str] = []

    def on(self, step: str) -> None:
        self.step = step
        self.times.append(f"{step} {time.monotonic() - self.begun:.1f}")

    # ---- making it ----

    def sides(self) -> tuple[list[int], list[int]]:
        return sorted(self.half), sorted(set(range(self.count)) - self.half)

    def plan(self) -> list[tuple[int, int]]:
        """Who dials whom: a tree within each side, a bridge, and some more of either kind."""
        pairs: set[tuple[int, int]] = set()
        for side in self.sides():
            for at in range(1, len(side)):
                pairs.add((side[at], side[self.chance.randrange(at)]))
        pairs.add(tuple(self.chance.choice(side) for side in self.sides()))  # type: ignore
        for _ in range(self.count // 2):
            a, b = self.chance.sample(range(self.count), 2)
            if (b, a) not in pairs:
                pairs.add((a, b))
        return sorted(pairs)

    async def make(self, folder: Path) -> None:
        self.chains = make_chains(folder, self.seed % 65521 + 1, self.grown, self.deep)
        self.nodes = [self.test.make_node(self.chains.base, **PATIENCE) for _ in range(self.count)]
        for a, b in self.plan():
            link = chaos.Link(
                self.nodes[b].address, self.chance.choice(chaos.ALL), self.chance.getrandbits(32)
            )
            self.links[a, b] = link
            self.test.addAsyncCleanup(link.stop)
            self.dial(a, await self.slowed(await link.start(harness.fresh_host())))
        lied_to = []
        for side in self.sides():
            lied_to.append(self.chance.choice(side))
            await self.add_liars(lied_to[-1])
        late = self.chance.randrange(self.count)  # it has all to fetch, over such links
        while self.deep and late in lied_to:  # to who has nothing the highest branch is as good
            late = (late + 1) % self.count
        for number, node in enumerate(self.nodes):
            if number != late:
                await self.test.fill(node, self.chains.base)
        await self.mix_in()
        await asyncio.gather(*(node.start() for node in self.nodes))
        if self.hostiles:
            self.besiege(self.nodes[late])

    async def slowed(self, address: tuple[str, int]) -> tuple[str, int]:
        """The first link, as it is reached over the slow line."""
        if not self.slow_line or self.line:
            return address
        self.line = Line(SLOW_LINE)
        self.test.addAsyncCleanup(self.line.stop)
        return await self.line.to(address, harness.fresh_host())

    def besiege(self, node: harness.Node) -> None:
        """They claim what it has not, and more than there is, and it has all to fetch."""
        base = self.chains.base
        self.crowd = hostile.Crowd(node.address, base, base.height, 0.02)
        self.crowd.identity = self.crowd.identity.at(BASE + DEEP, "AB" * 32)
        self.test.addAsyncCleanup(self.crowd.stop)
        hosts = [harness.fresh_host() for _ in self.hostiles]
        self.crowd.start(self.hostiles, HOSTILE_EACH * len(self.hostiles), hosts)

    def can_follow(self, side: int) -> bool:
        """By its own rules, can a peer of release 0.10 come from this side's branch to the other's,
        should that be the one that lasts? It never looks at a lower branch, and gives way to a
        longer one only at its tip."""
        other = 1 - side
        first = [branch.blocks[BASE].block() for branch in self.chains.sides]
        better = 0 if block.better_than(first[0], first[1]) else 1
        longer = self.grown[1 - better] > max(self.grown[better], MAX_DEPTH)
        lasts = 1 - better if longer else better
        follows = better == other and self.grown[side] <= min(self.grown[other], REFERENCE_DEPTH)
        return lasts == side or follows

    async def mix_in(self) -> None:
        """They are dialled by nodes of one side, over links like the others, and dial one too."""
        fitting = [side for side in range(2) if self.can_follow(side)]
        for _ in range(self.mixed_in):
            quirk, side = self.chance.choice(sorted(QUIRKS)), self.chance.choice(fitting)
            height = self.chance.choice([0, BASE // 2, BASE])
            made, address = await self.test.reference(
                self.chains.base, height, QUIRKS[quirk], seed=self.chance.getrandbits(32)
            )
            made.identity.public = False  # or those of the other side hear of it, too
            self.references.append((quirk, side, made))
            near = self.sides()[side]
            for number in self.chance.sample(near, self.chance.randint(1, len(near))):
                link = chaos.Link(
                    address, self.chance.choice(WHOLE), self.chance.getrandbits(32)
                )
                self.test.addAsyncCleanup(link.stop)
                self.dial(number, await link.start(harness.fresh_host()))

    def dial(self, number: int, address: tuple[str, int]) -> None:
        self.nodes[number].settings["net.peers"].append(f"{address[0]}:{address[1]}")

    async def add_liars(self, number: int) -> None:
        liars = [self.chance.choice(LIARS)(self.chains.base)]
        if self.chains.deep is not None:
            liars.append(OtherBranch(self.chains.deep))
        for made in liars:
            self.dial(number, await self.test.liar(made))

    # ---- what happens ----

    def crossing(self) -> list[chaos.Link]:
        return [link for (a, b), link in self.links.items() if (a in self.half) != (b in self.half)]

    async def run(self, folder: Path) -> None:
        self.on("making")
        await self.make(folder)
        self.on("coming together")
        await self.reach(range(self.count), self.chains.base.tip, "the common beginning")
        for side in range(2):
            await self.references_reach(side, BASE)
        self.on("parted")
        for link in self.crossing():
            await link.part(self.silent)
        await asyncio.gather(*(self.grow(n) for n in range(2)))
        self.on("healed")
        for link in self.crossing():
            await link.heal()
        begun = time.monotonic()
        await self.agree()
        self.healed_in = time.monotonic() - begun
        if self.crowd:
            await self.crowd.stop()
        for node in self.nodes:
            await node.stop()
        self.judge()  # by all lines of the log: the last may come later than the tips that they tell of

    async def grow(self, number: int) -> None:
        """A side's own blocks come to one of its nodes, one after the other."""
        side, branch = self.sides()[number], self.chains.sides[number]
        bringer, _ = await self.test.reference(branch, BASE, BRINGING, listen=False)
        node = self.nodes[self.chance.choice(side)]
        await bringer.dial(node.address, harness.fresh_host())
        for stored in branch.blocks[BASE:]:
            bringer.grow(stored)
            await node.wait_height(stored.index, 30)
        await self.reach(side, branch.tip, f"the branch of side {number}")
        await self.references_reach(number, branch.height)
        await bringer.stop()

    async def references_reach(self, side: int, height: int) -> None:
        for quirk, of, made in self.references:
            if of == side:
                try:
                    await made.wait_height(height, AFTER_FAILURES)
                except asyncio.TimeoutError:
                    raise AssertionError(f"{quirk}: at {made.height} of {height}\n{self.logs()}") from None

    async def reach(self, numbers, tip: str, what: str) -> None:
        for number in numbers:
            await self.nodes[number].wait_status(what, lambda s: s["tip"] == tip, AFTER_FAILURES)

    async def agree(self) -> None:
        """All tips are equal, and it is that of a whole branch."""
        ends = {branch.tip for branch in self.chains.sides}
        deadline = time.monotonic() + harness.patience(AFTER_FAILURES * harness.SLOW)
        while True:
            tips = [(await node.status())["tip"] for node in self.nodes]
            tips += [made.tip for _, _, made in self.references]
            if len(set(tips)) == 1 and tips[0] in ends:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"the tips differ: {[tip[:8] for tip in tips]}\n" + self.logs())
            await asyncio.sleep(0.1)

    def logs(self) -> str:
        return "\n".join(node.log_tail(25) for node in self.nodes)

    # ---- what is asked of it ----

    def replaced(self) -> list[int]:
        return [depth for node in self.nodes for depth in depths(node.lines)]

    def most_changes(self) -> int:
        return max((len(depths(node.lines)) for node in self.nodes), default=0)

    def judge(self) -> None:
        deepest = max(self.replaced(), default=0)
        self.test.assertLessEqual(deepest, MAX_DEPTH, "a block too far down was replaced")
        self.test.assertLessEqual(self.most_changes(), MAX_CHANGES, "a node went to and fro")
        self.test.assertTrue(self.replaced(), "no node changed its branch")
        for quirk, _, made in self.references:
            self.test.assertEqual(made.bans, [], quirk)

    def __str__(self) -> str:
        weather = sorted(link.weather.name for link in self.links.values())
        return (
            f"seed {self.seed}: {', '.join(self.times)}; {len(self.half)} and {self.count - len(self.half)} nodes, grown "
            f"{self.grown}, {len(self.links)} links ({', '.join(weather)}), "
            f"{'silent' if self.silent else 'refusing'} partition, healed in {self.healed_in:.1f} s, "
            f"{len(self.replaced())} changes of branch, at most {self.most_changes()} of a node and "
            f"{max(self.replaced(), default=0)} down, {sum(link.spoilt for link in self.links.values())} bytes spoilt, "
            f"{sum(link.cuts for link in self.links.values())} connections cut" + self.besieged() + self.mixture()
        )

    def besieged(self) -> str:
        kinds = ", ".join(kind.__name__ for kind in self.hostiles)
        crowd = f"; hostile ({kinds}) {self.crowd.told()}" if self.crowd else ""
        return crowd + (f"; a line with {self.line.silences} silences" if self.line else "")

    def mixture(self) -> str:
        """What peers of release 0.10 were mixed in, and what became of them."""
        if not self.references:
            return ""
        counts = [made.count for _, _, made in self.references]
        quirks = ", ".join(sorted(quirk for quirk, _, _ in self.references))
        return (
            f"; {len(counts)} of release 0.10 ({quirks}), {sum(c.lost for c in counts)} blocks lost by them, "
            f"{sum(c.double_requests for c in counts)} asked for twice, "
            f"{sum(c.own_blocks_sent for c in counts)} answered with their own, "
            f"{sum(len(made.bans) for _, _, made in self.references)} bans"
        )
