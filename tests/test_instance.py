"""One instance only: the lock beside the database, and who is told to hold it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.instance import alone

HOLDER = """
import sys
from bot.instance import alone
with alone(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/state/store.db"


@contextmanager
def another_process(store: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the lock until its standard input ends or it is killed."""
    command = [sys.executable, "-c", HOLDER, store]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_lock_is_held_for_the_block_and_leaves_no_holder_behind(tmp_path: Path) -> None:
    for _ in range(2):
        with alone(url(tmp_path)):
            assert (tmp_path / "state" / "store.db.pid").exists()
    assert not (tmp_path / "state" / "store.db.pid").exists()


def test_the_directory_of_a_database_that_is_yet_to_be_made_is_made(tmp_path: Path) -> None:
    with alone(url(tmp_path)):
        assert (tmp_path / "state").is_dir()


def test_a_block_that_fails_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="boom"), alone(url(tmp_path)):
        raise RuntimeError("boom")
    with alone(url(tmp_path)):
        pass


@pytest.mark.fault("T09", "S22")
def test_a_second_instance_is_refused_and_told_which_process_is_the_first(tmp_path: Path) -> None:
    with another_process(url(tmp_path)) as process:
        with pytest.raises(StoreError) as refused, alone(url(tmp_path)):
            pass
        assert f"in use by another tariffwatch (process {process.pid}) — stop it first" in str(refused.value)
        assert (tmp_path / "state" / "store.db.pid").exists()  # the refused one leaves the holder's note alone


@pytest.mark.fault("T09")
def test_a_process_that_was_killed_leaves_the_lock_free(tmp_path: Path) -> None:
    with another_process(url(tmp_path)) as process:
        process.kill()
        process.wait()
        with alone(url(tmp_path)):
            pass


def test_instances_with_databases_of_their_own_do_not_mind_each_other(tmp_path: Path) -> None:
    with alone(f"sqlite:///{tmp_path}/one.db"), alone(f"sqlite:///{tmp_path}/two.db"):
        pass


def test_a_place_where_no_lock_can_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory is wanted")
    with pytest.raises(StoreError, match="no lock file can be made beside it"), alone(url(tmp_path)):
        pass
