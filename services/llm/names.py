"""Which model is meant: ``provider:name`` as the operator writes it, and what is known of each provider."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

BOOK_CHARACTERS: Final = 64
_MODEL: Final = re.compile(r"([A-Za-z]+):([!-~]{1,200})")
_ALIASES: Final = {"gemini": "google"}


class Provider(StrEnum):
    """Who answers."""

    GOOGLE = "google"
    """Gemini."""
    OPENAI = "openai"
    """OpenAI, or with a base URL any server that speaks its protocol."""
    ANTHROPIC = "anthropic"
    """Claude."""
    OLLAMA = "ollama"
    """A model on the operator's own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """A model of a provider."""

    provider: Provider
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Understand ``provider:name``.

        Raises:
            ValueError: it has another form, or the provider is unknown.
        """
        match = _MODEL.fullmatch(text)
        known = ", ".join(f"{one}:…" for one in Provider)
        if match is None:
            raise ValueError(f"is no provider and model; expected one of {known}")
        provider = _ALIASES.get(match[1].lower(), match[1].lower())
        if provider not in list(Provider):
            raise ValueError(f"names no provider we know; expected one of {known}")
        return cls(provider=Provider(provider), name=match[2])

    def __str__(self) -> str:
        """Return what the model is called in the books."""
        return f"{self.provider}:{self.name}"[:BOOK_CHARACTERS]

    def needs_key(self, base_url: str | None) -> bool:
        """Return whether nobody can ask it without a key."""
        return self.provider in (Provider.GOOGLE, Provider.ANTHROPIC) or self._is_openai(base_url)

    def sees_photos(self, base_url: str | None) -> bool:
        """Return whether it usually understands pictures, as far as the provider tells."""
        return self.needs_key(base_url)

    def _is_openai(self, base_url: str | None) -> bool:
        return self.provider is Provider.OPENAI and base_url is None
