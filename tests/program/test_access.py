"""Who may ask by TCP: addresses, networks, the token, pages of others, and no lock-out of the owner."""

import asyncio
import base64
import json
import socket
from pathlib import Path

import harness

TOKEN = "0123456789abcdef-token"
BEARER = f"Authorization: Bearer {TOKEN}"


def basic(token: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"me:{token}".encode()).decode()


async def ask(place: tuple[str, int], *lines: str) -> tuple[int, str, str]:
    """Status, head and body of the answer to one request; status 0 when there is none."""
    reader, writer = await asyncio.open_connection(*place)
    try:
        first, *more = lines
        writer.write(("\r\n".join((first, "Connection: close", *more)) + "\r\n\r\n").encode())
        answer = (await asyncio.wait_for(reader.read(), 10 * harness.SLOW)).decode()
    except ConnectionError:
        answer = ""
    finally:
        writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]) if head else 0, head, body


class AccessTest(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")
        self.place = ("127.0.0.1", harness.free_port("127.0.0.1"))
        self.token_file = self.folder / "token"
        self.put_token(TOKEN)

    def put_token(self, token: str, mode: int = 0o600) -> None:
        self.token_file.write_text(token + "\n", encoding="utf-8")
        self.token_file.chmod(mode)

    def listen(self, **more) -> dict:
        return {"admin__listen": "{}:{}".format(*self.place), **more}

    async def get(self, path: str, *lines: str) -> int:
        return (await ask(self.place, f"GET {path} HTTP/1.1", *lines))[0]


class Token(AccessTest):
    async def test_asked_for(self):
        node = await self.node(self.small, **self.listen(admin__token_file=str(self.token_file)))
        for lines in ([], ["Host: localhost"], [basic("wrong")], [BEARER + "x"], ["Authorization: x"],
                      [basic(TOKEN)[:-4]], ["Authorization: Bearer " + "y" * 600]):  # fmt: skip
            for path in ("/", "/status", "/events", "/nothing", "/health"):
                code, head, _ = await ask(self.place, f"GET {path} HTTP/1.1", *lines)
                self.assertEqual(code, 401, (path, lines))
                self.assertIn('WWW-Authenticate: Basic realm="alfisd"', head)
        self.assertEqual((await ask(self.place, "POST /stop HTTP/1.1"))[0], 401)
        for line in (BEARER, basic(TOKEN)):
            self.assertEqual(await self.get("/status", line, "Host: node.lan:8080"), 200)
            self.assertEqual(await self.get("/", line), 200)
            self.assertEqual(await self.get("/status", line, "Origin: http://node.lan"), 403)
            self.assertEqual((await ask(self.place, "POST /stop HTTP/1.1", line))[0], 403)
        await node.wait_line("admin.listen: a wrong token from 127.0.0.1")
        self.assertFalse(any(TOKEN in x for x in node.lines))
        self.assertEqual((await node.get("/status"))[0], 200)  # the socket asks for none

    async def test_reload_takes_a_new_one(self):
        node = await self.node(self.small, **self.listen(admin__token_file=str(self.token_file)))
        self.put_token("another-0123456789")
        self.assertEqual(await self.get("/status", BEARER), 200)
        news = "0 settings changed, 0 need a restart; the token of admin.token_file has changed"
        for expected in (news, news.split(";")[0]):
            code, body = await node.get("/reload", "POST")
            self.assertEqual((code, json.loads(body)), (200, {"done": expected}))
        self.assertEqual(await self.get("/status", BEARER), 401)
        self.assertEqual(await self.get("/status", basic("another-0123456789")), 200)
        self.put_token("short")
        code, body = await node.get("/reload", "POST")
        self.assertEqual(code, 400, body)
        await node.wait_line("is not one word of 16 to 256 printable characters")
        self.assertEqual(await self.get("/status", basic("another-0123456789")), 200)

    async def test_a_new_one_ends_what_the_old_one_opened(self):
        node = await self.node(self.small, **self.listen(admin__token_file=str(self.token_file)))
        reader, writer = await asyncio.open_connection(*self.place)
        self.addCleanup(writer.close)
        writer.write(f"GET /events HTTP/1.1\r\n{BEARER}\r\n\r\n".encode())
        self.assertIn(b"200", await reader.readline())
        self.assertEqual((await node.get("/reload", "POST"))[0], 200)  # nothing new in it
        self.put_token("another-0123456789")
        self.assertEqual((await node.get("/reload", "POST"))[0], 200)
        rest = await asyncio.wait_for(reader.read(), 10 * harness.SLOW)
        self.assertIn(b"who may ask has changed", rest)
        self.assertEqual(rest.count(b"reload: 0 settings changed"), 1, rest)

    async def test_file(self):
        """In the data directory, readable by others: a warning; absent: no start."""
        node = self.make_node(self.small, **self.listen(admin__token_file="token"))
        data = Path(node.settings["node.data_dir"])
        data.mkdir(parents=True)
        (data / "token").write_text(TOKEN, encoding="utf-8")
        (data / "token").chmod(0o644)
        await node.start()
        await node.wait_line("others may read token, which is a secret: chmod 600")
        self.assertEqual(await self.get("/status", BEARER), 200)
        await node.stop()
        for command in ("run", "check-config"):
            done = await node.command(command, "--set", "admin.token_file=absent")
            self.assertEqual(done.status, harness.USAGE)
            self.assertIn(f"admin.token_file: cannot read {data}/absent: No such file", done.err)


class Networks(AccessTest):
    def own_address(self) -> str:
        """An address of this machine that is not loopback."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing
            except OSError:
                self.skipTest("this machine has no address but loopback")
            return probe.getsockname()[0]

    async def test_settings(self):
        token = ["--set", f"admin.token_file={self.token_file}"]
        allow = ["--set", "admin.allow=10.0.0.0/8"]
        for listen in ("0.0.0.0:4245", "[::]:4245", "192.0.2.1:4245"):
            for sets in ([], token, allow, token + allow):
                done = await harness.run("check-config", "--config", "/dev/null", "--set",
                                         f"admin.listen={listen}", *sets)  # fmt: skip
                whole = len(sets) == 4
                self.assertEqual(done.status, harness.DONE if whole else harness.USAGE, sets)
                self.assertEqual("can be reached from other machines" in done.err, not whole)

    async def test_who_is_let_in(self):
        own = self.own_address()
        self.place = (own, harness.free_port(own))
        token = {"admin__token_file": str(self.token_file)}
        port = harness.free_port("0.0.0.0")
        listen = {"admin__listen": f"0.0.0.0:{port}", "admin__metrics_listen": "{}:{}".format(*self.place)}
        node = await self.node(self.small, admin__allow=["203.0.113.0/24"], **listen, **token)
        self.assertEqual((await ask((own, port), "GET /status HTTP/1.1", BEARER))[0], 0)
        self.assertEqual(await self.get("/health"), 0)
        await node.wait_line(f"admin.listen: {own} is in no network of admin.allow", 5)
        local = await ask(("127.0.0.1", port), "GET /status HTTP/1.1", BEARER)
        self.assertEqual(local[0], 200)
        node.settings["admin.allow"] = ["203.0.113.0/24", f"{own}/32"]
        node.config.write_text(harness.toml_text(node.settings))
        self.assertEqual((await node.get("/reload", "POST"))[0], 200)
        self.assertEqual((await ask((own, port), "GET /status HTTP/1.1", BEARER))[0], 200)
        self.assertEqual((await ask((own, port), "GET /status HTTP/1.1"))[0], 401)
        self.assertEqual(await self.get("/health"), 200)


class Addresses(AccessTest):
    async def test_metrics_alone(self):
        await self.node(self.small, admin__metrics_listen="{}:{}".format(*self.place))
        for path in ("/metrics", "/health", "/health?ready", "/metrics/"):
            expected = 503 if "ready" in path else 200
            self.assertEqual(await self.get(path, "Host: node.lan"), expected, path)
            code, head, body = await ask(self.place, f"HEAD {path} HTTP/1.1")
            self.assertEqual((code, body), (expected, ""))
            self.assertNotIn("Content-Length: 0", head)
        for path in ("/", "/status", "/peers", "/limits", "/events", "/blocks", "/stop"):
            self.assertIn(await self.get(path), (403, 405), path)
        self.assertEqual((await ask(self.place, "POST /stop HTTP/1.1"))[0], 403)
        self.assertEqual(await self.get("/metrics", "Origin: http://evil.example"), 403)

    async def test_taken_port_is_a_warning(self):
        with socket.create_server(self.place):
            node = await self.node(self.small, **self.listen())
            await node.wait_line("the node runs without it and tries again every minute")
        self.assertEqual((await node.get("/reload", "POST"))[0], 200)
        self.assertEqual(await self.get("/status"), 200)

    async def test_default(self):
        """Read-only on loopback; what is on the machine's port already may be another node."""
        node = await self.node(self.small, admin__listen="127.0.0.1:4245")
        if not any("admin.listen: cannot listen" in line for line in node.lines):
            self.assertEqual((await ask(("127.0.0.1", 4245), "GET /status HTTP/1.1"))[0], 200)
        done = await harness.run("config-template")
        self.assertIn('\nlisten = "127.0.0.1:4245"\n', done.out)


class LockOut(AccessTest):
    """Strangers by TCP never take the places of the Unix socket."""

    async def silent(self, count: int) -> list[asyncio.StreamWriter]:
        found = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection(*self.place)
            writer.write(b"GET /st")
            self.addCleanup(writer.close)
            found.append(reader)
        return found

    async def test_clients(self):
        node = await self.node(self.small, **self.listen(), limits__admin_timeout="60 s")
        held = await self.silent(12)
        for _ in range(20):
            self.assertEqual((await node.command("status", "--json")).status, 0)
        code, body = await node.get("/limits")
        row = next(r for r in json.loads(body)["limits"] if r["row"] == "max_admin_clients")
        self.assertEqual((code, row["used"]), (200, 7))  # six of them, and we
        self.assertGreaterEqual(row["hits_total"], 6)

        async def served() -> None:
            while await self.get("/health") != 200:  # until one has been silent for a second
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(served(), 20 * harness.SLOW)
        self.assertEqual(await held[0].read(), b"")  # the oldest made room

    async def test_subscribers(self):
        node = await self.node(self.small, **self.listen())
        codes = []
        for _ in range(8):
            reader, writer = await asyncio.open_connection(*self.place)
            self.addCleanup(writer.close)
            writer.write(b"GET /events HTTP/1.1\r\n\r\n")
            codes.append(int((await reader.readline()).split()[1]))
        self.assertEqual(codes, [200] * 6 + [503] * 2)
        reader, writer = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        self.addCleanup(writer.close)
        writer.write(b"GET /events HTTP/1.1\r\n\r\n")
        self.assertIn(b"200", await reader.readline())

    async def test_images_are_no_subscribers(self):
        """A page of anybody can name eight images, also in a browser that says no Sec-Fetch-Site."""
        node = await self.node(self.small, **self.listen())
        image = "Accept: image/avif,image/webp,image/png,*/*;q=0.8"
        for line in (image, "Accept: */*", f"Sec-Fetch-Site: cross-site\r\n{image}"):
            code, head, body = await ask(self.place, "GET /events HTTP/1.1", line)
            self.assertEqual(code, 403 if "Sec" in line else 406, body)
        self.assertEqual(json.loads((await node.get("/health"))[1])["subscribers"], 0)
        reader, writer = await asyncio.open_connection(*self.place)
        self.addCleanup(writer.close)
        writer.write(b"GET /events HTTP/1.1\r\nAccept: text/event-stream\r\n\r\n")
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10 * harness.SLOW)).decode()
        for line in ("HTTP/1.0 200 OK", "X-Frame-Options: DENY", "X-Content-Type-Options: nosniff"):
            self.assertIn(line, head)
        local, writer = await asyncio.open_unix_connection(str(node.settings["admin.socket"]))
        self.addCleanup(writer.close)
        writer.write(f"GET /events HTTP/1.1\r\n{image}\r\n\r\n".encode())
        self.assertIn(b"200", await local.readline())

    async def test_what_browsers_cannot_send(self):
        """Read in two ways by different programs, so refused."""
        await self.node(self.small, **self.listen())
        for lines in (["Host: localhost", "Host: localhost"], ["Host : localhost"], ["Accept : */*"],
                      ["X: 1", " Host: localhost"]):  # fmt: skip
            self.assertEqual(await self.get("/status", *lines), 400, lines)
        code, head, _ = await ask(self.place, "GET / HTTP/1.1", "Host: localhost")
        self.assertEqual(code, 200)
        self.assertIn("X-Frame-Options: DENY", head)
        self.assertIn("X-Content-Type-Options: nosniff", head)

    async def test_more_than_one_request(self):
        """The first says that it is the last: what follows is nobody's."""
        await self.node(self.small, **self.listen())
        first = "GET /health HTTP/1.0\r\n\r\n"
        for rest in ("GET /status HTTP/1.1", "\x00\x01garbage", "POST /stop HTTP/1.1"):
            code, _, body = await ask(self.place, first + rest)
            self.assertEqual(code, 200)
            self.assertEqual(body.count("HTTP/1"), 0)
            self.assertIn('"status":"ok"', body)
        self.assertEqual(await self.get("/health"), 200)

