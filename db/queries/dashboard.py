"""Statements of the dashboards of groups."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, bindparam, cast, func, literal, select, update

from db.models.books import AccountKind, account
from db.models.people import Reach, chat
from db.models.pots import RoundState, pot, round_
from db.models.transport import OutboxState, outbox
from db.types import UtcTime

NOTICE: Final = "dashboard"
_at = bindparam("at", type_=UtcTime)

_is_on = (
    chat.c.dashboard_at.is_not(None)
    & chat.c.merged_into.is_(None)
    & chat.c.removed_at.is_(None)
    & (chat.c.reach == Reach.OK)
    & chat.c.pot_on
)
ANY_ON = select(chat.c.id).where(_is_on).limit(1)


def _joined(*parts: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the parts as one text; None if any is None."""
    first, *rest = (cast(part, String) for part in parts)
    whole: ColumnElement[str] = first
    for part in rest:
        whole = whole + literal(":", String) + part
    return whole


_figures = _joined(
    round_.c.k,
    round_.c.tickets,
    account.c.balance,
    func.coalesce(chat.c.language, ""),
    chat.c.timezone,
)
"""What a dashboard shows, in short: it never comes back to what it showed before, unless its words are chosen back."""
_shown = _joined(literal(NOTICE, String), chat.c.id, chat.c.dashboard_id, _figures)
"""The key of the notice by which the message shows this; None where there is no message yet."""

_is_waiting = (
    select(outbox.c.id)
    .where(
        outbox.c.chat_id == chat.c.id,
        outbox.c.state == OutboxState.WAITING.value,
        outbox.c.notice == NOTICE,
    )
    .exists()
)
_is_shown = select(outbox.c.id).where(outbox.c.key == _shown).exists()
_shown_now = (
    select(_shown)
    .join(pot, pot.c.chat_id == chat.c.id)
    .join(account, (account.c.kind == AccountKind.POT) & (account.c.owner_id == pot.c.id))
    .join(round_, (round_.c.pot_id == pot.c.id) & (round_.c.state == RoundState.OPEN))
    .where(chat.c.id == bindparam("of_chat"))
)
SET_ASIDE = (
    update(outbox)
    .where(outbox.c.key == _shown_now.scalar_subquery())
    .values(key=outbox.c.key + bindparam("mark", type_=String))
)
"""Lets what a message shows be shown again later."""
OUTDATED = (
    select(
        chat.c.id,
        chat.c.telegram_id,
        chat.c.language,
        chat.c.timezone,
        chat.c.topic_id,
        chat.c.dashboard_id,
        pot.c.id.label("pot_id"),
        account.c.balance,
        round_.c.k,
        round_.c.tickets,
        round_.c.commitment,
        _figures.label("figures"),
        _shown.label("shown"),
    )
    .join(pot, pot.c.chat_id == chat.c.id)
    .join(account, (account.c.kind == AccountKind.POT) & (account.c.owner_id == pot.c.id))
    .join(round_, (round_.c.pot_id == pot.c.id) & (round_.c.state == RoundState.OPEN))
    .where(
        _is_on,
        chat.c.dashboard_at <= bindparam("before", type_=UtcTime),
        ~_is_waiting,
        ~_is_shown,
    )
    .order_by(chat.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=chat)
)
"""Dashboards that show something else than their pot is, and may be edited again; nobody else does it meanwhile."""

MARK_EDITED = update(chat).where(chat.c.id == bindparam("of_chat")).values(dashboard_at=_at)
SWITCH = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values(dashboard_at=bindparam("to_at", type_=UtcTime), dashboard_id=None)
)
_there = (chat.c.telegram_id == bindparam("where")) & chat.c.dashboard_at.is_not(None)
NOTE_POSTED = (
    update(chat)
    .where(_there, chat.c.dashboard_id.is_(None))
    .values(dashboard_id=bindparam("to_message", type_=BigInteger), dashboard_at=_at)
    .returning(chat.c.id, chat.c.language)
)
SET_KEY = update(outbox).where(outbox.c.id == bindparam("outbox_id")).values(key=bindparam("to_key"))
NOTE_EDITED = (
    update(chat).where(_there, chat.c.dashboard_id == bindparam("message_id")).values(dashboard_at=_at)
)
NOTE_LOST = (
    update(chat).where(_there, chat.c.dashboard_id == bindparam("message_id")).values(dashboard_id=None)
)
NOTE_REFUSED = (
    update(chat)
    .where(_there, chat.c.dashboard_id.is_(None), chat.c.removed_at.is_(None))
    .values(dashboard_at=None)
    .returning(chat.c.id)
)
ALL_ON = (
    select(chat.c.id, chat.c.telegram_id, chat.c.language, chat.c.dashboard_id)
    .where(_is_on)
    .order_by(chat.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)
