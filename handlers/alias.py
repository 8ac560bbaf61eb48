"""/alias: how others see a player in lists and reports of groups."""

from typing import Any, Final

from handlers.context import App
from handlers.navigation import Look, Screen, on_command
from handlers.report import name_of
from handlers.text import fitting_name
from handlers.words import Html
from services.alias import ALIAS_MOST, BadAlias
from services.names import shown

GRAPHEMES_MOST: Final = 20
_OWN: Final = frozenset({"off", "no"})


def clean_alias(text: str) -> str:
    """Return a text as an alias that can stand in any message.

    Raises:
        BadAlias: nothing of it would be seen.
    """
    alias = fitting_name(text, most=GRAPHEMES_MOST, code_points=ALIAS_MOST)
    if alias is None:
        raise BadAlias
    return alias


async def alias_screen(look: Look) -> Screen:
    """Show how the player is seen, or change it.

    Raises:
        BadAlias: nothing of the alias would be seen.
    """
    wanted = " ".join(look.arguments)
    if not wanted:
        return _screen(look, "alias.shown", look.reader.player)
    player: Any = look.reader.player
    alias, hidden = player.alias, player.hidden
    match wanted.casefold():
        case "hide" | "ocultar":
            hidden = True
        case "show" | "mostrar":
            hidden = False
        case word if word in _OWN:
            alias, hidden = None, False
        case _:
            alias, hidden = clean_alias(wanted), False
    await look.services.set_alias(player_id=look.reader.player_id, alias=alias, hidden=hidden)
    return _screen(look, "alias.set", await look.services.player(player_id=look.reader.player_id))


def _screen(look: Look, key: str, player: Any) -> Screen:
    return Screen(look.words(key, name=Html(name_of(shown(player).facts(), look.words))))


def register(application: App) -> None:
    """Listen to /alias."""
    application.add_handler(on_command("alias", alias_screen, is_private=True))
