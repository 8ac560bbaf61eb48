"""A model's answer, Markdown of any kind, as messages for Telegram. It never fails and loses no text."""

import html
import re
from dataclasses import replace
from functools import cache
from typing import Final

from telegramify_markdown import MessageEntity, RenderConfig, convert

from handlers.answer_parts import MOST_UNITS, Part, cut_at, is_language, split
from handlers.text import is_blank, utf16_len, without_ansi

__all__ = ["MOST_ANSWER_UNITS", "ROOM_UNITS", "Part", "append_footer", "render_answer", "split_answer"]

MOST_ANSWER_UNITS: Final = 16_000
ROOM_UNITS: Final = 300
"""What every message leaves free for the line that is appended to the last one."""

_MOST_SOURCE: Final = 32_000
_BETWEEN: Final = "\n\n"
_LESS_THAN: Final = "\ufdd0"
"""Stands for "<" while Markdown is read, so that HTML is shown and not dropped."""

_DROPPED: Final = (0, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF)
_BLANKED: Final = (*range(1, 0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0))
_LINE_ENDS: Final = (0x85, 0x2028, 0x2029)
_CLEAN: Final = {
    **dict.fromkeys(_DROPPED),
    **dict.fromkeys(_BLANKED, " "),
    **dict.fromkeys(_LINE_ENDS, "\n"),
}
_CLEAN_IN_PLACE: Final = {
    **dict.fromkeys((*_DROPPED, *_BLANKED, *_LINE_ENDS), " "),
    ord(_LESS_THAN): "<",
}

_NESTED: Final = re.compile(r"^ *(?:(?:>|(?:[-*+]|\d{1,9}[.)]) ) *){20}", re.MULTILINE)
_MOST_TABLE_AREA: Final = 300_000
_COMMAND: Final = re.compile(r"\\[A-Za-z]+")
_WORD: Final = re.compile(r"[^\W_]+|[\U0001f000-\U0001faff]")
_NOT_WORD: Final = re.compile(r"(?:(?![\U0001f000-\U0001faff])[\W_])+")


def render_answer(markdown: str, *, footer: str, cut_mark: str) -> list[Part]:
    """Return an answer as messages with ``footer`` below the last one; none if the answer is blank.

    Args:
        markdown: whatever a model gave.
        footer: plain text, the receipt line.
        cut_mark: plain text that stands where more than ``MOST_ANSWER_UNITS`` was cut off.
    """
    room = utf16_len(_BETWEEN + footer)
    return append_footer(split_answer(markdown, cut_mark=cut_mark, room_units=room), footer)


def split_answer(markdown: str, *, cut_mark: str, room_units: int = ROOM_UNITS) -> list[Part]:
    """Return an answer as messages, each with room for ``room_units`` more; none if the answer is blank."""
    source = _clean(markdown)
    text, entities = _read(source[:_MOST_SOURCE])
    most = MOST_ANSWER_UNITS - room_units
    if is_blank(text):
        return []
    if len(source) <= _MOST_SOURCE and utf16_len(text) <= most:
        return split(text, entities, room_units=room_units)
    mark_units = utf16_len(_BETWEEN + cut_mark)
    kept = text[: cut_at(text, 0, most - mark_units)]
    return append_footer(split(kept, entities, room_units=room_units + mark_units), cut_mark)


def append_footer(parts: list[Part], footer: str) -> list[Part]:
    """Return the messages with ``footer`` below the last one, or alone in one more if it doesn't fit."""
    if not parts or is_blank(footer):
        return parts
    text = f"{parts[-1].text}{_BETWEEN}{footer.strip()}"
    if utf16_len(text) > MOST_UNITS:
        return [*parts, Part(footer.strip(), [])]
    return [*parts[:-1], replace(parts[-1], text=text)]


def _clean(markdown: str) -> str:
    """Return the source without what Telegram refuses or removes, so that offsets stay true."""
    text = markdown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = without_ansi(text).replace("\r\n", "\n").replace("\r", "\n")
    return text.expandtabs(4).translate(_CLEAN).strip("\n")


def _read(source: str) -> tuple[str, list[MessageEntity]]:
    """Return Markdown as text with entities; as it stands where reading it would lose words or blow up."""
    if _may_explode(source):
        return source, []
    try:
        text, entities = convert(source.replace("<", _LESS_THAN), latex_escape=False, config=_render_config())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the parser, which is Rust, is no Exception
        return source, []
    text = text.translate(_CLEAN_IN_PLACE)
    if is_blank(text) or _loses_words(source, text, entities):
        return source, []
    return text, entities


def _may_explode(source: str) -> bool:
    """Tell whether indents or table columns would make a text many times as long as its source."""
    rows = [line for line in source.split("\n") if "|" in line]
    return len(rows) * max(map(len, rows), default=0) > _MOST_TABLE_AREA or bool(_NESTED.search(source))


def _loses_words(source: str, text: str, entities: list[MessageEntity]) -> bool:
    """Tell whether a word of the source is neither in the text nor in a link or a code block's language."""
    languages = [entity.language for entity in entities if entity.language and is_language(entity.language)]
    shown = [text, *languages, *(entity.url or "" for entity in entities)]
    letters = _NOT_WORD.sub("", " ".join(shown))
    words = set(_WORD.findall(html.unescape(_COMMAND.sub(" ", source))))
    return any(word not in letters for word in words)


@cache
def _render_config() -> RenderConfig:
    """Return how Markdown is shown: plain headings and simple marks."""
    config = RenderConfig.isolated()
    config.cite_expandable = False
    marks = config.markdown_symbol
    marks.heading_level_1 = marks.heading_level_2 = ""
    marks.heading_level_3 = marks.heading_level_4 = ""
    marks.image = "🖼 "
    marks.task_completed, marks.task_uncompleted = "☑", "☐"
    marks.horizontal_rule = "———"
    marks.unordered_list_item = "•"
    return config
