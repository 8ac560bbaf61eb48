"""/start: who the bot is, what it costs and what can be won, said before anything is paid. And /help."""

from dataclasses import replace
from typing import Final

from handlers.context import App
from handlers.help import help_screen
from handlers.history import history_screen
from handlers.limits import limit_screen
from handlers.navigation import Draw, Look, Screen, on_button, on_command
from handlers.rule_facts import rule_facts
from handlers.shortcuts import shortcuts
from handlers.wallet import balance_screen, daily_screen, me_screen
from services import days
from services.overview import Overview

_LINKS: Final[dict[str, Draw]] = {
    "balance": balance_screen,
    "daily": daily_screen,
    "history": history_screen,
    "limit": limit_screen,
    "me": me_screen,
}
"""What links of the form t.me/bot?start=… show; groups point here for what is private."""


async def start_screen(look: Look) -> Screen | None:
    """Draw the welcome, or what a link leads to."""
    if look.reader.in_group:
        return await _group_screen(look)
    draw = _LINKS.get(look.arguments[0]) if look.arguments else None
    if draw is not None:
        return await draw(replace(look, arguments=()))
    overview = await look.overview()
    return Screen(_welcome(look, overview), shortcuts(look, "start"))


def _welcome(look: Look, overview: Overview) -> str:
    rules = look.services.rules
    facts = rule_facts(rules, look.words) | {"name": look.reader.name, "balance": overview.balance}
    facts |= {"price": overview.next_price, "grant": rules.grants.welcome}
    if rules.grants.welcome and not look.reader.player.welcomed:
        now = look.services.clock.now()
        return look.words("start.welcome_waiting", wait=days.next_midnight(now) - now, **facts)
    if look.reader.met.is_new or _is_untouched(overview, grant=rules.grants.welcome):
        return look.words("start.welcome" if look.has_pot else "start.welcome_no_pot", **facts)
    return look.words("start.welcome_back", **facts)


def _is_untouched(overview: Overview, *, grant: int) -> bool:
    """Return whether the player hasn't done anything yet; ``grant`` in credits."""
    is_unpaid = overview.paid_total == 0 and overview.free_left == overview.free_per_day
    return is_unpaid and overview.balance == grant


async def _group_screen(look: Look) -> Screen:
    facts = rule_facts(look.services.rules, look.words)
    facts |= {"bot": look.bot_name, "price": facts["base"]}
    pot = (await look.overview()).pot
    if pot is None:
        return Screen(look.words("start.group_no_pot", **facts), shortcuts(look, "start"))
    return Screen(look.words("start.group", anchor=pot.anchor.hex(), **facts), shortcuts(look, "start"))


def register(application: App) -> None:
    """Listen to /start, /help and the buttons of help."""
    application.add_handler(on_command("start", start_screen))
    application.add_handler(on_command("help", help_screen))
    application.add_handler(on_button("help", help_screen))
