"""The screens of /duel: pick a category, see what is staked, won and kept, and begin."""

from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardButton

from handlers.keyboards import act, go, rows
from handlers.navigation import Look, Screen
from handlers.rule_facts import duel_facts
from services.buttons import ExpiredButton
from services.duels.lobby import Corner
from services.duels.start import ACTION, DuelsOff

_PER_ROW: Final = 2


async def duel_screen(look: Look) -> Screen:
    """Draw the categories, with how many play in each.

    Raises:
        DuelsOff: the operator switched duels off.
    """
    corners = await corners_of(look)
    if not corners:
        return Screen(look.words("duel.none"))
    key = "duel.screen_group" if look.reader.in_group else "duel.screen"
    text = look.words(key, **duel_facts(look.rules.duels))
    return Screen(text, rows(*category_rows(look, "duel", corners)))


async def corners_of(look: Look) -> Sequence[Corner]:
    """Return the categories that the reader can play.

    Raises:
        DuelsOff: the operator switched duels off.
    """
    if not look.rules.duels.enabled:
        raise DuelsOff
    return await look.services.lobby(language=look.words.language)


def category_rows(look: Look, topic: str, corners: Sequence[Corner]) -> list[list[InlineKeyboardButton]]:
    """Return a button for each category; where somebody plays, it says how many."""
    buttons = [_corner(look, topic, corner) for corner in corners]
    return [buttons[start : start + _PER_ROW] for start in range(0, len(buttons), _PER_ROW)]


def _corner(look: Look, topic: str, corner: Corner) -> InlineKeyboardButton:
    name = category_name(look, corner.category)
    if topic == "duel" and corner.players:
        name = look.words.plain("duel.corner", category=name, n=corner.players)
    return go(name, topic, corner.category, owner=look.reader.player_id)


def category_name(look: Look, category: str) -> str:
    """Return a category's name.

    Raises:
        ExpiredButton: there is none.
    """
    key = f"category.{category}"
    if key not in look.words:
        raise ExpiredButton
    return look.words.plain(key)


async def stake_screen(look: Look, category: str) -> Screen:
    """Draw what is staked, won and kept in a category, with the button that stakes.

    Raises:
        DuelsOff: the operator switched duels off.
        ExpiredButton: there is no such category.
    """
    if not look.rules.duels.enabled:
        raise DuelsOff
    text = look.words("duel.stake", category=category_name(look, category), **stake_facts(look))
    stake = await stake_button(look, {"category": category})
    return Screen(text, rows([stake], [look.go("button.back", "duel")]))


def stake_facts(look: Look) -> dict[str, object]:
    """Return what is said before a stake: who wins, what comes back and when."""
    rules = look.rules.duels
    return duel_facts(rules) | {"pair": rules.pair_within}


async def stake_button(look: Look, what: dict[str, object]) -> InlineKeyboardButton:
    """Return the button that stakes: it says what it wins, and what the house keeps."""
    rules = look.rules.duels
    facts = what | {"stake": rules.stake, "bounty": rules.bounty, "thread": look.reader.thread_id}
    tokens = await look.offer({ACTION: facts})
    return act(look.words.plain("duel.stake_button", **duel_facts(rules)), tokens[ACTION])
