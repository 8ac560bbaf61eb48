"""Exported conversations as Markdown, to be read."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from handlers.chats import title_of
from handlers.text import harmless, storable, without_ansi
from handlers.words import Words
from services.export import Export, ExportedConversation, ExportedTurn

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def markdown_file(export: Export, words: Words) -> bytes:
    """Return the conversations as Markdown: what the player wrote is quoted, answers stand as they are."""
    lines = [f"# {words.plain('export.title')}", "", _time(export.made_at)]
    for one in export.conversations:
        lines += ["", *_conversation(one, words)]
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _conversation(one: ExportedConversation, words: Words) -> Iterator[str]:
    yield f"## {harmless(title_of(one.title, words))}"
    yield ""
    yield words.plain("export.began", at=_time(one.began_at), turns=len(one.turns))
    for turn in one.turns:
        yield ""
        yield from _turn(turn, words)


def _turn(turn: ExportedTurn, words: Words) -> Iterator[str]:
    yield f"**{words.plain('export.you')}** · {_time(turn.asked_at)}"
    yield ""
    if turn.file_name is not None:
        yield f"> {words.plain('export.file', name=turn.file_name)}"
    yield from (f"> {line}".rstrip() for line in _lines(turn.text))
    yield ""
    yield f"**{words.plain('export.me')}** · {_time(turn.answered_at)} · {_price(turn, words)}"
    yield ""
    yield from _lines(turn.answer)
    if turn.is_cut:
        yield ""
        yield words.plain("export.cut")


def _price(turn: ExportedTurn, words: Words) -> str:
    if turn.receipt is None:
        return words.plain("export.free")
    return words.plain("export.price", price=turn.price, receipt=turn.receipt)


def _lines(text: str) -> list[str]:
    """Return the lines of a text without what controls terminals; they are foreign and stay what they are."""
    return _CONTROLS.sub("", without_ansi(storable(text))).splitlines()


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
