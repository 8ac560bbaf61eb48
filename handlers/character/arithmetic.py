"""Small sums found in a text and worked out exactly: + - * / and parentheses, on bounded numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

_MAX_TEXT: Final = 4_096
_MAX_TOKENS: Final = 48
_MAX_DIGITS: Final = 12
_MAX_DEPTH: Final = 8
_MAX_VALUE: Final = 10**15

_RUN: Final = re.compile(r"[-+(]{0,16}[0-9][0-9\s.,+\-*/()^]*")
_TOKEN: Final = re.compile(r"\s*(?:([0-9]+(?:[.,][0-9]+)*)|(\*\*|[-+*/()^]))")
_SUM: Final = re.compile(r"[0-9)]\s{0,16}(?:\*\*|[-+*/^])[-+(\s]{0,16}[0-9]")
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_OVER: Final = "\N{DIVISION SIGN}"
_MINUS: Final = "\N{MINUS SIGN}"
_SIGNS: Final = str.maketrans(
    {_TIMES: "*", "\N{MIDDLE DOT}": "*", _OVER: "/", _MINUS: "-", "\N{EN DASH}": "-"},
)
_SIGNS_BETWEEN: Final = "+-*/"
_SHOWN: Final = {"*": _TIMES, "/": _OVER, "-": _MINUS}
_LETTER: Final = re.compile(r"[^\W\d_]")

Problem = Literal["zero", "limits"]


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum as it may be shown, with its value, or with why it has none."""

    shown: str
    value: Fraction | None
    problem: Problem | None = None


class _UnsolvableError(Exception):
    """Why a sum is not worked out; never leaves this module."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


def find_sum(text: str, *, cues: Sequence[str], words: Mapping[str, str], decimal_point: str) -> Sum | None:
    """Return the sum that ``text`` asks for, worked out; None if it asks for none.

    Args:
        text: what the player wrote.
        cues: phrases that announce a sum; without one, the whole text must be a sum.
        words: operators in words ("plus") and their signs; longer ones first.
        decimal_point: what begins the decimals, "." or ","; the other one groups digits.
    """
    plain = _with_signs(text[:_MAX_TEXT].casefold(), words)
    run = max((match[0].strip() for match in _RUN.finditer(plain)), key=len, default="")
    if not _SUM.search(run):
        return None
    if _LETTER.search(plain.replace(run, "", 1)) and not any(cue in plain for cue in cues):
        return None
    return _work_out(run.rstrip(" .,+-*/(^"), decimal_point)


def _with_signs(text: str, words: Mapping[str, str]) -> str:
    text = re.sub(r"(?<=[0-9)\s])x(?=[\s0-9(])", "*", text.translate(_SIGNS))
    for word, sign in words.items():
        text = re.sub(rf"(?<=[0-9)])\s+{re.escape(word)}\s+(?=[-(0-9])", f" {sign} ", text)
    return text


def _work_out(run: str, decimal_point: str) -> Sum:
    tokens = _tokens(run)
    try:
        if not 3 <= len(tokens) <= _MAX_TOKENS:
            raise _UnsolvableError("limits")
        return Sum(_shown(tokens), _Reader(tokens, decimal_point).read())
    except _UnsolvableError as reason:
        return Sum("", None, reason.problem)


def _shown(tokens: Sequence[str]) -> str:
    """Write a sum with spaces around the signs that stand between two values."""
    text = ""
    for before, token in pairwise(["", *tokens]):
        between = token in _SIGNS_BETWEEN and (before[:1].isdigit() or before == ")")
        text += f" {_SHOWN.get(token, token)} " if between else _SHOWN.get(token, token)
    return text


def _tokens(run: str) -> list[str]:
    return [number or sign for number, sign in _TOKEN.findall(run)]


class _Reader:
    """Reads and works out a sum by descent: sums of products of signed values."""

    def __init__(self, tokens: Sequence[str], decimal_point: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._decimal_point = decimal_point

    def read(self) -> Fraction:
        value = self._terms()
        if self._at < len(self._tokens):
            raise _UnsolvableError("limits")
        return value

    def _terms(self) -> Fraction:
        value = self._factors()
        while (sign := self._take("+", "-")) is not None:
            right = self._factors()
            value = _bounded(value + right if sign == "+" else value - right)
        return value

    def _factors(self) -> Fraction:
        value = self._signed()
        while (sign := self._take("*", "/")) is not None:
            right = self._signed()
            if sign == "/" and not right:
                raise _UnsolvableError("zero")
            value = _bounded(value * right if sign == "*" else value / right)
        return value

    def _signed(self) -> Fraction:
        minus = False
        while (sign := self._take("+", "-")) is not None:
            minus ^= sign == "-"
        value = self._single()
        return -value if minus else value

    def _single(self) -> Fraction:
        if self._take("(") is None:
            return self._number()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _UnsolvableError("limits")
        value = self._terms()
        if self._take(")") is None:
            raise _UnsolvableError("limits")
        self._depth -= 1
        return value

    def _number(self) -> Fraction:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not token[:1].isdigit() or len(token) > _MAX_DIGITS:
            raise _UnsolvableError("limits")
        self._at += 1
        return _value_of(token, self._decimal_point)

    def _take(self, *wanted: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at] in wanted:
            self._at += 1
            return self._tokens[self._at - 1]
        return None


def _value_of(token: str, decimal_point: str) -> Fraction:
    group = "," if decimal_point == "." else "."
    whole, point, decimals = token.partition(decimal_point)
    if re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+", whole):
        whole = whole.replace(group, "")
    elif not point and token.count(group) == 1:
        whole, point, decimals = token.partition(group)
    if not whole.isdigit() or (point and not decimals.isdigit()) or (len(whole) > 1 and whole[0] == "0"):
        raise _UnsolvableError("limits")
    return Fraction(f"{whole}.{decimals or '0'}")


def _bounded(value: Fraction) -> Fraction:
    if abs(value) > _MAX_VALUE or value.denominator > _MAX_VALUE:
        raise _UnsolvableError("limits")
    return value
