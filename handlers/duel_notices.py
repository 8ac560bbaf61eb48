"""What the outbox says of duels: the first question, and how each of them ended."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from handlers.duel_question import question_keyboard, question_text
from handlers.keyboards import go, rows
from handlers.payloads import html_payload
from handlers.report import name_of
from handlers.words import Html, Words
from services.duels.shown import ShownQuestion
from services.rules import GameRules

Facts = Mapping[str, Any]


def _question(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = ShownQuestion(**{name: facts[name] for name in ShownQuestion.__slots__})
    time = timedelta(seconds=facts["seconds"])
    return html_payload(question_text(shown, words, left=time, time=time), question_keyboard(shown))


def _waiting(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = "duel.waiting_paired" if facts["is_paired"] else "duel.waiting"
    return _told(key, facts, words, wait=timedelta(seconds=facts["seconds"]))


def _paired(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _told("duel.paired", facts, words)


def _settled(key: str) -> Callable[..., list[dict[str, Any]]]:
    def show(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
        name = Html(name_of(facts["other"], words))
        told = _told(key, facts, words, scores=Html(words("duel.scores", **{**facts, "name": name})))
        answers = go(words.plain("button.duel_answers"), "review", facts["duel"], 1, owner=facts["player"])
        return [told[0] | {"reply_markup": rows([answers]).to_dict()}]

    return show


def _refunded(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _told("duel.refunded", facts, words, bonus=Html(_bonus(facts, words)))


def _bonus(facts: Facts, words: Words) -> str:
    """Return what is said of the bonus, or why there is none; nothing where there never is one."""
    if facts["bonus"]:
        return words("duel.bonus", bonus=facts["bonus"])
    return words(f"duel.bonus_{facts['why']}") if facts["why"] else ""


def _void(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _told(f"duel.void_{facts['why']}", facts, words)


def _back(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _told("duel.back", facts, words)


def _told(key: str, facts: Facts, words: Words, **more: object) -> list[dict[str, Any]]:
    category = words.plain(f"category.{facts['category']}")
    return html_payload(
        words(key, **{**facts, "receipt": str(facts["receipt"]), "category": category, **more})
    )


def _result(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    winner, loser = facts["winner"], facts["loser"]
    key = "duel.result_tie" if facts["is_tie"] else "duel.result"
    text = words(
        key,
        winner=Html(name_of(winner, words)),
        loser=Html(name_of(loser, words)),
        category=words.plain(f"category.{facts['category']}"),
        right=winner["right"],
        time_ms=winner["time_ms"],
        their_right=loser["right"],
        their_time_ms=loser["time_ms"],
        total=facts["total"],
        bounty=facts["bounty"],
    )
    return html_payload(text)


def _expired(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    name, category = Html(name_of(facts["who"], words)), words.plain(f"category.{facts['category']}")
    text = words("challenge.expired", name=name, category=category)
    return [html_payload(text)[0] | {"edit": facts["edit"]}]


DUEL_NOTICES: Final[Mapping[str, Callable[[Facts, Words, GameRules], list[dict[str, Any]]]]] = {
    "duel_question": _question,
    "duel_waiting": _waiting,
    "duel_paired": _paired,
    "duel_won": _settled("duel.won"),
    "duel_lost": _settled("duel.lost"),
    "duel_tie": _settled("duel.tie"),
    "duel_refunded": _refunded,
    "duel_void": _void,
    "duel_back": _back,
    "duel_result": _result,
    "challenge_expired": _expired,
}
