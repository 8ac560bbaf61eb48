"""What comes with a message: pictures and documents of plain text, as far as the model can look at them."""

from typing import ClassVar, Final

from telegram import Document, Message

from db.models.chats import FileKind
from handlers.text import clean_name
from services.errors import UserError
from services.events import TurnFile
from services.rules import ModelRules

NAME_MOST: Final = 64
_PHOTO_NAME: Final = "photo.jpg"
_DOCUMENT_NAME: Final = "file.txt"
_UNKNOWN: Final = frozenset({None, "", "application/octet-stream"})
_TEXT_TYPES: Final = frozenset(
    f"application/{name}"
    for name in ("json", "xml", "yaml", "x-yaml", "toml", "javascript", "x-javascript", "sql", "x-sh", "csv")
)
_TEXT_ENDS: Final = (
    *(".txt", ".md", ".csv", ".json", ".xml", ".yaml", ".yml", ".toml", ".ini", ".log"),
    *(".py", ".js", ".ts", ".c", ".h", ".cpp", ".java", ".go", ".rs", ".sh", ".sql", ".po", ".tex"),
)


class PhotoUnseen(UserError):
    """There is a picture with the words, and no model that sees it: an answer would miss half the question."""

    code: ClassVar[str] = "photo_unseen"


class FileTooBig(UserError):
    """The file is bigger than is looked at."""

    code: ClassVar[str] = "file_too_big"

    def __init__(self, *, most_kb: int) -> None:
        super().__init__()
        self.most_kb = most_kb


def is_question(message: Message, rules: ModelRules) -> bool:
    """Return whether a message asks something: by its words, or by a file that the model can look at."""
    if message.document is not None:
        return rules.is_there and _is_text(message.document)
    return bool(message.text or message.caption or (message.photo and rules.sees_photos))


def file_of(message: Message, rules: ModelRules) -> TurnFile | None:
    """Return what comes with a question.

    Raises:
        PhotoUnseen: it is a picture, which no model here can see.
        FileTooBig: it is bigger than is looked at.
    """
    if message.document is not None:
        return _document(message.document, rules)
    return _photo(message, rules) if message.photo else None


def _photo(message: Message, rules: ModelRules) -> TurnFile:
    if not rules.sees_photos:
        raise PhotoUnseen
    fitting = [one for one in message.photo if (one.file_size or 0) <= rules.photo_bytes]
    if not fitting:
        raise FileTooBig(most_kb=rules.photo_bytes // 1_000)
    best = max(fitting, key=lambda one: one.width * one.height)
    return TurnFile(file_id=best.file_id, kind=FileKind.PHOTO, name=_PHOTO_NAME)


def _document(document: Document, rules: ModelRules) -> TurnFile:
    if (document.file_size or 0) > rules.document_bytes:
        raise FileTooBig(most_kb=rules.document_bytes // 1_000)
    name = clean_name(document.file_name or _DOCUMENT_NAME, most=NAME_MOST)[:NAME_MOST]
    return TurnFile(file_id=document.file_id, kind=FileKind.TEXT, name=name)


def _is_text(document: Document) -> bool:
    kind = document.mime_type
    if kind in _UNKNOWN:
        return (document.file_name or "").casefold().endswith(_TEXT_ENDS)
    return str(kind).startswith("text/") or kind in _TEXT_TYPES
