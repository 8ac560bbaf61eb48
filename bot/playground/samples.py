"""The files that people of the playground send: a small picture in two sizes and a text."""

import struct
import zlib
from functools import cache

from bot.playground.files import StoredFile, Upload

WIDTH, HEIGHT = 320, 214
SMALL_WIDTH, SMALL_HEIGHT = 90, 60
NOTES = b"Bring: soup, bread, something sweet.\n"
_SKY, _HILL, _FIELD = (246, 196, 138), (46, 125, 107), (24, 88, 82)


@cache
def sample_files() -> tuple[StoredFile, ...]:
    """Return the files; their ids are the same in every playground."""
    small, large = _picture(SMALL_WIDTH, SMALL_HEIGHT), _picture(WIDTH, HEIGHT)
    return (
        _stored("small", "photos", Upload("photo.png", small, "image/png"), (SMALL_WIDTH, SMALL_HEIGHT)),
        _stored("large", "photos", Upload("photo.png", large, "image/png"), (WIDTH, HEIGHT)),
        _stored("notes", "documents", Upload("notes.txt", NOTES, "text/plain"), (0, 0)),
    )


def _stored(name: str, kind: str, upload: Upload, size: tuple[int, int]) -> StoredFile:
    path = f"{kind}/sample_{name}.{upload.name.rpartition('.')[2]}"
    return StoredFile(f"AwACAgIAAxkB{name}", f"AgAD{name}", path, kind, upload, size)


def _picture(width: int, height: int) -> bytes:
    """Return a PNG of two hills under an evening sky."""
    rows = b"".join(b"\0" + _row(y, width, height) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _row(y: int, width: int, height: int) -> bytes:
    return b"".join(bytes(_colour(x / width, y / height)) for x in range(width))


def _colour(x: float, y: float) -> tuple[int, int, int]:
    """Return the colour at a place; both coordinates go from 0 to 1, downwards."""
    if y > 0.95 - 0.5 * x * x:
        return _FIELD
    if y > 0.5 + 0.9 * (x - 0.3) ** 2:
        return _HILL
    red, green, blue = _SKY
    return red, green - round(30 * (1 - y)), blue + round(60 * (1 - y))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
