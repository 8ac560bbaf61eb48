"""Settings from the environment and ``.env``: their names, and one clear line if one is wrong."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.addresses import DatabaseUrl, Listen, parse_database_url, parse_http_url, parse_listen
from bot.figures import MOST_CREDITS
from bot.model_settings import ModelSettings, one_word
from services.llm.cost import Prices
from services.llm.names import ModelName

TELEGRAM_API_URL = "https://api.telegram.org"
WEBHOOK_PATH = "/telegram"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_OPERATORS = re.compile(r"[0-9]{1,16}(?:\s*,\s*[0-9]{1,16})*")
_PACKAGES = re.compile(r"[0-9]{1,6}:[0-9]{1,13}(?:\s*,\s*[0-9]{1,6}:[0-9]{1,13}){0,7}")
MOST_STARS = 25_000
"""What one invoice can ask for."""
_WEBHOOK_HINT = "expected 1 to 256 of A-Z, a-z, 0-9, _ and -"
_SHOWN_CHARACTERS = 40


Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class SettingsError(Exception):
    """A setting is wrong; the text is one line that names it, without any secret."""


def _database(value: object) -> object:
    return parse_database_url(value) if isinstance(value, str) else value


def _listen(value: object) -> object:
    return parse_listen(value) if isinstance(value, str) else value


def _operators(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _OPERATORS.fullmatch(value):
        raise ValueError("is no list of numeric Telegram ids; expected them separated by commas")
    return tuple(int(part) for part in value.split(","))


def _is_telegrams_own(url: str) -> bool:
    return f".{urlsplit(url).hostname}".removesuffix(".").endswith(".telegram.org")


def _packages(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _PACKAGES.fullmatch(value):
        raise ValueError("is no list of packages; expected Stars:credits, separated by commas")
    pairs = [part.split(":") for part in value.split(",")]
    found = tuple((int(stars), int(worth)) for stars, worth in pairs)
    if not all(1 <= stars <= MOST_STARS and 1 <= worth <= MOST_CREDITS for stars, worth in found):
        raise ValueError(f"has a package beyond the limits; expected 1 to {MOST_STARS} Stars each")
    return found


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(ModelSettings):
    """All settings of one process; building one reads nothing from outside (``load_settings`` does)."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    bot_token: SecretStr | None = Field(
        default=None, description="the bot's token; without it, the playground runs"
    )
    bot_api_url: str = Field(default=TELEGRAM_API_URL, description="root of the Bot API server")
    database_url: Annotated[DatabaseUrl, BeforeValidator(_database)] = Field(
        default=DatabaseUrl("sqlite", "data/potluck.db"),
        description="the database: sqlite:///file or postgresql://…",
    )
    webhook_url: str | None = Field(
        default=None, description="public address of the bot; without it, it polls"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="1-256 of A-Z a-z 0-9 _ -; WEBHOOK_URL needs it"
    )
    http_listen: Annotated[Listen, BeforeValidator(_listen)] = Field(
        default=Listen("127.0.0.1", 8080),
        description="where /healthz, /readyz, /metrics and /telegram are served",
    )
    forget_key: SecretStr | None = Field(
        default=None,
        description="knows forgotten players again; unset, it hangs on BOT_TOKEN: set it before that changes",
    )
    log_format: Annotated[Literal["json", "console"], BeforeValidator(_lower)] = Field(
        default="json", description="json or console"
    )
    log_level: Annotated[Level, BeforeValidator(_upper)] = Field(
        default="INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    operator_ids: Annotated[tuple[int, ...], BeforeValidator(_operators)] = Field(
        default=(), description="Telegram ids of the operators, separated by commas"
    )
    stars_enabled: bool = Field(
        default=False, description="purchases with Telegram Stars; without them it is a play-money game"
    )
    star_packages: Annotated[tuple[tuple[int, int], ...], BeforeValidator(_packages)] = Field(
        default=((100, 1_000), (250, 2_500), (500, 5_000), (1_000, 10_000)),
        description="what is sold, as Stars:credits, separated by commas",
    )
    terms_file: Path | None = Field(
        default=None, description="a text file for /terms, instead of our own words"
    )
    privacy_file: Path | None = Field(
        default=None, description="a text file for /privacy, instead of our own words"
    )
    duels_enabled: bool = Field(default=True, description="quiz duels")
    clock_file: Path | None = Field(
        default=None, description="for the playground only: the file that says how far its time was moved"
    )

    @field_validator("bot_api_url", "webhook_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        return value if value is None else parse_http_url(value)

    @field_validator("webhook_url")
    @classmethod
    def _complete_webhook_path(cls, value: str | None) -> str | None:
        return value + WEBHOOK_PATH if value is not None and value.count("/") == len("//") else value

    @field_validator("bot_token", "forget_key")
    @classmethod
    def _check_one_word(cls, value: SecretStr | None) -> SecretStr | None:
        return one_word(value)

    @field_validator("webhook_secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError(f"has a wrong form; {_WEBHOOK_HINT}")
        return value

    @model_validator(mode="after")
    def _check_clock(self) -> Self:
        if self.clock_file is not None and _is_telegrams_own(self.bot_api_url):
            raise ValueError(
                "CLOCK_FILE is for the playground; BOT_API_URL must not be Telegram's own with it"
            )
        return self

    @model_validator(mode="after")
    def _check_webhook(self) -> Self:
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError(f"WEBHOOK_SECRET is not set, WEBHOOK_URL is; {_WEBHOOK_HINT}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from arguments alone, so that settings built in a test depend on nothing else."""
        return (init_settings,)

    def secrets(self) -> tuple[str, ...]:
        """Return the literal values that must never be logged."""
        kept = (self.bot_token, self.webhook_secret, self.model_api_key, self.forget_key)
        return tuple(one.get_secret_value() for one in kept if one is not None) + self.database_url.secrets()


def load_settings(env: Mapping[str, str] | None = None, env_file: str | Path | None = ".env") -> Settings:
    """Read settings from ``env`` (the process's by default) and, below it, from ``env_file`` if there is one.

    Empty values count as unset.

    Raises:
        SettingsError: a value is wrong, or a name in the file is a misspelt one.
    """
    given = _read_file(env_file) | _filled(os.environ if env is None else env)
    values: dict[str, Any] = {
        name: given[name.upper()].strip() for name in Settings.model_fields if name.upper() in given
    }
    try:
        return Settings(**values)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        raise SettingsError(_line_about(problem)) from None


def describe(settings: Settings) -> dict[str, object]:
    """Return all settings for the log of the start; secrets only as set or not."""
    return {name: _shown(getattr(settings, name), info) for name, info in Settings.model_fields.items()}


def _shown(value: object, info: FieldInfo) -> object:
    if SecretStr in get_args(info.annotation):
        return "set" if value is not None else None
    shown = DatabaseUrl | Listen | Path | ModelName | Prices
    return str(value) if isinstance(value, shown) else value


def _read_file(env_file: str | Path | None) -> dict[str, str]:
    if env_file is None or not Path(env_file).is_file():
        return {}
    try:
        found = dotenv_values(env_file, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{env_file} can't be read; expected a text file in UTF-8") from None
    known = [name.upper() for name in Settings.model_fields]
    for name in found.keys() - set(known):
        if close := difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.8):
            raise SettingsError(f"{name} is no setting; expected {close[0]}?")
    return _filled(found)


def _filled(found: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in found.items() if value and value.strip()}


def _line_about(problem: ErrorDetails) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    expected = _expected(Settings.model_fields[name])
    if expected is None:
        return f"{name.upper()} {message}"
    shown = ascii(problem["input"])[:_SHOWN_CHARACTERS]
    return f"{name.upper()} is {shown}; expected {expected}"


def _expected(info: FieldInfo) -> str | None:
    """Return what a switch, a number or a choice may be; None for values that may be secret."""
    kind: object = info.annotation
    if kind in (bool, bool | None):
        return "true or false"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    if kind is not int:
        return None
    bounds = {at: getattr(one, at) for one in info.metadata for at in ("ge", "le") if hasattr(one, at)}
    return f"a whole number from {bounds['ge']} to {bounds['le']}"
