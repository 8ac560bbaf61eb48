"""/forgetme: what goes and what stays, said first; asked once more, then done by a button that works once."""

from dataclasses import replace

from handlers.context import App
from handlers.keyboards import act, rows
from handlers.navigation import Look, Screen, on_button, on_command
from services.forget import ACTIONS

_SURE = ("sure",)


async def forget_screen(look: Look) -> Screen:
    """Draw what goes and what stays, or ask once more."""
    if look.arguments != _SURE:
        return Screen(look.words("forget.screen"), rows([look.go("button.forget_on", "forget", *_SURE)]))
    tokens = await look.offer({action: {} for action in ACTIONS})
    names = (("button.forget", "forget"), ("button.cancel", "forget_keep"))
    buttons = [act(look.words.plain(key), tokens[action]) for key, action in names]
    return Screen(look.words("forget.ask"), rows(buttons[:1], buttons[1:]))


async def _first(look: Look) -> Screen:
    """Draw the first screen, whatever was written behind the command."""
    return await forget_screen(replace(look, arguments=()))


def register(application: App) -> None:
    """Listen to /forgetme and its buttons."""
    application.add_handler(on_command("forgetme", _first, is_private=True))
    application.add_handler(on_button("forget", forget_screen, is_private=True))
