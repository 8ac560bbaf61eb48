"""One process per SQLite file, and a lock that no dead process keeps."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.instance_lock import AlreadyRunning, InstanceLock

ROOT = Path(__file__).parents[2]
HOLDER = """
import pathlib, sys, time
from bot.instance_lock import InstanceLock
with InstanceLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_t65_the_second_one_is_refused_with_the_file_and_the_way_out(tmp_path: Path) -> None:
    database = tmp_path / "potluck.db"
    with InstanceLock(database):
        with (
            pytest.raises(AlreadyRunning, match="Postgres is for several") as refusal,
            InstanceLock(database),
        ):
            pass
        assert str(database) in str(refusal.value)
    with InstanceLock(database):
        pass


def test_t65_another_process_is_refused_until_this_one_is_killed(tmp_path: Path) -> None:
    database = tmp_path / "potluck.db"
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning), InstanceLock(database):
            pass
        assert (tmp_path / "potluck.db.lock").read_text() == f"{holder.pid}\n"
        holder.kill()
        holder.wait()
    with InstanceLock(database):
        pass


def test_two_databases_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    with InstanceLock(tmp_path / "one.db"), InstanceLock(tmp_path / "two.db"):
        pass


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    with InstanceLock(tmp_path / "new" / "folder" / "potluck.db"):
        assert (tmp_path / "new" / "folder" / "potluck.db.lock").exists()


def test_a_lock_is_freed_by_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), InstanceLock(tmp_path / "one.db"):
        raise ValueError("broken")
    with InstanceLock(tmp_path / "one.db"):
        pass
