"""The operator's own words for /terms and /privacy, read once at the start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.settings import Settings, SettingsError
from handlers.text import is_blank, storable

MOST_BYTES: Final = 65_536


def own_texts(settings: Settings) -> Mapping[str, str]:
    """Return the operator's texts by their commands; where he wrote none, there is none.

    Raises:
        SettingsError: a file can't be shown.
    """
    files = {"terms": settings.terms_file, "privacy": settings.privacy_file}
    return {name: _read(f"{name.upper()}_FILE", path) for name, path in files.items() if path is not None}


def _read(setting: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise SettingsError(f"{setting} is {path}, which can't be read; expected a text file") from None
    if len(content) > MOST_BYTES:
        raise SettingsError(f"{setting} is {path}, which is too large; expected at most {MOST_BYTES} bytes")
    try:
        text = storable(content.decode("utf-8-sig")).replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise SettingsError(f"{setting} is {path}, which is no text; expected a file in UTF-8") from None
    if is_blank(text):
        raise SettingsError(f"{setting} is {path}, which says nothing; expected a text")
    return text
