"""Methods that send and fetch files."""

from bot.playground.errors import bad_request
from bot.playground.files import StoredFile
from bot.playground.models import Json
from bot.playground.registry import SEND, Call, method
from bot.playground.sending import caption_content, post, target_chat


def _file(call: Call, name: str, kind: str) -> StoredFile:
    """Return the file of a call: uploaded with it, or known by its id."""
    given = call.text(name)
    attached = call.files.get(given.removeprefix("attach://")) if given.startswith("attach://") else None
    upload = attached or call.files.get(name)
    if upload is not None:
        return call.core.files.store(upload, kind)
    stored = call.core.files.by_id.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.title()[:-1]} as {kind.title()[:-1]}")
    return stored


@method(
    "sendDocument",
    "chat_id! document! thumbnail caption parse_mode caption_entities disable_content_type_detection" + SEND,
    sends=True,
)
def send_document(call: Call) -> Json:
    """Send a file."""
    caption = caption_content(call)
    chat = target_chat(call)
    stored = _file(call, "document", "documents")
    return post(call, chat, {"document": stored.document()} | caption)


@method(
    "sendPhoto",
    "chat_id! photo! caption parse_mode caption_entities show_caption_above_media has_spoiler" + SEND,
    sends=True,
)
def send_photo(call: Call) -> Json:
    """Send a picture."""
    caption = caption_content(call)
    chat = target_chat(call)
    stored = _file(call, "photo", "photos")
    content: Json = {"photo": stored.photo()} | caption
    if call.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    return post(call, chat, content)


@method("getFile", "file_id!")
def get_file(call: Call) -> Json:
    """Return the path under which a file can be fetched."""
    stored = call.core.files.by_id.get(call.text("file_id"))
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    return stored.view()
