"""Answers of models become messages that Telegram takes, whatever they hold."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import answer_text
from handlers.answer_text import MOST_ANSWER_UNITS, Part, append_footer, render_answer, split_answer
from handlers.text import is_blank, utf16_len

FOOTER = "15 credits · ticket 42 · 1 in 66 · rolled 604,118 · pot 1,905 · you have 940"
MARK = "✂️ The rest is cut."
FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"

word = st.from_regex(r"[a-z]{3,9}[0-9]{2}", fullmatch=True)
TEMPLATES = (
    "**{}** ",
    "*{}* ",
    "_{}_ ",
    "`{}` ",
    "~~{}~~ ",
    "||{}|| ",
    "# {}\n",
    "- {}\n",
    "1. {}\n",
    "> {}\n",
    "{}\n\n",
    "{} ",
    "[{}](https://example.org/) ",
    "![{}](https://example.org/a.png)",
    "[{}](tg://user?id=1)",
    "<b>{}</b>",
    "<div>{}</div>\n",
    "<{}>",
    "```python\n{}\n```\n",
    "```{}\n",
    "|{}|b|\n|-|-|\n|c|d|e|\n",
    "[{}]: https://example.org/\n",
    "$x$ {} $",
    "\\({}\\) ",
    "&lt;{}&gt; ",
    "{} 😀🎉\n",
    "    {}\n",
    "- [ ] {}\n",
)
markup = st.sampled_from(TEMPLATES)
marked = st.lists(st.tuples(markup, word), min_size=1, max_size=60)
noise = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=30),
        st.sampled_from(
            [
                *"*_`~|#->[]()!\\<&$\n\t \x00\ud800\u202e\ufdd0\ufffe",
                "```",
                "](",
                "&#xd800;",
                "&#x202e;",
                FAMILY,
            ]
        ),
    ),
    max_size=80,
).map("".join)


def render(markdown: str, footer: str = FOOTER) -> list[Part]:
    return render_answer(markdown, footer=footer, cut_mark=MARK)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def check(part: Part) -> None:
    """Assert what Telegram asks of a message."""
    units = utf16(part.text)
    assert not is_blank(part.text)
    assert part.text == part.text.strip()
    assert len(units) // 2 < 4_000
    assert len(part.entities) <= 100
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufdd0]", part.text)
    for entity in part.entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        assert 0 <= begin < end <= len(units) // 2
        units[begin * 2 : end * 2].decode("utf-16-le")
        units[: begin * 2].decode("utf-16-le")
        assert set(entity) <= {"type", "offset", "length", "url", "language"}
        assert ("url" in entity) == (entity["type"] == "text_link")


def shown(part: Part, entity: dict[str, int]) -> str:
    """Return the text that an entity covers."""
    begin, end = entity["offset"], entity["offset"] + entity["length"]
    return utf16(part.text)[begin * 2 : end * 2].decode("utf-16-le")


@given(noise)
@settings(deadline=None)
def test_t41_any_output_gives_valid_messages(markdown: str) -> None:
    parts = render(markdown)
    for part in parts:
        check(part)
    assert not parts or parts[-1].text.endswith(FOOTER)


@given(marked)
@settings(deadline=None)
def test_t41_no_word_of_an_answer_is_lost(pieces: list[tuple[str, str]]) -> None:
    parts = render("".join(template.format(name) for template, name in pieces))
    text = "".join(part.text for part in parts)
    for _, name in pieces:
        languages = [entity.get("language") for part in parts for entity in part.entities]
        assert name in text or name in languages


@pytest.mark.parametrize(
    "markdown", ["", " ", "\n\n\t", "\u200b\u2060", "\x00\x1b[0m", "&#32;\u2800", "\u202e"]
)
def test_t41_an_empty_answer_gives_no_message(markdown: str) -> None:
    assert render(markdown) in ([], render("&#32;\u2800"))
    assert split_answer("", cut_mark=MARK) == []


@pytest.mark.parametrize(
    "markdown",
    [
        "```The answer is here",
        "```The answer\nis here\n```",
        "[a]: https://example.org",
        "|a|b|\n|-|-|\n|1|2|lost|",
        "<script>alert(1)</script>",
        "<div>\nblock\n</div>",
        "3. three\n7. seven",
        ">",
        "[]()",
        "![face](tg://emoji?id=1234567890123456789)",
    ],
)
def test_t41_what_markdown_would_drop_is_shown_as_it_stands(markdown: str) -> None:
    assert render(markdown, footer="")[0].text == markdown


def test_t41_markup_becomes_entities() -> None:
    (part,) = render(
        "# Title\n\n😀 **bold** `co<b>de` ~~gone~~ [link](https://example.org/a?b=c)\n\n```python\nx = 1\n```"
    )
    seen = {entity["type"]: shown(part, entity) for entity in part.entities if entity["offset"] > 5}
    assert seen == {
        "bold": "bold",
        "code": "co<b>de",
        "strikethrough": "gone",
        "text_link": "link",
        "pre": "x = 1",
    }
    assert part.text.startswith("Title\n\n😀 bold")
    assert part.text.endswith(f"x = 1\n\n{FOOTER}")


@pytest.mark.parametrize(
    "url",
    [
        "tg://user?id=1",
        "javascript:alert(1)",
        "https://",
        "https://user@example.org/",
        "file:///etc/passwd",
        "x",
    ],
)
def test_t41_a_link_leads_to_the_web_or_is_plain_text(url: str) -> None:
    (part,) = render(f"[here]({url}) and there")
    assert part.entities == []
    assert part.text.startswith("here and there")


def test_t41_a_language_that_is_none_is_left_out() -> None:
    assert render("```?!\nx\n```", footer="")[0].entities == [{"type": "pre", "offset": 0, "length": 1}]


def test_t41_100_kb_are_cut_with_a_visible_mark() -> None:
    parts = render("word " * 20_000)
    for part in parts:
        check(part)
    assert parts[-1].text.endswith(f"word\n\n{MARK}\n\n{FOOTER}")
    assert MOST_ANSWER_UNITS - 200 < sum(utf16_len(part.text) for part in parts) <= MOST_ANSWER_UNITS


def test_t41_an_answer_that_only_its_markup_makes_long_says_that_it_was_cut() -> None:
    parts = render(
        "[a](https://example.org/" + "x" * 1_500 + ") " * 1 + "[b](https://example.org/y) " * 5_000
    )
    assert MARK in parts[-1].text


@pytest.mark.parametrize(
    "markdown",
    [
        ">" * 30_000,
        "9) " * 10_000,
        "- " * 15_000 + "x",
        "|" + "x" * 9_000 + "|\n|-|\n" + "|a|\n" * 5_000,
        "\\[" * 15_000,
    ],
    ids=["quotes", "lists", "rules", "table", "latex"],
)
def test_t41_markup_that_would_blow_up_is_shown_as_plain_text(markdown: str) -> None:
    for part in render(markdown):
        check(part)


def test_t41_a_failing_parser_leaves_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        """What a panic of the parser looks like."""

    def fail(*_: object, **__: object) -> None:
        raise Panic

    monkeypatch.setattr(answer_text, "convert", fail)
    assert render("**a** \ud800", footer="") == [Part("**a** \ufffd", [])]


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(answer_text, "convert", interrupt)
    with pytest.raises(KeyboardInterrupt):
        render("a")


def test_long_text_is_cut_between_paragraphs_lines_sentences_and_words() -> None:
    paragraph = ("A sentence of some words. " * 40).strip()
    for glue, ends in (("\n\n", "words."), ("\n", "words."), (" ", "words.")):
        parts = render(glue.join([paragraph] * 8), footer="")
        assert len(parts) > 1
        assert all(part.text.endswith(ends) and part.text.startswith("A sentence") for part in parts)
    assert all(part.text.endswith("word") for part in render("word " * 2_000, footer=""))


def test_t41_emoji_are_never_cut_in_half() -> None:
    parts = render(FAMILY * 900, footer="")
    assert len(parts) == 3
    assert "".join(part.text for part in parts) == FAMILY * 900
    assert all(len(part.text) % len(FAMILY) == 0 for part in parts)


def test_code_goes_on_as_code_in_the_next_message() -> None:
    code = "\n".join(f"print({number})" for number in range(900))
    parts = render(f"```python\n{code}\n```", footer="")
    assert len(parts) > 1
    for part in parts:
        (entity,) = part.entities
        assert (entity["type"], entity["language"]) == ("pre", "python")
        assert shown(part, entity) == part.text
    assert "\n".join(part.text for part in parts) == code


def test_of_too_many_entities_links_and_code_are_kept_first() -> None:
    (part,) = render("*i* " * 120 + "[l](https://example.org/) " * 30 + "`c` " * 30)
    kinds = [entity["type"] for entity in part.entities]
    assert (kinds.count("text_link"), kinds.count("code"), kinds.count("italic")) == (30, 30, 40)
    assert part.text.count("i") >= 120


def test_the_footer_follows_the_text_and_never_belongs_to_its_markup() -> None:
    (part,) = render("**bold**   \n\n")
    assert part == Part(f"bold\n\n{FOOTER}", [{"type": "bold", "offset": 0, "length": 4}])


def test_a_footer_that_came_later_has_room_or_a_message_of_its_own() -> None:
    parts = split_answer("word " * 2_000, cut_mark=MARK)
    assert len(append_footer(parts, "x" * 290)) == len(parts)
    longer = append_footer([Part("a" * 3_900, [])], "x" * 200)
    assert longer == [Part("a" * 3_900, []), Part("x" * 200, [])]
    assert append_footer([], FOOTER) == []
    assert append_footer(parts, "") == parts
