"""Statements that find words in a player's turns, in the full-text language of each database."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, TextClause, bindparam, literal_column, select, text

from db.models.chats import conversation, turn
from db.models.search import ACCENTED, PLAIN, POSTGRES_OWNER, POSTGRES_WORDS, SIGNS

_FOLD: Final = str.maketrans(ACCENTED + SIGNS, PLAIN + " " * len(SIGNS))
_own = (
    (conversation.c.id == turn.c.conversation_id)
    & (conversation.c.chat_id == bindparam("of_chat"))
    & conversation.c.deleted_at.is_(None)
)
_said = (turn.c.state == literal_column("'settled'")) & turn.c.edit_of.is_(None)


def _found(condition: ColumnElement[bool] | TextClause) -> Select[Any]:
    """Return the statement of a page of the player's own private turns that meet a condition, the newest first."""
    page = (
        select(turn.c.id)
        .join(conversation, _own)
        .where(_said, turn.c.player_id == bindparam("of_player"), condition)
        .order_by(turn.c.id.desc())
        .limit(bindparam("most"))
        .offset(bindparam("skip"))
        .subquery("page")
    )
    return (
        select(
            turn.c.id,
            turn.c.text,
            turn.c.answer,
            turn.c.ended_at,
            turn.c.conversation_id,
            conversation.c.title,
        )
        .join(page, page.c.id == turn.c.id)
        .join(conversation, conversation.c.id == turn.c.conversation_id)
        .order_by(turn.c.id.desc())
    )


FIND = {
    "sqlite": _found(text("turn.id IN (SELECT rowid FROM turn_words WHERE turn_words MATCH :match)")),
    "postgresql": _found(
        text(
            f"({POSTGRES_WORDS}) @@ CAST(:owner AS tsquery) "
            f"AND ({POSTGRES_WORDS}) @@ to_tsquery('simple', :match)"
        )
    ),
}
"""Finds words; by the name of the database's kind."""
FIND_SIGNS = _found(
    turn.c.text.like(bindparam("pattern"), escape="\\")
    | turn.c.answer.like(bindparam("pattern"), escape="\\")
)
"""Finds what has no word in it, as it stands: an emoji, a sign."""
EXCHANGE = (
    select(
        turn.c.id, turn.c.text, turn.c.answer, turn.c.ended_at, turn.c.conversation_id, conversation.c.title
    )
    .join(conversation, _own)
    .where(_said, turn.c.player_id == bindparam("of_player"), turn.c.id == bindparam("turn_id"))
)


def match_of(kind: str, player_id: int, words: Sequence[str], *, is_begun: bool) -> dict[str, str]:
    """Return what the statement for a kind of database looks for: turns of a player that have all of the words.

    Whatever the words hold is looked for and never understood as the language of a search.

    Args:
        is_begun: whether the last word may be the beginning of one.
    """
    if kind == "sqlite":
        quoted = ['"{}"'.format(word.replace('"', '""')) for word in words]
        end = " *" if is_begun else ""
        return {"match": f'owner:"p{player_id}" AND {{question answer}} : ({" AND ".join(quoted)}{end})'}
    folded = [word.translate(_FOLD).replace("\\", "\\\\").replace("'", "''") for word in words]
    end = ":*" if is_begun else ""
    return {
        "owner": f"'{POSTGRES_OWNER}{player_id}'",
        "match": " & ".join(f"'{word}'" for word in folded) + end,
    }


def pattern_of(wanted: str) -> str:
    """Return the pattern of LIKE that finds a text as it stands."""
    for sign in "\\%_":
        wanted = wanted.replace(sign, f"\\{sign}")
    return f"%{wanted}%"
