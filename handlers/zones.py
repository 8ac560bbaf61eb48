"""Time zones to choose from, from west to east, and how a language calls them."""

from datetime import datetime, timedelta
from typing import Final

from services.schedule import zone_of

UTC: Final = "UTC"
ZONES: Final = (
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/Mexico_City",
    "America/Guatemala",
    "America/New_York",
    "America/Bogota",
    "America/Lima",
    "America/Havana",
    "America/Caracas",
    "America/La_Paz",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/Montevideo",
    "Atlantic/Azores",
    UTC,
    "Atlantic/Canary",
    "Europe/Lisbon",
    "Europe/London",
    "Africa/Lagos",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Rome",
    "Africa/Johannesburg",
    "Africa/Cairo",
    "Europe/Athens",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Africa/Nairobi",
    "Asia/Riyadh",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Manila",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Pacific/Auckland",
)


def place_of(zone: str, language: str) -> str:
    """Return the place that a zone is named after."""
    from babel import Locale

    known = Locale.parse(language).time_zones.get(zone, {})
    return str(known.get("city") or zone.rpartition("/")[2].replace("_", " "))


def offset_of(zone: str, now: datetime) -> str:
    """Return how far a zone is from UTC now: "UTC+5:30"."""
    minutes = round((now.astimezone(zone_of(zone)).utcoffset() or timedelta(0)).total_seconds() / 60)
    if minutes == 0:
        return UTC
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def zone_name(zone: str, language: str, now: datetime) -> str:
    """Return what a zone is called: "Madrid (UTC+1)"."""
    offset = offset_of(zone, now)
    return offset if zone == UTC else f"{place_of(zone, language)} ({offset})"
