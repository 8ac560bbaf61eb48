"""/stop and the button under a growing answer: what was read is charged, what wasn't is not."""

import asyncio

import pytest

from bot.stage import DraftStage
from bot.wiring import build
from services.stopping import StopTurns
from tests.canary import CANARY_TOKEN
from tests.e2e.growing_scene import STOP, Silent, Slow, ask_and_wait, grown, hurry, slow_scene
from tests.scene import Scene, scene
from tests.stand_ins import EN, ES, PAID, ScriptedModel, balance_of, turns_of

MARK = EN.plain("answer.cut_stopped")


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.mark.parametrize("way", ["button", "command"])
async def test_a_group_answer_that_was_read_is_cut_charged_and_a_ticket(database_url: str, way: str) -> None:
    model = Slow()
    async with slow_scene(database_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        if way == "button":
            told = await here.app.press(here.ben, here.group, message.id, STOP)
            assert told is not None
            assert told["text"] == EN.plain("stop.pressed")
        else:
            assert await here.ask(here.ben, "/stop", here.group) == ""
        assert message.content["text"].startswith(f"It begins\n\n{MARK}\n\n10 credits · ticket 2")
        assert await balance_of(here, here.ben) == "You have 985 credits"


@pytest.mark.parametrize("in_group", [True, False])
async def test_a_stop_before_there_is_anything_to_read_costs_nothing(
    database_url: str, in_group: bool
) -> None:
    model = Silent()
    async with slow_scene(database_url, model) as here:
        where = here.group if in_group else here.ben
        here.app.telegram.say(here.ben, where, "/ask silently")
        await model.asked(2)
        assert await here.ask(here.ben, "/stop", where) == EN("released.stopped")  # type: ignore[arg-type]
        assert await turns_of(here.app) == ["settled", "released"]
        assert await balance_of(here, here.ben) == "You have 995 credits"
        assert "10 credits" in await here.ask(here.ben, "/price")


async def test_a_draft_that_was_read_is_cut_and_charged(sqlite_url: str) -> None:
    model = Slow()
    async with slow_scene(sqlite_url, model) as here:
        here.app.telegram.say(here.ben, here.ben, "slowly")
        await here.app.telegram.wait_for(lambda: here.app.telegram.calls_of("sendMessageDraft", ok=True))
        said = await here.ask(here.ben, "/stop")
        assert said.startswith(f"It begins\n\n{MARK}\n\n10 credits · ticket 1")


async def test_a_draft_on_its_way_counts_as_read(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on_its_way, arrives, put = asyncio.Event(), asyncio.Event(), DraftStage._put

    async def slowly(stage: DraftStage, part: object) -> None:
        on_its_way.set()
        await arrives.wait()
        await put(stage, part)  # type: ignore[arg-type]

    monkeypatch.setattr(DraftStage, "_put", slowly)
    model = Slow()
    async with slow_scene(sqlite_url, model) as here:
        here.app.telegram.say(here.ben, here.ben, "slowly")
        await on_its_way.wait()
        here.app.telegram.say(here.ben, here.ben, "/stop")
        await here.app.telegram.drained()
        arrives.set()
        await here.app.settled()
        assert here.app.last(here.ben).startswith(f"It begins\n\n{MARK}")


async def test_t18_another_member_stops_nothing_of_mine(sqlite_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        told = await here.app.telegram.press(here.ana, here.group.id, message.id, STOP)
        assert told is not None
        assert told["text"] == ES.plain("error.not_yours")
        here.app.telegram.say(here.ana, here.group, "/stop")
        await here.app.telegram.wait_for_text(here.group, ES("error.nothing_to_stop"))
        model.goes_on.set()
        await here.app.settled()
        assert message.content["text"].startswith("It begins and ends.\n\n10 credits")


async def test_t03_a_stop_twice_is_a_stop_once(database_url: str) -> None:
    model = Slow()
    async with slow_scene(database_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        data = here.app.buttons(here.group)[STOP]
        here.app.telegram.press(here.ben, here.group.id, message.id, data)
        here.app.telegram.say(here.ben, here.group, "/stop")
        late = here.app.telegram.press(here.ben, here.group.id, message.id, data)
        await here.app.settled()
        told = await late
        assert told is not None
        assert told["text"] == EN.plain("error.used_button.stop")
        assert message.content["text"].count(MARK) == 1
        assert await balance_of(here, here.ben) == "You have 985 credits"


async def test_with_nothing_under_way_there_is_nothing_to_stop(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=ScriptedModel(("fine",))) as here:
        assert await here.ask(here.ben, "/stop") == EN("error.nothing_to_stop")
        await here.ask(here.ben, "hello")
        assert await here.ask(here.ben, "/stop") == EN("error.nothing_to_stop")
        assert await here.ask(here.ana, "/stop", here.group) == ES("error.nothing_to_stop")


async def test_a_button_of_an_answer_that_has_ended_says_so(sqlite_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        data = here.app.buttons(here.group)[STOP]
        model.goes_on.set()
        await here.app.settled()
        told = await here.app.press(here.ben, here.group, message.id, data)
        assert told is not None
        assert told["text"] == EN.plain("error.nothing_to_stop")


async def test_a_question_about_a_price_is_cancelled_by_stop(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=ScriptedModel(("fine",)), **PAID) as here:
        await here.ask(here.ben, "one")
        await here.ask(here.ben, "two")
        question, pressed = here.app.last_id(here.ben), here.app.buttons(here.ben)["Pay 5 and send"]
        assert await here.ask(here.ben, "/stop") == EN("stop.cancelled", n=2)
        assert await turns_of(here.app) == ["declined", "declined"]
        told = await here.app.press(here.ben, here.ben, question, pressed)
        assert told is not None
        assert told["text"] == EN.plain("error.guard_expired")


async def test_the_next_message_goes_on_after_a_stop(sqlite_url: str) -> None:
    model = Silent()
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model, "/ask silently")
        here.app.telegram.say(here.ben, here.group, "/ask next")
        await here.ask(here.ben, "/stop", here.group)
        assert await turns_of(here.app) == ["settled", "released", "settled"]
        assert here.app.last(here.group).startswith("fine\n\n10 credits")


@pytest.mark.parametrize("is_read", [True, False])
async def test_a_stop_through_another_replica_is_noticed(postgres_url: str, is_read: bool) -> None:
    model: Slow | Silent = Slow() if is_read else Silent()
    async with slow_scene(postgres_url, model) as here:
        await ask_and_wait(here, model)
        if is_read:
            await grown(here)
        await _stop_elsewhere(here)
        await asyncio.wait_for(here.app.settled(), 5)
        assert await turns_of(here.app) == ["settled", "settled" if is_read else "released"]
        said = f"It begins\n\n{MARK}" if is_read else EN("released.stopped")
        assert here.app.last(here.group).startswith(said)


async def _stop_elsewhere(here: Scene) -> None:
    """Let Ben's /stop come to another process on the same database."""
    other = build(here.app.settings, token=CANARY_TOKEN, clock=here.app.clock)
    await other.db.open()
    try:
        where = {"chat_id": 1, "thread_id": None, "message_id": 9_999}
        stop: StopTurns = other.application.bot_data["services"].stop
        player_id = await here.player_key(here.ben.id)
        assert player_id is not None
        await stop(player_id=player_id, **where)  # type: ignore[arg-type]
    finally:
        await other.db.close()


async def test_a_stop_and_an_end_at_the_same_time_leave_one_of_them(database_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(database_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        here.app.telegram.say(here.ben, here.group, "/stop")
        model.goes_on.set()
        await here.app.settled()
        text = message.content["text"]
        assert text.startswith((f"It begins\n\n{MARK}", "It begins and ends.\n\n10 credits"))
        assert await balance_of(here, here.ben) == "You have 985 credits"
