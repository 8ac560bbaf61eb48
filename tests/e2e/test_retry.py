"""Trying again what was left without an answer: by /retry and by the button under the word of it."""

from datetime import timedelta
from typing import Any

from services.ports import ModelUnavailable
from tests.app import CountedEntropy
from tests.scene import pay, scene
from tests.stand_ins import EN, ES, PAID, ScriptedModel, balance_of, fine, turns_of

DOWN = ((ModelUnavailable(reason="http_5xx"),),) * 2
"""A failure: the model is asked twice."""
UNASKED: dict[str, Any] = {**PAID, "guard_limit_credits": 1_000, "entropy": CountedEntropy(seed=2)}
FAILED, NOTHING = EN("released.failed"), EN("error.nothing_to_retry")
AGAIN = EN.plain("button.retry")


async def test_a_failed_message_is_asked_again_at_the_present_price(database_url: str) -> None:
    model = ScriptedModel(("fine",), *DOWN, ("better",))
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "earlier")
        assert await here.ask(here.ben, "and now") == FAILED
        said = await here.ask(here.ben, "/retry")
        assert said.startswith("better\n\n10 credits · ticket 2")
        assert [one.text for one in model.questions] == ["earlier", *["and now"] * 3]
        assert await here.ask(here.ben, "/retry") == NOTHING
        assert await turns_of(here.app) == ["settled", "released", "settled"]
        assert await balance_of(here, here.ben) == "You have 985 credits"


async def test_a_failed_free_message_stays_free_while_the_quota_lasts(sqlite_url: str) -> None:
    model = ScriptedModel(*DOWN, ("fine",))
    async with scene(sqlite_url, model=model, free_messages_per_day=1) as here:
        assert await here.ask(here.ben, "one") == FAILED
        assert (await here.ask(here.ben, "/retry")).startswith("fine\n\nThat was today's last free message")


async def test_a_failed_message_that_was_to_be_paid_is_paid_when_it_is_tried_again(sqlite_url: str) -> None:
    model = ScriptedModel(*DOWN, ("fine",))
    async with scene(sqlite_url, model=model) as here:
        await pay(here, here.ben, "/play for a ticket")
        assert "first paid message" in await here.ask(here.ben, "/retry")
        await here.press(here.ben, "Pay 5 and send")
        assert "5 credits · ticket 1" in here.app.last(here.ben)


async def test_the_button_tries_once_and_for_its_player_alone(database_url: str) -> None:
    model = ScriptedModel(("fine",), *DOWN, ("better",))
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "/ask earlier", here.group)
        await here.ask(here.ben, "/ask and now", here.group)
        word, data = here.app.last_id(here.group), here.app.buttons(here.group)[AGAIN]
        await here.app.press(here.ana, here.group, word, data)
        assert len(model.questions) == 3
        await here.app.press(here.ben, here.group, word, data)
        assert here.app.texts(here.group)[-2] == EN("retry.begun")
        assert here.app.last(here.group).startswith("better\n\n10 credits")
        await here.app.press(here.ben, here.group, word, data)
        assert len(model.questions) == 4
        answers = here.app.telegram.calls_of("answerCallbackQuery")
        assert [one.params.get("text") for one in answers][-3:] == [
            ES.plain("error.not_yours"),
            None,
            EN.plain("error.used_button"),
        ]


async def test_the_button_of_a_message_that_is_not_the_last_any_more_does_nothing(sqlite_url: str) -> None:
    model = ScriptedModel(*DOWN, ("fine",))
    async with scene(sqlite_url, model=model) as here:
        await here.ask(here.ben, "one")
        word, data = here.app.last_id(here.ben), here.app.buttons(here.ben)[AGAIN]
        await here.ask(here.ben, "two")
        await here.app.press(here.ben, here.ben, word, data)
        assert here.app.telegram.calls_of("answerCallbackQuery")[-1].params["text"] == EN.plain(
            "error.nothing_to_retry"
        )
        assert [one.text for one in model.questions] == ["one", "one", "two"]


async def test_the_button_holds_for_ten_minutes_and_the_command_for_ever(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=ScriptedModel(*DOWN, ("fine",))) as here:
        await here.ask(here.ben, "one")
        here.app.clock.move(timedelta(minutes=10, seconds=1))
        await here.press(here.ben, AGAIN)
        assert here.app.telegram.calls_of("answerCallbackQuery")[-1].params["text"] == EN.plain(
            "error.expired_button"
        )
        assert await here.ask(here.ben, "/retry") == "fine"


async def test_where_nothing_failed_there_is_nothing_to_try_again(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine()) as here:
        assert await here.ask(here.ben, "/retry") == NOTHING
        assert await here.ask(here.ana, "/retry") == ES("error.nothing_to_retry")
        await here.ask(here.ben, "one")
        assert await here.ask(here.ben, "/retry") == NOTHING
        assert await here.ask(here.ben, "/retry", here.group) == NOTHING


async def test_t02_the_same_retry_under_a_new_update_id_is_no_other(sqlite_url: str) -> None:
    model = ScriptedModel(*DOWN, ("fine",))
    async with scene(sqlite_url, model=model) as here:
        await here.ask(here.ben, "one")
        await here.ask(here.ben, "/retry")
        here.app.telegram.duplicate(new_id=True)
        await here.app.settled()
        assert here.app.texts(here.ben) == [FAILED, "fine"]
