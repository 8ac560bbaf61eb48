"""The bot's words: reads the catalogs and fills their messages with facts. No sentence stands here."""

import functools
import gettext
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from handlers import figures
from handlers.text import harmless

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

Language = Literal["en", "es"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_LOCALES: Final = Path(__file__).parent / "locales"
_FIELD: Final = re.compile(r"\{([a-z_][a-z0-9_]*)(?::([a-z_]+))?\}")
_TAG: Final = re.compile(r"<[^<>]*>")
_PPM: Final = 1_000_000


class Html(str):
    """Telegram HTML made by us, which goes into a message as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Field:
    """A placeholder: ``{name}`` or ``{name:style}``."""

    name: str
    style: str | None


_Pieces = tuple[str | _Field, ...]


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as HTML and as plain text; several forms if it has a plural."""

    forms: tuple[_Pieces, ...]
    plain_forms: tuple[_Pieces, ...]


@dataclass(frozen=True, slots=True)
class _Catalog:
    """The messages of one language and its plural rule."""

    messages: Mapping[str, _Message]
    plural_of: Callable[[int], int]


class Words:
    """The bot's words in one language."""

    __slots__ = ("_catalog", "_group", "language")

    def __init__(self, language: Language) -> None:
        self.language: Final = language
        self._catalog = _load(language)
        self._group = figures.group_symbol(language)

    def __call__(self, key: str, /, **facts: object) -> str:
        """Return the message ``key`` as Telegram HTML. What a fact holds is shown, never interpreted.

        Args:
            key: a msgid of the catalogs.
            facts: str, Html, int, date, datetime, timedelta or bytes; more than needed is fine, and ``n``
                picks the plural form.

        Raises:
            KeyError: no such message, or a placeholder has no fact.
            TypeError: a fact of another type.
        """
        message = self._catalog.messages[key]
        return self._fill(self._pick(message.forms, facts), facts, as_html=True)

    def plain(self, key: str, /, **facts: object) -> str:
        """Return the message ``key`` without markup: for buttons, callback answers, menus and entities.

        Raises:
            KeyError: no such message, or a placeholder has no fact.
            TypeError: a fact of another type than those of a call.
        """
        message = self._catalog.messages[key]
        return self._fill(self._pick(message.plain_forms, facts), facts, as_html=False)

    def __contains__(self, key: object) -> bool:
        return key in self._catalog.messages

    def __iter__(self) -> Iterator[str]:
        """Give all keys."""
        return iter(self._catalog.messages)

    def number(self, value: int) -> str:
        """Return a whole number, grouped: 1,905 or 1.905."""
        return format(value, ",").replace(",", self._group)

    def signed(self, value: int) -> str:
        """Return a whole number with its sign: +50."""
        sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
        return sign + self.number(abs(value))

    def odds(self, ppm: int) -> str:
        """Return a chance of ``ppm`` millionths, at least one, as "1 in 66", rounded down."""
        return self.plain("unit.odds", n=max(1, _PPM // ppm))

    def percent(self, bps: int) -> str:
        """Return ``bps`` hundredths of a percent: 10%."""
        return figures.percent(self.language, bps)

    def _pick(self, forms: tuple[_Pieces, ...], facts: Mapping[str, object]) -> _Pieces:
        if len(forms) == 1:
            return forms[0]
        n = facts["n"]
        if not isinstance(n, int):
            raise TypeError(f"n must be a whole number, not {type(n).__name__}")
        return forms[self._catalog.plural_of(abs(n))]

    def _fill(self, pieces: _Pieces, facts: Mapping[str, object], *, as_html: bool) -> str:
        return "".join(
            piece if isinstance(piece, str) else self._show(facts[piece.name], piece.style, as_html)
            for piece in pieces
        )

    def _show(self, fact: object, style: str | None, as_html: bool) -> str:
        if isinstance(fact, int):
            return self.number(fact) if style is None else self._styled(fact, style)
        if isinstance(fact, Html):
            return fact if as_html else _strip_markup(fact)
        if isinstance(fact, str):
            return escape(fact) if as_html else harmless(fact)
        if isinstance(fact, timedelta):
            return figures.span(self.language, fact)
        if isinstance(fact, date):
            return figures.moment(self.language, fact)
        if isinstance(fact, bytes):
            return fact.hex()
        raise TypeError(f"no way to show a {type(fact).__name__}")

    def _styled(self, value: int, style: str) -> str:
        match style:
            case "id":
                return str(int(value))
            case "odds":
                return self.odds(value)
            case "percent":
                return self.percent(value)
            case "dollars":
                return figures.dollars(self.language, value)
            case "ms":
                return figures.seconds(self.language, value)
            case "signed":
                return self.signed(value)
            case _:
                return self.plain(f"unit.{style}", n=value)


def language_of(code: str | None) -> Language:
    """Return our language for Telegram's ``code`` (an IETF tag such as "es-MX"); English for all others."""
    primary = (code or "").replace("_", "-").partition("-")[0].lower()
    return next((language for language in LANGUAGES if language == primary), "en")


def load_catalogs() -> dict[str, Words]:
    """Read all catalogs, at the start, and return the words by language."""
    return {language: Words(language) for language in LANGUAGES}


@functools.cache
def _load(language: Language) -> _Catalog:
    """Read a language's catalog, once per process: ``en.po``, and ``*.en.po`` beside it."""
    main = _read(_LOCALES / f"{language}.po")
    others = [_read(path) for path in sorted(_LOCALES.glob(f"*.{language}.po"))]
    messages = {
        _key(message): _compile(message) for file in (main, *others) for message in file if message.id
    }
    return _Catalog(messages, gettext.c2py(main.plural_expr))


def _read(path: Path) -> "Catalog":
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _key(message: "Message") -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _compile(message: "Message") -> _Message:
    forms = [message.string] if isinstance(message.string, str) else message.string or []
    return _Message(
        forms=tuple(_split(form) for form in forms),
        plain_forms=tuple(_split(_strip_markup(form)) for form in forms),
    )


def _split(form: str) -> _Pieces:
    """Cut a msgstr into literal text and placeholders."""
    pieces: list[str | _Field] = []
    end = 0
    for match in _FIELD.finditer(form):
        if match.start() > end:
            pieces.append(form[end : match.start()])
        pieces.append(_Field(match[1], match[2]))
        end = match.end()
    return (*pieces, form[end:]) if end < len(form) else tuple(pieces)


def escape(text: str) -> Html:
    """Return foreign text, made harmless, as Telegram HTML that shows it as it is."""
    return Html(html.escape(harmless(text), quote=False).replace('"', "&quot;"))


def _strip_markup(text: str) -> str:
    return html.unescape(_TAG.sub("", text))
