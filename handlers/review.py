"""The answers of a settled duel, one question at a time: who chose what, what is right, and where that is written."""

from urllib.parse import urlsplit

from telegram import InlineKeyboardButton

from handlers.keyboards import rows
from handlers.navigation import Look, Screen
from handlers.words import Html, Words, escape
from services.duels.review import Review, SeenOption


async def review_screen(look: Look, number: int, position: int) -> Screen:
    """Draw a question of a duel of the reader.

    Raises:
        DuelNotFound, NotSettled: it can't be seen.
    """
    words = look.words
    seen = await look.services.review(
        player_id=look.reader.player_id, duel_id=number, position=position, language=words.language
    )
    text = words(
        "review.screen",
        number=number,
        position=seen.position,
        total=seen.total,
        question=seen.text,
        options=Html("\n".join(_option(words, option) for option in seen.options)),
        mine=Html(_answered(words, seen.my_time_ms)),
        theirs=Html(_answered(words, seen.their_time_ms)),
        source=Html(source_link(seen.source)),
    )
    return Screen(text + _note(words, seen), rows(*_keyboard(look, number, seen)))


def _option(words: Words, option: SeenOption) -> str:
    line = words("review.right" if option.is_right else "review.wrong", option=option.text)
    chosen = {(True, True): "both", (True, False): "mine", (False, True): "theirs"}
    who = chosen.get((option.is_mine, option.is_theirs))
    return line if who is None else line + " " + words(f"review.by_{who}")


def _answered(words: Words, time_ms: int | None) -> str:
    return words("review.never") if time_ms is None else words("review.after", time_ms=time_ms)


def source_link(source: str) -> str:
    """Return a link to a source, named by its host."""
    return f'<a href="{escape(source)}">{escape(urlsplit(source).hostname or source)}</a>'


def _note(words: Words, seen: Review) -> str:
    if seen.is_withdrawn:
        return "\n\n" + words("review.withdrawn")
    return "\n\n" + words("review.reported") if seen.is_reported else ""


def _keyboard(look: Look, number: int, seen: Review) -> list[list[InlineKeyboardButton]]:
    turning, report = [], []
    if seen.position > 1:
        turning.append(_to_question("button.question_before", look, number, seen.position - 1))
    if seen.position < seen.total:
        turning.append(_to_question("button.question_after", look, number, seen.position + 1))
    if not seen.is_reported and not seen.is_withdrawn:
        report.append(look.go("button.bad_question", "badquestion", number, seen.position))
    return [turning, report, [look.go("button.duel_number", "past", number, number=number)]]


def _to_question(key: str, look: Look, number: int, position: int) -> InlineKeyboardButton:
    return look.go(key, "review", number, position, n=position)
