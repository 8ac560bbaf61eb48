"""/character: how a model speaks to a player; without a model there is nothing to choose."""

from tests.scene import scene
from tests.stand_ins import EN, ES, fine


async def test_a_player_chooses_how_the_model_speaks(database_url: str) -> None:
    model = fine()
    async with scene(database_url, model=model) as here:
        asked = await here.ask(here.ben, "/character")
        assert "🙂 As usual – warm, clear and to the point ✓" in asked
        assert here.buttons(here.ben) == [
            EN.plain(f"persona.{one}") for one in ("default", "concise", "teacher", "storyteller", "cheerful")
        ]
        assert "Teacher – step by step, with an example ✓" in await here.press(
            here.ben, EN.plain("persona.teacher")
        )
        await here.ask(here.ben, "hello")
        assert "As usual – warm, clear and to the point ✓" in await here.ask(here.ben, "/character default")
        await here.ask(here.ben, "hello again")
        await here.ask(here.ben, "/character pirate")
        await here.ask(here.ana, "hola")
        assert [one.character for one in model.questions] == ["teacher", None, None]


async def test_the_characters_are_named_in_the_players_language(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine()) as here:
        assert "Maestro – paso a paso" in await here.ask(here.ana, "/character")
        assert await here.ask(here.ana, "/character", here.group) == ES("private.pointer")


async def test_without_a_model_the_command_says_so(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        assert await here.ask(here.ben, "/character") == EN("persona.none")
        assert await here.ask(here.ana, "/character concise") == ES("persona.none")
