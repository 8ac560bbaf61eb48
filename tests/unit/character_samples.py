"""Sample games and questions for the tests of the built-in character."""

from dataclasses import replace
from datetime import UTC, datetime

from handlers.character.replies import compose
from handlers.words import Words, language_of
from services.overview import Overview, PotView, Win
from services.ports import Exchange, Question
from services.pricing import PriceRule
from services.rules import GameRules

RULES = GameRules(price=PriceRule())
COMMITMENT = bytes(range(32))
WIN = Win(round_no=6, ticket_no=42, prize=870, at=datetime(2026, 11, 20, 9, 5, tzinfo=UTC))
POT = PotView(
    key="global",
    balance=1_905,
    prize=1_000,
    round_no=7,
    tickets=41,
    own_tickets=3,
    pseudonym="p5eud0nym",
    commitment=COMMITMENT,
    anchor=b"\xaa" * 32,
    last_wins=(WIN,),
)
VIEW = Overview(
    next_price=15,
    chance_ppm=15_000,
    base=5,
    step=5,
    cap=100,
    window="day",
    balance=940,
    held=15,
    free_left=0,
    free_per_day=5,
    paid_today=2,
    paid_total=30,
    wins=1,
    in_group=False,
    stars_enabled=False,
    duels_enabled=True,
    pot=POT,
)
NO_POT = replace(VIEW, pot=None, next_price=8, chance_ppm=0)
GROUP = replace(VIEW, in_group=True)
VIEWS = {
    "usual": VIEW,
    "free left": replace(VIEW, free_left=2),
    "at the cap": replace(VIEW, next_price=100, chance_ppm=100_000),
    "poor": replace(VIEW, balance=3, held=0),
    "nothing won, nothing played": replace(VIEW, pot=replace(POT, last_wins=(), own_tickets=0)),
    "without duels": replace(VIEW, duels_enabled=False),
    "with Stars": replace(VIEW, stars_enabled=True),
    "group": GROUP,
    "no pot": NO_POT,
    "no pot, free left": replace(NO_POT, free_left=2),
    "no pot, group": replace(NO_POT, in_group=True),
}


def question(
    text: str, language: str = "en", history: tuple[Exchange, ...] = (), name: str = "Ana"
) -> Question:
    """Return a question of a player in private."""
    return Question(
        text=text,
        language=language,
        player_id=1,
        player_name=name,
        chat_id=1,
        in_group=False,
        history=history,
    )


def answer(
    text: str,
    language: str = "en",
    view: Overview = VIEW,
    history: tuple[Exchange, ...] = (),
    name: str = "Ana",
) -> str:
    """Return what the character answers."""
    words = Words(language_of(language))
    return compose(question(text, language, history, name), view, words=words, rules=RULES)


def talk(texts: list[str], language: str = "en", view: Overview = VIEW, remembered: int = 10) -> list[str]:
    """Return the answers of a conversation, whose history keeps the last ``remembered`` turns."""
    history: list[Exchange] = []
    for text in texts:
        told = answer(text, language, view, tuple(history[-remembered:]))
        history.append(Exchange(text=text, answer=told))
    return [exchange.answer for exchange in history]
