"""Finished log lines are made safe here: secrets taken out, control and bidi characters escaped."""

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

MASK = "[secret]"
_SHORTEST_LITERAL = 4
_TOKEN = re.compile(
    r"(?P<path>/(?:file/)?bot)[^/\s\"'\\<>]+(?=/)"  # any token between /bot and /method
    r"|[0-9]{6,20}(?::|%(?:25)*3[Aa])[A-Za-z0-9_-]{30,}"
)
# Cheap to look for, and in every line that _TOKEN changes beside "/bot".
_TOKEN_TAIL = re.compile(r"[:Aa][A-Za-z0-9_-]{30}")
# C0 and C1 controls, line and paragraph separators, bidi controls, zero-width characters, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def escape_unsafe(line: str) -> str:
    r"""Return ``line`` with characters that could move, hide or break it as ``\xNN`` or ``\uNNNN``."""
    return _UNSAFE.sub(_escaped, line)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that takes ``secrets`` and whatever looks like a bot token out of a line.

    Args:
        secrets: literal values; shorter ones than 4 characters are found only as a token in a URL.
    """
    forms = {form for one in secrets if len(one) >= _SHORTEST_LITERAL for form in _forms(one)}
    if not forms:
        return _without_tokens
    longest_first = sorted(forms, key=len, reverse=True)

    def redact(line: str) -> str:
        for form in longest_first:
            if form in line:
                line = line.replace(form, MASK)
        return _without_tokens(line)

    return redact


def _without_tokens(line: str) -> str:
    return _TOKEN.sub(_masked, line) if "/bot" in line or _TOKEN_TAIL.search(line) else line


def _masked(match: re.Match[str]) -> str:
    return (match["path"] or "") + MASK


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def _forms(secret: str) -> set[str]:
    """Return a secret as it may stand in a line: bare, in a URL, in a repr, and these within JSON."""
    bare = {secret, quote(secret, safe=""), quote(secret), quote(quote(secret, safe=""))}
    bare |= {form.replace("%3A", "%3a") for form in bare} | {repr(secret)[1:-1]}
    return bare | {json.dumps(form)[1:-1] for form in bare} | {escape_unsafe(form) for form in bare}
