"""The command line without a model: what is told of outputs and files that cannot be used, and with which exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = """\
channel: "#trade"
watchlists:
  - name: all
    query: relevant
feeds:
  - url: https://a.example/feed
    outlet: A
"""
OPML = '<opml><body><outline text="B" xmlUrl="https://b.example/feed"/></body></opml>'


def command(*words: str, folder: Path, stdout: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SLACK_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder, env=clean, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "new.opml").write_text(OPML, "utf-8")
    return tmp_path


def test_importing_feeds_into_a_link_changes_the_file_behind_it_and_keeps_who_may_read_it(desk: Path) -> None:
    (desk / "config.yaml").chmod(0o600)
    (desk / "link.yaml").symlink_to("config.yaml")
    done = command("feeds", "import", "new.opml", "--config", "link.yaml", folder=desk)
    assert (done.returncode, done.stdout) == (0, "link.yaml: 1 feed of new.opml added\n")
    assert (desk / "link.yaml").is_symlink()
    assert "https://b.example/feed" in (desk / "config.yaml").read_text("utf-8")
    assert (desk / "config.yaml").stat().st_mode & 0o777 == 0o600


def test_a_configuration_that_is_no_text_gets_no_feeds(desk: Path) -> None:
    (desk / "config.yaml").write_bytes(b"channel: \xff\n")
    done = command("feeds", "import", "new.opml", folder=desk)
    assert (done.returncode, done.stderr) == (2, "tariffwatch: config.yaml:1: is not UTF-8 — save the file as UTF-8\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_in_a_line(desk: Path) -> None:
    with open("/dev/full", "w") as full:
        done = command("feeds", "list", folder=desk, stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr.startswith("tariffwatch: [Errno 28] No space left on device — ")
    assert done.stderr.count("\n") == 1
