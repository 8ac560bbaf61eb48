"""Which scene answers an intent at this state of the game, and how many versions the catalogs hold of it."""

from collections.abc import Mapping
from typing import Final

from handlers.character.intents import Intent
from services.overview import Overview, PotView

VERSIONS: Final[Mapping[str, int]] = {
    "greeting.first": 4,
    "greeting.nameless": 3,
    "greeting.again": 4,
    "greeting.short": 4,
    "farewell": 4,
    "thanks": 4,
    "wellbeing": 4,
    "compliment": 4,
    "insult": 4,
    "sad": 4,
    "happy": 4,
    "laugh": 4,
    "yes": 4,
    "no": 4,
    "testing": 4,
    "joke": 6,
    "who": 4,
    "ai": 4,
    "how": 4,
    "how_no_pot": 3,
    "price.next": 4,
    "price.cap": 3,
    "price.free": 3,
    "price_no_pot": 3,
    "price.free_no_pot": 3,
    "why_cost": 4,
    "why_cost_no_pot": 3,
    "pot": 4,
    "odds": 4,
    "how_win": 4,
    "predict": 4,
    "fair": 4,
    "house": 4,
    "house_no_pot": 3,
    "balance": 4,
    "balance.low": 3,
    "balance.group": 3,
    "earn": 4,
    "free.left": 3,
    "free.gone": 3,
    "free.none": 3,
    "last.won": 4,
    "last.none": 3,
    "tickets.some": 3,
    "tickets.none": 3,
    "round": 3,
    "contribute": 3,
    "limits": 4,
    "groups": 3,
    "groups_no_pot": 3,
    "commands": 3,
    "commands_no_pot": 3,
    "language": 3,
    "money": 3,
    "money.stars": 3,
    "receipts": 3,
    "duels": 3,
    "duels.none": 3,
    "premium": 3,
    "give": 4,
    "seed": 4,
    "seed_no_pot": 3,
    "injection": 4,
    "outside": 4,
    "creative": 4,
    "fun_fact": 4,
    "fun_fact_no_pot": 3,
    "maths": 4,
    "maths.rounded": 3,
    "maths.zero": 3,
    "maths.limits": 3,
    "coin": 3,
    "dice": 3,
    "choice": 3,
    "choice.none": 3,
    "again": 4,
    "follow_up": 3,
    "no_pot": 4,
    "unknown.question": 6,
    "unknown.statement": 6,
    "unknown.plain": 6,
    "tail.pot": 2,
    "tail.odds": 1,
    "tail.last": 1,
    "tail.round": 1,
    "tail.price": 1,
    "tail.free": 1,
    "tail.ask": 2,
    "tail.help": 2,
}
"""Scenes of the catalogs, each with its number of interchangeable sentences."""

_ABOUT_POTS: Final = frozenset(
    {
        Intent.POT,
        Intent.ODDS,
        Intent.HOW_WIN,
        Intent.PREDICT,
        Intent.FAIR,
        Intent.LAST,
        Intent.TICKETS,
        Intent.ROUND,
        Intent.CONTRIBUTE,
    }
)


def key_of(scene: str, number: int) -> str:
    """Return the catalogs' key of a version of a scene, counted from 0."""
    return f"character.{scene}.{number + 1}"


def scene_of(intent: Intent, view: Overview) -> str:
    """Return the scene for ``intent`` in the state that ``view`` shows."""
    if view.pot is None:
        return _scene_without_pot(intent, view)
    match intent:
        case Intent.PRICE:
            return _price_scene(view)
        case Intent.LAST:
            return "last.won" if view.pot.last_wins else "last.none"
        case Intent.TICKETS:
            return "tickets.some" if view.pot.own_tickets else "tickets.none"
    return _common_scene(intent, view)


def tails_of(view: Overview) -> list[str]:
    """Return the scenes that may close an answer to something not understood: facts and suggestions."""
    tails = ["tail.price", "tail.help"]
    if not view.in_group and view.free_left:
        tails.append("tail.free")
    return tails if view.pot is None else [*tails, *_pot_tails(view.pot)]


def _pot_tails(pot: PotView) -> list[str]:
    tails = ["tail.pot", "tail.odds", "tail.round", "tail.ask"]
    return [*tails, "tail.last"] if pot.last_wins else tails


def _scene_without_pot(intent: Intent, view: Overview) -> str:
    if intent in _ABOUT_POTS:
        return "no_pot"
    if intent is Intent.PRICE:
        return "price.free_no_pot" if _is_free(view) else "price_no_pot"
    scene = _common_scene(intent, view)
    return f"{scene}_no_pot" if f"{scene}_no_pot" in VERSIONS else scene


def _price_scene(view: Overview) -> str:
    if _is_free(view):
        return "price.free"
    return "price.cap" if view.next_price >= view.cap else "price.next"


def _common_scene(intent: Intent, view: Overview) -> str:
    match intent:
        case Intent.FREE:
            return _free_scene(view)
        case Intent.BALANCE:
            return _balance_scene(view)
        case Intent.DUELS:
            return "duels" if view.duels_enabled else "duels.none"
        case Intent.MONEY:
            return "money.stars" if view.stars_enabled else "money"
    return intent.value


def _free_scene(view: Overview) -> str:
    if view.in_group or not view.free_per_day:
        return "free.none"
    return "free.left" if view.free_left else "free.gone"


def _balance_scene(view: Overview) -> str:
    if view.in_group:
        return "balance.group"
    return "balance.low" if view.balance - view.held < view.next_price else "balance"


def _is_free(view: Overview) -> bool:
    return view.free_left > 0 and not view.in_group
