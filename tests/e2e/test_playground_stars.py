"""What becomes of Stars in the fake Telegram: refunds and charge-backs, the list of transactions, subscriptions."""

import json

import aiogram.types
import pytest

from bot.playground.bank import State, Subscription
from bot.playground.errors import ApiError, PlayError
from bot.playground.models import Json, User
from bot.playground.telegram import Telegram
from tests.judge import judge_journal
from tests.payers import PERIOD_SECONDS, paid_link, subscribed
from tests.playground_clients import Clock, pending


def told(telegram: Telegram, name: str) -> list[Json]:
    """Return what the bot is told in service messages of a kind."""
    found = [one["message"].get(name) for one in pending(telegram) if "message" in one]
    return [one for one in found if one]


def states(telegram: Telegram) -> list[str]:
    """Return the states of subscriptions that the bot is told of."""
    updates = [json.loads(item.text).get("subscription") for item in telegram.updates]
    return [one["state"] for one in updates if one]


async def list_of(telegram: Telegram, **which: int) -> list[Json]:
    """Return the bot's list of transactions."""
    answer = await telegram.api("getStarTransactions", **which)
    aiogram.types.StarTransactions.model_validate(answer)
    lines: list[Json] = answer["transactions"]
    return lines


async def balance(telegram: Telegram) -> int:
    """Return the bot's balance."""
    return int((await telegram.api("getMyStarBalance"))["amount"])


def only(telegram: Telegram) -> Subscription:
    """Return the one subscription."""
    [subscription] = telegram.bank.subscriptions.values()
    return subscription


async def test_a_refund_gives_the_stars_back_once(telegram: Telegram, ana: User, clock: Clock) -> None:
    charge = await paid_link(telegram, ana)
    clock.forward(60)
    which = {"user_id": ana.id, "telegram_payment_charge_id": charge.id}
    assert await telegram.api("refundStarPayment", **which)
    assert (telegram.bank.purse(ana.id), await balance(telegram)) == (10_000, 0)
    partner = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": {"id": ana.id, "is_bot": False, "first_name": "Ana", "language_code": "en"},
        "invoice_payload": "order",
    }
    assert await list_of(telegram) == [
        {"id": charge.id, "amount": 100, "date": charge.at, "source": partner},
        {"id": charge.id, "amount": 100, "date": charge.at + 60, "receiver": partner},
    ]
    refunded = {"currency": "XTR", "total_amount": 100, "invoice_payload": "order"}
    assert told(telegram, "refunded_payment") == [refunded | {"telegram_payment_charge_id": charge.id}]
    with pytest.raises(ApiError, match="Bad Request: CHARGE_ALREADY_REFUNDED"):
        await telegram.api("refundStarPayment", **which)
    assert judge_journal(telegram) == []


async def test_refunds_that_cannot_be_are_refused(telegram: Telegram, ana: User) -> None:
    charge, ben = await paid_link(telegram, ana), telegram.add_user("Ben")
    for user_id, charge_id, why in (
        (ben.id, charge.id, "CHARGE_NOT_FOUND"),
        (ana.id, "stx", "CHARGE_NOT_FOUND"),
        (4, charge.id, "USER_ID_INVALID"),
    ):
        with pytest.raises(ApiError, match=why):
            await telegram.api("refundStarPayment", user_id=user_id, telegram_payment_charge_id=charge_id)
    with pytest.raises(ApiError, match="invalid user_id specified"):
        await telegram.api("refundStarPayment", telegram_payment_charge_id=charge.id)
    with pytest.raises(ApiError, match="CHARGE_ID_EMPTY"):
        await telegram.api("refundStarPayment", user_id=ana.id)
    telegram.charge_back(await paid_link(telegram, ana), is_listed=False)
    telegram.bank.balance = 99
    with pytest.raises(ApiError, match="BALANCE_TOO_LOW"):
        await telegram.api("refundStarPayment", user_id=ana.id, telegram_payment_charge_id=charge.id)


async def test_a_refund_may_work_and_say_that_it_was_made_already(telegram: Telegram, ana: User) -> None:
    charge = await paid_link(telegram, ana)
    which = {"user_id": ana.id, "telegram_payment_charge_id": charge.id}
    for kind, why in (
        ("charge_not_found", "CHARGE_NOT_FOUND"),
        ("already_refunded", "CHARGE_ALREADY_REFUNDED"),
    ):
        telegram.faults.add(kind, chat=ana.id)
        assert not charge.is_returned
        with pytest.raises(ApiError, match=why):
            await telegram.api("refundStarPayment", **which)
    assert charge.is_returned
    assert await balance(telegram) == 0


async def test_a_charge_back_is_told_by_the_list_and_the_balance_alone(telegram: Telegram, ana: User) -> None:
    charges = [await paid_link(telegram, ana) for _ in range(2)]
    await telegram.api("getUpdates", offset=-1)
    telegram.charge_back(charges[0].id)
    telegram.charge_back(charges[1], is_listed=False)
    assert [(one["id"], "receiver" in one) for one in await list_of(telegram)] == [
        (charges[0].id, False),
        (charges[1].id, False),
        (charges[0].id, True),
    ]
    assert await balance(telegram) == 0
    assert (told(telegram, "refunded_payment"), telegram.bank.purse(ana.id)) == ([], 10_000)
    for which in (charges[0], "stx"):
        with pytest.raises(PlayError):
            telegram.charge_back(which)


async def test_the_list_comes_in_parts_oldest_first(telegram: Telegram, ana: User) -> None:
    charges = [(await paid_link(telegram, ana, prices=[{"label": "x", "amount": 1}])).id for _ in range(103)]
    assert [one["id"] for one in await list_of(telegram)] == charges[:100]
    assert [one["id"] for one in await list_of(telegram, offset=100)] == charges[100:]
    assert [one["id"] for one in await list_of(telegram, offset=2, limit=2)] == charges[2:4]
    assert await list_of(telegram, offset=103) == []
    assert judge_journal(telegram) == []
    assert len(await list_of(telegram, limit=500)) == 100
    assert judge_journal(telegram) != []


async def test_a_subscription_is_renewed_when_it_is_due(telegram: Telegram, ana: User, clock: Clock) -> None:
    first = await subscribed(telegram, ana)
    assert first.until == first.at + PERIOD_SECONDS
    clock.forward(PERIOD_SECONDS - 1)
    telegram.catch_up()
    assert len(telegram.bank.charges) == 1
    clock.forward(1)
    await telegram.api("getMe")
    assert telegram.bank.purse(ana.id) == 9_500
    beginning, renewal = (await list_of(telegram))[:2]
    assert (beginning["source"]["subscription_period"], renewal["id"] != first.id) == (PERIOD_SECONDS, True)
    paid = told(telegram, "successful_payment")[-1]
    assert paid["subscription_expiration_date"] == first.until + PERIOD_SECONDS
    assert (paid["invoice_payload"], paid["is_recurring"], "is_first_recurring" in paid) == (
        "premium",
        True,
        False,
    )
    assert only(telegram).until == first.until + PERIOD_SECONDS


async def test_the_first_payment_of_a_subscription_says_so(telegram: Telegram, ana: User) -> None:
    first = await subscribed(telegram, ana)
    [paid] = told(telegram, "successful_payment")
    assert (paid["is_recurring"], paid["is_first_recurring"]) == (True, True)
    assert (paid["telegram_payment_charge_id"], paid["subscription_expiration_date"]) == (
        first.id,
        first.until,
    )


async def test_a_jump_over_a_year_renews_for_every_period(telegram: Telegram, ana: User) -> None:
    first = await subscribed(telegram, ana)
    telegram.move_clock(365 * 86_400)
    dates = [one["date"] - first.at for one in await list_of(telegram)]
    assert dates == [number * PERIOD_SECONDS for number in range(13)]
    assert len(told(telegram, "successful_payment")) == 13
    assert telegram.bank.purse(ana.id) == 10_000 - 13 * 250


async def test_a_cancelled_subscription_ends_unless_that_is_taken_back(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    first = await subscribed(telegram, ana)
    telegram.cancel(first.id)
    telegram.resume(first.id)
    telegram.cancel(first.id)
    with pytest.raises(PlayError, match="doesn't go on anyway"):
        telegram.cancel(first.id)
    assert states(telegram) == ["canceled", "active", "canceled"]
    clock.forward(PERIOD_SECONDS)
    telegram.catch_up()
    assert len(telegram.bank.charges) == 1
    with pytest.raises(PlayError, match="nothing to take back"):
        telegram.resume(first.id)
    with pytest.raises(PlayError, match="cancelled"):
        telegram.renew(first.id)
    with pytest.raises(PlayError, match="no such subscription"):
        telegram.cancel("stx")


async def test_the_bot_can_cancel_a_subscription_and_allow_it_again(telegram: Telegram, ana: User) -> None:
    first = await subscribed(telegram, ana)
    which = {"user_id": ana.id, "telegram_payment_charge_id": first.id}
    for _ in range(2):
        await telegram.api("editUserStarSubscription", is_canceled=True, **which)
    assert only(telegram).state is State.CANCELED
    with pytest.raises(PlayError, match="the bot has cancelled"):
        telegram.resume(first.id)
    await telegram.api("editUserStarSubscription", is_canceled=False, **which)
    telegram.resume(first.id)
    assert only(telegram).state is State.ACTIVE
    plain = await paid_link(telegram, ana)
    which["telegram_payment_charge_id"] = plain.id
    with pytest.raises(ApiError, match="CHARGE_NOT_FOUND"):
        await telegram.api("editUserStarSubscription", is_canceled=True, **which)
    assert judge_journal(telegram) == []


async def test_an_empty_purse_fails_the_renewal_until_it_is_paid_late(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    first = await subscribed(telegram, ana)
    until = only(telegram).until
    telegram.bank.purses[ana.id] = 249
    clock.forward(PERIOD_SECONDS)
    telegram.catch_up()
    assert (only(telegram).state, states(telegram)) == (State.FAILED, ["failed"])
    with pytest.raises(PlayError, match="doesn't hold as many"):
        telegram.renew(first.id)
    telegram.top_up(ana, 1)
    clock.forward(86_400)
    assert telegram.renew(first.id).until == until + 86_400 + PERIOD_SECONDS
    assert only(telegram).state is State.ACTIVE


async def test_renewals_are_refused_or_come_late_on_demand(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    await subscribed(telegram, ana)
    until = only(telegram).until
    telegram.faults.add("renewal_late", chat=ana.id, seconds=3_600)
    clock.forward(PERIOD_SECONDS)
    telegram.catch_up()
    assert len(telegram.bank.charges) == 1
    clock.forward(3_600)
    telegram.catch_up()
    assert only(telegram).until == until + 3_600 + PERIOD_SECONDS
    telegram.faults.add("renewal_refused")
    clock.forward(PERIOD_SECONDS)
    telegram.catch_up()
    assert only(telegram).state is State.FAILED
    assert telegram.bank.purse(ana.id) == 9_500


async def test_a_subscription_can_be_renewed_before_it_is_due(telegram: Telegram, ana: User) -> None:
    first = await subscribed(telegram, ana)
    assert telegram.renew(first.id).until == first.at + 2 * PERIOD_SECONDS


async def test_who_has_blocked_the_bot_renews_without_its_knowledge(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    await subscribed(telegram, ana)
    telegram.block(ana)
    clock.forward(PERIOD_SECONDS)
    telegram.catch_up()
    assert len(told(telegram, "successful_payment")) == 1
    assert len(await list_of(telegram)) == 2
