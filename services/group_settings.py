"""What the admins of a group choose for it: reports, time zone, language, topic, quiet mode, pot, dashboard."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.queries import group_settings
from db.session import Database, announce, unfinished
from services import dashboard
from services.errors import UserError
from services.events import Happened
from services.people import UnknownPlayer
from services.report_timers import set_next_report
from services.schedule import HOURS, Schedule
from services.stamp import Stamp, Stamps

_OF_REPORTS = frozenset({"report", "report_hour", "timezone"})


class BadSetting(UserError):
    """No setting of a group, or no value that it may have."""

    code: ClassVar[str] = "expired_button"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """A group's settings; ``language`` None: each player's own, ``topic_id`` None: the general one."""

    title: str
    language: str | None
    report: Schedule
    report_hour: int
    timezone: str
    topic_id: int | None
    quiet: bool
    pot_on: bool
    dashboard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadGroup:
    """Read a group's settings."""

    db: Database

    async def __call__(self, *, chat_id: int) -> GroupSettings:
        """Return the settings."""
        return await self.db.read(_read, chat_id)


def _read(tx: Connection, chat_id: int) -> GroupSettings:
    return settings_of(_row(tx, chat_id))


def _row(tx: Connection, chat_id: int, *, lock: bool = False) -> Row[Any]:
    statement = group_settings.LOCK_GROUP if lock else group_settings.GROUP
    row = tx.execute(statement, {"chat_id": chat_id}).first()
    if row is None:
        raise UnknownPlayer
    return row


def settings_of(row: Row[Any]) -> GroupSettings:
    """Return the settings that stand in a chat's row."""
    return GroupSettings(
        title=row.title,
        language=row.language,
        report=Schedule(row.report),
        report_hour=row.report_hour,
        timezone=row.timezone,
        topic_id=row.topic_id,
        quiet=row.quiet,
        pot_on=row.pot_on,
        dashboard=row.dashboard_at is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """Change one setting of a group; whether the caller may is the handler's question to Telegram."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, chat_id: int, player_id: int, name: str, value: object) -> GroupSettings:
        """Return the settings after the change; reports follow their new hour at once.

        Raises:
            BadSetting: there is no such setting or value.
        """
        check_setting(name, value)
        with unfinished():  # the word that it is done comes behind the commit
            return await self.db.transact(_change, chat_id, player_id, name, value, self.stamps.take())


def check_setting(name: str, value: object) -> None:
    """Refuse what is no setting, or no value of it.

    Raises:
        BadSetting: it is none.
    """
    allowed = {
        "language": lambda: value is None or (isinstance(value, str) and 0 < len(value) <= 8),
        "report": lambda: value in set(Schedule),
        "report_hour": lambda: type(value) is int and 0 <= value < HOURS,
        "timezone": lambda: isinstance(value, str) and 0 < len(value) <= 64,
        "topic_id": lambda: value is None or (type(value) is int and value > 0),
        "quiet": lambda: type(value) is bool,
        "pot_on": lambda: type(value) is bool,
        "dashboard": lambda: type(value) is bool,
    }.get(name)
    if allowed is None or not allowed():
        raise BadSetting


def _change(
    tx: Connection, chat_id: int, player_id: int, name: str, value: object, stamp: Stamp
) -> GroupSettings:
    row = _row(tx, chat_id, lock=True)
    if row.kind != ChatKind.GROUP:
        raise BadSetting
    if getattr(settings_of(row), name) == value:
        return settings_of(row)
    if name == "dashboard" and value:
        dashboard.switch_on(tx, chat_id, stamp)
    elif row.dashboard_at is not None and name in ("dashboard", "pot_on"):  # no pot, nothing to show
        dashboard.switch_off(tx, row, stamp)
    elif row.dashboard_at is not None and name in ("language", "timezone"):
        dashboard.set_words_aside(tx, chat_id, stamp)
    if name in group_settings.SETTINGS:
        new = {f"to_{one}": getattr(row, one) for one in group_settings.SETTINGS} | {f"to_{name}": value}
        tx.execute(group_settings.SET_GROUP, {"of_chat": chat_id, **new})
    changed = settings_of(_row(tx, chat_id))
    if name in _OF_REPORTS:
        hour, zone = changed.report_hour, changed.timezone
        set_next_report(tx, chat_id, changed.report, hour=hour, zone=zone, after=stamp.now, stamp=stamp)
    facts = {"chat": chat_id, "player": player_id, "setting": name, "value": str(value)}
    announce(tx, Happened("group_setting", facts))
    return changed
