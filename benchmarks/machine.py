"""What the figures were measured on."""

import os
import platform
import sqlite3
import subprocess
from pathlib import Path

from bot.chaos.cluster import find_binaries


def describe() -> str:
    """Return one line that names the machine and what runs on it."""
    parts = [
        _processor(),
        f"{os.cpu_count()} cores",
        f"{_memory_gib()} GiB",
        f"Python {platform.python_version()}",
    ]
    return ", ".join([*parts, f"SQLite {sqlite3.sqlite_version}", _postgres()])


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _postgres() -> str:
    binaries = find_binaries()
    if binaries is None:
        return "no Postgres"
    said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return "Postgres " + said.stdout.split()[2]
