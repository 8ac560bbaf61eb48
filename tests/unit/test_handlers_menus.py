"""The command menus, seen from what a recording bot is told."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from telegram import Bot, BotCommand, BotCommandScope
from telegram.error import BadRequest, NetworkError

from handlers.context import Services
from handlers.menus import register_menus
from handlers.words import Words, load_catalogs
from services.pricing import PriceRule
from services.rules import DuelRules, GameRules, PotRules, PurchaseRules

OPERATOR_ID = 5_001


class Recorder:
    """Takes what a bot would send; refuses chats it doesn't know, as Telegram does."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.menus: dict[tuple[str, str | None], list[str]] = {}
        self.texts: dict[tuple[str, str | None], str] = {}
        self.refused = 0
        self.is_down = is_down

    async def set_my_commands(
        self, commands: list[BotCommand], scope: BotCommandScope, language_code: str | None
    ) -> None:
        if self.is_down:
            raise NetworkError("down")
        if getattr(scope, "chat_id", OPERATOR_ID) != OPERATOR_ID:
            self.refused += 1
            raise BadRequest("Chat not found")
        self.menus[scope.type, language_code] = [one.command for one in commands]
        assert all(one.description for one in commands)

    async def set_my_description(self, description: str, language_code: str | None) -> None:
        self.texts["description", language_code] = description

    async def set_my_short_description(self, description: str, language_code: str | None) -> None:
        self.texts["short", language_code] = description


async def registered(*operator_ids: int, **switches: bool) -> Recorder:
    """Return what a bot of these rules registers."""
    recorder = Recorder()
    await register_menus(cast("Bot", recorder), services(*operator_ids, **switches))
    return recorder


def services(
    *operator_ids: int, has_pot: bool = True, has_duels: bool = True, has_stars: bool = False
) -> Services:
    """Return the services that the menus look at."""
    sold = PurchaseRules(enabled=has_stars)
    duels = DuelRules(enabled=has_duels)
    rules = GameRules(price=PriceRule(), pot=PotRules(enabled=has_pot), duels=duels, purchases=sold)
    found: Any = SimpleNamespace(rules=rules, words=load_catalogs(), operator_ids=frozenset(operator_ids))
    return cast("Services", found)


async def test_every_scope_has_a_menu_in_every_language() -> None:
    menus = (await registered()).menus
    scopes = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
    assert set(menus) == {(scope, code) for scope in scopes for code in (None, "es")}


async def test_private_matters_stand_in_the_private_menu_alone() -> None:
    menus = (await registered()).menus
    private = {"balance", "history", "receipt", "me", "limit", "daily", "seed", "play"}
    assert private < set(menus["all_private_chats", None])
    for scope in ("default", "all_group_chats", "all_chat_administrators"):
        assert not private & set(menus[scope, None])
        assert "ask" in menus[scope, None]


async def test_t25_only_operators_see_grant_and_unknown_ones_do_no_harm() -> None:
    recorder = await registered(OPERATOR_ID, 9_999)
    assert "grant" in recorder.menus["chat", None]
    assert "grant" in recorder.menus["chat", "es"]
    assert not any("grant" in names for (scope, _), names in recorder.menus.items() if scope != "chat")
    assert recorder.refused == 2


async def test_without_pots_no_menu_and_no_description_speaks_of_them() -> None:
    recorder = await registered(has_pot=False)
    of_pots = {"pot", "contribute", "fair", "proof", "seed"}
    assert not any(of_pots & set(names) for names in recorder.menus.values())
    for code, words in ((None, Words("en")), ("es", Words("es"))):
        free = words.plain("free.per_day", n=5)
        assert recorder.texts["description", code] == words.plain("bot.description_no_pot", free=free)
        assert recorder.texts["short", code] == words.plain("bot.short_description_no_pot")


async def test_where_duels_are_switched_off_no_menu_speaks_of_them() -> None:
    of_duels = {"duel", "practice"}
    assert of_duels < set((await registered()).menus["all_private_chats", None])
    recorder = await registered(has_duels=False)
    assert not any(of_duels & set(names) for names in recorder.menus.values())


async def test_only_where_stars_are_on_a_menu_offers_to_buy() -> None:
    of_stars = {"deposit", "premium"}
    assert of_stars < set((await registered(has_stars=True)).menus["all_private_chats", None])
    assert not any(of_stars & set(names) for names in (await registered()).menus.values())


async def test_descriptions_are_told_in_every_language() -> None:
    texts = (await registered()).texts
    assert "5 messages a day are free" in texts["description", None]
    assert "5 mensajes gratis al día" in texts["description", "es"]
    assert texts["short", "es"] == Words("es").plain("bot.short_description")


async def test_a_telegram_that_is_down_is_not_kept_secret() -> None:
    with pytest.raises(NetworkError):
        await register_menus(cast("Bot", Recorder(is_down=True)), services())
