"""Several processes, and processes that are killed: real ones, over real HTTP."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground.server import build_app as playground
from bot.playground.telegram import Telegram
from bot.server import HttpServer
from services.sweep import Sweep
from tests.app import assert_books_are_right
from tests.scene import scene
from tests.stand_ins import (
    ScriptedModel,
    turns_of,
)

ROOT = Path(__file__).parents[2]


async def test_t61_sweeps_of_several_processes_begin_a_turn_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(("one", gate), ("two",))
    async with scene(database_url, model=model) as here:
        here.app.telegram.say(here.ben, here.ben, "one")
        await model.asked(1)
        here.app.telegram.say(here.ben, here.ben, "two")
        await here.app.telegram.drained()
        await here.app.parts.lanes.idle()
        with monkeypatch.context() as crash:
            crash.setattr("services.reserve.promote_next", lambda *_: None)
            gate.set()
            await here.app.settled()
        assert await turns_of(here.app) == ["settled", "waiting"]
        here.app.clock.move(timedelta(seconds=4))
        parts = here.app.parts
        owners = [replace(parts.stamps, owner=f"process {number}") for number in range(4)]
        sweeps = [Sweep(db=parts.db, stamps=stamps, rules=parts.rules) for stamps in owners]
        await asyncio.gather(*(sweep(limit=10) for sweep in sweeps))
        await here.app.settled()
        assert await turns_of(here.app) == ["settled"] * 2
        assert here.app.texts(here.ben) == ["one", "two"]


async def start_bot(url: str, tmp_path: Path, **more: str) -> asyncio.subprocess.Process:
    """Start the bot as a process of its own."""
    settings = {
        **more,
        "BOT_TOKEN": "1:x",
        "BOT_API_URL": url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/potluck.db",
        "HTTP_LISTEN": "127.0.0.1:0",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "bot.py",
        "run",
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_t65_a_second_process_on_one_sqlite_file_refuses_with_one_line(tmp_path: Path) -> None:
    telegram = Telegram()
    server = HttpServer(playground(telegram), "127.0.0.1", 0)
    await server.start()
    url = f"http://127.0.0.1:{server.port}"
    first = await start_bot(url, tmp_path)
    try:
        await telegram.wait_for(lambda: telegram.updates.polled, timeout_seconds=30)
        second = await start_bot(url, tmp_path)
        _, said = await asyncio.wait_for(second.communicate(), 30)
        assert second.returncode == 2
        file = f"{tmp_path}/potluck.db"
        assert (
            said.decode()
            == f"another process uses {file}; a SQLite file is for one process, Postgres is for several\n"
        )
        assert telegram.updates.polled  # the second one never asked Telegram for anything
        assert len(telegram.calls_of("getMe")) == 1
    finally:
        first.kill()
        await first.communicate()
    third = await start_bot(url, tmp_path)  # the lock died with its holder
    try:
        await telegram.wait_for(lambda: len(telegram.calls_of("getMe")) == 2, timeout_seconds=30)
    finally:
        third.kill()
        await third.communicate()
        await telegram.aclose()
        await server.stop()


async def test_t59_a_bot_killed_again_and_again_loses_nothing_and_books_nothing_twice(tmp_path: Path) -> None:
    telegram = Telegram()
    ben = telegram.add_user("Ben")
    server = HttpServer(playground(telegram), "127.0.0.1", 0)
    await server.start()
    url, settings = (
        f"http://127.0.0.1:{server.port}",
        {"FREE_MESSAGES_PER_DAY": "0", "CHAT_SEND_PER_SECOND": "100"},
    )

    def tickets() -> list[str]:
        lines = [text.rpartition("\n")[2] for text in telegram.texts(ben)]
        return [line.split(" · ")[1] for line in lines if " · ticket " in line]

    bot = await start_bot(url, tmp_path, **settings)
    try:
        telegram.say(ben, ben, "message 1")
        asked = await telegram.wait_for_text(ben, "first paid message", timeout_seconds=30)
        telegram.press(ben, ben, asked["message_id"], "Pay 5 and send")
        await telegram.wait_for_text(ben, "ticket 1", timeout_seconds=30)
        for number in (2, 3):
            telegram.say(ben, ben, f"message {number}")
            await telegram.wait_for(lambda: not telegram.updates, timeout_seconds=30)
            bot.kill()
            await bot.communicate()
            bot = await start_bot(url, tmp_path, **settings)
        await telegram.wait_for_text(ben, "ticket 3", timeout_seconds=30)
        telegram.say(ben, ben, "/balance")
        await telegram.wait_for_text(ben, "You have 970 credits", timeout_seconds=30)
    finally:
        bot.kill()
        await bot.communicate()
        await telegram.aclose()
        await server.stop()
    assert list(dict.fromkeys(tickets())) == [f"ticket {number}" for number in (1, 2, 3)]
    assert_books_are_right(f"sqlite:///{tmp_path}/potluck.db")
