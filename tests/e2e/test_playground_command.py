"""``python bot.py playground``: the page, the bot as a process beside it, and the end of both."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.commands import playground
from bot.events import Event
from bot.instance_lock import InstanceLock
from bot.settings import load_settings
from tests.app import assert_books_are_right
from tests.child import Child
from tests.playground_child import BEN, Start, playgrounds


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Give what starts a playground in an empty directory and ends it with the test."""
    async with playgrounds(tmp_path) as begin:
        yield begin


def children_of(process_id: int) -> list[str]:
    """Return the process ids of a process's children."""
    return Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()


def is_alive(process_id: int) -> bool:
    """Return whether a process exists."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_serves_the_page_and_answers_and_the_bot_can_be_restarted_and_killed(
    start: Start, tmp_path: Path
) -> None:
    """Ctrl+C ends both processes; the books are right after all of it."""
    play = await start()
    assert "<!doctype html>" in (await play.get("/")).text.lower()
    pids = [await play.bot_pid(1)]
    assert "1,000" in (await play.ask("/start"))[0]
    assert (await play.act("/play/bot", action="restart")) == {"ok": True, "running": True}
    pids.append(await play.bot_pid(2))
    assert len(await play.ask("hello")) == 2
    assert (await play.act("/play/bot", action="kill"))["running"]
    pids.append(await play.bot_pid(3))
    assert len(await play.ask("hello again")) == 3
    assert not (await play.act("/play/bot", action="stop"))["running"]
    assert (await play.act("/play/bot", action="start"))["running"]
    pids.append(await play.bot_pid(4))
    play.child.send(signal.SIGINT)
    assert await play.child.end() == 0
    assert len(set(pids)) == 4
    assert not [one for one in pids if is_alive(one)]
    drained = [line["event"] for line in play.child.lines()].count(Event.DRAIN_DONE)
    assert drained == 3
    assert play.child.err == []
    assert_books_are_right(f"sqlite:///{tmp_path / playground.DATABASE}")


async def test_buttons_pressed_at_the_same_time_leave_one_bot(start: Start) -> None:
    play = await start()
    await play.bot_pid(1)
    actions = ("kill", "kill", "start", "kill")
    await asyncio.gather(*(play.act("/play/bot", action=action) for action in actions))
    await play.bot_pid(2)
    assert len(children_of(play.child.process.pid)) == 1
    assert await play.child.stop(signal.SIGTERM) == 0


async def test_the_bot_is_switched_to_the_test_model_which_is_broken_and_back(start: Start) -> None:
    play = await start()
    await play.bot_pid(1)
    assert (await play.act("/play/model", is_test=True))["is_test"]
    await play.bot_pid(2)
    assert "You wrote: hello" in (await play.ask("hello"))[-1]
    await play.act("/play/model", mode="error 500")
    assert (await play.ask("hello again"))[-1].startswith("I couldn't find an answer")
    assert (await play.act("/play/model", mode="normal"))["asked"] == 3
    await play.act("/play/model", is_test=False)
    await play.bot_pid(3)
    assert "You wrote" not in (await play.ask("hello"))[-1]
    assert await play.child.stop(signal.SIGTERM) == 0


async def test_a_killed_playground_takes_its_bot_along(start: Start) -> None:
    """The bot holds the other end of the pipe: the end of its output is the end of its life."""
    play = await start()
    pid = await play.bot_pid(1)
    play.child.send(signal.SIGKILL)
    assert await play.child.end() == -signal.SIGKILL
    assert play.child.lines()[-1]["event"] == Event.DRAIN_DONE
    assert pid


async def test_a_database_of_its_own_may_be_kept_from_one_playground_to_the_next(
    start: Start, tmp_path: Path
) -> None:
    """Its chats begin anew while the database remembers old messages: ids must not meet."""
    database = f"sqlite:///{tmp_path / 'kept.db'}"
    for greeting in ("Hi Ben", "Ben"):
        play = await start(DATABASE_URL=database)
        await play.bot_pid(1)
        assert greeting in (await play.ask("/start"))[0]
        assert len(await play.ask("hello")) == 2
        assert await play.child.stop(signal.SIGINT) == 0
        assert not [line for line in play.child.lines() if line["event"] == Event.UPDATE_DUPLICATE]
    assert not (tmp_path / "data").exists()
    assert_books_are_right(database)


async def test_a_second_playground_does_not_throw_the_books_of_the_first_away(tmp_path: Path) -> None:
    """The first one's bot holds the lock file of its database."""
    books = tmp_path / playground.DATABASE
    with InstanceLock(books):
        books.write_text("the books of the first one")
        line = await refused(tmp_path)
    assert line.startswith(f"the playground can't start: another process uses {playground.DATABASE};")
    assert books.read_text() == "the books of the first one"


async def test_a_page_that_can_not_be_served_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = await refused(tmp_path, port=port)
    assert line == f"the playground can't start: 127.0.0.1:{port} can't be listened on; is it in use?"


async def refused(directory: Path, *, port: int = 0) -> str:
    """Start a playground, which must end with exit code 2, and return its one line on stderr."""
    child = await Child(directory, "playground", "--port", str(port)).start()
    assert await child.end() == 2, child.err
    assert len(child.err) == 1, child.err
    return child.err[0]


def test_what_is_set_counts_for_the_bot_too_also_in_the_file(tmp_path: Path) -> None:
    """All but the token, the address of the Bot API and the clock."""
    clock_file = tmp_path / "mine.db.clock"
    file = tmp_path / ".env"
    file.write_text("HTTP_LISTEN=127.0.0.1:9999\nBOT_API_URL=https://example.com\n")
    given = load_settings({"DATABASE_URL": "sqlite:///mine.db"}, file).model_fields_set
    made = playground._environment("http://127.0.0.1:5", clock_file, given)
    assert "HTTP_LISTEN" not in made.keys() - os.environ.keys()
    assert "DATABASE_URL" not in made.keys() - os.environ.keys()
    assert (made["LOG_FORMAT"], made["BOT_API_URL"]) == ("console", "http://127.0.0.1:5")
    assert (made["BOT_TOKEN"], made["CLOCK_FILE"]) == (playground.TOKEN, str(clock_file))
    untouched = playground._environment("http://127.0.0.1:5", clock_file, set())
    assert (untouched["HTTP_LISTEN"], untouched["DATABASE_URL"]) == (
        "127.0.0.1:0",
        "sqlite:///data/playground.db",
    )


def test_ids_of_a_playground_begin_above_those_of_one_that_was_started_earlier() -> None:
    now = int(time.time())
    ids = []
    for at in (playground.BEGINNING - 5, now, now + 1):
        telegram = playground._telegram(at)
        group = next(chat for chat in telegram.chats.values() if not chat.private)
        first = [telegram.say(BEN, where, "hello")["message_id"] for where in (BEN, group.id)]
        ids.append((*first, next(iter(telegram.updates)).update_id))
    assert ids[0][0] < ids[1][0] < ids[2][0] < 2**31
    assert all(earlier < later for one, two in pairwise(ids) for earlier, later in zip(one, two, strict=True))
