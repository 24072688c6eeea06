"""Several nodes with keys: they mine at once, sign each other's blocks, and one of them is killed."""

import asyncio
import json
import subprocess
import time
from urllib.parse import urlencode

import faults
import harness
from alfis import vectors

NODES, KEYS = 3, 9
NEEDED = 4  # signatures of a full block
HEALS = 12  # seconds: in so short a chain some draws find too few keys, and others must sign


class Signers(harness.ProgramTest):
    """A network of one block, whose author is one of nine keys; each node has three of them."""

    # All keys have a block, and can be drawn, when blocks begin to need signatures.
    PARAMS = {"origin_difficulty": 2, "domain_difficulty": 4, "signer_difficulty": 2,
              "keystore_difficulty": 2, "blocks_without_discount": 0,
              "block_signers_start": 2 + KEYS, "healing_activation_height": 2 + KEYS,
              "ban_activation_height": 2 + KEYS, "healing_timeout": HEALS,
              "healing_timeout_fast": HEALS}  # fmt: skip

    def first_block(self) -> vectors.Chain:
        path = self.folder / "first.jsonl"
        command = [str(harness.PROGRAM.parent / "mkchain"), "--blocks", "1", "--keys", str(KEYS),
                   "--key-files", str(self.folder / "key"),
                   "--start", str(int(time.time()) - 100000)]  # fmt: skip
        for name, value in self.PARAMS.items():
            command += ["--param", f"{name}={value}"]
        subprocess.run([*command, str(path)], check=True, capture_output=True)
        return faults.read_chain(path)

    async def start_all(self) -> list[harness.Node]:
        chain = self.first_block()
        nodes = []
        for number in range(NODES):
            files = [str(self.folder / f"key{number * 3 + k}.toml") for k in (1, 2, 3)]
            nodes.append(self.make_node(
                chain, key_files=files, mining__threads=1, mining__lower=False,
                chain__params__signing_wait=0, chain__params__signing_poll=1,
            ))  # fmt: skip
        for node in nodes:
            others = [other.address for other in nodes if other is not node]
            node.settings["net.peers"] = [f"{host}:{port}" for host, port in others]
            await self.fill(node, chain)
        await asyncio.gather(*(node.start() for node in nodes))
        return nodes

    async def ask(self, node: harness.Node, name: str, key: str, info: str) -> None:
        data = json.dumps({"encrypted": "", "zone": "ygg", "info": info})
        form = urlencode({"name": name, "key": key, "data": data})
        # A key is there when the key process has told of it.
        while "no key" in (answer := await node.get("/domains/new", "POST", form))[1]:
            await asyncio.sleep(harness.POLL)
        self.assertEqual(answer[0], 200, answer[1])

    async def has(self, node: harness.Node, name: str, info: str) -> bool:
        code, body = await node.get(f"/domain/{name}")
        return code == 200 and json.loads(body).get("info") == info

    async def wait_names(self, nodes: list[harness.Node], names: dict[str, str]) -> None:
        """Every node shows them so, and all tips are equal."""
        for node in nodes:
            for name, info in names.items():
                while not await self.has(node, name, info):
                    self.assertTrue(node.running, node.log_tail())
                    await asyncio.sleep(0.1)
        while len({(await node.status())["tip"] for node in nodes}) > 1:
            await asyncio.sleep(0.1)

    async def test_mine_sign_and_die(self):
        nodes = await self.start_all()
        names = {f"{key}.ygg": f"of {key}" for key in (f"key{n + 1}" for n in range(KEYS))}
        await asyncio.gather(*(
            self.ask(nodes[number // 3], name, name[:-4], info)
            for number, (name, info) in enumerate(names.items())
        ))  # fmt: skip
        await self.wait_names(nodes, names)
        begins = (await nodes[0].status())["height"]

        # Two full blocks are wanted at once, and the node with the third name dies with it.
        changed = {"key1.ygg": "one", "key4.ygg": "two", "key7.ygg": "three"}
        for number, (name, info) in enumerate(changed.items()):
            await self.ask(nodes[number], name, name[:-4], info)
        await nodes[2].kill()
        await nodes[2].start()
        await self.wait_names(nodes, changed)
        self.assert_signed(await self.blocks(nodes[0]), begins)
        for node in nodes:
            jobs = json.loads((await node.get("/jobs"))[1])["jobs"]
            self.assertEqual({job["state"] for job in jobs}, {"done"}, jobs)
            await node.stop()
            done = await node.command("verify")
            self.assertEqual(done.status, harness.DONE, str(done))

    async def blocks(self, node: harness.Node) -> list[dict]:
        return json.loads((await node.get("/blocks?count=100"))[1])["blocks"]

    def assert_signed(self, blocks: list[dict], begins: int) -> None:
        """Between two full blocks above `begins` stand the signatures of four different keys."""
        blocks = sorted(blocks, key=lambda block: block["index"])
        full = [b["index"] for b in blocks if b["full"] and b["index"] >= 2 + KEYS]
        self.assertGreaterEqual(len(full), 3, blocks)
        self.assertGreaterEqual(begins, 1 + KEYS)
        for first, next_ in zip(full, full[1:]):
            window = [b for b in blocks if first <= b["index"] < next_]
            self.assertGreater(len(window), NEEDED)
            self.assertEqual(len({b["pub_key"] for b in window}), len(window))
