"""The command menus and descriptions that Telegram shows, per kind of chat and language."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest

from handlers import unknown
from handlers.context import App, Services
from handlers.rule_facts import free_of_day
from handlers.words import Words
from services.rules import GameRules

PRIVATE: Final = (
    "start",
    "help",
    "price",
    "balance",
    "pot",
    "new",
    "chats",
    "search",
    "export",
    "rename",
    "play",
    "duel",
    "practice",
    "duels",
    "retry",
    "stop",
    "daily",
    "deposit",
    "premium",
    "history",
    "receipt",
    "paysupport",
    "me",
    "limit",
    "break",
    "usage",
    "contribute",
    "fair",
    "proof",
    "seed",
    "alias",
    "character",
    "language",
    "mydata",
    "forgetme",
    "terms",
    "privacy",
)
GROUP: Final = (
    "ask",
    "duel",
    "retry",
    "stop",
    "pot",
    "top",
    "price",
    "contribute",
    "fair",
    "proof",
    "help",
    "language",
)
ADMIN: Final = (*GROUP, "new", "reset", "settings")
OPERATOR: Final = (*PRIVATE, "grant", "payments", "questions", "reports", "signs")
_OF_POTS: Final = frozenset({"pot", "contribute", "reset", "fair", "proof", "seed", "top", "alias"})
_OF_DUELS: Final = frozenset({"duel", "duels", "practice", "reports", "signs"})
_OF_STARS: Final = frozenset({"deposit", "premium", "paysupport", "payments"})
_FALLBACK: Final = "en"

_SCOPES: Final[tuple[tuple[BotCommandScope, tuple[str, ...]], ...]] = (
    (BotCommandScopeDefault(), GROUP),
    (BotCommandScopeAllPrivateChats(), PRIVATE),
    (BotCommandScopeAllGroupChats(), GROUP),
    (BotCommandScopeAllChatAdministrators(), ADMIN),
)


async def register_menus(bot: Bot, services: Services) -> None:
    """Tell Telegram what the bot can do, in every language; English is for all that we don't speak."""
    rules = services.rules
    for language, code in _languages(services.words):
        words = services.words[language]
        for scope, names in _SCOPES:
            await bot.set_my_commands(_commands(names, words, rules), scope, code)
        for operator_id in sorted(services.operator_ids):
            with suppress(BadRequest):  # an operator who never wrote has no chat yet
                await bot.set_my_commands(
                    _commands(OPERATOR, words, rules), BotCommandScopeChat(operator_id), code
                )
        await _describe(bot, words, rules, code)


def _languages(words: Mapping[str, Words]) -> Iterable[tuple[str, str | None]]:
    """Give our languages with Telegram's codes for them."""
    yield _FALLBACK, None
    yield from ((language, language) for language in words if language != _FALLBACK)


def _commands(names: Iterable[str], words: Words, rules: GameRules) -> list[BotCommand]:
    known = [name for name in names if _is_there(name, rules)]
    return [BotCommand(name, words.plain(_variant(f"cmd.{name}", words, rules))) for name in known]


def _is_there(name: str, rules: GameRules) -> bool:
    switched = (
        (rules.pot.enabled, _OF_POTS),
        (rules.duels.enabled, _OF_DUELS),
        (rules.purchases.enabled, _OF_STARS),
    )
    return all(is_on or name not in names for is_on, names in switched)


def _variant(key: str, words: Words, rules: GameRules) -> str:
    without_pot = f"{key}_no_pot"
    return without_pot if not rules.pot.enabled and without_pot in words else key


async def _describe(bot: Bot, words: Words, rules: GameRules, code: str | None) -> None:
    free = free_of_day(rules.talk.free_per_day, words)
    await bot.set_my_description(words.plain(_variant("bot.description", words, rules), free=free), code)
    await bot.set_my_short_description(words.plain(_variant("bot.short_description", words, rules)), code)


def register(application: App) -> None:
    """Listen to what no menu offers; this comes after all other topics."""
    unknown.register(application)
