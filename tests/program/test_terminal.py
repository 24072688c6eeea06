"""What a person sees on a terminal: of one size or another, once or again and again, and when the
node is not there."""

import asyncio
import json
import os
import signal
import unittest

import harness
from terminal import Terminal

SOON = 10 * harness.SLOW


def wide() -> dict[str, str]:
    return os.environ | {"COLUMNS": "200"}


class OnATerminal(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.shown = await self.loaded_node(self.chain("devnet-72"))

    def terminal(self, *command: str, **kwargs) -> Terminal:
        return Terminal(*harness.COMMAND, *command, "--config", str(self.shown.config), **kwargs)

    async def seen(self, *command: str, **kwargs) -> Terminal:
        async with self.terminal(*command, **kwargs) as t:
            self.assertEqual(await t.ended(SOON), harness.DONE, t.lines)
        return t

    async def test_everything_fits_80_by_24(self):
        for command in ("status", "peers", "bans", "peer add 127.0.0.9:9", "unban 10.9.9.9"):
            async with self.terminal(*command.split()) as t:
                await t.ended(SOON)
            self.assertEqual(t.main.scrolled, 0, command)
            self.assertLess(max(len(line) for line in t.lines), 81)

    async def test_the_state_is_the_first_line(self):
        t = await self.seen("status")
        self.assertRegex(t.lines[0], r"^no peers are configured")
        self.assertIn("height   72", t.lines)
        self.assertRegex("\n".join(t.lines), r"(?m)^memory   [\d.]+ of 32 MB, at most ")

    async def test_as_many_columns_as_fit(self):
        titles = {}
        for columns in (40, 80, 200):
            t = await self.seen("limits", rows=200, columns=columns)
            self.assertFalse([line for line in t.lines if len(line) > columns])
            titles[columns] = t.lines[0]
            rows = json.loads((await self.shown.get("/limits"))[1])["limits"]
            self.assertEqual(len(t.lines), len(rows) + 1)
        self.assertIn("bound", titles[40])
        self.assertNotIn("peak", titles[40])
        self.assertIn("at most", titles[200])
        narrow = await self.seen("limits", rows=200, columns=200, COLUMNS="40")
        self.assertEqual(narrow.lines[0], titles[40])
        self.assertIn("14 d", "\n".join(narrow.lines))

    async def test_a_pipe_has_80_columns_or_as_many_as_it_says(self):
        plain = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
        for environment, title in ((plain, "at the bound"), ({**plain, "COLUMNS": "40"}, "bound")):
            ended = await self.shown.command("limits", env=environment)
            self.assertTrue(ended.out.split("\n")[0].endswith(title), ended.out)
        everything = await self.shown.command("limits", "--all", env=plain)
        self.assertTrue(everything.out.split("\n")[0].endswith("unit"), everything.out)

    async def test_watch_draws_in_place(self):
        for command in ("status", "status --all", "peers", "limits"):
            async with self.terminal(*command.split(), "--watch") as t:
                await t.until("two drawings", lambda: t.drawings >= 2, SOON)
                self.assertTrue(t.drawing)
                self.assertEqual(t.second.scrolled, 0, command)
                first = t.lines[0]
                self.assertLessEqual(len(t.lines), 24)
                os.kill(t.pid, signal.SIGINT)
                self.assertEqual(await t.ended(SOON), harness.DONE)
                self.assertFalse(t.drawing)  # the screen of before is back
                self.assertEqual(t.lines, [])
                self.assertTrue(first)

    async def test_watch_follows_the_window(self):
        async with self.terminal("limits", "--watch") as t:
            await t.until("24 lines", lambda: len(t.lines) == 24, SOON)
            t.resize(10, 40)
            await t.until("10 lines", lambda: len(t.lines) == 10, SOON)
            self.assertEqual(t.second.scrolled, 0)
            self.assertFalse([line for line in t.lines if len(line) > 40])
            self.assertRegex(t.lines[-1], r"^and \d+ more lines: they need a higher")
            t.resize(200, 40)
            await t.until("all lines", lambda: len(t.lines) > 24, SOON)
            self.assertFalse([line for line in t.lines if "more lines" in line])

    async def test_watch_pauses(self):
        async with self.terminal("status", "--watch") as t:
            await t.until("a drawing", lambda: t.drawing and bool(t.lines), SOON)
            os.kill(t.pid, signal.SIGTSTP)
            await t.until("the screen of before", lambda: not t.drawing, SOON)
            stopped = asyncio.to_thread(os.waitpid, t.pid, os.WUNTRACED)
            self.assertTrue(os.WIFSTOPPED((await asyncio.wait_for(stopped, SOON))[1]))
            os.kill(t.pid, signal.SIGCONT)
            await t.until("a drawing again", lambda: t.drawing and bool(t.lines), SOON)

    async def test_events_json_is_a_line_each(self):
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "events", "--json", "--config", str(self.shown.config),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        event = json.loads(await asyncio.wait_for(process.stdout.readline(), SOON))
        self.assertEqual(set(event), {"event", "data"})
        self.assertIsInstance(event["data"], dict)
        await self.shown.stop()
        rest, _ = await asyncio.wait_for(process.communicate(), SOON)
        self.assertEqual(json.loads(rest.splitlines()[-1])["event"], "end")

    async def test_watch_stays_inside_whatever_the_environment_says(self):
        async with self.terminal("limits", "--watch", COLUMNS="300", LINES="90") as t:
            await t.until("24 lines", lambda: len(t.lines) == 24, SOON)
            self.assertEqual(t.second.scrolled, 0)

    async def test_watch_leaves_the_reason_of_its_end(self):
        async with self.terminal("status", "--watch") as t:
            await t.until("a drawing", lambda: t.drawing and bool(t.lines), SOON)
            await self.shown.stop()
            self.assertEqual(await t.ended(SOON), harness.TASK_FAILED)
            self.assertFalse(t.drawing)
            self.assertIn("no node answers", " ".join(t.lines))

    async def test_watch_without_a_node_clears_nothing(self):
        await self.shown.stop()
        async with self.terminal("status", "--watch") as t:
            self.assertEqual(await t.ended(SOON), harness.TASK_FAILED)
        self.assertEqual(t.drawings, 0)
        self.assertIn("no node answers", " ".join(t.lines))

    async def test_watch_where_nothing_can_be_drawn(self):
        async with self.terminal("status", "--watch", TERM="dumb") as t:
            await t.until("two answers", lambda: "\n".join(t.lines).count("uptime") == 2, SOON)
            self.assertEqual(t.drawings, 0)

    async def test_watch_json_is_a_line_each(self):
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "status", "--watch", "--json", "--config", str(self.shown.config),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        for _ in range(2):
            line = await asyncio.wait_for(process.stdout.readline(), SOON)
            self.assertEqual(json.loads(line)["height"], 72)
        process.terminate()
        await process.wait()

    async def test_options_without_effect(self):
        for command in (
            "stop --watch", "reload --all", "events --watch", "peers --check",
            "status --check --watch",
        ):  # fmt: skip
            ended = await self.shown.command(*command.split())
            self.assertEqual(ended.status, harness.USAGE, command)
            self.assertIn("effect" if "status" not in command else "cannot be combined", ended.err)


class WhoIsThere(harness.ProgramTest):
    """Configured peers, known addresses and bans."""

    async def test_three_peers_three_reasons(self):
        chain = self.chain("devnet-72")
        good = await self.loaded_node(chain)
        other = await self.node(chain, origin="AB" * 32)
        nobody = f"{good.host}:{harness.free_port(good.host)}"
        peers = [f"{h}:{p}" for h, p in (good.address, other.address)] + [nobody, "no.such.invalid:4244"]
        node = await self.node(chain, **{"net.peers": peers})
        errors = {}

        async def told() -> bool:
            body = json.loads((await node.get("/peers?all"))[1])
            errors.update({p["address"]: p for p in body["configured"]})
            return all(p["last_error"] or p["state"] == "connected" for p in errors.values())

        for _ in range(int(SOON * 10)):
            if await told():
                break
            await asyncio.sleep(0.1)
        self.assertEqual(errors[peers[0]]["state"], "connected")
        self.assertEqual(errors[nobody]["last_error"], "Connection refused")
        self.assertEqual(errors[peers[1]]["last_error"], "peer closed")  # without a word
        self.assertTrue(errors["no.such.invalid:4244"]["last_error"])
        shown = (await node.command("peers", "--all", env=wide())).out
        self.assertRegex(shown, rf"(?m)^{nobody} +waiting +\d+ s +\d+ +Connection refused$")
        self.assertRegex(shown, rf"(?m)^{peers[0]} +connected ")
        self.assertRegex(shown, r"(?m)^known +state ")
        plain = json.loads((await node.command("peers", "--json")).out)
        self.assertEqual(list(plain), ["peers"])

    async def test_bans(self):
        node = await self.node(self.chain("devnet-72"))
        self.assertEqual((await node.command("bans")).out, "no bans\n")
        for address in ("10.1.2.3", "[2001:db8::77]:4244"):
            self.assertEqual((await node.command("ban", address, "2 h")).status, harness.DONE)
        bans = json.loads((await node.command("bans", "--json")).out)
        self.assertEqual(bans["bans_total"], 2)
        self.assertEqual({(b["address"], b["prefix_bits"]) for b in bans["bans"]},
                         {("10.1.2.3", 32), ("2001:db8::", 64)})  # fmt: skip
        self.assertEqual({b["reason"] for b in bans["bans"]}, {"by hand"})
        shown = (await node.command("bans")).out
        self.assertRegex(shown, r"(?m)^10\.1\.2\.3 +(2 h|1 h 59 min) +20\d\d-.*Z +by hand$")
        self.assertRegex(shown, r"(?m)^2001:db8::/64 +")
        for ban in bans["bans"]:
            self.assertEqual((await node.command("unban", ban["address"])).status, harness.DONE)
        self.assertEqual((await node.command("bans")).out, "no bans\n")

    async def test_a_list_that_is_longer_than_an_answer(self):
        node = await self.node(self.chain("devnet-72"), **{"limits.admin_response_bytes": 16384})
        for i in range(150):
            code, _ = await node.get(f"/bans/add?address=10.1.2.{i}", "POST")
            self.assertEqual(code, 200)
        bans = json.loads((await node.command("bans", "--json")).out)
        self.assertEqual(bans["bans_total"], 150)
        self.assertTrue(50 < len(bans["bans"]) < 150, len(bans["bans"]))
        self.assertRegex((await node.command("bans")).out, r"(?m)^and \d+ more$")

    async def test_a_peer_for_once(self):
        chain = self.chain("devnet-72")
        server, node = await self.loaded_node(chain), await self.node(chain)
        address = "{}:{}".format(*server.address)
        told = await node.command("peer", "add", address, "--once")
        self.assertEqual((told.status, told.out), (harness.DONE, "added for once\n"))
        await node.wait_height(72)
        await server.stop()
        await node.wait_status("the end", lambda s: s["peers"] == 0, SOON)
        for _ in range(100):
            body = json.loads((await node.get("/peers?all"))[1])
            if not body["configured"]:
                break
            await asyncio.sleep(0.05)
        self.assertEqual(body["configured"], [])
        wrong = await node.command("peer", "remove", address, "--once")
        self.assertEqual(wrong.status, harness.USAGE, str(wrong))

    async def test_no_addresses(self):
        node = await self.node(self.chain("devnet-72"))
        nobody = ("0.0.0.0", "[::]:4244", "224.0.0.1:1", "255.255.255.255", "[ff02::1]:4244")
        for word in ("foo", "10.1.2:4244", "http://example.org", *nobody):
            ended = await node.command("peer", "add", word)
            self.assertEqual(ended.status, harness.TASK_FAILED, word)
            self.assertIn(f"peer add {word}: this is no address", ended.err)


class Check(harness.ProgramTest):
    """status --check, as plug-ins of monitoring systems answer."""

    async def test_all_states(self):
        chain = self.chain("devnet-72")
        server = await self.loaded_node(chain)
        alone = await server.command("status", "--check")
        self.assertEqual(alone.status, 1, str(alone))
        self.assertRegex(alone.out, r"^ALFISD WARNING: no peers .*; height 72, 0 peers \| height=72 ")
        node = await self.node(chain, peers=[server.address])
        await node.wait_height(72)
        good = await node.command("status", "--check")
        self.assertEqual((good.status, good.out.count("\n")), (0, 1), str(good))
        self.assertRegex(good.out, r"^ALFISD OK: at tip.*\| height=72 best_height=72 peers=1\n$")
        text = (await node.command("status", "--check", "--json")).out
        self.assertEqual(text.count("\n"), 1, text)
        told = json.loads(text)
        self.assertEqual((told["status"], told["ready"]), ("ok", True))
        await node.stop()
        gone = await node.command("status", "--check")
        self.assertEqual(gone.status, 2, str(gone))
        self.assertRegex(gone.out, "^ALFISD CRITICAL: no node answers: ")

    async def test_what_cannot_be_known(self):
        ended = await harness.run("status", "--check", "--config", "/nowhere.toml")
        self.assertEqual(ended.status, 3, str(ended))
        ended = await harness.run("status", "--check", "--set", "admin.socket=")
        self.assertEqual(ended.status, 3, str(ended))
        self.assertIn("admin.socket is empty", ended.out)

    async def test_nobody_there_in_json(self):
        ended = await harness.run(
            "status", "--check", "--json", "--data-dir", str(self.folder / "none"))  # fmt: skip
        self.assertEqual(ended.status, 2, str(ended))
        told = json.loads(ended.out)
        self.assertEqual((told["status"], told["ready"]), ("no node answers", False))


if __name__ == "__main__":
    unittest.main()
