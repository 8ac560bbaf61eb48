"""Counts text as Telegram does, in UTF-16 units."""


def utf16_length(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for char in text if char > "\uffff")


def to_units(text: str) -> list[int]:
    """Return the UTF-16 offset of every character of ``text``, and of its end."""
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + (2 if char > "\uffff" else 1))
    return offsets


def cut(text: str, offset: int, length: int) -> str:
    """Return the part of ``text`` that an entity of these UTF-16 units covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")
