"""What players and operators write behind commands, and what buttons carry, read strictly."""

from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Chat, Message, User
from telegram.ext import filters

from handlers.history import RECEIPT_MOST, parse_page
from handlers.keyboards import go, going
from handlers.limits import Wish, parse_wish
from handlers.operators import GRANT_MOST, REASON_MOST, parse_grant
from handlers.players import FROM_PLAYER, NOBODIES, is_place
from handlers.rule_facts import rule_facts
from handlers.unknown import is_addressed
from handlers.words import Words
from services.amounts import AmountTooLarge, BadAmount, BadNumber
from services.buttons import ExpiredButton
from services.history import Filter
from services.limits import LimitKind
from services.money import MAX_CREDITS
from services.pricing import PriceRule, Window
from services.rules import GameRules, PotRules

ANA = User(id=2**52 + 1, first_name="Ana", is_bot=False)
GROUP = Chat(id=-100, type="supergroup", title="Friends")


def written(user: User | None = ANA, chat: Chat = GROUP, **more: Any) -> Message:
    """Return a message as Telegram delivers it."""
    return Message(message_id=1, date=datetime(2026, 11, 21, tzinfo=UTC), chat=chat, from_user=user, **more)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("50", Wish(LimitKind.GUARD, 50)),
        ("day 300", Wish(LimitKind.DAY_CAP, 300)),
        ("DÍA 300", Wish(LimitKind.DAY_CAP, 300)),
        ("day off", Wish(LimitKind.DAY_CAP, None)),
        ("dia no", Wish(LimitKind.DAY_CAP, None)),
        (str(MAX_CREDITS), Wish(LimitKind.GUARD, MAX_CREDITS)),
        ("day", None),
        ("off", None),
        ("nan", None),
        ("day 300 off", None),
        ("week 300", None),
    ],
)
def test_a_limit_is_read_as_it_is_written(text: str, wish: Wish | None) -> None:
    assert parse_wish(text.split()) == wish


@pytest.mark.parametrize(
    "number", ["٥٠", "５０", "5_00", "+500", "1e3", "0x10", "5²", "-5", "0", "1.5", "007"]
)
@pytest.mark.parametrize("before", ["", "day "])
def test_t13_t14_a_limit_in_other_digits_or_below_one_is_refused(before: str, number: str) -> None:
    with pytest.raises(BadAmount):
        parse_wish((before + number).split())


@pytest.mark.parametrize("number", [str(MAX_CREDITS + 1), "9" * 5_000])
def test_t15_a_limit_beyond_64_bits_is_refused(number: str) -> None:
    with pytest.raises(AmountTooLarge):
        parse_wish(["day", number])


def test_t16_t25_a_grant_names_the_player_by_his_exact_number() -> None:
    wish = parse_grant(f"{2**52 + 1} 50  for\tbeing \n nice ")
    assert wish is not None
    assert (wish.telegram_id, wish.credits, wish.reason) == (2**52 + 1, 50, "for being nice")


@pytest.mark.parametrize(
    "text", ["", "1", "1 50", "1 50 \u200b\u202e", "1 50 " + "x" * (REASON_MOST + 1)], ids=repr
)
def test_a_grant_without_a_reason_or_with_a_very_long_one_is_not_understood(text: str) -> None:
    assert parse_grant(text) is None


def test_a_grant_with_the_longest_reason_is_understood() -> None:
    wish = parse_grant("1 50 " + "x" * REASON_MOST)
    assert wish is not None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("@ana 50 reason", BadNumber),
        ("-1 50 reason", BadNumber),
        (f"{2**63} 50 reason", BadNumber),
        ("1 -50 reason", BadAmount),
        ("1 0 reason", BadAmount),
        (f"1 {GRANT_MOST + 1} reason", AmountTooLarge),
    ],
)
def test_t14_a_grant_of_what_is_no_amount_or_to_no_number_is_refused(
    text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        parse_grant(text)


def test_a_page_button_is_read_back() -> None:
    button = go("Older", "history", Filter.WINS, 3, owner=7)
    assert going(str(button.callback_data)) == (["wins", "3"], 7)
    assert parse_page(["wins", "3"]) == (Filter.WINS, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["wins"],
        ["wins", "0"],
        ["wins", "-1"],
        ["wins", "٣"],
        ["wins", "9" * 40],
        ["x", "1"],
        ["a", "1", "2"],
    ],
)
def test_t19_a_page_button_that_was_changed_counts_as_expired(arguments: list[str]) -> None:
    with pytest.raises(ExpiredButton):
        parse_page(arguments)


@pytest.mark.parametrize(
    "data", ["n:", "n:history", "n:history:", "n:history:all:1:x", "n:history:all:1:²", ""]
)
def test_t19_a_button_without_a_plain_owner_has_none(data: str) -> None:
    assert going(data)[1] is None


def test_a_receipt_number_has_a_bound_that_can_be_read() -> None:
    assert RECEIPT_MOST == 10**12 - 1


@pytest.mark.parametrize(
    "message",
    [
        written(None),
        written(User(id=5, first_name="Robot", is_bot=True)),
        *(written(User(id=one, first_name="Telegram", is_bot=False)) for one in sorted(NOBODIES)),
        written(sender_chat=GROUP),
        written(sender_chat=Chat(id=-200, type="channel")),
        written(via_bot=User(id=6, first_name="Inline", is_bot=True)),
        written(chat=Chat(id=-300, type="channel")),
    ],
    ids=[
        "nobody",
        "bot",
        "service",
        "channel bot",
        "anonymous",
        "as group",
        "as channel",
        "inline",
        "in channel",
    ],
)
def test_t23_what_no_player_wrote_never_passes(message: Message) -> None:
    assert not FROM_PLAYER.filter(message)


@pytest.mark.parametrize("kind", ["private", "group", "supergroup"])
def test_a_player_passes_wherever_the_game_is_played(kind: str) -> None:
    assert FROM_PLAYER.filter(written(chat=Chat(id=1, type=kind)))
    assert isinstance(FROM_PLAYER, filters.MessageFilter)


def test_nowhere_is_no_place_of_the_game() -> None:
    assert not is_place(None)


@pytest.mark.parametrize(
    ("text", "addressed"),
    [
        ("/x@potluck_bot", True),
        ("/x@Potluck_Bot more", True),
        ("/x", False),
        ("/x potluck_bot", False),
        ("/x@other_bot @potluck_bot", False),
        ("", False),
    ],
)
def test_a_command_is_for_the_bot_that_it_names(text: str, addressed: bool) -> None:
    assert is_addressed(written(text=text or None), "potluck_bot") is addressed


def test_texts_get_their_figures_from_the_rules() -> None:
    rules = GameRules(price=PriceRule(base=7, step=3, cap=50, window=Window.WEEK))
    facts = rule_facts(rules, Words("en"))
    assert (facts["base"], facts["step"], facts["cap"]) == (7, 3, 50)
    assert facts["chance_ppm"] == 7_000
    assert facts["house_bps"] == 1_000
    assert facts["window"] == Words("en").plain("window.week")


def test_without_pots_texts_say_half_prices_rounded_up() -> None:
    rules = GameRules(price=PriceRule(base=7, step=3, cap=50), pot=PotRules(enabled=False))
    facts = rule_facts(rules, Words("en"))
    assert (facts["base"], facts["step"], facts["cap"]) == (4, 2, 25)
