"""Faults that are put into the census of a good run, each of which the verdict must find."""

from dataclasses import replace
from typing import Any

from services.census import Census


def without(rows: Any, unwanted: Any) -> list[Any]:
    """Return the rows but one."""
    return [row for row in rows if row is not unwanted]


def instead(rows: Any, old: Any, **changed: Any) -> list[Any]:
    """Return the rows with one changed."""
    return [replace(row, **changed) if row is old else row for row in rows]


def paid(census: Census) -> Any:
    return next(row for row in census.questions if row.is_paid)


def a_lost_update(census: Census) -> Census:
    return replace(census, updates=census.updates[:-1])


def a_parked_update(census: Census) -> Census:
    return replace(census, updates=instead(census.updates, census.updates[3], state="parked"))


def a_question_without_a_turn(census: Census) -> Census:
    return replace(census, questions=without(census.questions, paid(census)))


def a_question_answered_as_two_turns(census: Census) -> Census:
    return replace(census, questions=[*census.questions, replace(paid(census), id=10**6)])


def a_turn_that_never_ended(census: Census) -> Census:
    return replace(census, questions=instead(census.questions, paid(census), state="reserved"))


def an_answer_for_nothing(census: Census) -> Census:
    return replace(census, entries=[row for row in census.entries if row.id != paid(census).entry])


def a_second_charge(census: Census) -> Census:
    charge = next(row for row in census.entries if row.kind == "message")
    return replace(census, entries=[*census.entries, replace(charge, id=10**6)])


def a_wrong_price(census: Census) -> Census:
    return replace(census, questions=instead(census.questions, paid(census), taken=1))


def a_missing_ticket(census: Census) -> Census:
    return replace(census, tickets=census.tickets[1:])


def a_missing_credit(census: Census) -> Census:
    wallet = census.wallets[2]
    return replace(census, wallets=instead(census.wallets, wallet, balance=wallet.balance - 1))


def a_hold_that_never_ended(census: Census) -> Census:
    return replace(census, wallets=instead(census.wallets, census.wallets[0], held=5))


def a_second_gift(census: Census) -> Census:
    gift = next(row for row in census.entries if row.kind == "gift")
    return replace(census, entries=[*census.entries, replace(gift, id=10**6)])


def a_second_daily_grant(census: Census) -> Census:
    grant = next(row for row in census.entries if row.kind == "daily")
    return replace(census, entries=[*census.entries, replace(grant, id=10**6)])


def a_notice_that_was_not_sent(census: Census) -> Census:
    return replace(census, notices=instead(census.notices, census.notices[0], state="failed"))


def a_notice_that_never_arrived(census: Census) -> Census:
    return replace(census, notices=instead(census.notices, census.notices[0], message=10**6))


def two_notices_of_one_message(census: Census) -> Census:
    first = next(row for row in census.notices if row.chat > 0)
    second = next(row for row in census.notices if row.chat == first.chat and row is not first)
    return replace(census, notices=instead(census.notices, second, message=first.message))


def a_player_who_was_never_told(census: Census) -> Census:
    return replace(
        census, notices=[row for row in census.notices if row.key != f"answer:{paid(census).id}:0"]
    )


def a_move_that_was_missed(census: Census) -> Census:
    return replace(census, chats=[replace(row, home=row.chat) for row in census.chats])


def a_move_of_a_group_that_stayed(census: Census) -> Census:
    first, second = [row for row in census.chats if row.chat == row.home][:2]
    return replace(census, chats=instead(census.chats, first, home=second.chat))


def a_reset_without_a_press(census: Census) -> Census:
    done = next(row for row in census.notices if row.notice == "reset_done")
    return replace(census, notices=[*census.notices, replace(done, id=10**6)])


def a_reset_that_closed_nothing(census: Census) -> Census:
    return replace(census, notices=[row for row in census.notices if row.notice != "reset_done"])


def a_press_without_effect(census: Census) -> Census:
    used = next(row for row in census.buttons if row.pressed == row.action == "gift")
    return replace(census, buttons=instead(census.buttons, used, pressed=None))
