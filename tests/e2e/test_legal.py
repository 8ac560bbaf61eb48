"""/terms and /privacy: what is true of the bot as it is set up, or what its operator wrote."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.own_texts import MOST_BYTES, own_texts
from bot.settings import Settings, SettingsError
from handlers.answer_parts import MOST_UNITS
from handlers.text import utf16_len
from handlers.words import Words
from tests.scene import scene

EN, ES = Words("en"), Words("es")
SPANS = ("within", "period", "updates", "sent", "undo")
SELLING: dict[str, Any] = {"stars_enabled": True}


async def test_both_are_told_in_both_languages_as_the_bot_is_set_up(database_url: str) -> None:
    async with scene(database_url) as here:
        terms, privacy = [await here.ask(here.ben, name) for name in ("/terms", "/privacy")]
        assert EN.plain("terms.play_money") in terms
        assert "7 days" in privacy
        assert "Telegram's number of the payment" not in privacy
        assert ES.plain("terms.play_money") in await here.ask(here.ana, "/terms")
        assert "Lo que guardo" in await here.ask(here.ana, "/privacy")


async def test_where_stars_are_taken_purchases_are_spoken_of_and_nothing_else_is_missing(
    sqlite_url: str,
) -> None:
    async with scene(sqlite_url, **SELLING, model="ollama:x", pot_enabled=False) as here:
        terms, privacy = [await here.ask(here.ben, name) for name in ("/terms", "/privacy")]
        assert EN.plain("terms.play_money") not in terms
        assert "For 7 days you can give a purchase of credits back" in terms
        assert "pot" not in terms
        assert EN.plain("privacy.stars") in privacy
        assert EN.plain("privacy.model") in privacy
        assert EN.plain("privacy.pot") not in privacy


@pytest.mark.parametrize("words", [EN, ES])
def test_the_longest_of_our_own_texts_fits_into_a_message(words: Words) -> None:
    for name in ("terms", "privacy"):
        parts = [key for key in words if key.startswith(f"{name}.")]
        known: dict[str, object] = {"house_bps": 1_000, **dict.fromkeys(SPANS, timedelta(days=30))}
        assert utf16_len("\n\n".join(words(key, **known) for key in parts)) < MOST_UNITS


async def test_a_group_is_shown_the_way_to_them(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        said = await here.ask(here.ben, "/terms", here.group)
        assert EN("private.pointer") in said
        assert "Terms" in await here.ask(here.ben, "/start terms")


async def test_an_operators_own_words_take_their_place_page_by_page_and_as_text(
    sqlite_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "terms.txt"
    path.write_bytes("\ufeff<b>Rule</b> & more\r\n".encode() + b"word " * 1_000 + b"the end")
    async with scene(sqlite_url, terms_file=path) as here:
        assert (await here.ask(here.ben, "/terms")).startswith("<b>Rule</b> & more\nword")
        assert here.buttons(here.ben) == ["Next ›"]
        assert (await here.press(here.ben, "Next ›")).endswith("the end")
        assert here.buttons(here.ben) == ["‹ Previous"]
        assert (await here.press(here.ben, "‹ Previous")).startswith("<b>Rule</b>")
        assert (await here.ask(here.ben, "/terms 99")).startswith("<b>Rule</b>")
        assert "What I keep" in await here.ask(here.ben, "/privacy")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "can't be read; expected a text file"),
        (b"\xff\xfe", "is no text; expected a file in UTF-8"),
        (b" \n ", "says nothing; expected a text"),
        (b"a" * (MOST_BYTES + 1), "is too large; expected at most 65536 bytes"),
    ],
)
def test_a_file_that_can_not_be_shown_is_one_clear_line(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "privacy.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"^PRIVACY_FILE is .*, which {why}$"):
        own_texts(Settings(privacy_file=path))
