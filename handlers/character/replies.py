"""The character's answer to a question: what it is about, the state of the game, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from handlers.character.facts import Facts, decimal_text, facts_of, is_exact
from handlers.character.intents import ALONE, GUARDED, SOCIAL, Intent, recognise, sum_in
from handlers.character.scenes import VERSIONS, key_of, scene_of, tails_of
from handlers.character.subject import options_of, plain_name, subject_of
from handlers.character.variety import freshest, stable_number
from handlers.words import Words
from services.overview import Overview
from services.ports import Question
from services.rules import GameRules

_REMEMBERED: Final = 6
_REMEMBERED_TEXT: Final = 400
_PLAYFUL: Final = frozenset(
    {Intent.JOKE, Intent.FUN_FACT, Intent.COIN, Intent.DICE, Intent.CHOICE, Intent.MATHS}
)
_NOT_REMEMBERED: Final = SOCIAL | ALONE | _PLAYFUL | frozenset(GUARDED)
"""What may be said twice without a remark."""

_BY_WORDS: Final = frozenset({Intent.MATHS, Intent.CHOICE})
"""Answered from the message's own words, so a bare "and now?" can't ask for it again."""


def compose(question: Question, view: Overview, *, words: Words, rules: GameRules) -> str:
    """Return the answer as short Markdown; the same question at the same state gives the same answer."""
    return _Answer(question, view, words, facts_of(view, rules, words)).text()


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer in the making."""

    question: Question
    view: Overview
    words: Words
    facts: Facts

    def text(self) -> str:
        """Return the whole answer."""
        asked = recognise(self.question.text, self.words.language)
        intents = self._resolved(asked)
        if not intents:
            return self._unknown()
        parts = [self._part(intent, alone=len(intents) == 1) for intent in intents]
        if intents == asked and self._was_asked(intents):
            parts.insert(int(intents[0] is Intent.GREETING), self._say("again"))
        return _joined(parts)

    def _resolved(self, asked: list[Intent]) -> list[Intent]:
        """Put what was asked last in the place of a bare "why?" or "tell me more"."""
        if asked != [Intent.FOLLOW_UP]:
            return asked
        for earlier in reversed(self._earlier_texts()):
            before = recognise(earlier, self.words.language)
            if before != [Intent.FOLLOW_UP]:
                return [intent for intent in before if intent not in SOCIAL | _BY_WORDS] or asked
        return asked

    def _was_asked(self, intents: Sequence[Intent]) -> bool:
        wanted = set(intents) - _NOT_REMEMBERED
        return bool(wanted) and any(
            wanted & set(recognise(earlier, self.words.language)) for earlier in self._earlier_texts()
        )

    def _part(self, intent: Intent, *, alone: bool) -> str:
        match intent:
            case Intent.GREETING:
                return self._greeting(alone=alone)
            case Intent.MATHS:
                return self._sum()
            case Intent.COIN:
                return self._say("coin", side=self.words.plain(f"character.coin.{self._toss()}"))
            case Intent.DICE:
                return self._say("dice", face=self._number(6, "face") + 1)
            case Intent.CHOICE:
                return self._choice()
        return self._say(scene_of(intent, self.view))

    def _greeting(self, *, alone: bool) -> str:
        if not alone:
            return self._say("greeting.short")
        if self.question.history:
            return self._say("greeting.again")
        name = plain_name(self.question.player_name)
        return self._say("greeting.first", name=name) if name else self._say("greeting.nameless")

    def _sum(self) -> str:
        found = sum_in(self.question.text, self.words.language)
        if found is None or found.value is None:
            return self._say("maths.zero" if found and found.problem == "zero" else "maths.limits")
        scene = "maths" if is_exact(found.value) else "maths.rounded"
        return self._say(scene, sum=found.shown, result=self._result(found.value))

    def _result(self, value: Fraction) -> str:
        return decimal_text(value, self.words.language)

    def _choice(self) -> str:
        options = options_of(self.question.text)
        if options is None:
            return self._say("choice.none")
        return self._say("choice", picked=options[self._number(2, "pick")])

    def _toss(self) -> str:
        return ("heads", "tails")[self._number(2, "side")]

    def _unknown(self) -> str:
        subject = subject_of(self.question.text)
        tail = self._say(*tails_of(self.view))
        if subject is None:
            return _joined([self._say("unknown.plain"), tail])
        scene = "unknown.question" if "?" in self.question.text else "unknown.statement"
        return _joined([self._say(scene, topic=subject), tail])

    def _say(self, *scenes: str, **more: object) -> str:
        """Return a version of one of the scenes, one that was not used lately."""
        facts = {**self.facts, **more}
        keys = [key_of(scene, number) for scene in scenes for number in range(VERSIONS[scene])]
        return freshest(
            [self.words.plain(key, **facts) for key in keys],
            start=self._number(len(keys), scenes[0]),
            answers=[exchange.answer for exchange in self.question.history[-_REMEMBERED:]],
        )

    def _number(self, below: int, salt: str) -> int:
        return stable_number(below, salt, self.question.text, len(self.question.history))

    def _earlier_texts(self) -> list[str]:
        return [exchange.text[:_REMEMBERED_TEXT] for exchange in self.question.history[-_REMEMBERED:]]


def _joined(parts: Sequence[str]) -> str:
    """Put short parts in one paragraph, longer ones in paragraphs of their own."""
    text = parts[0]
    for before, part in pairwise(parts):
        text += (" " if len(before) <= 60 and "\n" not in part else "\n\n") + part
    return text
