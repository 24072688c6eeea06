"""Names of the chain: asked for as people write them, on the command line and over HTTP, with one
answer for both."""

import json
import subprocess
import unittest
import urllib.parse

import faults
import harness

MKCHAIN = harness.PROGRAM.parent / "mkchain"
OWNER = "D7C493554F092399BB1A9D9C925B04FF5E7B03E80CFE3513016986AE406499B4"


class Names(harness.ProgramTest):
    async def shown(self, node: harness.Node, name: str) -> dict:
        """By `show` and by the running node: the same, but for the time that has passed."""
        ended = await node.command("show", "domain", name, "--json")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        code, body = await node.get("/domain/" + urllib.parse.quote(name, safe=""))
        self.assertEqual(code, 200, body)
        self.assertEqual(json.loads(ended.out), json.loads(body))
        return json.loads(body)

    @unittest.skipUnless(MKCHAIN.exists(), "needs mkchain")
    async def test_a_name_of_a_made_chain(self):
        path = self.folder / "made.jsonl"
        subprocess.run([str(MKCHAIN), "--seed", "3", "--blocks", "60", "--domain", "home.mob",
                        str(path)], check=True, capture_output=True)  # fmt: skip
        chain = faults.read_chain(path)
        node = await self.loaded_node(chain)
        domain = await self.shown(node, "home.mob")
        self.assertEqual((domain["name"], domain["zone"], domain["registered"]),
                         ("home.mob", "mob", True))  # fmt: skip
        self.assertEqual(domain["history"][-1]["event"], "registered")
        self.assertEqual(domain["history"][-1]["block"], domain["registered_block"])
        self.assertEqual(domain["records"], json.loads(domain["data_raw"])["records"])
        self.assertEqual(await self.shown(node, domain["identity"]),
                         domain | {"name": None, "subdomain": None, "confirmed": None})  # fmt: skip
        for way, sub in (
            ("HOME.Mob", ""), ("home.mob.", ""), ("www.home.mob", "www"),
            ("http://a.b.HOME.mob:80/x/y?z", "a.b"),
        ):  # fmt: skip
            self.assertEqual(await self.shown(node, way), domain | {"subdomain": sub}, way)
        text = (await node.command("show", "domain", "home.mob", env={"COLUMNS": "200"})).out
        state = "expires" if domain["state"] == "alive" else "expired"
        self.assertRegex(text, rf"^home\.mob  .*{state} .* UTC \(.*\), owner {domain['owner'][:8]}…, "
                               rf"registered in block {domain['registered_block']}\n")  # fmt: skip
        for record in domain["records"]:
            self.assertRegex(text, rf"(?m)^  {record['domain']} +{record['type']} +{record['ttl']}  ")

    async def checked(self, node: harness.Node, name: str, *key: str) -> dict:
        """By `domain check` and by the running node: the same; the status says whether it may be."""
        ended = await node.command("domain", "check", name, *(f"--key={k}" for k in key), "--json")
        path = "/domains/check?" + urllib.parse.urlencode({"name": name} | {"key": k for k in key})
        code, body = await node.get(path)
        self.assertEqual(code, 200, body)
        answer = json.loads(body)
        told = json.loads(ended.out)
        for field in ("hashes_a_second", "mean_seconds", "half_seconds", "ninety_percent_seconds"):
            told.pop(field, None)  # which the command measures, and the node has not
        self.assertEqual(told, answer, str(ended))
        self.assertEqual(ended.status, harness.DONE if answer["may_mine"] else harness.REFUSED)
        self.assertEqual(answer["may_mine"], not answer["refusals"])
        return answer

    @unittest.skipUnless(MKCHAIN.exists(), "needs mkchain")
    async def test_may_a_name_be_mined(self):
        path = self.folder / "made.jsonl"
        subprocess.run([str(MKCHAIN), "--seed", "3", "--blocks", "60", "--domain", "home.mob",
                        str(path)], check=True, capture_output=True)  # fmt: skip
        chain = faults.read_chain(path)
        node = await self.loaded_node(chain)
        shown = await self.shown(node, "home.mob")
        free = await self.checked(node, "New.Mob")
        self.assertEqual((free["name"], free["state"], free["registered"]), ("new.mob", "free", False))
        self.assertEqual((free["difficulty"], free["difficulty_reason"]), (2, "new"))
        self.assertEqual(free["mean_hashes"], 2)
        held = await self.checked(node, "home.mob")
        self.assertEqual(held["owner"], shown["owner"])
        self.assertEqual(held["block"], shown["block"])
        own = await self.checked(node, "home.mob", shown["owner"].lower())
        self.assertEqual(own["refusals"], [])
        if shown["state"] == "alive":
            self.assertEqual([r["reason"] for r in held["refusals"]], ["taken"])
            self.assertEqual(own["difficulty_reason"], "low")
        for name, reason in (("\u00fc.mob", "name"), ("a.com", "zone"), ("a.b.mob", "labels"), ("mob", "labels")):
            self.assertEqual([r["reason"] for r in (await self.checked(node, name))["refusals"]], [reason])
        ended = await node.command("domain", "check", "new.mob", env={"COLUMNS": "200"})
        self.assertRegex(ended.out, r"^new\.mob: may be mined\ndifficulty 2: a new name, 2 hashes on average\nit takes .*\n"
                                    r"(not before block \d+ has its signatures\n)?as of block 60 of .* UTC\n$")  # fmt: skip
        ended = await node.command("domain", "check", "a.com", env={"COLUMNS": "200"})
        self.assertEqual(ended.status, harness.REFUSED)
        self.assertRegex(ended.out, r"^a\.com: there is no zone com; there are anon, .*\nas of block 60 of .*\n$")

    @unittest.skipUnless(MKCHAIN.exists(), "needs mkchain")
    async def test_names_of_a_key(self):
        path = self.folder / "made.jsonl"
        subprocess.run([str(MKCHAIN), "--seed", "3", "--blocks", "60", "--domain", "home.mob",
                        str(path)], check=True, capture_output=True)  # fmt: skip
        node = await self.loaded_node(faults.read_chain(path))
        shown = await self.shown(node, "home.mob")
        ended = await node.command("domain", "list", "--key", shown["owner"], "--json")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        listed = json.loads(ended.out)
        self.assertEqual(listed["domains_total"], len(listed["domains"]))
        home = next(d for d in listed["domains"] if d["identity"] == shown["identity"])
        for field in ("state", "block", "zone", "expires", "expires_timestamp"):
            self.assertEqual(home[field], shown[field], field)
        self.assertEqual(home["records"], len(shown["records"]))
        ended = await node.command("domain", "list", "--key", "7" * 64)
        self.assertRegex(ended.out, r"^this key owns no name\nas of block 60 of .* UTC\n$")
        ended = await node.command("domain", "list")
        self.assertEqual((ended.status, ended.err),
                         (harness.TASK_FAILED, "alfisd: domain list: there is no key here: alfisd key new\n"))  # fmt: skip

    async def test_a_key_that_is_none(self):
        node = await self.loaded_node(self.chain("devnet-72"))
        ended = await node.command("domain", "check", "new.mob", "--key", "zz")
        self.assertEqual((ended.status, ended.err),
                         (harness.USAGE, "alfisd: --key zz: a public key is 64 hex digits\n"))  # fmt: skip
        code, body = await node.get("/domains/check?name=new.mob&key=zz")
        self.assertEqual((code, json.loads(body)["error"]), (400, "key: a public key is 64 hex digits"))
        code, body = await node.get("/domains/check")
        self.assertEqual((code, json.loads(body)["error"]), (400, "name is missing"))

    async def test_names_that_are_not_there(self):
        node = await self.loaded_node(self.chain("devnet-72"))
        free = await self.shown(node, "Nobody-has.this.ygg")
        self.assertEqual((free["name"], free["state"], free["registered"]), ("this.ygg", "free", False))
        text = (await node.command("show", "domain", "this.ygg")).out
        self.assertRegex(text, r"^this\.ygg  free: nobody has registered it\n"
                               r"as of     block 72 of .* UTC, .* ago\n$")  # fmt: skip
        self.assertEqual(free["as_of_height"], 72)
        for name, why in (
            ("this.com", "the zones are anon, "), ("ygg", "it is a zone"),
            ("this", "a name has a zone"), ("a--b.ygg", "single hyphens"), ("a..b", "it is no name"),
            ("\udcff.ygg", "no UTF-8"), ("7" * 64, ""),
        ):  # fmt: skip
            if name.isprintable():
                ended = await node.command("show", "domain", name)
                self.assertEqual(ended.status, harness.TASK_FAILED, name)
                self.assertIn("no such domain: ", ended.err)
                self.assertIn(why, ended.err)
            path = "/domain/" + urllib.parse.quote(name.encode(errors="surrogateescape"), safe="")
            code, body = await node.get(path)
            self.assertEqual(code, 404, name)
            self.assertIn(why, json.loads(body)["error"])

    async def test_a_real_name(self):
        chain = self.chain("mainnet-1-149")
        node = await self.loaded_node(chain)
        domain = await self.shown(node, "alfis.ygg")
        self.assertEqual((domain["owner"], domain["block"]), (OWNER, 45))
        self.assertEqual((domain["state"], domain["confirmed"]), ("free", True))
        self.assertEqual(domain["expires"], "2022-05-13T13:42:35Z")
        self.assertEqual(domain["free_from"], "2022-06-12T13:42:35Z")
        self.assertEqual([r["type"] for r in domain["records"]], ["AAAA", "NS", "CNAME"])
        text = (await node.command("show", "domain", "alfis.ygg")).out
        self.assertRegex(text, r"^alfis\.ygg  free, expired 2022-05-13 13:42 UTC \(.* years ago\), ")
        self.assertRegex(text, r"(?m)^  @    AAAA   3600  22a:4567:d94f:5631:7c26:ea44:d707:b0b4$")


class Blocks(harness.ProgramTest):
    async def test_text_and_json(self):
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        blocks = json.loads((await node.get("/blocks?from=2&count=71"))[1])["blocks"]
        full = [b for b in blocks if b["full"]][-1]["index"]
        shown = json.loads((await node.command("show", "block", str(full), "--json")).out)
        self.assertEqual(shown, json.loads((await node.get(f"/block/{full}"))[1]))
        self.assertEqual(shown["transaction"]["records"],
                         json.loads(shown["transaction"]["data_raw"]).get("records", []))  # fmt: skip
        text = (await node.command("show", "block", shown["hash"])).out
        self.assertRegex(text, rf"^block {full} of \d.* UTC, .*: a full block\n")
        for what, begin in (("chain", "origin    "), (f"key {shown['pub_key']}", "key       ")):
            self.assertTrue((await node.command("show", *what.split())).out.startswith(begin), what)


if __name__ == "__main__":
    unittest.main()
