"""/terms and /privacy: the operator's own words, by pages, else what is true of this program as it is set up."""

from collections.abc import Callable
from functools import lru_cache
from html import escape

from handlers.answer_parts import split
from handlers.context import App
from handlers.keyboards import rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.rule_facts import duel_facts, house_bps
from services.conversations import UNDO
from services.inbox import KEEP_DONE
from services.outbox import MONEY_TTL


async def terms_screen(look: Look) -> Screen:
    """Draw the terms."""
    return _screen(look, "terms", _terms)


async def privacy_screen(look: Look) -> Screen:
    """Draw what is kept of a player, for how long, and what he can do about it."""
    return _screen(look, "privacy", _privacy)


def _screen(look: Look, name: str, written: Callable[[Look], str]) -> Screen:
    own = look.services.own_texts.get(name)
    if own is None:
        return Screen(written(look))
    pages = _pages(own)
    wanted = look.arguments[0] if look.arguments else ""
    page = next((number for number in range(len(pages)) if wanted == str(number + 1)), 0)
    turning = []
    if page > 0:
        turning.append(look.go("button.page_prev", name, page))
    if page + 1 < len(pages):
        turning.append(look.go("button.page_next", name, page + 2))
    return Screen(pages[page], rows(turning) if turning else None)


@lru_cache(maxsize=2)
def _pages(text: str) -> tuple[str, ...]:
    """Return plain text as messages of Telegram HTML."""
    return tuple(escape(part.text) for part in split(text, [], room_units=0))


def _terms(look: Look) -> str:
    sold = look.rules.purchases
    parts = [look.words("terms.what")]
    if look.has_pot:
        parts.append(look.words("terms.pot", house_bps=house_bps(look.rules)))
    if look.rules.duels.enabled:
        parts.append(look.words("terms.duels", **duel_facts(look.rules.duels)))
    if sold.enabled:
        parts.append(look.words("terms.stars", within=sold.refund_within, period=sold.premium_period))
    else:
        parts.append(look.words("terms.play_money"))
    return "\n\n".join([*parts, look.words("terms.end")])


def _privacy(look: Look) -> str:
    parts = [look.words("privacy.kept")]
    if look.rules.purchases.enabled:
        parts.append(look.words("privacy.stars"))
    parts.append(look.words("privacy.how_long", updates=KEEP_DONE, sent=MONEY_TTL, undo=UNDO))
    parts.append(look.words("privacy.model" if look.rules.model.is_there else "privacy.no_model"))
    parts.append(look.words("privacy.others"))
    if look.has_pot:
        parts.append(look.words("privacy.pot"))
    if look.rules.duels.enabled:
        parts.append(look.words("privacy.duels"))
    return "\n\n".join([*parts, look.words("privacy.rights")])


def register(application: App) -> None:
    """Listen to /terms, /privacy and their pages."""
    for name, draw in (("terms", terms_screen), ("privacy", privacy_screen)):
        application.add_handler(on_command(name, draw, is_private=True))
        application.add_handler(on_button(name, draw, is_private=True))
