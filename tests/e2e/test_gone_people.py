"""People who deleted their account: their wallet is frozen, as nobody can move anything out of it or into it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from tests.scene import Scene, pay, scene
from tests.stand_ins import ScriptedModel, logged

NEVER: dict[str, Any] = {"free_messages_per_day": 0, "chance_ppm_per_credit": 1}
ENTRIES = (
    "SELECT e.kind FROM entry e JOIN transfer t ON t.entry_id = e.id "
    "JOIN account a ON a.id IN (t.debit_id, t.credit_id) "
    "WHERE a.kind = 'player' AND a.owner_id = :id ORDER BY e.id"
)
WALLET = "SELECT balance, held FROM account WHERE kind = 'player' AND owner_id = :id"


async def rows(here: Scene, statement: str, **facts: Any) -> Sequence[Any]:
    """Return what a statement reads."""

    def read(tx: Connection) -> Sequence[Any]:
        return [tuple(row) for row in tx.execute(text(statement), facts)]

    return await here.app.parts.db.read(read)


async def later(here: Scene, step: timedelta) -> None:
    """Let time pass and do all that is due."""
    here.app.clock.move(step)
    await here.app.parts.upkeep.run_timers()
    await here.app.parts.upkeep.sweep()
    await here.app.settled()


async def test_t27_a_deleted_account_keeps_its_wallet_gets_what_it_is_owed_and_nothing_else_happens_to_it(
    database_url: str,
) -> None:
    with logged() as log:
        async with scene(database_url, model=ScriptedModel(("fine",)), **NEVER) as here:
            await pay(here, here.ana, "hola")
            await pay(here, here.ana, "/ask hola", here.group)
            ana = await here.player_key(here.ana.id)
            here.app.telegram.say(here.ana, here.ana, "una más")
            here.app.telegram.deactivate(here.ana)
            await here.app.settled()
            (reach,) = await rows(here, "SELECT reach FROM chat WHERE telegram_id = :id", id=here.ana.id)
            assert reach == ("blocked",)
            assert len(log.of("chat_unreachable")) == 1
            assert await rows(here, WALLET, id=ana) == [(1_000 - 5 - 10 - 15, 0)]

            here.app.telegram.set_member(here.group, here.app.telegram.bot, "left")
            await here.app.settled()
            said = len(here.app.telegram.calls_of("sendMessage", ok=None))
            await later(here, timedelta(days=7))
            put_in = 10 - 1
            assert await rows(here, WALLET, id=ana) == [(970 + put_in, 0)]
            assert len(here.app.telegram.calls_of("sendMessage", ok=None)) == said

            before = await rows(here, ENTRIES, id=ana)
            assert before[-1] == ("refund",)
            await later(here, timedelta(days=400))
            assert await rows(here, ENTRIES, id=ana) == before
            assert await rows(here, WALLET, id=ana) == [(970 + put_in, 0)]
