"""OpenWrt: /etc/config/alfisd becomes a node.toml that the program accepts."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

from harness import PROGRAM, PROJECT

HERE = Path(__file__).resolve().parent
FILES = PROJECT / "contrib" / "openwrt" / "files"


class Mapping(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)

    def toml(self, uci: str) -> str:
        (self.folder / "alfisd").write_text(uci)
        shell = ["busybox", "sh"] if shutil.which("busybox") else ["sh"]
        done = subprocess.run(
            [*shell, str(FILES / "uci-to-toml.sh")], capture_output=True, text=True, check=True,
            env=os.environ | {"FUNCTIONS": str(HERE / "functions.sh"), "UCI": str(self.folder)},
        )  # fmt: skip
        self.assertEqual(done.stderr, "")
        return done.stdout

    def accepted(self, text: str) -> subprocess.CompletedProcess:
        file = self.folder / "node.toml"
        file.write_text(text)
        return subprocess.run([str(PROGRAM), "check-config", "--config", str(file)],
                              capture_output=True, text=True, check=False)  # fmt: skip

    def test_the_example(self):
        text = self.toml((FILES / "alfisd.config").read_text())
        found = tomllib.loads(text)
        self.assertEqual(found["net"]["listen"], ["[::]:4244"])
        self.assertEqual(len(found["net"]["peers"]), 3)
        self.assertIs(found["net"]["public"], True)
        self.assertNotIn("enabled", found)
        done = self.accepted(text)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_kinds(self):
        found = tomllib.loads(self.toml("""
config alfisd 'main'
	option enabled '1'
	option check_blocks '12'
	option origin '0000001D'
config net
	option public '0'
	option yggdrasil_only 'on'
	list listen '127.0.0.1:1'
	option bind ''
	list peers 'a:1'
	list peers 'b:2'
config limits 'bounds'
	option ban_time '90 s'
	option max_inbound '4'
config params
	option signer_difficulty '8'
config log
	list x 'one'
"""))
        self.assertEqual(found, {
            "check_blocks": 12,
            "origin": "0000001D",
            "net": {"public": False, "yggdrasil_only": True, "listen": ["127.0.0.1:1"],
                    "bind": "", "peers": ["a:1", "b:2"]},
            "limits": {"ban_time": "90 s", "max_inbound": 4},
            "chain": {"params": {"signer_difficulty": 8}},
            "log": {"x": ["one"]},
        })  # fmt: skip

    def test_text_stays_text(self):
        """No value can end its string and bring settings of its own."""
        for value in ('a"b', "a\\", 'x"\nnode.drain = 1\ny = "', "$(reboot)", "`id`", "%s%n", "é"):
            quoted = "'" + value.replace("'", "'\\''") + "'"
            text = self.toml(f"config log\n\toption file {quoted}\n")
            if "\n" in value:
                self.assertNotEqual(self.accepted(text).returncode, 0)
                continue
            self.assertEqual(tomllib.loads(text), {"log": {"file": value}})

    def test_long_digits_are_text(self):
        self.assertEqual(tomllib.loads(self.toml(f"config alfisd\n\toption origin '{'0' * 64}'\n")),
                         {"origin": "0" * 64})  # fmt: skip

    def test_every_truth_is_known(self):
        options = (PROJECT / "config" / "options.def").read_text()
        truths = re.findall(r'^OPTION_BOOL\(\w+, "([\w.]+)"', options, re.M)
        self.assertTrue(truths)
        for key in truths:
            table, _, name = key.rpartition(".")
            text = self.toml(f"config {table}\n\toption {name} '1'\n")
            self.assertEqual(text, f"{key} = true\n")

    def test_zeros_before_a_number(self):
        for value, number in (("08", 8), ("0", 0), ("000", 0), ("0100", 100), ("10", 10)):
            found = tomllib.loads(self.toml(f"config limits\n\toption max_inbound '{value}'\n"))
            self.assertEqual(found["limits"]["max_inbound"], number)

    def test_truths_as_people_write_them(self):
        for value, truth in (("YES", True), ("Off", False), ("True", True), ("disabled", False)):
            found = tomllib.loads(self.toml(f"config net\n\toption public '{value}'\n"))
            self.assertIs(found["net"]["public"], truth)

    def test_mistakes_are_named_by_the_program(self):
        done = self.accepted(self.toml("config net\n\toption listn 'a:1'\n"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("net.listn", done.stderr)


class Init(unittest.TestCase):
    """The init script, with a shell library that tells what it was asked to do."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)
        self.data = self.folder / "disk" / "alfisd"
        self.data.parent.mkdir()
        self.mount(self.folder)

    def mount(self, *places: Path, kind: str = "ext4") -> None:
        """What is mounted, beside what every router has."""
        rows = ["/dev/root /rom squashfs ro 0 0", "tmpfs /tmp tmpfs rw 0 0",
                "/dev/mtdblock6 /overlay jffs2 rw 0 0", "overlayfs:/overlay / overlay rw 0 0"]
        rows += [f"/dev/sda1 {place} {kind} rw 0 0" for place in places]
        (self.folder / "mounts").write_text("\n".join(rows) + "\n")

    def uci(self, enabled: str = "1", name: str = "'main'", data_dir: str | None = None) -> None:
        text = f"config alfisd {name}\n\toption enabled '{enabled}'\n"
        if data_dir != "":
            text += f"config node\n\toption data_dir '{data_dir or self.data}'\n"
        (self.folder / "alfisd").write_text(text)

    def init(self, call: str, running: bool = False) -> list[str]:
        """What the script does for `call`: lines, and how it ended."""
        shell = ["busybox", "sh"] if shutil.which("busybox") else ["sh"]
        functions = HERE / "functions.sh"
        script = f""". {functions}; . {FILES}/alfisd.init
            TOML={self.folder}/run/node.toml MOUNTS={self.folder}/mounts PROGRAM={PROGRAM}
            to_toml() {{ sh {FILES}/uci-to-toml.sh; }}
            TO_TOML=to_toml; running() {{ {str(running).lower()}; }}
            {call}
            echo "status $?"
            """
        done = subprocess.run(
            [*shell, "-c", script], capture_output=True, text=True, check=False, cwd=self.folder,
            env=os.environ | {"FUNCTIONS": str(functions), "UCI": str(self.folder)},
        )  # fmt: skip
        self.assertRegex(done.stderr, r"\A(alfisd: .*\n|\S+/node\.toml\.new:\d+:\d+: .*\n)*\Z")
        return done.stdout.splitlines()

    def settings(self) -> dict:
        return tomllib.loads((self.folder / "run" / "node.toml").read_text())

    def refused(self, why: str) -> None:
        said = self.init("start_service")
        self.assertEqual(said[-1], "status 1")
        self.assertIn(why, said[-2])
        self.assertNotIn("procd_open_instance", said)

    def test_start(self):
        for name in ("'main'", "", "'other'"):  # the type counts, not the name
            self.uci(name=name)
            said = self.init("start_service")
            self.assertIn(f"procd_set_param command {PROGRAM} run --config {self.folder}/run/node.toml", said)
            self.assertEqual(f"chown -h alfisd:alfisd {self.data}" in said, name == "'main'")
            self.assertIn("procd_set_param nice 10", said)
            self.assertTrue(self.data.is_dir())
            self.assertEqual(self.settings()["node"]["data_dir"], str(self.data))

    def test_disabled(self):
        self.uci(enabled="0")
        self.assertEqual(self.init("start_service"), ["status 0"])

    def test_no_section(self):
        (self.folder / "alfisd").write_text("config node\n")
        said = self.init("start_service")
        self.assertIn("no section of type alfisd", said[0])
        self.assertEqual(said[-1], "status 0")

    def test_reload(self):
        self.uci()
        self.assertEqual(self.init("reload_service", running=True),
                         ["procd_send_signal alfisd * HUP", "status 0"])  # fmt: skip
        self.assertEqual(self.init("reload_service"), ["start", "status 0"])
        self.uci(enabled="0")
        self.assertEqual(self.init("reload_service", running=True), ["stop", "status 0"])

    def test_wrong_settings_keep_the_last(self):
        self.uci()
        self.init("start_service")
        before = self.settings()
        with (self.folder / "alfisd").open("a") as file:
            file.write("config net\n\toption listn 'a:1'\n")
        done = self.init("reload_service", running=True)
        self.assertEqual(done[-1], "status 1")
        self.assertNotIn("procd_send_signal alfisd * HUP", done)
        self.assertEqual(self.settings(), before)

    def test_default_folder_is_told_to_the_node(self):
        self.uci(data_dir="")
        self.init("write_settings")
        self.assertEqual(self.settings()["node"]["data_dir"], "/srv/alfisd")

    def test_odd_folder(self):
        self.data = self.folder / 'a "b" \\ c'
        self.uci()
        self.init("start_service")
        self.assertTrue(self.data.is_dir())

    def test_relative_folder(self):
        self.uci(data_dir="alfisd")
        self.refused("does not begin with /")
        self.assertFalse((self.folder / "alfisd.d").exists())

    def test_disk_that_is_not_mounted(self):
        """By /etc/config/fstab, or by the place where disks are mounted by themselves."""
        disk = self.folder / "disk"
        self.uci()
        (self.folder / "fstab").write_text(f"config mount\n\toption target '{disk}/'\n")
        self.refused(f"{disk} is not mounted")
        self.assertFalse(self.data.exists())
        self.mount(disk)
        self.assertIn(f"chown -h alfisd:alfisd {self.data}", self.init("start_service"))
        self.uci(data_dir="/mnt/nosuch1/alfisd")
        self.refused("/mnt/nosuch1 is not mounted")
        self.assertFalse(Path("/mnt/nosuch1").exists())

    def test_neither_on_the_flash_nor_in_memory(self):
        """A folder that is not there is made on a disk alone; one that is there is the owner's wish."""
        self.uci()
        for places, kind, why in (((), "", "lie in memory" if str(self.folder).startswith("/tmp/")
                                   else "lie on the router's flash"),
                                  ((self.folder,), "tmpfs", "lie in memory"),
                                  (("/overlay", self.data.parent / "other"), "jffs2", "lie ")):  # fmt: skip
            self.mount(*places, kind=kind)
            self.refused(why)
            self.assertFalse(self.data.exists())
        self.uci(data_dir="/nosuch1/alfisd")
        self.refused("lie on the router's flash")
        self.uci()
        self.data.mkdir()
        said = self.init("start_service")
        self.assertIn("procd_open_instance", said)

    def test_what_was_there_is_given_to_nobody(self):
        """It may be a link that the service's user made."""
        target = self.folder / "other"
        target.mkdir()
        self.data.symlink_to(target)
        self.uci()
        said = self.init("start_service")
        self.assertIn("procd_open_instance", said)
        self.assertNotIn("chown", " ".join(said))

    def test_a_disk_without_room(self):
        self.uci()
        said = self.init("MIN_FREE_KB=99999999999; start_service")
        self.assertIn("a new chain needs 99999999999", said[-2])
        self.assertEqual(said[-1], "status 1")
        (self.data / "chain.mdb").touch()
        self.assertIn("procd_open_instance", self.init("MIN_FREE_KB=99999999999; start_service"))

    def test_whole_disk(self):
        (self.folder / "fstab").write_text(f"config mount\n\toption target '{self.data}'\n")
        self.uci()
        self.refused("is the whole disk")
        self.uci(data_dir="/mnt/nosuch1")
        self.refused("is the whole disk")

    def test_started_when_the_disk_comes(self):
        self.uci()
        self.init("start_service")
        self.assertEqual(self.init("service_triggers")[:2], ["procd_add_reload_trigger alfisd",
                         f"procd_add_reload_mount_trigger {self.data}"])  # fmt: skip

    def test_syntax(self):
        for name in ("alfisd.init", "uci-to-toml.sh"):
            subprocess.run(["sh", "-n", str(FILES / name)], check=True)

    def test_what_it_calls_is_installed(self):
        recipe = (PROJECT / "contrib" / "openwrt" / "Makefile").read_text()
        for path in re.findall(r"/usr/[\w/.-]+", (FILES / "alfisd.init").read_text()):
            self.assertIn(f"$(1){path}\n", recipe)
