"""Keeps uploaded files in memory and shows them as documents and photos."""

import struct
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.playground.errors import bad_request
from bot.playground.models import Json

MAX_BYTES = 50 * 1024 * 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
_KEPT_FILES = 500
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request."""

    name: str
    content: bytes
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that Telegram keeps; ``kind`` is the folder of its path."""

    file_id: str
    unique_id: str
    path: str
    kind: str
    upload: Upload
    size: tuple[int, int] = (0, 0)

    def view(self) -> Json:
        """Return a ``File``."""
        return {**self._base(), "file_path": self.path}

    def _base(self) -> Json:
        size = len(self.upload.content)
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": size}

    def document(self) -> Json:
        """Return a ``Document``."""
        return {**self._base(), "file_name": self.upload.name, "mime_type": self.upload.mime_type}

    def photo(self) -> list[Json]:
        """Return the sizes of a photo."""
        return [{**self._base(), "width": self.size[0], "height": self.size[1]}]


@dataclass(slots=True)
class Files:
    """The last files, by id and by path."""

    by_id: OrderedDict[str, StoredFile] = field(default_factory=OrderedDict)
    by_path: dict[str, StoredFile] = field(default_factory=dict)
    _count: int = 0

    def store(self, upload: Upload, kind: str) -> StoredFile:
        """Keep an uploaded file; the oldest makes room.

        Raises:
            ApiError: an empty or too big file, or a photo that is no picture.
        """
        if not upload.content:
            raise bad_request("file must be non-empty")
        size = self._picture_size(upload) if kind == "photos" else (0, 0)
        if len(upload.content) > MAX_BYTES:
            raise bad_request("Request Entity Too Large")
        suffix = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        path, key = f"{kind}/file_{self._count}.{suffix}", f"{self._count:08d}"
        self._count += 1
        stored = StoredFile(f"BQACAgIAAxkB{key}", f"AgAD{key}", path, kind, upload, size)
        self.keep(stored)
        return stored

    def keep(self, stored: StoredFile) -> None:
        """Keep a file under its id and its path; the oldest makes room."""
        self.by_id[stored.file_id] = stored
        self.by_path[stored.path] = stored
        if len(self.by_id) > _KEPT_FILES:
            self.by_path.pop(self.by_id.popitem(last=False)[1].path, None)

    @staticmethod
    def _picture_size(upload: Upload) -> tuple[int, int]:
        if len(upload.content) > MAX_PHOTO_BYTES:
            raise bad_request("file is too big")
        size = picture_size(upload.content)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = size
        if width + height > 10_000 or max(size) > 20 * max(min(size), 1):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return size


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG, None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        if content[place + 1] in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])
    return None
