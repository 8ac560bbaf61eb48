"""Questions of duels as operators bring them: a file to the bot, refused whole with its lines, or imported."""

from bot.playground.files import Upload
from bot.playground.models import User
from services.questions.packs import FILE_MOST_BYTES
from tests.packs import pack_text, question
from tests.scene import Scene, scene
from tests.stand_ins import EN, ES, message_update, turns_of

MOON = pack_text(question("moon", "What shines over our heads at night?", "Moon"))
BAD = pack_text(
    question("moon", "What shines <b>at night</b>?", "Moon"), question("Moon", "What shines at night?", "Sun")
)


async def send(
    here: Scene, user: User, text: str | bytes, caption: str = "/questions", size_bytes: int = 0
) -> str:
    """Send a file to the bot as a user and return what it said to that."""
    content = text.encode() if isinstance(text, str) else text
    stored = here.app.telegram.files.store(Upload("pack.yaml", content, "application/yaml"), "documents")
    document = stored.document() | {"file_size": size_bytes or len(content)}
    update = message_update(880_000_000 + len(here.app.texts(user)), user, "", document=document)
    del update["message"]["text"]
    update["message"] |= {"date": int(here.app.clock.now().timestamp()), "caption": caption}
    before = len(here.app.texts(user))
    here.app.telegram.inject(update)
    await here.app.settled()
    return "\n\n".join(here.app.texts(user)[before:])


async def test_an_operator_imports_a_file_and_is_told_what_changed(database_url: str) -> None:
    async with scene(database_url) as here:
        assert "science: en 60, es 16" in await here.ask(here.ben, "/questions")
        assert (await send(here, here.ben, MOON)).startswith("Imported: science, en.\nNew: 1.")
        assert "As before: 1." in await send(here, here.ben, MOON, "/questions@potluck_bot please")
        assert "science: en 61, es 16" in await here.ask(here.ben, "/questions")
        assert await turns_of(here.app) == []


async def test_an_operator_answers_a_file_with_the_command(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        stored = here.app.telegram.files.store(Upload("a.yaml", MOON.encode(), "text/plain"), "documents")
        original = here.app.telegram.say(here.ben, kind="document")
        update = message_update(880_000_000, here.ben, "/questions")
        update["message"]["entities"] = [{"type": "bot_command", "offset": 0, "length": 10}]
        update["message"]["reply_to_message"] = original | {"document": stored.document()}
        here.app.telegram.inject(update)
        await here.app.settled()
        assert here.app.last(here.ben).startswith("Imported: science, en.")


async def test_t71_a_file_with_mistakes_is_refused_whole_with_its_lines(
    database_url: str,
) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ben, "/start")
        assert await send(here, here.ben, BAD) == (
            "Nothing was imported: 2 things are wrong with the file.\n\n"
            "Line 7: question: no HTML, Markdown, links or emoji, please\n"
            "Line 13: an id has 3 to 64 small letters, digits and hyphens"
        )
        assert "science: en 60, es 16" in await here.ask(here.ben, "/questions")


async def test_t71_of_many_mistakes_as_many_are_shown_as_fit(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/start")
        names = [f"<b>{'&' * 40}{number}" for number in range(200)]
        text = pack_text() + "".join(f'"{name}": x\n' for name in names)
        said = await send(here, here.ben, text)
        assert said.startswith("Nothing was imported: 200 things are wrong")
        assert said.endswith(" more")
        assert 10 < said.count("\nLine ") <= 50


async def test_t71_a_file_that_is_too_big_or_cannot_be_had_is_refused(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/start")
        too_big = "Nothing was imported: something is wrong with the file.\n\nLine 1: the file is larger than"
        assert (await send(here, here.ben, b"#" * (FILE_MOST_BYTES + 1))).startswith(too_big)
        here.app.telegram.faults.add("500", method="getFile", times=1)
        assert await send(here, here.ben, MOON) == EN("error.file_lost")
        assert (await send(here, here.ben, MOON)).startswith("Imported")


async def test_t25_to_nobody_else_there_is_such_a_command(database_url: str) -> None:
    async with scene(database_url) as here:
        assert await here.ask(here.ana, "/questions") == ES("error.unknown_command")
        assert "Import" not in await send(here, here.ana, MOON)
        assert await here.ask(here.ben, "/questions", here.group) == ""
        assert await here.ask(here.ben, "/questions@potluck_bot", here.group) == EN("error.unknown_command")
        assert "science: en 60, es 16" in await here.ask(here.ben, "/questions")


async def test_without_duels_no_questions_are_taken_in_at_start(sqlite_url: str) -> None:
    async with scene(sqlite_url, duels_enabled=False) as here:
        assert EN("questions.none") in await here.ask(here.ben, "/questions")
