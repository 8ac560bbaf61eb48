"""Files that come with messages: fetched when the answer is made, and judged by what is in them."""

import asyncio
from typing import Final

from db.models.chats import FileKind
from services.events import TurnFile
from services.ports import Attachment, Files, FileUnavailable, ModelUnavailable
from services.rules import ModelRules

FETCH_SECONDS: Final = 20.0
LOST: Final = "file_unavailable"
TOO_BIG: Final = "file_too_big"
UNREADABLE: Final = "file_unreadable"
UNSEEN: Final = "file_unseen"
HOPELESS: Final = frozenset({TOO_BIG, UNREADABLE, UNSEEN})
"""Reasons for no answer that another try wouldn't change."""


async def fetch(files: Files, file: TurnFile, rules: ModelRules) -> Attachment:
    """Return the file of a message as a model is given it.

    Raises:
        ModelUnavailable: it can't be had, is too big, isn't what it says, or no model would see it.
    """
    is_photo = file.kind is FileKind.PHOTO
    most = rules.photo_bytes if is_photo else rules.document_bytes
    if not (rules.sees_photos if is_photo else rules.is_there):
        raise ModelUnavailable(reason=UNSEEN)
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            content = await files.fetch(file.file_id, most)
    except FileUnavailable as error:
        raise ModelUnavailable(reason=TOO_BIG if error.is_too_big else LOST) from None
    except TimeoutError:
        raise ModelUnavailable(reason=LOST) from None
    if len(content) > most:
        raise ModelUnavailable(reason=TOO_BIG)
    kind = _photo_type(content) if is_photo else _text_type(content)
    if kind is None:
        raise ModelUnavailable(reason=UNREADABLE)
    return Attachment(name=file.name, mime_type=kind, content=content)


def _photo_type(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _text_type(content: bytes) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text or not text.strip() else "text/plain"
