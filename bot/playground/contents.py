"""What people can send: the content of a message of each kind."""

from typing import Any

from bot.playground.detect import detect_entities
from bot.playground.errors import PlayError
from bot.playground.models import Json
from bot.playground.samples import sample_files

_SMALL, _LARGE, _NOTES = sample_files()
KINDS = ("text", "photo", "sticker", "voice", "dice", "poll", "document", "video", "location", "contact")


def content_of(kind: str, text: str | None, caption: str | None, entities: list[Json] | None) -> Json:
    """Return the Bot API fields of what somebody sends.

    Raises:
        PlayError: an unknown kind, or a text message without text.
    """
    if kind == "text":
        if not text:
            raise PlayError("a text message needs a text")
        found = detect_entities(text) if entities is None else entities
        return {"text": text} | ({"entities": found} if found else {})
    if kind not in KINDS:
        raise PlayError(f"unknown kind of message: {kind}; known are {', '.join(KINDS)}")
    content = _media(kind, text)
    words = caption if caption is not None else (text if kind in ("photo", "document", "video") else None)
    if words:
        found = detect_entities(words) if entities is None else entities
        content |= {"caption": words} | ({"caption_entities": found} if found else {})
    return content


def _file(name: str, **more: Any) -> Json:
    return {"file_id": f"AwACAgIAAxkB{name}", "file_unique_id": f"AgAD{name}", "file_size": 1_024} | more


def _media(kind: str, text: str | None) -> Json:
    match kind:
        case "photo":
            return {"photo": _SMALL.photo() + _LARGE.photo()}
        case "sticker":
            sticker = {
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
            }
            return {"sticker": _file("sticker", emoji="🎉", **sticker)}
        case "voice":
            return {"voice": _file("voice", duration=3, mime_type="audio/ogg")}
        case "video":
            return {"video": _file("video", width=320, height=240, duration=3)}
        case "dice":
            return {"dice": {"emoji": "🎲", "value": 4}}
        case "poll":
            return {"poll": _poll(text or "Lunch?")}
        case "location":
            return {"location": {"latitude": 40.4168, "longitude": -3.7038}}
        case "contact":
            return {"contact": {"phone_number": "+34600000000", "first_name": "Somebody"}}
        case _:
            return {"document": _NOTES.document()}


def _poll(question: str) -> Json:
    options = [
        {"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(("Yes", "No"))
    ]
    return {
        "id": "5400000000000000001",
        "question": question,
        "options": options,
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    }
