"""A group becomes a supergroup while people play: pot, tickets, settings and conversation go along, once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from bot.playground.models import Chat
from db.models.people import chat
from db.queries.group_settings import SETTINGS
from services import verify_pot
from tests.house import ScriptedModel
from tests.scene import Scene, last_file, pay, scene
from tests.stand_ins import logged

NEVER = {"chance_ppm_per_credit": 1, "guard_limit_credits": 1_000}
CHOSEN: dict[str, Any] = {
    "language": "en",
    "report": "weekly",
    "report_hour": 7,
    "timezone": "Europe/Madrid",
    "topic_id": None,
    "quiet": True,
    "pot_on": True,
}
ORDERS = {
    "both, the old group's first": ("to", "from"),
    "both, the new one's first": ("from", "to"),
    "only the old group's": ("to",),
    "only the new one's": ("from",),
    "none": (),
}


async def group_of(here: Scene) -> Chat:
    """Return a group that is no supergroup yet, where Ben, who owns it, has chosen and paid twice."""
    group = here.app.telegram.add_group("Club", [here.ana, here.ben], kind="group", admins=[here.ben])
    await here.app.settled()
    await pay(here, here.ben, "/ask my favourite word is marzipan", group)
    await pay(here, here.ben, "/ask two", group)
    chosen = ", ".join(f"{name} = :{name}" for name in CHOSEN)
    await write(here, f"UPDATE chat SET {chosen} WHERE telegram_id = :id", id=group.id, **CHOSEN)
    return group


async def write(here: Scene, statement: str, **facts: Any) -> None:
    """Run a statement of a test's own."""

    def run(tx: Connection) -> None:
        tx.execute(text(statement), facts)

    await here.app.parts.db.transact(run)


async def move(here: Scene, group: Chat, told: Sequence[str]) -> Chat:
    """Make a supergroup of a group; Telegram tells of it in the given order."""
    telegram = here.app.telegram
    new = telegram.migrate(group, tell=())
    for word in told:
        if word == "to":
            telegram.announce(group, here.ben, {"migrate_to_chat_id": new.id})
        else:
            telegram.announce(new, here.ben, {"migrate_from_chat_id": group.id})
        await here.app.settled()
    return new


async def groups(here: Scene) -> list[tuple[int, bool]]:
    """Return the Telegram ids of all chats named Club, and whether each is a former one."""

    def read(tx: Connection) -> list[tuple[int, bool]]:
        rows = tx.execute(select(chat).where(chat.c.title == "Club").order_by(chat.c.telegram_id))
        return [(row.telegram_id, row.merged_into is not None) for row in rows]

    return await here.app.parts.db.read(read)


@pytest.mark.parametrize("order", ORDERS)
async def test_t30_a_migrated_group_keeps_all_that_it_has_in_every_order_of_the_notices(
    database_url: str, order: str
) -> None:
    model = ScriptedModel()
    async with scene(database_url, model=model, **NEVER) as here:
        group = await group_of(here)
        before = len(here.app.texts(here.ben))
        new = await move(here, group, ORDERS[order])
        await pay(here, here.ben, "/ask three", new)
        earlier = [exchange.text for exchange in model.questions[-1].history]
        assert earlier == ["my favourite word is marzipan", "two"]
        assert await settings(here, new) == CHOSEN
        assert "ticket 3" in here.app.last(new)
        shown = await here.ask(here.ben, "/pot", new)
        assert "Round 1" in shown
        assert "28 credits" in shown  # 5 + 9 + 14
        assert "3 tickets" in shown
        assert await groups(here) == [(new.id, False), (group.id, True)]
        assert not [said for said in here.app.texts(new) if said.startswith("Hello")]
        assert len(here.app.texts(here.ben)) == before


async def settings(here: Scene, group: Chat) -> dict[str, Any]:
    """Return what holds in a group of what its admins may choose."""

    def read(tx: Connection) -> dict[str, Any]:
        row = tx.execute(select(chat).where(chat.c.telegram_id == group.id)).one()
        return {name: getattr(row, name) for name in SETTINGS}

    return await here.app.parts.db.read(read)


@pytest.mark.parametrize("order", ORDERS)
async def test_t30_an_answer_under_way_while_the_group_moves_lands_in_the_supergroup_once(
    sqlite_url: str, order: str
) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = await group_of(here)
        here.app.telegram.say(here.ben, group, "/ask three")
        new = await move(here, group, ORDERS[order])
        await here.app.settled()
        answers = [said for one in (group, new) for said in here.app.texts(one) if "ticket 3" in said]
        assert len(answers) == 1
        assert "28 credits" in await here.ask(here.ben, "/pot", new)


async def test_t30_a_command_of_the_old_group_that_comes_late_is_answered_in_the_supergroup(
    sqlite_url: str,
) -> None:
    with logged() as log:
        async with scene(sqlite_url, **NEVER) as here:
            group = await group_of(here)
            here.app.telegram.say(here.ben, group, "/pot")
            new = await move(here, group, ())
            await here.app.settled()
            said = [*here.app.texts(group), *here.app.texts(new)]
            assert len([one for one in said if "Round 1" in one]) == 1
    assert [line for line in log.lines if line["level"] in ("critical", "error")] == []


async def test_t30_the_notices_again_under_new_ids_change_nothing(sqlite_url: str) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = await group_of(here)
        new = await move(here, group, ("to", "from"))
        for update_id in list(here.app.telegram.updates.last)[-2:]:
            here.app.telegram.duplicate(update_id, new_id=True)
        await here.app.settled()
        assert await groups(here) == [(new.id, False), (group.id, True)]
        assert "14 credits" in await here.ask(here.ben, "/pot", new)


async def test_t30_a_group_whose_move_nobody_told_of_is_found_though_telegram_failed_at_first(
    database_url: str,
) -> None:
    async with scene(database_url, **NEVER) as here:
        group = await group_of(here)
        new = await move(here, group, ())
        here.app.telegram.faults.add("500", method="sendChatAction", times=1)
        await pay(here, here.ana, "/ask uno", new)
        assert set(await groups(here)) == {(group.id, False), (new.id, False)}
        await here.ask(here.ben, "/pot", new)
        assert set(await groups(here)) == {(group.id, True), (new.id, False)}


async def test_t30_an_answer_in_the_supergroup_never_replies_to_a_number_of_the_old_group(
    sqlite_url: str,
) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = await group_of(here)
        here.app.telegram.say(here.ben, group, "/ask three")
        new = here.app.telegram.migrate(group, tell=())
        here.app.telegram.say(here.ana, new, "somebody else's words")
        await here.app.settled()
        sent = [one.params for one in here.app.telegram.calls_of("sendMessage", ok=True)]
        assert [one.get("reply_parameters") for one in sent if one["chat_id"] == new.id] == [None]


async def test_t30_proofs_of_the_pot_that_went_into_the_other_are_behind_the_history(sqlite_url: str) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = await group_of(here)
        here.app.clock.move(timedelta(minutes=1))
        new = here.app.telegram.migrate(group, tell=())
        new.title = "Another title, so that nobody looks for the old group"
        await pay(here, here.ana, "/ask dos", new)
        here.app.telegram.announce(new, here.ben, {"migrate_from_chat_id": group.id})
        await here.app.settled()
        assert "one now" in here.app.last(new)
        await here.ask(here.ben, "/pot", new)
        await here.press(here.ben, "History", new)
        (former,) = [name for name in here.buttons(new) if name.startswith("Former pot")]
        assert "1 ticket" in await here.press(here.ben, former, new)
        await here.press(here.ben, "Round 1", new)
        assert verify_pot.verify(last_file(here, new)) is None
