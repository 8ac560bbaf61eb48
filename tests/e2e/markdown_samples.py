"""Answers as models give them, and worse: nested, broken and huge Markdown whose every word can be found again."""

import random
import re
from collections.abc import Callable

WORD = re.compile(r"q\d{5}")
_FRAMES = (
    "**{}**",
    "*{}*",
    "_{}_",
    "***{}***",
    "~~{}~~",
    "||{}||",
    "`{}`",
    "<b>{}</b>",
    "[{}](https://example.org/a)",
    "[{}](tg://user?id=1)",
    "![{}](https://example.org/a.png)",
    "😀 {}",
    "&lt;{}&gt;",
    "**{}",
    "{}*",
    "`{}",
)
"""Marks around words; the last ones are broken."""
_NOISE = (
    *"*_`~|#>[]()!\\<&$\n\t",
    "```",
    "](",
    "||",
    "\x00",
    "\u202e",
    "\ufdd0",
    "\x1b[31m",
    "👨\u200d👩\u200d👧",
    "~~",
)


class Writer:
    """Writes one answer; its words are numbered from 0."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)
        self.words = 0

    def answer(self) -> str:
        """Return the answer: a few blocks, now and then very many, now and then with its end missing."""
        chance = self._random.random()
        blocks = 400 if chance < 0.005 else 40 if chance < 0.03 else self._random.randint(1, 8)
        text = "\n\n".join(self._block(3) for _ in range(blocks))
        return text if self._random.random() < 0.8 else self._broken(text)

    def _word(self) -> str:
        self.words += 1
        return f"q{self.words - 1:05d}"

    def _broken(self, text: str) -> str:
        """Put noise between words: marks that open and never close, and what no text should hold."""
        pieces = re.split(r"( )", text)
        for _ in range(self._random.randint(1, 12)):
            pieces.insert(self._random.randrange(len(pieces) + 1), self._random.choice(_NOISE))
        return "".join(pieces)

    def _line(self, depth: int) -> str:
        return " ".join(self._inline(depth) for _ in range(self._random.randint(1, 12)))

    def _inline(self, depth: int) -> str:
        if depth == 0 or self._random.random() < 0.5:
            return self._word()
        frame = self._random.choice(_FRAMES)
        inner = self._line(depth - 1) if self._random.random() < 0.3 else self._inline(depth - 1)
        return frame.format(inner)

    def _block(self, depth: int) -> str:
        kinds: tuple[Callable[[int], str], ...] = (
            self._line,
            self._line,
            self._heading,
            self._items,
            self._quote,
            self._code,
            self._table,
        )
        return self._random.choice(kinds)(depth)

    def _heading(self, depth: int) -> str:
        return f"{'#' * self._random.randint(1, 6)} {self._line(1)}"

    def _items(self, depth: int) -> str:
        mark = self._random.choice(("-", "*", "1.", "7)", "- [ ]", "- [x]"))
        rows = [f"{mark} {self._line(2)}" for _ in range(self._random.randint(1, 6))]
        if depth > 1 and self._random.random() < 0.5:
            rows.insert(1, self._indented(self._items(depth - 1), "   "))
        return "\n".join(rows)

    def _quote(self, depth: int) -> str:
        inner = self._block(depth - 1) if depth > 1 else self._line(1)
        return self._indented(inner, "> ")

    def _code(self, depth: int) -> str:
        language = self._random.choice(("", "python", "c++", "?!", "not a language"))
        lines = "\n".join(
            f"{' ' * (n % 5)}x{n} = {self._word()}(<b>)" for n in range(self._random.randint(1, 30))
        )
        fence = self._random.choice(("```", "```", "```", "~~~"))
        return f"{fence}{language}\n{lines}" + (f"\n{fence}" if self._random.random() < 0.8 else "")

    def _table(self, depth: int) -> str:
        columns = self._random.randint(1, 4)
        rows = [[self._inline(1) for _ in range(columns)] for _ in range(self._random.randint(1, 6))]
        rows.insert(1, ["---"] * columns)
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def _indented(self, text: str, by: str) -> str:
        return "\n".join(by + line for line in text.split("\n"))
