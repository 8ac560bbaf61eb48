"""/start: who the bot is, what it costs and what can be won, said before anything is paid. And /help."""

from dataclasses import replace
from typing import Final

from handlers.alias import alias_screen
from handlers.breaks import break_screen
from handlers.challenge import LINK, invitation_screen
from handlers.chats import chats_screen, rename_screen
from handlers.context import App
from handlers.deposit import deposit_screen
from handlers.duel_screens import duel_screen
from handlers.export import export_screen
from handlers.fair import seed_screen
from handlers.forget import forget_screen
from handlers.help import help_screen
from handlers.history import history_screen, receipt_screen
from handlers.legal import privacy_screen, terms_screen
from handlers.limits import limit_screen
from handlers.mydata import mydata_screen
from handlers.navigation import Draw, Look, Screen, on_button, on_command
from handlers.past_duels import duels_screen
from handlers.practice import practice_screen
from handlers.premium import premium_screen
from handlers.rule_facts import rule_facts
from handlers.search import search_screen
from handlers.shortcuts import shortcuts
from handlers.usage import usage_screen
from handlers.wallet import balance_screen, daily_screen, me_screen
from handlers.words import Html
from services import days
from services.overview import Overview

_LINKS: Final[dict[str, Draw]] = {
    "alias": alias_screen,
    "balance": balance_screen,
    "break": break_screen,
    "chats": chats_screen,
    "daily": daily_screen,
    "deposit": deposit_screen,
    "duel": duel_screen,
    "duels": duels_screen,
    "export": export_screen,
    "forgetme": forget_screen,
    "history": history_screen,
    "limit": limit_screen,
    "me": me_screen,
    "mydata": mydata_screen,
    "practice": practice_screen,
    "premium": premium_screen,
    "receipt": receipt_screen,
    "rename": rename_screen,
    "search": search_screen,
    "privacy": privacy_screen,
    "seed": seed_screen,
    "terms": terms_screen,
    "usage": usage_screen,
}
"""What links of the form t.me/bot?start=… show; groups and copies of invoices point here."""


async def start_screen(look: Look) -> Screen | None:
    """Draw the welcome, or what a link leads to."""
    if look.reader.in_group:
        return await _group_screen(look)
    if look.arguments and look.arguments[0].startswith(LINK):
        return await invitation_screen(look, look.arguments[0].removeprefix(LINK))
    draw = _LINKS.get(look.arguments[0]) if look.arguments else None
    if draw is not None:
        return await draw(replace(look, arguments=()))
    overview = await look.overview()
    return Screen(_welcome(look, overview), shortcuts(look, "start"))


def _welcome(look: Look, overview: Overview) -> str:
    rules = look.rules
    name, waits = look.reader.name, rules.grants.welcome > 0 and not look.reader.player.welcomed
    if not (waits or look.reader.met.is_new or _is_untouched(overview, grant=rules.grants.welcome)):
        return look.words(
            "start.welcome_back", name=name, balance=overview.balance, price=overview.next_price
        )
    facts = rule_facts(rules, look.words)
    first = Html(f"{_granted(look, waits=waits)} {facts['free']}")
    key = "start.welcome" if look.has_pot else "start.welcome_no_pot"
    return look.words(key, name=name, first=first, price=facts["base"], **facts)


def _granted(look: Look, *, waits: bool) -> str:
    """Return what a new player is told of his first credits; ``waits``: the day's are given out."""
    if waits:
        now = look.services.clock.now()
        return look.words("start.granted_later", wait=days.next_midnight(now) - now)
    grant = look.rules.grants.welcome
    return look.words("start.granted", grant=grant) if grant else look.words("start.granted_none")


def _is_untouched(overview: Overview, *, grant: int) -> bool:
    """Return whether the player hasn't done anything yet; ``grant`` in credits."""
    is_unpaid = overview.paid_total == 0 and overview.free_left == overview.free_per_day
    return is_unpaid and overview.balance == grant


async def _group_screen(look: Look) -> Screen:
    facts = rule_facts(look.rules, look.words)
    sees = look.words("start.sees_any")
    facts |= {"bot": look.bot_name, "price": facts["base"], "sees": sees}
    pot = (await look.overview()).pot
    if pot is None:
        return Screen(look.words("start.group_no_pot", **facts), shortcuts(look, "start"))
    return Screen(look.words("start.group", anchor=pot.anchor.hex(), **facts), shortcuts(look, "start"))


def register(application: App) -> None:
    """Listen to /start, /help and the buttons of help."""
    application.add_handler(on_command("start", start_screen))
    application.add_handler(on_command("help", help_screen))
    application.add_handler(on_button("help", help_screen))
