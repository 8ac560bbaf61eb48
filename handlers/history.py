"""Where the credits went: /history by pages and filters in one message, /receipt for one entry."""

from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.context import App
from handlers.keyboards import go, rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.past_duels import one_duel
from handlers.words import Html, Words
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.history import Filter, Page, Receipt, TicketPart

RECEIPT_MOST: Final = 999_999_999_999
"""No receipt has a larger number; what is longer isn't even looked for."""

_PAGE_MOST: Final = 999_999_999
_OF_POTS: Final = frozenset({Filter.WINS, Filter.GIFTS})
_OF_STARS: Final = frozenset({Filter.PURCHASES})
_PER_ROW: Final = 3


async def history_screen(look: Look) -> Screen:
    """Draw the newest entries."""
    return await _page(look, Filter.ALL, 1)


async def history_page(look: Look) -> Screen:
    """Draw the page that a button asks for.

    Raises:
        ExpiredButton: it asks for none.
    """
    return await _page(look, *(parse_page(look.arguments) if look.arguments else (Filter.ALL, 1)))


def parse_page(arguments: Sequence[str]) -> tuple[Filter, int]:
    """Return the filter and the page of a button.

    Raises:
        ExpiredButton: its data was changed.
    """
    try:
        which, page = arguments
        return Filter(which), parse_whole(page, least=1, most=_PAGE_MOST)
    except (ValueError, BadNumber):
        raise ExpiredButton from None


async def _page(look: Look, which: Filter, page: int) -> Screen:
    overview = await look.overview()
    found = await look.services.history(player_id=look.reader.player_id, page=page, which=which)
    lines = [_line(look.words, receipt) for receipt in found.receipts] or [look.words("history.empty")]
    if found.pages > 1:
        lines += ["", look.words("history.page", page=found.page, pages=found.pages)]
    title = look.words("history.title", balance=overview.balance)
    return Screen("\n".join([title, "", *lines]), _keyboard(look, found))


def _line(words: Words, receipt: Receipt) -> str:
    shown = {
        "at": receipt.at,
        "what": words.plain(f"history.kind.{receipt.kind}"),
        "number": receipt.number,
    }
    if receipt.stars and not receipt.delta:
        return words("history.item_stars", stars=receipt.stars, **shown)
    return words("history.item", delta=receipt.delta, **shown)


def _keyboard(look: Look, found: Page) -> InlineKeyboardMarkup:
    absent = (frozenset() if look.has_pot else _OF_POTS) | (
        frozenset() if look.rules.purchases.enabled else _OF_STARS
    )
    if not look.rules.duels.enabled:
        absent |= {Filter.DUELS}
    filters = [_filter(look, which, found.which) for which in Filter if which not in absent]
    turning = []
    if found.page > 1:
        turning.append(look.go("button.prev", "history", found.which, found.page - 1))
    if found.page < found.pages:
        turning.append(look.go("button.next", "history", found.which, found.page + 1))
    return rows(turning, filters[:_PER_ROW], filters[_PER_ROW:])


def _filter(look: Look, which: Filter, shown: Filter) -> InlineKeyboardButton:
    name = look.words.plain(f"history.filter.{which}")
    marked = f"· {name} ·" if which is shown else name
    return go(marked, "history", which, 1, owner=look.reader.player_id)


async def receipt_screen(look: Look) -> Screen:
    """Draw one receipt by its number.

    Raises:
        BadNumber: that is no number.
        ReceiptNotFound, DuelNotFound: the player has none of this number.
    """
    if not look.arguments:
        return Screen(look.words("receipt.how"))
    if look.arguments[0][:1] in ("D", "d"):
        return await one_duel(look, parse_whole(look.arguments[0][1:], least=1, most=RECEIPT_MOST))
    number = parse_whole(" ".join(look.arguments), least=1, most=RECEIPT_MOST)
    receipt = await look.services.receipt(player_id=look.reader.player_id, number=number)
    if receipt.ticket is not None:
        return Screen(_with_ticket(look.words, receipt, receipt.ticket))
    return Screen(_without_ticket(look.words, receipt))


def _with_ticket(words: Words, receipt: Receipt, ticket: TicketPart) -> str:
    return words(
        "receipt.screen",
        number=receipt.number,
        at=receipt.at,
        price=-receipt.delta,
        balance=receipt.balance,
        pot=ticket.pot_key,
        round_no=ticket.round_no,
        ticket=ticket.n,
        chance_ppm=ticket.ppm,
        roll=ticket.roll,
        head=ticket.head,
        pseudonym=ticket.pseudonym,
        result=Html(words("receipt.won" if ticket.won else "receipt.lost")),
    )


def _without_ticket(words: Words, receipt: Receipt) -> str:
    text = words(
        "receipt.entry",
        number=receipt.number,
        at=receipt.at,
        what=words.plain(f"history.kind.{receipt.kind}"),
        delta=receipt.delta,
        balance=receipt.balance,
    )
    lines = [
        words(f"receipt.{name}", **{name: fact})
        for name in ("reason", "stars", "repaid", "owed")
        if (fact := getattr(receipt, name))
    ]
    return "\n".join([text, *lines])


def register(application: App) -> None:
    """Listen to /history, its buttons, and /receipt."""
    application.add_handler(on_command("history", history_screen, is_private=True))
    application.add_handler(on_button("history", history_page, is_private=True))
    application.add_handler(on_command("receipt", receipt_screen, is_private=True))
