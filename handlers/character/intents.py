"""What a message is about, recognised by its words. Pure; the words themselves are in the keyword files."""

from enum import StrEnum
from functools import cache
from typing import Final

from handlers.character.arithmetic import Sum, find_sum
from handlers.character.keywords import keywords_of, sum_cues
from handlers.character.phrases import Hit, PhraseBook, normalise
from handlers.words import LANGUAGES, Language

MOST_INTENTS: Final = 2


class Intent(StrEnum):
    """Something that a message may want; the values are the names in the keyword files."""

    GREETING = "greeting"
    FAREWELL = "farewell"
    THANKS = "thanks"
    WELLBEING = "wellbeing"
    COMPLIMENT = "compliment"
    INSULT = "insult"
    SAD = "sad"
    HAPPY = "happy"
    LAUGH = "laugh"
    YES = "yes"
    NO = "no"
    TESTING = "testing"
    JOKE = "joke"
    FUN_FACT = "fun_fact"
    WHO = "who"
    AI = "ai"
    HOW = "how"
    PRICE = "price"
    WHY_COST = "why_cost"
    POT = "pot"
    ODDS = "odds"
    HOW_WIN = "how_win"
    PREDICT = "predict"
    FAIR = "fair"
    HOUSE = "house"
    BALANCE = "balance"
    EARN = "earn"
    FREE = "free"
    LAST = "last"
    TICKETS = "tickets"
    ROUND = "round"
    CONTRIBUTE = "contribute"
    LIMITS = "limits"
    GROUPS = "groups"
    COMMANDS = "commands"
    LANGUAGE = "language"
    MONEY = "money"
    RECEIPTS = "receipts"
    DUELS = "duels"
    PREMIUM = "premium"
    GIVE = "give"
    SEED = "seed"
    INJECTION = "injection"
    OUTSIDE = "outside"
    CREATIVE = "creative"
    COIN = "coin"
    DICE = "dice"
    CHOICE = "choice"
    MATHS = "maths"
    FOLLOW_UP = "follow_up"


GUARDED: Final = (Intent.INJECTION, Intent.SEED, Intent.GIVE)
"""Attempts at what the character must not do; they are answered alone."""

SOCIAL: Final = frozenset(
    {
        Intent.GREETING,
        Intent.FAREWELL,
        Intent.THANKS,
        Intent.WELLBEING,
        Intent.COMPLIMENT,
        Intent.INSULT,
        Intent.HAPPY,
        Intent.LAUGH,
        Intent.YES,
        Intent.NO,
        Intent.TESTING,
    }
)
"""Small talk: gives way where a message also asks for something."""

ALONE: Final = frozenset({Intent.SAD, Intent.LIMITS, Intent.FOLLOW_UP})
"""Not to be mixed with figures or cheerfulness."""


def recognise(text: str, language: Language) -> list[Intent]:
    """Return what ``text`` is about, at most two intents in its order; empty if nothing is recognised.

    The player's language comes first, the other one is tried where it finds nothing.
    """
    if sum_in(text, language):
        return [Intent.MATHS]
    normalised = normalise(text)
    for tongue in sorted(LANGUAGES, key=lambda name: name != language):
        if hits := _book(tongue).find(normalised):
            return _select(hits)
    return []


def sum_in(text: str, language: Language) -> Sum | None:
    """Return the sum that ``text`` asks for, if it asks for one."""
    keywords = keywords_of(language)
    return find_sum(text, cues=sum_cues(), words=keywords.operators, decimal_point=keywords.decimal_point)


def _select(hits: list[Hit]) -> list[Intent]:
    weights: dict[Intent, int] = {}
    for hit in hits:
        intent = Intent(hit.name)
        weights[intent] = max(weights.get(intent, 0), hit.weight)
    for lone in (*GUARDED, *sorted(ALONE)):
        if lone in weights:
            return [lone]
    heaviest = sorted(weights, key=lambda intent: (intent in SOCIAL, -weights[intent]))[:MOST_INTENTS]
    return [intent for intent in weights if intent in heaviest]


@cache
def _book(language: Language) -> PhraseBook:
    return PhraseBook(keywords_of(language).phrases)
