"""The fake Telegram's texts: HTML, given entities, what is cleaned, cut and found in them."""

from typing import Any

import pytest

from bot.playground.errors import ApiError
from bot.playground.formatting import read_formatted
from bot.playground.telegram import Telegram
from bot.playground.utf16 import cut

ANA = {"id": 5, "is_bot": False, "first_name": "Ana"}


def find_user(user_id: int) -> dict[str, Any] | None:
    return ANA if user_id == 5 else None


def html(source: str) -> tuple[str, list[dict[str, Any]]]:
    return read_formatted(source, "HTML", None, find_user)


def shown(source: str) -> list[tuple[str, str]]:
    text, entities = html(source)
    return [(one["type"], cut(text, one["offset"], one["length"])) for one in entities]


def plain(text: str, *entities: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    return read_formatted(text, None, list(entities), find_user)


@pytest.mark.parametrize(
    ("source", "entities"),
    [
        ("<b>a</b><strong>b</strong>", [("bold", "a"), ("bold", "b")]),
        ("<i>a</i><em>b</em>", [("italic", "a"), ("italic", "b")]),
        ("<u>a</u><ins>b</ins>", [("underline", "a"), ("underline", "b")]),
        ("<s>a</s><strike>b</strike><del>c</del>", [("strikethrough", one) for one in "abc"]),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', [("spoiler", "a"), ("spoiler", "b")]),
        ("<code>a</code> <pre>b</pre>", [("code", "a"), ("pre", "b")]),
        ("<blockquote>a</blockquote>", [("blockquote", "a")]),
        ("<blockquote expandable>a</blockquote>", [("expandable_blockquote", "a")]),
        ("<b>a <i>b <u>c</u></i></b> d", [("bold", "a b c"), ("italic", "b c"), ("underline", "c")]),
        ("<blockquote>a <b>b</b></blockquote>", [("blockquote", "a b"), ("bold", "b")]),
        ("<B >a</B\n>", [("bold", "a")]),
        ("<b>a</>", [("bold", "a")]),
        ("<b></b>a", []),
        ("😀<b>😀ñ</b>", [("bold", "😀ñ")]),
        ("<code>a <b>b</b> /cmd</code>", [("code", "a b /cmd")]),
        ("<b>/pot</b> @anyone", [("bold", "/pot"), ("bot_command", "/pot"), ("mention", "@anyone")]),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>', [("custom_emoji", "x")]),
        ('<tg-time unix="1647531900" format="wDT">then</tg-time>', [("date_time", "then")]),
    ],
)
def test_every_tag_of_telegram_is_understood(source: str, entities: list[tuple[str, str]]) -> None:
    assert shown(source) == entities


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a &lt;b&gt; &amp; &quot;c&quot;", 'a <b> & "c"'),
        ("&#65;&#x42; &#128512;", "AB 😀"),
        ("&nbsp; & &copy; &", "&nbsp; & &copy; &"),
        ("&amp;lt;", "&lt;"),
        ("&lt b", "< b"),
    ],
)
def test_references_are_decoded(source: str, text: str) -> None:
    assert html(source)[0] == text


@pytest.mark.parametrize(
    ("source", "entity"),
    [
        (
            '<a href="https://example.org/a?b=1&amp;c=2">x</a>',
            {"type": "text_link", "url": "https://example.org/a?b=1&c=2"},
        ),
        ("<a href='example.org'>x</a>", {"type": "text_link", "url": "http://example.org/"}),
        ('<a href="tg://user?id=5">x</a>', {"type": "text_mention", "user": ANA}),
        ('<pre><code class="language-python">x</code></pre>', {"type": "pre", "language": "python"}),
        ('<code class="language-python"><pre>x</pre></code>', {"type": "pre", "language": "python"}),
        ('<code class="language-python">x</code>', {"type": "code"}),
    ],
)
def test_attributes_become_fields(source: str, entity: dict[str, Any]) -> None:
    assert html(source) == ("x", [{"offset": 0, "length": 1} | entity])


def test_links_that_telegram_wont_open_are_dropped() -> None:
    for url in ("javascript:alert(1)", "nowhere", "tg://user?id=99"):
        assert html(f'<a href="{url}">x</a>')[1] in (
            [],
            [{"type": "text_link", "offset": 0, "length": 1, "url": url}],
        )
    assert html('<a href="nowhere">x</a>')[1] == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a <x>", 'Unsupported start tag "x" at byte offset 2'),
        ("ñ <3", "Unclosed start tag at byte offset 3"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=a&b>x</a>", "Unexpected end of name token at byte offset 8"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<a =x>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
    ],
)
def test_broken_html_is_refused_with_telegrams_words(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


def test_other_parse_modes_are_refused() -> None:
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        read_formatted("x", "BBCode", None, find_user)


def test_given_entities_are_kept_sorted_beside_found_ones() -> None:
    bold = {"type": "bold", "offset": 3, "length": 2}
    italic = {"type": "italic", "offset": 0, "length": 5}
    text, entities = plain("😀 go /pot", bold, italic)
    assert text == "😀 go /pot"
    assert entities == [italic, bold, {"type": "bot_command", "offset": 6, "length": 4}]


def test_given_entities_of_found_kinds_are_ignored() -> None:
    assert plain("word", {"type": "mention", "offset": 0, "length": 4}) == ("word", [])


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "bold", "offset": 0, "length": 7}, "ends after the end of the text at UTF-16 offset 6"),
        ({"type": "bold", "offset": -1, "length": 2}, "must be non-negative"),
        ({"type": "bold", "offset": 1, "length": 2}, "begins in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 1}, "ends in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0}, 'Can\'t find field "length"'),
        ({"type": "bold", "offset": "0", "length": 1}, "must be of type Number"),
        ({"type": "shiny", "offset": 0, "length": 2}, "Unsupported type specified"),
        ({"type": "text_link", "offset": 0, "length": 2}, 'Can\'t find field "url"'),
    ],
)
def test_bad_entities_are_refused(entity: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError, match="Bad Request") as caught:
        plain("😀 abc", entity)
    assert words in caught.value.description


def test_more_than_100_entities_are_refused() -> None:
    bold = {"type": "bold", "offset": 0, "length": 1}
    assert len(plain("abc", *[bold] * 100)[1]) == 100
    with pytest.raises(ApiError, match="ENTITIES_TOO_LONG"):
        plain("abc", *[bold] * 101)


def test_white_space_at_the_ends_is_cut_with_its_entities() -> None:
    text, entities = html("  <b>  a </b> <i> </i>\n")
    assert (text, entities) == ("a", [{"type": "bold", "offset": 0, "length": 1}])


def test_control_and_direction_characters_are_cleaned() -> None:
    assert plain("a\r\nb\x07c\u202ed")[0] == "a\nb cd"
    text, entities = html("\u202ea\u202e<b>b</b>")
    assert (text, entities) == ("ab", [{"type": "bold", "offset": 1, "length": 1}])


async def test_what_comes_back_is_what_was_sent() -> None:
    telegram = Telegram()
    ana = telegram.add_user("Ana")
    telegram.say(ana, None, "hello")
    params = {
        "chat_id": ana.id,
        "parse_mode": "HTML",
        "text": '<b>15</b> credits · <a href="https://x.org">x</a>',
    }
    sent = await telegram.api("sendMessage", **params)
    assert sent["text"] == "15 credits · x"
    assert sent["entities"] == [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "text_link", "offset": 13, "length": 1, "url": "https://x.org/"},
    ]
