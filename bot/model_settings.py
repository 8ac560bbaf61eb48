"""Settings of the language model: which one, what it is told, what it may take."""

import re
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from bot.addresses import parse_http_url
from bot.figures import MOST_CREDITS, Figures, Whole, number
from services.llm.cost import FREE, Prices
from services.llm.names import ModelName
from services.rules import ModelRules


def _model(value: object) -> object:
    return ModelName.parse(value) if isinstance(value, str) else value


def _prices(value: object) -> object:
    return Prices.parse(value) if isinstance(value, str) else value


def one_word(value: SecretStr | None) -> SecretStr | None:
    """Return a secret as it was given.

    Raises:
        ValueError: it can't be whole; the secret is not in the message.
    """
    if value is not None and not re.fullmatch(r"[!-~]{1,512}", value.get_secret_value()):
        raise ValueError("holds spaces or unusual characters; expected it as it was given to you")
    return value


class ModelSettings(Figures):
    """Which model answers, and its limits; without one the built-in character does."""

    model: Annotated[ModelName | None, BeforeValidator(_model)] = Field(
        default=None,
        description="google:…, openai:…, anthropic:… or ollama:…; without it, the built-in character",
    )
    model_api_key: SecretStr | None = Field(default=None, description="the key of the model's provider")
    model_base_url: str | None = Field(
        default=None, description="the model's server, if it isn't the provider's own: openai:… speaks to any"
    )
    model_prices: Annotated[Prices | None, BeforeValidator(_prices)] = Field(
        default=None, description="dollars per million tokens in/out, as in 1.25/10; costs count by it"
    )
    premium_model: Annotated[ModelName | None, BeforeValidator(_model)] = Field(
        default=None,
        description="answers players with Premium: a better model of the same provider, with MODEL's key and server",
    )
    premium_model_prices: Annotated[Prices | None, BeforeValidator(_prices)] = Field(
        default=None, description="MODEL_PRICES of PREMIUM_MODEL; without it, the same"
    )
    model_sees_photos: bool | None = Field(
        default=None, description="true or false; without it, true for models of google, openai and anthropic"
    )
    persona: str | None = Field(
        default=None,
        max_length=4_000,
        description="how the model speaks, in your words; replaces the usual tone",
    )
    model_answer_tokens: Whole = number(1_024, 16, 32_768, "tokens of one answer at most")
    model_player_day_tokens: Whole = number(
        200_000, 0, MOST_CREDITS, "tokens of one player a day; 0: no limit"
    )
    model_day_tokens: Whole = number(5_000_000, 0, MOST_CREDITS, "tokens of all players a day; 0: no limit")
    model_player_day_micros: Whole = number(
        0, 0, MOST_CREDITS, "millionths of a dollar for one player a day; 0: no limit; needs MODEL_PRICES"
    )
    model_day_micros: Whole = number(
        0, 0, MOST_CREDITS, "millionths of a dollar for all players a day; 0: no limit; needs MODEL_PRICES"
    )
    model_photo_bytes: Whole = number(3_500_000, 0, 20_000_000, "larger photos are not shown to the model")
    model_document_bytes: Whole = number(64_000, 0, 1_000_000, "larger documents are not shown to the model")

    @field_validator("model_base_url")
    @classmethod
    def _check_base_url(cls, value: str | None) -> str | None:
        return value if value is None else parse_http_url(value)

    @field_validator("model_api_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        return one_word(value)

    @model_validator(mode="after")
    def _check_model(self) -> Self:
        needs_key = self.model is not None and self.model.needs_key(self.model_base_url)
        if needs_key and self.model_api_key is None:
            raise ValueError(f"MODEL_API_KEY is not set, MODEL is {self.model}; expected the provider's key")
        if (self.model_day_micros or self.model_player_day_micros) and self.model_prices is None:
            raise ValueError("MODEL_PRICES is not set, a limit in money is; expected prices, as in 1.25/10")
        return self

    @model_validator(mode="after")
    def _check_premium_model(self) -> Self:
        if self.premium_model is None:
            return self
        if self.model is None:
            raise ValueError("MODEL is not set, PREMIUM_MODEL is; expected the model for all other players")
        if self.premium_model.provider is not self.model.provider:
            expected = f"expected {self.model.provider}:…, as in MODEL"
            raise ValueError(f"PREMIUM_MODEL is {self.premium_model}, of another provider; {expected}")
        return self

    @property
    def premium_prices(self) -> Prices:
        """Return what tokens of the model cost that answers players with Premium."""
        return self.premium_model_prices or self.prices

    @property
    def prices(self) -> Prices:
        """Return what tokens cost; nothing where it isn't said."""
        return self.model_prices or FREE

    def model_rules(self) -> ModelRules:
        """Return what may be asked of the model."""
        return ModelRules(
            is_there=self.model is not None,
            has_better=self.premium_model is not None,
            answer_tokens=self.model_answer_tokens,
            player_day_tokens=self.model_player_day_tokens,
            day_tokens=self.model_day_tokens,
            player_day_micros=self.model_player_day_micros,
            day_micros=self.model_day_micros,
            sees_photos=self._sees_photos(),
            photo_bytes=self.model_photo_bytes,
            document_bytes=self.model_document_bytes,
        )

    def _sees_photos(self) -> bool:
        if self.model is None:
            return False
        guess = self.model.sees_photos(self.model_base_url)
        return guess if self.model_sees_photos is None else self.model_sees_photos
