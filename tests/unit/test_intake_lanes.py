"""The lane of an update: one chat's messages in order, one user's presses in order, odd things alone."""

import json
from typing import Any

import pytest

from bot.intake import NoUpdate, raw_update, unread_update
from services.inbox import RawUpdate

ODD: list[Any] = [
    {},
    {"message": None},
    {"message": []},
    {"message": {"chat": None}},
    {"message": {"chat": {"id": "7"}}},
    {"message": {"chat": {"id": True}}},
    {"message": {"chat": {"id": 1.5}}},
    {"message": {"chat": {"id": 2**63}}},
    {"message": {"chat": {"id": -(2**63)}}},
    {"callback_query": {"from": 7}},
    {"poll": {"id": "1"}},
]


def stored(update: object) -> RawUpdate:
    """Return an update as it is stored."""
    return raw_update(update, json.dumps(update).encode())


def message(chat_id: object) -> dict[str, Any]:
    """Return an update with a message of a chat."""
    return {"update_id": 5, "message": {"chat": {"id": chat_id}}}


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        (message(7), "c7"),
        (message(-1001), "c-1001"),
        ({"update_id": 5, "edited_message": {"chat": {"id": 7}}}, "c7"),
        ({"update_id": 5, "callback_query": {"from": {"id": 9}, "message": {"chat": {"id": 7}}}}, "u9"),
        ({"update_id": 5, "my_chat_member": {"chat": {"id": 7}}}, "m7"),
        ({"update_id": 5, "pre_checkout_query": {"from": {"id": 9}}}, "p9"),
        ({"update_id": 5, "subscription": {"user": {"id": 9}}}, "c9"),
        (message(2**63 - 1), f"c{2**63 - 1}"),
        (message(1 - 2**63), f"c{1 - 2**63}"),
    ],
)
def test_an_update_goes_to_the_lane_of_its_chat_or_of_its_user(update: dict[str, Any], lane: str) -> None:
    assert (stored(update).update_id, stored(update).lane) == (5, lane)


@pytest.mark.parametrize("rest", ODD)
def test_t10_what_is_odd_gets_a_lane_of_its_own_and_holds_up_nobody(rest: dict[str, Any]) -> None:
    assert stored({"update_id": 5, **rest}).lane == "x5"
    assert stored({"update_id": 6, **rest}).lane == "x6"


@pytest.mark.parametrize("chat_id", [2**52, 2**52 + 1, 2**53 + 1, -(2**62) - 1])
def test_t16_ids_above_52_bits_are_exact(chat_id: int) -> None:
    assert stored(message(chat_id)).lane == f"c{chat_id}"


@pytest.mark.parametrize(
    "update",
    [
        None,
        [],
        "5",
        5,
        {},
        *({"update_id": number} for number in (None, "5", True, 5.0, -1, 2**63, 10**400)),
    ],
)
def test_t09_what_has_no_number_of_64_bits_is_no_update(update: object) -> None:
    with pytest.raises(NoUpdate):
        stored(update)


def test_t07_any_number_is_taken_whether_higher_or_lower_than_before() -> None:
    assert [stored({"update_id": number}).update_id for number in (9, 2**63 - 1, 0)] == [9, 2**63 - 1, 0]


def test_the_bytes_of_an_update_are_kept_as_they_came() -> None:
    body = b'{ "update_id":5,  "message":{"chat":{"id":7}}, "text":"\\ud83d" }'
    assert raw_update(json.loads(body), body).body == body


def test_t10_what_python_reads_but_json_does_not_know_is_stored_all_the_same() -> None:
    body = rb'{"update_id": 5, "message": {"chat": {"id": 7}, "text": "\ud800\u0000", "n": NaN}}'
    assert raw_update(json.loads(body), body) == RawUpdate(5, "c7", body)


@pytest.mark.parametrize(
    "body", [b'{"update_id": 7,"a":[[', b'{"x":{"update_id" : 7}', b'{"a":"\\"","update_id":7}']
)
def test_t10_the_number_of_what_python_cant_parse_is_found_and_its_lane_is_its_own(body: bytes) -> None:
    assert unread_update(body) == RawUpdate(7, "x7", body)


@pytest.mark.parametrize("number", ["", "-1", "7.5", "1e3", "null", str(2**63), "9" * 30, "true"])
def test_t09_what_cant_be_parsed_and_has_no_number_is_no_update(number: str) -> None:
    with pytest.raises(NoUpdate):
        unread_update(f'{{"update_id": {number}, "text": "\\"update_id\\": 5,", "deep": [['.encode())
