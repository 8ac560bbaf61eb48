"""/practice: questions without a stake, told at once; none that anybody plays for one."""

import re

from sqlalchemy import Connection, select

from bot.playground.models import User
from db.models.duels import question_set
from db.models.questions import question, question_text
from tests.duel_scene import buttons_of, duel_scene, stake
from tests.scene import Scene
from tests.stand_ins import EN, ES


async def right_of(here: Scene, text: str) -> str:
    """Return the right option of a question."""

    def read(tx: Connection) -> str:
        found = select(question_text.c.options, question.c.right_option).join(
            question, question.c.id == question_text.c.question_id
        )
        row = tx.execute(found.where(question_text.c.text == text)).first()
        assert row is not None
        return str(row.options[row.right_option])

    return await here.app.parts.db.read(read)


async def begin(here: Scene, user: User) -> str:
    """Have a player practise science; return the question."""
    await here.ask(user, "/practice")
    shown = await here.press(user, "Ciencia" if user is here.ana else "Science")
    return shown.rpartition("\n")[2]


async def test_a_right_and_a_wrong_answer_are_told_at_once_with_the_source(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        asked = await begin(here, here.ana)
        right = await right_of(here, asked)
        shown = await here.press(here.ana, right)
        assert re.fullmatch(rf"{re.escape(asked)}\n\n✅ Correcto: .*\nFuente: https://\S+", shown)
        asked_next = (await here.press(here.ana, "Otra pregunta")).rpartition("\n")[2]
        assert asked_next != asked
        right = await right_of(here, asked_next)
        wrong = next(name for name in here.buttons(here.ana) if name != right)
        shown = await here.press(here.ana, wrong)
        assert f"❌ Elegiste {wrong}. Lo correcto es {right}." in shown
        assert "¿De qué tema?" in await here.press(here.ana, "‹ Volver")


async def test_what_is_played_for_a_stake_is_never_told(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        asked = await begin(here, here.ben)
        data = buttons_of(here.app.telegram.from_bot(here.ben)[-1])[0]["callback_data"]
        message_id = here.app.last_id(here.ben)
        ids = await _ids_of_set(here)
        number = data.split(":")[3]
        for question_id in ids:
            forged = data.replace(f":{number}:", f":{question_id}:")
            told = await here.app.telegram.press(here.ben, here.ben.id, message_id, forged, forged=True)
            await here.app.settled()
            assert told is not None
            assert told["text"] == EN.plain("error.expired_button")
        assert asked in here.app.last(here.ben)


async def _ids_of_set(here: Scene) -> list[int]:
    """Let Ana begin a duel; return the numbers of its questions."""
    await stake(here, here.ana)
    ids = select(question_set.c.question_ids)
    return list(await here.app.parts.db.read(lambda tx: tx.scalars(ids).one()))


async def test_made_up_presses_are_refused(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        await begin(here, here.ben)
        data = buttons_of(here.app.telegram.from_bot(here.ben)[-1])[0]["callback_data"]
        name, topic, _, number, _, _, owner = data.split(":")
        for middle in (
            f"a:{number}:24:0",
            f"a:{number}:0:4",
            "a:999999:0:0",
            "a:x:0:0",
            "nowhere",
            "science:-1",
        ):
            forged = f"{name}:{topic}:{middle}:{owner}"
            where = (here.ben, here.ben.id, here.app.last_id(here.ben))
            told = await here.app.telegram.press(*where, forged, forged=True)
            await here.app.settled()
            assert told is not None
            assert told["text"] == EN.plain("error.expired_button"), middle


async def test_a_group_is_sent_to_the_private_chat(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        assert await here.ask(here.ana, "/practice", here.group) == ES("private.pointer")
        assert "Práctica" in await here.ask(here.ana, "/start practice")
