"""A quiet group is tidied: answers go after a while, news of the pot stay, and nobody is disturbed by what is gone."""

from datetime import timedelta
from typing import Any

from tests.scene import Scene, pay, scene
from tests.stand_ins import logged

PAID: dict[str, Any] = {"free_messages_per_day": 0, "chance_ppm_per_credit": 1, "guard_limit_credits": 1_000}


async def be_quiet(here: Scene, button: str = "Short receipts") -> None:
    """Have Ben, the admin, make the group a quiet one, or end that."""
    here.app.telegram.set_member(here.group, here.ben, "administrator")
    await here.ask(here.ben, "/settings", here.group)
    await here.press(here.ben, button, here.group)


async def an_hour_later(here: Scene) -> None:
    """Let time pass and do what is due."""
    here.app.clock.move(timedelta(hours=1))
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()


def answers(here: Scene) -> list[str]:
    """Return the paid answers that still stand in the group."""
    return [said for said in here.app.texts(here.group) if "credits · ticket" in said]


async def test_answers_are_deleted_and_menus_stay_as_the_settings_say(database_url: str) -> None:
    with logged() as log:
        async with scene(database_url, **PAID) as here:
            await pay(here, here.ben, "/ask one", here.group)
            await be_quiet(here)
            assert "deleted after 1 hour; menus like this one stay" in here.app.last(here.group)
            for number in range(2):
                await pay(here, here.ben, f"/ask {number}", here.group)
            gone = here.app.telegram.from_bot(here.group)[-1]
            del here.group.messages[gone.id]
            await an_hour_later(here)
            assert len(answers(here)) == 1
            assert "Settings of Friends" in here.app.last(here.group)
            await here.ask(here.ben, "/ask my favourite", here.group)
            await an_hour_later(here)
            assert len(here.app.telegram.calls_of("deleteMessages")) == 2
    assert [line["count"] for line in log.of("messages_deleted")] == [2, 1]
    assert log.of("error") == log.of("send_failed") == []


async def test_after_the_switch_off_all_stays(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        await be_quiet(here)
        await pay(here, here.ben, "/ask one", here.group)
        await be_quiet(here, "Full receipts")
        await an_hour_later(here)
        assert len(answers(here)) == 1
        assert here.app.telegram.calls_of("deleteMessages") == []
