"""What an answer took: tokens as told by the provider, else estimated, and money by the operator's prices."""

import re
from dataclasses import dataclass, field
from typing import Final, Self

from services.ports import Usage

CHARACTERS_PER_TOKEN: Final = 4
"""A common estimate for English; other languages take more tokens, never many times more."""
PHOTO_TOKENS: Final = 1_500
_MILLION: Final = 1_000_000
_PRICE: Final = r"([0-9]{1,6})(?:\.([0-9]{1,6}))?"
_PRICES: Final = re.compile(f"{_PRICE}/{_PRICE}")


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens in and out, in millionths of a dollar."""

    micros_in: int = 0
    micros_out: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Understand ``1.25/10``: dollars for a million tokens in and out.

        Raises:
            ValueError: it has another form.
        """
        match = _PRICES.fullmatch(text)
        if match is None:
            raise ValueError("has a wrong form; expected dollars per million tokens in/out, as in 1.25/10")
        return cls(_micros(match[1], match[2]), _micros(match[3], match[4]))

    def __str__(self) -> str:
        """Return the prices as they are written in the settings."""
        return f"{_dollars(self.micros_in)}/{_dollars(self.micros_out)}"

    def cost_micros(self, tokens_in: int, tokens_out: int) -> int:
        """Return the cost in millionths of a dollar, rounded up."""
        return -(-(tokens_in * self.micros_in + tokens_out * self.micros_out) // _MILLION)


FREE: Final = Prices()


def _micros(whole: str, fraction: str | None) -> int:
    return int(whole) * _MILLION + int((fraction or "").ljust(6, "0"))


def _dollars(micros: int) -> str:
    return f"{micros // _MILLION}.{micros % _MILLION:06}".rstrip("0").rstrip(".")


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts one answer: what its provider tells counts, and until then what can be estimated.

    A stream that is left before its end never tells; its tokens were taken all the same.
    """

    model: str
    prices: Prices
    characters_in: int
    photos: int = 0
    _characters_out: int = field(default=0, init=False)
    _told: tuple[int, int] = field(default=(0, 0), init=False)

    def hear(self, text: str) -> None:
        """Count a piece of the answer."""
        self._characters_out += len(text)

    def learn(self, tokens_in: int, tokens_out: int) -> None:
        """Take what the provider has told so far."""
        self._told = (tokens_in, tokens_out)

    @property
    def is_told(self) -> bool:
        """Return whether the provider has told anything."""
        return self._told != (0, 0)

    def usage(self, *, is_final: bool = False) -> Usage:
        """Return what was taken so far; the provider's last word on the answer counts only once it has ended."""
        tokens_in = self._told[0] or self.characters_in // CHARACTERS_PER_TOKEN + self.photos * PHOTO_TOKENS
        estimate = -(-self._characters_out // CHARACTERS_PER_TOKEN)
        tokens_out = self._told[1] if is_final and self._told[1] else max(self._told[1], estimate)
        return Usage(
            model=self.model,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_micros=self.prices.cost_micros(tokens_in, tokens_out),
        )
