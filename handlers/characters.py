"""/character: how the model speaks to a player. What the built-in character says lives in handlers.character."""

from dataclasses import replace
from typing import Final

from handlers.context import App
from handlers.keyboards import rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.words import Html
from services.characters import Character

_PER_ROW: Final = 2


async def character_screen(look: Look) -> Screen:
    """Show the characters, or choose the one that is named; without a model there is nothing to choose."""
    if not look.rules.model.is_there:
        return Screen(look.words("persona.none"))
    wanted = look.arguments[0].casefold() if look.arguments else ""
    if wanted not in set(Character):
        return _choices(look)
    await look.services.set_character(player_id=look.reader.player_id, character=Character(wanted))
    player = await look.services.player(player_id=look.reader.player_id)
    return _choices(replace(look, reader=replace(look.reader, player=player)))


def _choices(look: Look) -> Screen:
    chosen = look.reader.player.character or Character.DEFAULT
    lines = [_line(look, one, is_chosen=one == chosen) for one in Character]
    buttons = [look.go(f"persona.{one}", "character", one) for one in Character]
    text = look.words("persona.choose", lines=Html("\n".join(lines)))
    return Screen(text, rows(*(buttons[at : at + _PER_ROW] for at in range(0, len(buttons), _PER_ROW))))


def _line(look: Look, one: Character, *, is_chosen: bool) -> str:
    key = "persona.line_chosen" if is_chosen else "persona.line"
    return look.words(key, name=look.words.plain(f"persona.{one}"), about=look.words(f"persona.{one}_about"))


def register(application: App) -> None:
    """Listen to /character and its buttons."""
    application.add_handler(on_command("character", character_screen, is_private=True))
    application.add_handler(on_button("character", character_screen, is_private=True))
