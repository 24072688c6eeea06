"""What a user is told who asks for a name that he cannot have, or in a way that cannot be: what, why,
until when. One row each, at the command line."""

import json
import time

import harness
from alfis.block import Block, Transaction
from alfis.miner import Miner
from given_names import identity_of
from test_domains import DomainsTest
from test_keys import PHRASE

A_DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
TOO_MANY = [w for i in range(31) for w in ("--record", f"r{i} AAAA 200::1")]
LONG = "x" * 300
BIG = [w for i in range(30) for w in ("--record", f'r{i} TXT "{"y" * 1100}"')]

# words, exit status, what the error says (a pattern)
ROWS = (
    # names
    (("new", "ünï.ygg"), 5, r"ünï\.ygg: names are ASCII: .*xn--"),
    (("new", "Straße.ygg"), 5, r"[Ss]traße\.ygg: names are ASCII"),
    (("new", "a_b.ygg"), 5, r"a_b\.ygg: names have letters, digits and hyphens alone"),
    (("new", "a--b.ygg"), 5, r"a--b\.ygg: has two hyphens in a row"),
    (("new", "a..b.ygg"), 5, r"a\.\.b\.ygg: has two dots in a row"),
    (("new", ".ab.ygg"), 5, r"\.ab\.ygg: begins or ends with a dot or a hyphen"),
    (("new", "77.ygg"), 5, r"77\.ygg: names of digits alone have three of them at least"),
    (("new", "x.com"), 5, r"x\.com: there is no zone com; there are anon, btn,"),
    (("new", "nozone"), 5, r"nozone: there is no zone nozone"),
    (("new", "ygg"), 5, r"ygg: a name is a word and a zone, such as example\.ygg"),
    (("new", "www.x.ygg"), 5, r"www\.x\.ygg: names of 3 parts are never resolved; mine x\.ygg, and give it records for www"),
    (("new", "y" * 64 + ".ygg"), 5, r"a part of a name has 63 characters at most"),
    (("new", "z" * 300 + ".ygg"), 5, r"is longer than 255 bytes, or is no text"),
    (("new", ""), 5, r"a name is a word and a zone, such as example\.ygg"),
    # records
    (("new", "x.ygg", "--record", "@ A 1.2.3.4"), 5, r"x\.ygg: A records are not allowed in this zone \(record 1\)"),
    (("new", "x.ygg", "--record", "@ AAAA 2001:db8::1"), 5, r"record 1: AAAA records of this zone have addresses of 200::/7"),
    (("new", "x.ygg", "--record", f'@ TXT "{LONG}"'), 5, r"record 1 \(TXT\) has 300 bytes: 255 are allowed in this zone"),
    (("new", "x.ygg", *TOO_MANY), 5, r"31 records: 30 are allowed"),
    (("new", "x.ygg", "--record", "@ AAAA no"), 1, r"--record, column \d+: "),
    (("new", "x.ygg", "--record", "@ NOTYPE 1"), 1, r"--record, column \d+: "),
    (("set", "mine.ygg", "--remove", "www AAAA"), 1, r"--remove 'www AAAA': there is no such record"),
    (("set", "mine.ygg", "--contact", "nothing"), 1, r"--contact takes NAME=VALUE"),
    (("set", "mine.ygg", "--zone-file", "/nowhere"), 1, r"/nowhere "),
    (("new", "x.mob", *BIG), 5, r"x\.mob: its block has more than 32699 bytes, which no message carries"),
    # owners and keys
    (("new", "x.ygg", "--key", "absent"), 1, r"there is no key of this name: alfisd key list"),
    (("new", "x.ygg", "--for", "alfis1:12"), 2, r"--for: "),
    (("transfer", "mine.ygg", "--to", "zz"), 2, r"--to: "),
    (("transfer", "mine.ygg"), 1, r"to whom\? --to takes an owner line"),
    # whose it is
    (("new", "mine.ygg"), 1, r"mine\.ygg is yours already: alfisd domain set, or renew"),
    (("new", "hers.ygg"), 5, r"hers\.ygg: taken by [0-9A-F]{8}…, free after " + A_DATE),
    (("set", "hers.ygg", "--info", "x"), 5, r"hers\.ygg: taken by [0-9A-F]{8}…, free after " + A_DATE),
    (("renew", "hers.ygg"), 5, r"hers\.ygg: taken by "),
    (("set", "free.ygg", "--info", "x"), 1, r"free\.ygg is not a name of this key: alfisd domain new"),
    (("renew", "ünï.ygg"), 5, r"ünï\.ygg: names are ASCII"),
)  # fmt: skip


class Refusals(DomainsTest):
    async def give(self, node: harness.Node, name: str) -> None:
        """A name of somebody else."""
        chain = json.loads((await node.get("/chain"))[1])
        miner = Miner()
        key = miner.key.public
        block = Block(
            chain["height"] + 1, int(time.time()), difficulty=9,
            prev_block_hash=bytes.fromhex(chain["tip"]),
            transaction=Transaction(
                "domain", *identity_of(name, key), key, key, '{"encrypted":"","zone":"ygg"}'
            ),
        )  # fmt: skip
        encoded = miner.finish(block).encode().hex()
        code, body = await node.get("/blocks/submit", "POST", f"block={encoded}")
        self.assertEqual(code, 200, body)

    async def test_each_one(self):
        node = await self.start("me")
        await self.give(node, "hers.ygg")
        await self.made(node, "new", "mine.ygg")
        for words, status, error in ROWS:
            with self.subTest(words=" ".join(words)[:60]):
                done = await self.domain(node, *words)
                self.assertEqual(done.status, status, str(done))
                self.assertRegex(done.err, error)
                self.assertEqual(done.err.count("\n"), 1, done.err)
                self.assertEqual(done.out, "")
        for words, error in (
            (("show", "77"), r"there is no job of this number: `alfisd job list`"),
            (("cancel", "77"), r"there is no job of this number"),
            (("pause", "1"), r"this job has ended, or its block is being checked"),
            (("resume", "x"), r"id: |number"),
        ):
            done = await node.command("job", *words)
            self.assertEqual(done.status, 1, str(done))
            self.assertRegex(done.err, error)
        self.assertEqual((await node.status())["height"], 12)
        await self.done(node, "new", "second", phrases=(PHRASE, PHRASE))
        done = await self.domain(node, "new", "x.ygg")
        self.assertIn("there are several keys: say which one with --key NAME", done.err)

    async def test_dry_run_tells_all(self):
        node = await self.start("me")
        await self.made(node, "new", "mine.ygg", "--record", "www AAAA 200::1 60", "--record", "@ AAAA 200::2 60")
        words = ("set", "mine.ygg", "--remove", "www AAAA", "--record", "mail AAAA 200::3 60")
        dry = await self.domain(node, *words, "--dry-run")
        self.assertEqual((dry.status, dry.err), (0, ""), str(dry))
        for line in ("  @ 60 AAAA 200::2", "- www 60 AAAA 200::1", "+ mail 60 AAAA 200::3"):
            self.assertIn(line + "\n", dry.out)
        self.assertRegex(dry.out, r'(?m)^\{"encrypted":"0+","zone":"ygg","records":\[')
        self.assertRegex(dry.out, r"(?m)^difficulty \d+: a change 0 weeks after the last one$")
        self.assertRegex(dry.out, r"(?m)^\S.* on average at .*: half of all searches end within .*, nine of ten within ")
        self.assertRegex(dry.out, r"(?m)^a block of \S+ \S+ at most$")
        told = json.loads((await self.domain(node, *words, "--dry-run", "--json")).out)
        self.assertEqual(told["refusals"], [])
        self.assertEqual(told["before"], ["www 60 AAAA 200::1", "@ 60 AAAA 200::2"])
        self.assertEqual(told["after"], ["@ 60 AAAA 200::2", "mail 60 AAAA 200::3"])
        self.assertGreater(told["hashes_a_second"], 0)
        self.assertLessEqual(told["half_seconds"], told["mean_seconds"])
        self.assertLessEqual(told["mean_seconds"], told["ninety_percent_seconds"])

        words = ("new", "a--b.c.ygg", "--record", "@ A 1.2.3.4", "--dry-run")
        dry = await self.domain(node, *words)
        self.assertEqual(dry.status, harness.REFUSED)
        for part in ("A records are not allowed", "two hyphens in a row", "names of 3 parts"):
            self.assertIn(part, dry.err)
        dry = await self.domain(node, *words, "--json")
        self.assertEqual((dry.status, dry.err), (harness.REFUSED, ""))
        self.assertEqual(
            {f["reason"] for f in json.loads(dry.out)["refusals"]}, {"name", "labels", "clearnet"}
        )

    async def test_what_a_free_name_costs(self):
        node = await self.start()
        done = await self.domain(node, "check", "free.ygg")
        self.assertRegex(done.out, r"it takes .* on average at .* hashes/s: half")
        ended = await node.command("check-config")
        self.assertNotIn("buy for a new name", ended.out)


class Waits(DomainsTest):
    HEIGHT = 1
    PARAMS = DomainsTest.PARAMS | {"new_domains_interval": 86400}

    async def test_cooldown(self):
        """Which key, how long, until when."""
        node = await self.start("me")
        await self.made(node, "new", "one.ygg")
        expected = r"\bkey me may mine a new name in (23 h|1 d)[^(]* \(at " + A_DATE + r"\)"
        dry = await self.domain(node, "new", "two.ygg", "--dry-run")
        self.assertRegex(dry.err, expected)
        job = await self.made(node, "new", "two.ygg", "--no-wait")
        self.assertRegex(job["reason"], expected)
        self.assertEqual((job["state"], job["difficulty"]), ("waits", 9))
        shown = (await node.command("job", "show", str(job["id"]))).out
        self.assertIn("at 9 bits", shown)
        ended = await node.command("check-config")
        self.assertRegex(ended.out, r"mine_scratch_bytes of .* buy for a new name: .* on average at ")
