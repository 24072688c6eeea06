"""What is asked over HTTP: every path of docs/api.md, its fields, its arguments, HEAD, bodies, errors
that say what would be right."""

import asyncio
import json
import re

import harness
from alfis import vectors

REFERENCE = vectors.PROJECT / "docs" / "api.md"
# Not in the answers that are looked at here.
# Lists of warnings and keys are empty here (test_keys.py has some).
SOMETIMES = {"jobs[]", "block", "owner", "refusals[].reason", "refusals[].text",
             "refusals[].until", "refusals[].until_timestamp",
             "missed[].key", "missed[].healed", "missed[].block", "standby[]", "hashes_a_second", "mean_seconds", "half_seconds", "ninety_percent_seconds",
             "busiest[].name", "busiest[].questions", "busiest[].slowest_ms",
             "slowest[].name", "slowest[].questions", "slowest[].slowest_ms", "settings[].follows", "settings[].variable", "keys.warnings[]", "web.warnings[]", "warnings[]", "keys[]",
             "names[]", "expiring[]", "falling_free[]", "search.name", "search.tried", "search.rate", "search.seconds", "search.mean"}  # fmt: skip


def sections() -> dict[str, set[str]]:
    """Path → names of the fields, of GET requests."""
    found: dict[str, set[str]] = {}
    for part in REFERENCE.read_text(encoding="utf-8").split("\n## ")[1:]:
        head, _, rest = part.partition("\n")
        method, path = head.split()
        rows = re.findall(r"^\| `(\S+)` \| (\S+) \|", rest, re.M)
        if method == "GET":
            found[path] = {name for name, kind in rows if kind != "argument"}
    return found


def unique(members: list[tuple[str, object]]) -> dict:
    """An object of JSON; a name that stands there twice would hide what the first one says."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError(f"a name stands twice in {members}")
    return found


def flat(value, name: str = "") -> set[str]:
    """Names as the reference has them: a.b, a[].b."""
    if isinstance(value, dict):
        dot = f"{name}." if name else ""
        return set().union(*[flat(v, dot + k) for k, v in value.items()])
    if isinstance(value, list):
        return set().union(*[flat(v, f"{name}[]") for v in value])
    return {name}


class Api(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")

    async def ask(self, node, path: str, method: str = "GET", body: str = "") -> tuple[int, dict]:
        code, text = await node.get(path, method, body)
        return code, json.loads(text, object_pairs_hook=unique)

    async def test_reference_is_true(self):
        done = await harness.run("api-reference")
        self.assertEqual(done.out, REFERENCE.read_text(encoding="utf-8"), "write it again")

    async def test_reference_tells_the_commands(self):
        row = r"(?m)^\| `([A-Z]+ /\S*)` \| .*? \| .*? \| (.*?) \| "
        rows = re.findall(row, REFERENCE.read_text(encoding="utf-8"))
        told = {request: set(re.findall("`(.*?)`", names)) for request, names in rows}
        asked: dict[str, set[str]] = {request: set() for request in told}
        for command in json.loads((await harness.run("help", "--json")).out)["commands"]:
            if "path" in command:
                asked[f"{command['method']} {command['path']}"].add(command["name"])
        self.assertEqual(told, asked)
        self.assertEqual(asked["POST /peers/add"], {"peer add"})

    async def test_man_page_has_each_path(self):
        page = (vectors.PROJECT / "man" / "alfisd.1").read_text(encoding="utf-8")
        paths = re.findall(r"(?m)^\| `[A-Z]+ (/\S*)` ", REFERENCE.read_text(encoding="utf-8"))
        self.assertGreater(len(paths), 15)
        for path in [path for path in paths if not path.startswith("/api/")]:
            self.assertTrue(re.search(rf"(?m)(^|\s){path}(?![a-z/])", page), path)

    async def test_fields(self):
        """Each answer has the fields that the reference tells, and no other."""
        _, address = await self.reference(self.small)
        host = harness.fresh_host()
        node = await self.node(self.small, peers=[address], **{
            "dns__listen": f"{host}:{harness.free_port(host)}", "dns__forwarders": [f"{host}:1"],
        })  # fmt: skip
        await node.wait_height(72)
        blocks = (await self.ask(node, "/blocks?from=1&count=72"))[1]["blocks"]
        full = [b for b in blocks if b["full"]][-1]
        block = (await self.ask(node, f"/block/{full['index']}"))[1]
        identity = block["transaction"]["identity"]
        behind = {"/block/": block["hash"], "/domain/": identity, "/key/": block["pub_key"],
                  "/peers": "?all", "/domains/check": "?name=x.ygg",
                  "/dns/resolve": "?name=ygpo-napu-ygg-pape.v6&type=aaaa&trace"}  # fmt: skip
        await self.ask(node, "/bans/add?address=10.9.9.9", "POST")
        asked = 0
        for path, fields in sections().items():
            if path.startswith("/api/"):  # test_web_api.py
                continue
            if not fields or path in ("/keys/", "/jobs/", "/domains"):  # there is no key here
                continue
            code, answer = await self.ask(node, path + behind.get(path, ""))
            self.assertEqual(code, 200, path)
            told = {name.replace("value[]", "value") for name in flat(answer)}
            self.assertEqual(told - fields, set(), path)
            if path in ("/domain/", "/block/"):  # lists there may be empty, records of some types
                fields = {f for f in fields if "[]" not in f}
            self.assertEqual(fields - told - SOMETIMES, set(), path)
            asked += 1
        self.assertGreater(asked, 8)

    async def test_blocks_names_keys(self):
        node = await self.loaded_node(self.small)
        code, block = await self.ask(node, "/block/72")
        self.assertEqual((code, block["hash"]), (200, self.small.tip))
        self.assertEqual((await self.ask(node, f"/block/{self.small.tip}/"))[0], 404)
        self.assertEqual((await self.ask(node, f"/block/{self.small.tip}"))[1], block)
        code, key = await self.ask(node, f"/key/{block['pub_key']}")
        self.assertEqual((code, key["pub_key"]), (200, block["pub_key"]))
        code, chain = await self.ask(node, "/chain")
        self.assertEqual((code, chain["height"], chain["tip"]), (200, 72, self.small.tip))
        for path in ("/block/73", "/block/0", "/block/x", "/key/00"):
            code, answer = await self.ask(node, path)
            self.assertEqual(code, 404, path)
            self.assertEqual(answer["error"], f"there is no such {path.split('/')[1]}")

    async def test_numbers(self):
        node = await self.loaded_node(self.small)
        good = {"": 20, "?count=1": 1, "?from=72": 1, "?from=3&count=100": 70, "?from=73": 0,
                "?from=18446744073709551615": 0}  # fmt: skip
        for query, count in good.items():
            code, answer = await self.ask(node, f"/blocks{query}")
            self.assertEqual((code, len(answer["blocks"])), (200, count), query)
        most = {"from": "18446744073709551615", "count": "100"}
        for name, bad in (
            ("from", "abc"), ("from", "-1"), ("from", "18446744073709551616"), ("from", ""),
            ("from", "0"), ("from", "1x"), ("from", "+1"), ("from", "%201"),
            ("count", "101"), ("count", "0"), ("count", "100000"), ("count", "1.5"),
        ):  # fmt: skip
            code, answer = await self.ask(node, f"/blocks?{name}={bad}")
            expected = f"the argument {name} is no number from 1 to {most[name]}"
            self.assertEqual((code, answer["error"]), (400, expected), bad)

    async def test_arguments(self):
        node = await self.node(self.small)
        for path, words in {
            "/status?all": "there is no argument all here: this path takes none",
            "/blocks?form=1": "there is no argument form here: this path takes from count",
            "/blocks?from=1&from=2": "the argument from is there twice",
            "/blocks?from=%0a": "the argument from is malformed",
        }.items():
            code, answer = await self.ask(node, path)
            self.assertEqual(code, 400, path)
            self.assertIn(words, answer["error"])

    async def test_paths(self):
        node = await self.loaded_node(self.small)
        self.assertEqual((await self.ask(node, "/status/"))[1]["height"], 72)
        for path in ("/status//", "/statu", "/domain", "/block/", "//", "/health/x"):
            code, answer = await self.ask(node, path)
            self.assertEqual(code, 404, path)
            self.assertIn("docs/api.md", answer["error"])
        code, answer = await self.ask(node, "/stop")
        self.assertEqual((code, answer["error"]), (405, "this path takes a POST"))
        code, answer = await self.ask(node, "/status", "POST")
        self.assertEqual((code, answer["error"]), (405, "this path is read with GET"))


    async def test_config(self):
        node = await self.node(self.small, admin__max_lag="2 h")
        code, answer = await self.ask(node, "/config")
        rows = {row["key"]: row for row in answer["settings"]}
        self.assertEqual((code, answer["file"]), (200, str(node.config)))
        self.assertEqual(rows["admin.max_lag"]["value"], 7200)
        self.assertEqual(rows["admin.max_lag"]["source"], "file")
        self.assertEqual(rows["net.yggdrasil_only"]["source"], "default")


class Bodies(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.asked = await self.node(self.chain("devnet-72"))

    async def raw(self, *lines: str, body: str = "") -> tuple[str, str]:
        """Head and body of the answer to one request."""
        path = str(self.asked.settings["admin.socket"])
        reader, writer = await asyncio.open_unix_connection(path)
        self.addCleanup(writer.close)
        writer.write(("\r\n".join((*lines, "Connection: close")) + "\r\n\r\n" + body).encode())
        answer = await asyncio.wait_for(reader.read(), 10 * harness.SLOW)
        head, _, rest = answer.decode().partition("\r\n\r\n")
        return head, rest

    async def test_form(self):
        form = "Content-Type: application/x-www-form-urlencoded"
        for blank in ("+", "%20"):
            text = f"address=192.0.2.1&seconds=1{blank}h"
            head, body = await self.raw("POST /bans/add HTTP/1.1", form, f"Content-Length: {len(text)}",
                                        body=text)  # fmt: skip
            self.assertEqual((head.split()[1], body), ("200", '{"done":"banned"}\n'))
        head, body = await self.raw("POST /bans/remove?address=192.0.2.1 HTTP/1.1")
        self.assertEqual((head.split()[1], body), ("200", '{"done":"unbanned"}\n'))

    async def test_other_bodies(self):
        head, body = await self.raw("POST /bans/add HTTP/1.1", "Content-Type: application/json",
                                    "Content-Length: 2", body="{}")  # fmt: skip
        self.assertIn("415", head)
        self.assertIn("into the query (?address=...) or into a form", body)
        head, body = await self.raw("POST /bans/add HTTP/1.1")
        self.assertEqual(json.loads(body)["error"], "an address is needed")

    async def test_expect(self):
        path = str(self.asked.settings["admin.socket"])
        reader, writer = await asyncio.open_unix_connection(path)
        self.addCleanup(writer.close)
        writer.write(b"POST /bans/add HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\r\n")
        line = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10 * harness.SLOW)
        self.assertEqual(line, b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.write(b"address=192.0.2.2")
        self.assertIn(b" 200 OK", await reader.readline())
        self.assertIn("417", (await self.raw("POST /stop HTTP/1.1", "Expect: tea"))[0])
        self.assertTrue(self.asked.running)

    async def test_head(self):
        for path in ("/health", "/status", "/", "/metrics", "/limits", "/events", "/nothing"):
            head, body = await self.raw(f"HEAD {path} HTTP/1.1")
            if path == "/events":  # has no end
                self.assertEqual((head.split()[1], body), ("200", ""))
                self.assertNotIn("Content-Length", head)
                continue
            code, whole = await self.asked.get(path)
            self.assertEqual((int(head.split()[1]), body), (code, ""), path)
            length = int(re.search(r"Content-Length: (\d+)", head)[1])
            if path not in ("/status", "/", "/metrics", "/limits"):  # whose numbers move
                self.assertEqual(length, len(whole), path)

    async def test_methods(self):
        for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get"):
            head, _ = await self.raw(f"{method} /status HTTP/1.1")
            self.assertIn("405", head, method)
            self.assertIn("Allow: GET, HEAD", head)
        head, _ = await self.raw("HEAD /stop HTTP/1.1")
        self.assertIn("Allow: POST", head)

    async def test_protecting_headers(self):
        for path in ("/health", "/", "/nothing", "/metrics"):
            head, _ = await self.raw(f"GET {path} HTTP/1.1")
            for line in ("Cache-Control: no-store", "X-Content-Type-Options: nosniff",
                         "X-Frame-Options: DENY", "Referrer-Policy: same-origin"):  # fmt: skip
                self.assertIn(line, head.splitlines(), path)
            self.assertRegex(head, "Content-Security-Policy: default-src 'none';", path)
            self.assertIn("frame-ancestors 'none'", head)
