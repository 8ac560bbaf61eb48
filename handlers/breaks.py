"""/break: some days without anything that costs credits; asked once more, since it can't be ended early."""

from typing import Any

from handlers.context import App
from handlers.keyboards import act, rows
from handlers.navigation import Look, Screen, on_button, on_command
from services.breaks import ACTIONS, DAYS, break_of, end_of


async def break_screen(look: Look) -> Screen:
    """Draw what a break is and how long it may be, or ask whether to take it."""
    wanted = " ".join(look.arguments)
    days = next((days for days in DAYS if wanted == str(days)), None)
    if days is None:
        choices = [look.go("button.break_days", "break", days, n=days) for days in DAYS]
        return Screen(look.words("break.screen") + break_line(look), rows(choices))
    return await _ask(look, days)


async def _ask(look: Look, days: int) -> Screen:
    until = end_of(look.reader.player, days, look.services.clock.now())
    tokens = await look.offer({action: {"days": days} for action in ACTIONS})
    take = act(look.words.plain("button.break", n=days), tokens["break"])
    keep = act(look.words.plain("button.cancel"), tokens["break_keep"])
    return Screen(look.words("break.ask", n=days, until=until), rows([take, keep]))


def break_line(look: Look) -> str:
    """Return a line that tells until when the reader takes a break; nothing if he takes none."""
    player: Any = look.reader.player
    until = break_of(player, look.services.clock.now())
    return "" if until is None else "\n\n" + look.words("break.line", until=until)


def register(application: App) -> None:
    """Listen to /break and its buttons."""
    application.add_handler(on_command("break", break_screen, is_private=True))
    application.add_handler(on_button("break", break_screen, is_private=True))
