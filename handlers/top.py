"""/top: who plays most in a group, in the running round or this week."""

from dataclasses import replace

from telegram import InlineKeyboardMarkup

from handlers.context import App
from handlers.duel_week import week_screen
from handlers.keyboards import go, rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.report import name_of
from handlers.words import Html, Words
from services.board import Order, Period, Place
from services.buttons import ExpiredButton
from services.gifts import PotsOff


async def top_screen(look: Look) -> Screen:
    """Draw the leaderboard of the running round, by credits."""
    return await _draw(look, Period.ROUND, Order.CREDITS)


async def top_page(look: Look) -> Screen:
    """Draw the leaderboard that a button asks for.

    Raises:
        ExpiredButton: it asks for none.
    """
    try:
        period, order = look.arguments
        return await _draw(look, Period(period), Order(order))
    except ValueError:
        raise ExpiredButton from None


async def _draw(look: Look, period: Period, order: Order) -> Screen:
    if not look.reader.in_group:
        return Screen(look.words("top.private"))
    if not look.has_pot:
        if look.rules.duels.enabled:
            return await week_screen(replace(look, arguments=()))
        raise PotsOff
    places = await look.services.board(chat_id=look.reader.chat_id, period=period, order=order)
    lines = "\n".join(_line(place, look.words) for place in places) or look.words("top.empty")
    text = look.words("top.screen", title=look.words.plain(f"top.title_{period}"), rows=Html(lines))
    return Screen(text, _keyboard(look, period, order))


def _line(place: Place, words: Words) -> str:
    name = Html(name_of(place.who.facts(), words))
    return words("top.row", place=place.place, name=name, credits=place.credits, tickets=place.tickets)


def _keyboard(look: Look, period: Period, order: Order) -> InlineKeyboardMarkup:
    owner = look.reader.player_id
    periods = [
        go(_marked(look, f"button.top_{one}", one is period), "top", one, order, owner=owner)
        for one in Period
    ]
    orders = [
        go(_marked(look, f"button.top_{one}", one is order), "top", period, one, owner=owner) for one in Order
    ]
    duels = [look.go("button.duel_week", "duelweek")] if look.rules.duels.enabled else []
    return rows(periods, orders, duels)


def _marked(look: Look, key: str, is_shown: bool) -> str:
    name = look.words.plain(key)
    return f"· {name} ·" if is_shown else name


def register(application: App) -> None:
    """Listen to /top and its buttons."""
    application.add_handler(on_command("top", top_screen))
    application.add_handler(on_button("top", top_page))
