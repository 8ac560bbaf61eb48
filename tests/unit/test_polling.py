"""Telegram's answers to long polls: taken apart byte by byte, whatever stands in them; refusals of every kind."""

import asyncio
import json
from collections.abc import Awaitable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.intake import ALLOWED_UPDATES
from bot.polling import Answer, Poller, read_answer
from db.session import DatabaseUnavailable
from services.inbox import RawUpdate
from tests import virtual_time
from tests.stand_ins import logged

SPACES = st.text(" \t\r\n", max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DEEP = '{"update_id": 8, "message": ' + '{"a":' * 5_000 + "1" + "}" * 5_001
LONG = '{"update_id": 8, "n": ' + "9" * 5_000 + "}"
TORN = '{"update_id": 8, "text": "a}'


@given(st.lists(st.tuples(SPACES, VALUES, st.booleans(), SPACES), max_size=5), SPACES)
def test_every_update_is_cut_out_exactly_as_it_stands_there(
    found: list[tuple[str, object, bool, str]], space: str
) -> None:
    texts = [json.dumps(value, ensure_ascii=is_ascii) for _, value, is_ascii, _ in found]
    array = ",".join(
        f"{before}{text}{behind}" for (before, *_, behind), text in zip(found, texts, strict=True)
    )
    answer = read_answer(f'{{"ok" :true,{space}"result":{space}[{array}]{space}}}')
    assert [text for _, text in answer.updates] == texts
    assert answer.rest is None


@pytest.mark.parametrize("odd", [DEEP, LONG, TORN, "nonsense", '{"update_id": 8}{'])
def test_t10_what_python_cant_read_ends_the_reading_and_is_kept(odd: str) -> None:
    answer = read_answer(f'{{"ok":true,"result":[{{"update_id":7}}, {odd}]}}')
    assert answer == Answer([({"update_id": 7}, '{"update_id":7}')], odd)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"ok":false}',
        '{"ok":true,"result":{}}',
        '{"ok":true,"result":true}',
        "<html>",
        '{"ok":true,"result":[{"update_id":7,"text":"cut of',
        '{"ok":' + "[" * 5_000,
        "\udcff",
    ],
)
def test_what_is_no_answer_of_telegrams_is_refused_whole(text: str) -> None:
    with pytest.raises(TelegramError, match="Invalid server response"):
        read_answer(text)


class Asked(BaseRequest):
    """Gives prepared answers one after the other, then ends the poller; keeps what it was asked."""

    read_timeout = None

    def __init__(self, *answers: tuple[int, str | bytes] | Exception) -> None:
        self._answers = list(answers)
        self.wanted: list[dict[str, Any]] = []
        self.at: list[float] = []

    async def initialize(self) -> None:
        """Prepare nothing."""

    async def shutdown(self) -> None:
        """End nothing."""

    async def do_request(self, url: str, method: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        """Give the next answer."""
        self.wanted.append({name: values[0] for name, values in parse_qs(urlsplit(url).query).items()})
        self.at.append(virtual_time.now())
        if not self._answers:
            raise InvalidToken
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer[0], answer[1] if isinstance(answer[1], bytes) else answer[1].encode()


class Store:
    """An intake that keeps what it is given."""

    def __init__(self, *, failures: int = 0) -> None:
        self._failures = failures
        self.stored: list[RawUpdate] = []

    async def store(self, updates: Sequence[RawUpdate]) -> None:
        """Keep updates, or fail as often as is wanted."""
        if self._failures:
            self._failures -= 1
            raise DatabaseUnavailable("away")
        self.stored += updates


def poll(request: Asked, store: Store) -> None:
    """Poll until the prepared answers are used up."""

    async def work() -> None:
        poller = Poller(request, "http://telegram.test/bot1:x", store)  # type: ignore[arg-type]
        run: Awaitable[None] = poller.run()
        with pytest.raises(InvalidToken):
            await run

    virtual_time.run(asyncio.wait_for(work(), 10_000))


def batch(*updates: str) -> tuple[int, str]:
    """Return an answer with updates."""
    return 200, f'{{"ok":true,"result":[{",".join(updates)}]}}'


def update(number: int) -> str:
    """Return an update."""
    return f'{{ "update_id":{number},"message":{{"chat":{{"id":7}},"text":"\\ud83d é"}} }}'


@pytest.mark.parametrize("odd", [DEEP, LONG, TORN])
def test_t09_t10_what_cant_be_parsed_is_asked_for_alone_and_stored_as_it_came(odd: str) -> None:
    request = Asked(batch(update(7), odd, update(9)), batch(odd, update(9)), batch(odd), batch(update(9)))
    store = Store()
    poll(request, store)
    assert store.stored == [
        RawUpdate(7, "c7", update(7).encode()),
        RawUpdate(8, "x8", odd.encode()),
        RawUpdate(9, "c7", update(9).encode()),
    ]
    asked = [(one.get("offset"), one["limit"]) for one in request.wanted]
    assert asked == [(None, "100"), ("8", "100"), ("8", "1"), ("9", "100"), ("10", "100")]
    assert len(set(request.at)) == 1  # without a pause


def test_t10_what_has_no_number_before_what_cant_be_parsed_goes_with_it() -> None:
    request, store = Asked(batch("{}", "5", DEEP, update(9)), batch("{}", "5", DEEP)), Store()
    with logged() as log:
        poll(request, store)
    assert [one.update_id for one in store.stored] == [8]
    assert [one["limit"] for one in request.wanted] == ["100", "3", "100"]
    assert {line["why"] for line in log.of("update_parked")} == {"no number"}


@pytest.mark.parametrize("odd", ["{}", '{"x": [', DEEP.replace("8", "-8")])
def test_t10_what_has_no_number_alone_is_asked_for_again_after_longer_and_longer_pauses(odd: str) -> None:
    request, store = Asked(*[batch(odd)] * 30), Store()
    poll(request, store)
    assert store.stored == []
    assert request.at[-1] - request.at[0] > 300


def test_bytes_that_are_no_text_are_kept() -> None:
    odd = b'{"update_id":7,"text":"\xff\xed\xa0\x80\xf0\x9f"}'
    request, store = Asked((200, b'{"ok":true,"result":[' + odd + b"]}")), Store()
    poll(request, store)
    assert store.stored == [RawUpdate(7, "x7", odd)]


def test_an_answer_that_was_cut_off_is_asked_for_again_and_nothing_of_it_is_taken_for_an_update() -> None:
    whole = batch(update(7), update(8))[1]
    cuts = [(200, whole[:end]) for end in range(1, len(whole))]
    request, store = Asked(*cuts, (200, whole)), Store()
    poll(request, store)
    assert {one.body.decode() for one in store.stored} == {update(7), update(8)}


REFUSALS: list[tuple[int, str | bytes] | Exception] = [
    (500, '{"ok":false,"error_code":500,"description":"Internal Server Error"}'),
    (502, "<html><h1>502 Bad Gateway</h1></html>"),
    (200, "<html>a proxy's page</html>"),
    (200, '{"ok":false}'),
    (503, "[]"),
    (503, "[" * 100_000),
    (403, b"\xff"),
    (400, '{"ok":false,"description":"Bad Request: whatever"}'),
    TelegramError("cut"),
    RuntimeError("a bug of the library"),
]


def test_no_refusal_ends_the_poller_and_each_makes_it_wait_longer() -> None:
    request, store = Asked(*REFUSALS, batch(update(7))), Store()
    with logged() as log:
        poll(request, store)
    assert [one.update_id for one in store.stored] == [7]
    assert len(log.of("poll_failed")) == len(REFUSALS)
    pauses = [after - before for before, after in zip(request.at, request.at[1:], strict=False)]
    assert pauses[: len(REFUSALS)] == [1, 2, 4, 8, 16, *[30] * (len(REFUSALS) - 5)]


def test_t11_a_conflict_is_waited_out_and_a_limit_as_long_as_telegram_asks() -> None:
    conflict = (409, '{"ok":false,"error_code":409,"description":"Conflict: other"}')
    limited = (429, '{"ok":false,"error_code":429,"parameters":{"retry_after":17}}')
    request = Asked(conflict, conflict, limited, batch(update(7)))
    with logged() as log:
        poll(request, Store())
    assert [after - before for before, after in zip(request.at, request.at[1:], strict=False)] == [
        10,
        10,
        17,
        0,
    ]
    assert [line["seconds"] for line in log.of("poll_conflict")] == [10, 10]


@pytest.mark.parametrize("status", [401, 404])
def test_a_token_that_telegram_does_not_know_ends_the_poller(status: int) -> None:
    request = Asked((status, '{"ok":false,"description":"Unauthorized"}'), batch(update(7)))
    poll(request, Store())
    assert len(request.wanted) == 1


def test_the_offset_stays_while_the_database_is_away() -> None:
    request, store = Asked(*[batch(update(7), update(8))] * 3), Store(failures=2)
    poll(request, store)
    assert [one.get("offset") for one in request.wanted] == [None, None, None, "9"]
    assert [one.update_id for one in store.stored] == [7, 8]


def test_every_kind_of_update_that_has_a_handler_is_asked_for() -> None:
    request = Asked()
    poll(request, Store())
    assert json.loads(request.wanted[0]["allowed_updates"]) == list(ALLOWED_UPDATES)
    assert "pre_checkout_query" in ALLOWED_UPDATES
