"""A question as the library's messages: the conversation so far, then the words and what came with them."""

import re
from typing import Final

from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserContent,
    UserPromptPart,
)

from services.llm import prompts
from services.ports import Attachment, Question
from services.rules import ModelRules

PHOTO_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_TEXT_TYPES: Final = frozenset(
    {"application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml"}
)
_LONGEST_NAME: Final = 100
_SHORTEST_FENCE: Final = 3


def is_photo(attachment: Attachment) -> bool:
    """Return whether this is a picture that models take."""
    return attachment.mime_type in PHOTO_TYPES


def is_text(attachment: Attachment) -> bool:
    """Return whether this is a document of plain text."""
    return attachment.mime_type.startswith("text/") or attachment.mime_type in _TEXT_TYPES


def messages_of(question: Question, *, instructions: str, rules: ModelRules) -> list[ModelMessage]:
    """Return the conversation, alternating, with the question as its last message."""
    messages: list[ModelMessage] = []
    for exchange in question.history:
        messages.append(ModelRequest(parts=[UserPromptPart(exchange.text or prompts.WORDLESS)]))
        messages.append(ModelResponse(parts=[TextPart(exchange.answer)]))
    asked = UserPromptPart(_content(question, rules))
    return [*messages, ModelRequest(parts=[asked], instructions=instructions)]


def _content(question: Question, rules: ModelRules) -> str | list[UserContent]:
    text = question.text or prompts.WORDLESS
    attachment = question.attachment
    if attachment is None:
        return text
    if is_photo(attachment) and rules.sees_photos and len(attachment.content) <= rules.photo_bytes:
        return [text, BinaryContent(attachment.content, media_type=attachment.mime_type)]
    if is_text(attachment) and len(attachment.content) <= rules.document_bytes:
        return f"{text}\n\n{_document(attachment)}"
    return f"{text}\n\n{prompts.UNSEEN.format(name=_name_of(attachment))}"


def _document(attachment: Attachment) -> str:
    text = attachment.content.decode("utf-8", "replace").replace("\x00", "")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)  # what is in it can't end it
    return prompts.DOCUMENT.format(name=_name_of(attachment), text=text, fence=fence)


def _name_of(attachment: Attachment) -> str:
    return re.sub(r'[\s"`]+', " ", attachment.name)[:_LONGEST_NAME].strip() or "file"
