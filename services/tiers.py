"""Two models as one: the better one for players with Premium, the usual one for all others."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.ports import Model, Question, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoModels:
    """Ask whichever is the player's; an adapter of ``services.ports.Model``."""

    usual: Model
    better: Model

    def reply(self, question: Question) -> AsyncIterator[str | Usage]:
        """Yield the answer of the player's model.

        Raises:
            ModelUnavailable: nothing (more) will come.
        """
        return (self.better if question.has_premium else self.usual).reply(question)
