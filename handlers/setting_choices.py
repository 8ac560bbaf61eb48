"""The screens of /settings: all settings of a group, and the choices for each."""

from collections.abc import Callable, Sequence
from typing import Final, cast

from telegram import InlineKeyboardButton

from handlers.keyboards import go, rows
from handlers.navigation import Look, Screen
from handlers.rule_facts import house_bps
from handlers.words import LANGUAGES
from handlers.zones import ZONES, zone_name
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.group_settings import GroupSettings
from services.schedule import HOURS, Schedule

TOPIC: Final = "settings"
ZONES_PER_PAGE: Final = 8
_HOURS_PER_ROW: Final = 6
_OWN, _HERE, _ANY, _ON, _OFF = "own", "here", "any", "on", "off"


def _group(look: Look) -> GroupSettings:
    return cast("GroupSettings", look.reader.group)


def settings_screen(look: Look) -> Screen:
    """Draw all settings, each with the button that leads to its choices."""
    group, words = _group(look), look.words
    hour = f"{group.report_hour:02}:00"
    text = words(
        "settings.screen",
        title=group.title,
        report=words.plain(f"settings.report_{group.report}", hour=hour),
        zone=zone_name(group.timezone, words.language, look.services.clock.now()),
        language=words.plain(f"settings.language_{group.language or _OWN}"),
        topic=words.plain(f"settings.topic_{_topic(look)}"),
        receipts=_receipts(look),
        dashboard=words.plain("settings.dashboard_on" if group.dashboard else "settings.dashboard_off"),
        pot=words.plain("settings.pot_on" if group.pot_on else "settings.pot_off"),
    )
    reports = [look.go("button.settings_report", TOPIC, "report")]
    if group.report is not Schedule.OFF:
        reports.append(look.go("button.settings_hour", TOPIC, "hour"))
    places = [look.go(f"button.settings_{one}", TOPIC, one) for one in ("zone", "language")]
    if look.reader.chat.is_forum:
        places.append(look.go("button.settings_topic", TOPIC, "topic"))
    length = "full" if group.quiet else "short"
    quiet = look.go(f"button.settings_{length}", TOPIC, "set", "quiet", _OFF if group.quiet else _ON)
    pot = [look.go("button.settings_pot", TOPIC, "pot")] if look.services.rules.pot.enabled else []
    if look.has_pot:
        pot.append(look.go("button.settings_dashboard", TOPIC, "dashboard"))
    return Screen(text, rows(reports, places, [quiet], pot))


def _receipts(look: Look) -> str:
    if not _group(look).quiet:
        return look.words.plain("settings.receipts_full")
    return look.words.plain("settings.receipts_short", after=look.services.rules.talk.quiet_delete)


def _topic(look: Look) -> str:
    topic = _group(look).topic_id
    return _ANY if topic is None else _HERE if topic == look.reader.thread_id else "other"


def _report(look: Look, _: Sequence[str]) -> Screen:
    ways = [look.go(f"button.report_{one}", TOPIC, "set", "report", one) for one in Schedule]
    return Screen(look.words("settings.ask_report"), rows(ways, _back(look)))


def _hour(look: Look, _: Sequence[str]) -> Screen:
    owner = look.reader.player_id
    hours = [go(f"{hour:02}", TOPIC, "set", "hour", hour, owner=owner) for hour in range(HOURS)]
    lines = [hours[start : start + _HOURS_PER_ROW] for start in range(0, HOURS, _HOURS_PER_ROW)]
    zone = zone_name(_group(look).timezone, look.words.language, look.services.clock.now())
    return Screen(look.words("settings.ask_hour", zone=zone), rows(*lines, _back(look)))


def _zone(look: Look, more: Sequence[str]) -> Screen:
    pages = -(-len(ZONES) // ZONES_PER_PAGE)
    page = _whole(more[0], least=1, most=pages) if more else _page_of(_group(look).timezone)
    now, owner = look.services.clock.now(), look.reader.player_id
    start = (page - 1) * ZONES_PER_PAGE
    buttons = [
        go(zone_name(zone, look.words.language, now), TOPIC, "set", "zone", index, owner=owner)
        for index, zone in enumerate(ZONES[start : start + ZONES_PER_PAGE], start)
    ]
    turning = []
    if page > 1:
        turning.append(look.go("button.page_prev", TOPIC, "zone", page - 1))
    if page < pages:
        turning.append(look.go("button.page_next", TOPIC, "zone", page + 1))
    lines = [buttons[index : index + 2] for index in range(0, len(buttons), 2)]
    text = look.words("settings.ask_zone", page=page, pages=pages)
    return Screen(text, rows(*lines, turning, _back(look)))


def _page_of(zone: str) -> int:
    return (ZONES.index(zone) if zone in ZONES else 0) // ZONES_PER_PAGE + 1


def _language(look: Look, _: Sequence[str]) -> Screen:
    ways = [look.go(f"button.language_{one}", TOPIC, "set", "language", one) for one in (*LANGUAGES, _OWN)]
    return Screen(look.words("settings.ask_language"), rows(ways[:-1], ways[-1:], _back(look)))


def _topics(look: Look, _: Sequence[str]) -> Screen:
    ways = [_ANY] if look.reader.thread_id is None else [_HERE, _ANY]
    buttons = [look.go(f"button.topic_{one}", TOPIC, "set", "topic", one) for one in ways]
    return Screen(look.words("settings.ask_topic"), rows(buttons, _back(look)))


def _pot(look: Look, _: Sequence[str]) -> Screen:
    to = _OFF if _group(look).pot_on else _ON
    text = look.words(f"settings.ask_pot_{to}", house_bps=house_bps(look.services.rules))
    return Screen(text, rows([look.go(f"button.pot_{to}", TOPIC, "set", "pot", to)], _back(look)))


def _dashboard(look: Look, _: Sequence[str]) -> Screen:
    to = _OFF if _group(look).dashboard else _ON
    switch = look.go(f"button.dashboard_{to}", TOPIC, "set", "dashboard", to)
    return Screen(look.words(f"settings.ask_dashboard_{to}"), rows([switch], _back(look)))


def _back(look: Look) -> list[InlineKeyboardButton]:
    return [look.go("button.back", TOPIC)]


CHOICES: Final[dict[str, Callable[[Look, Sequence[str]], Screen]]] = {
    "report": _report,
    "hour": _hour,
    "zone": _zone,
    "language": _language,
    "topic": _topics,
    "pot": _pot,
    "dashboard": _dashboard,
}


def choice(look: Look, name: str, more: Sequence[str]) -> Screen:
    """Draw the choices for a setting.

    Raises:
        ExpiredButton: the button was changed.
    """
    return CHOICES[name](look, more)


def wish(look: Look, name: str, value: str) -> tuple[str, object]:
    """Return the setting and the value that a button stands for.

    Raises:
        ExpiredButton: the button was changed.
    """
    match name, value:
        case "report", _:
            return "report", value
        case "hour", _:
            return "report_hour", _whole(value, least=0, most=HOURS - 1)
        case "zone", _:
            return "timezone", ZONES[_whole(value, least=0, most=len(ZONES) - 1)]
        case "language", _ if value in (*LANGUAGES, _OWN):
            return "language", None if value == _OWN else value
        case "topic", "here" | "any":
            return "topic_id", look.reader.thread_id if value == _HERE else None
        case "quiet" | "pot" | "dashboard", "on" | "off":
            return {"pot": "pot_on"}.get(name, name), value == _ON
        case _:
            raise ExpiredButton


def _whole(text: str, *, least: int, most: int) -> int:
    try:
        return parse_whole(text, least=least, most=most)
    except BadNumber:
        raise ExpiredButton from None
