"""The built-in character as a model: reads the overview, composes, streams. It can do nothing but text."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from handlers.character.replies import compose
from handlers.words import Words, language_of, load_catalogs
from services.overview import Overview, ReadOverview
from services.ports import ModelUnavailable, Question
from services.rules import GameRules

_PIECE: Final = re.compile(r"(?:\S+\s*){1,3}|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInCharacter:
    """Answer about the game where no language model is connected; an adapter of ``services.ports.Model``.

    Attributes:
        pause_seconds: between two pieces, so that streaming can be seen; 0 for none.
    """

    read_overview: ReadOverview
    rules: GameRules
    pause_seconds: float = 0.05
    words: Mapping[str, Words] = field(default_factory=load_catalogs)

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the answer in pieces of a few words.

        Raises:
            ModelUnavailable: the overview can't be read.
        """
        view = await self._view(question)
        words = self.words[language_of(question.language)]
        for number, piece in enumerate(pieces_of(compose(question, view, words=words, rules=self.rules))):
            if number and self.pause_seconds:
                await asyncio.sleep(self.pause_seconds)
            yield piece

    async def _view(self, question: Question) -> Overview:
        try:
            return await self.read_overview(player_id=question.player_id, chat_id=question.chat_id)
        except Exception as error:
            raise ModelUnavailable(reason=f"overview: {type(error).__name__}") from error


def pieces_of(text: str) -> Iterator[str]:
    """Yield the text in pieces of at most three words; together they are the text."""
    return (match[0] for match in _PIECE.finditer(text))
