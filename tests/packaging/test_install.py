"""make install: everything at its place, settings never overwritten."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import PROGRAM, PROJECT

PLACES = {
    "bin/alfisd", "share/man/man1/alfisd.1", "share/doc/alfisd/node.toml",
    "share/bash-completion/completions/alfisd", "share/zsh/site-functions/_alfisd",
    "share/fish/vendor_completions.d/alfisd.fish", "lib/systemd/system/alfisd.service",
    "lib/sysusers.d/alfisd.conf", "lib/alfisd/memory-limits", "share/doc/alfisd/README.md",
    "share/doc/alfisd/alfisd.socket", "share/doc/alfisd/alfisd-dns.socket", "share/doc/alfisd/dns-port.conf", "share/man/man5/node.toml.5", "share/man/man5/alfisd.toml.5",
    "share/doc/alfisd/monitoring/alerts.yml", "share/doc/alfisd/logrotate/alfisd",
}  # fmt: skip


class Install(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = Path(place.name)
        self.settings = self.root / "etc" / "alfisd" / "node.toml"

    def install(self, prefix: str, etc: str = "/etc", state: str = "/var/lib",
                program: str = str(PROGRAM), **options) -> str:
        done = subprocess.run(
            [str(PROJECT / "tools" / "install.sh"), program, str(self.root), prefix, etc, state],
            check=True, capture_output=True, text=True, **options,
        )  # fmt: skip
        return done.stdout + done.stderr

    def files(self) -> set[str]:
        return {str(p.relative_to(self.root)) for p in self.root.rglob("*") if not p.is_dir()}

    def test_places(self):
        for prefix in ("/usr", "/usr/local"):
            self.install(prefix)
            to = self.root / prefix[1:]
            missing = [name for name in PLACES if not (to / name).is_file()]
            self.assertEqual(missing, [])
            unit = (to / "lib/systemd/system/alfisd.service").read_text()
            self.assertIn(f"ExecStart={prefix}/bin/alfisd run", unit)
            self.assertIn(f"# {prefix}/lib/alfisd/memory-limits", unit)

    def test_settings(self):
        self.install("/usr")
        text = self.settings.read_text()
        self.assertEqual(re.findall(r"^data_dir = .*", text, re.M), ['data_dir = "/var/lib/alfisd"'])
        done = subprocess.run([str(PROGRAM), "check-config", "--config", str(self.settings)],
                              capture_output=True, text=True, check=False)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_settings_stay(self):
        self.settings.parent.mkdir(parents=True)
        self.settings.write_text("check_blocks = 9\n")
        self.install("/usr")
        self.install("/usr")
        self.assertEqual(self.settings.read_text(), "check_blocks = 9\n")

    def test_unit_reads_what_is_installed(self):
        self.install("/usr")
        unit = (self.root / "usr/lib/systemd/system/alfisd.service").read_text()
        named = re.search(r"ExecStart=.*--config (\S+)", unit)[1]
        self.assertEqual(self.root / named[1:], self.settings)
        state = re.search(r"^StateDirectory=(\S+)", unit, re.M)[1]
        self.assertIn(f'data_dir = "/var/lib/{state}"', self.settings.read_text())
        user = re.search(r"^User=(\S+)", unit, re.M)[1]
        self.assertIn(f"u {user} ", (self.root / "usr/lib/sysusers.d/alfisd.conf").read_text())

    def test_uninstall(self):
        """Takes away all that was put, and nothing else."""
        own = self.root / "usr/share/doc/other"
        own.mkdir(parents=True)
        (own / "file").write_text("mine")
        self.install("/usr")
        self.assertGreater(len(self.files()), 25)
        self.install("/usr", program="--remove")
        self.assertEqual(self.files(), {"usr/share/doc/other/file", "etc/alfisd/node.toml"})
        self.assertFalse((self.root / "usr/share/doc/alfisd").exists())

    def test_other_places(self):
        """Whatever they are called: & and | mean something to sed."""
        self.install("/opt/a&b|c", "/srv/e&tc", "/srv/s&t")
        to = self.root / "opt/a&b|c"
        unit = (to / "lib/systemd/system/alfisd.service").read_text()
        self.assertIn("ExecStart=/opt/a&b|c/bin/alfisd run --config /srv/e&tc/alfisd/node.toml\n", unit)
        settings = (self.root / "srv/e&tc/alfisd/node.toml").read_text()
        self.assertIn('data_dir = "/srv/s&t/alfisd"', settings)
        self.assertIn("/srv/e&tc/alfisd/node.toml", (to / "share/man/man1/alfisd.1").read_text())

    def test_umask(self):
        self.install("/usr", umask=0o077)
        for name in self.files():
            mode = (self.root / name).stat().st_mode
            self.assertEqual(mode & 0o444, 0o444, name)
        for folder in filter(Path.is_dir, self.root.rglob("*")):
            self.assertEqual(folder.stat().st_mode & 0o555, 0o555, folder)

    def test_for_oneself(self):
        """A user who may not write to /etc has the program, and hears where the settings are."""
        (self.root / "etc").write_text("in the way")  # as root nothing else forbids it
        said = self.install("/home/me/.local")
        self.assertIn(f"no settings at {self.root}/etc/alfisd/node.toml", said)
        self.assertTrue((self.root / "home/me/.local/share/doc/alfisd/node.toml").is_file())

    def test_links_are_not_followed(self):
        place = self.root / "usr/share/man/man1"
        place.mkdir(parents=True)
        (self.root / "precious").write_text("precious")
        (place / "alfisd.1").symlink_to(self.root / "precious")
        self.install("/usr")
        self.assertEqual((self.root / "precious").read_text(), "precious")

    def test_container_copies_what_it_builds_from(self):
        """The files that the Containerfile copies are enough to build and to install."""
        text = (PROJECT / "contrib" / "Containerfile").read_text()
        source = self.root / "src"
        source.mkdir()
        copied = [line.split()[1:-1] for line in re.findall(r"^COPY (?!--).*", text, re.M)]
        for name in sum(copied, []):
            (source / name).symlink_to(PROJECT / name)
        build = re.search(r"^RUN (make .*?install)", text, re.M)[1]
        for command in build.split(" && "):
            subprocess.run([*command.split()[:2], "-n"], cwd=source, check=True, capture_output=True)
        out = self.root / "out"
        subprocess.run([str(source / "tools" / "install.sh"), str(PROGRAM), str(out), "/usr"],
                       cwd=source, check=True, capture_output=True)  # fmt: skip
        self.assertTrue((out / "etc/alfisd/node.toml").is_file())
        for name in re.findall(r"^COPY --from=build /out/(\S+)", text, re.M):
            self.assertTrue((out / name).exists(), name)
