"""The report of a group: its text, and the chart that goes with it."""

from collections.abc import Mapping
from typing import Any

from handlers.charts import Chart
from handlers.words import Html, Words
from handlers.zones import UTC, place_of

Facts = Mapping[str, Any]


def report_text(facts: Facts, words: Words) -> str:
    """Return the report in words."""
    return words(
        "report.screen",
        title=words.plain(f"report.title_{facts['schedule']}"),
        pot=facts["pot"],
        change=facts["change"],
        prize=facts["prize"],
        tickets=facts["tickets"],
        players=facts["players"],
        house=facts["house"],
        winners=Html(_winners(facts, words)),
    )


def _winners(facts: Facts, words: Words) -> str:
    lines = [
        words(
            "report.winner",
            name=Html(name_of(one["who"], words)),
            prize=one["prize"],
            round_no=one["round"],
            ticket=one["ticket"],
        )
        for one in facts["winners"]
    ]
    if facts["wins"] > len(lines):
        lines.append(words("report.more_winners", n=facts["wins"] - len(lines)))
    return "\n".join(lines) or words("report.no_winners")


def name_of(who: Facts, words: Words) -> str:
    """Return how a player is called before others: his name, his marked alias, or that he is hidden."""
    if who["name"] is None:
        return words("name.hidden")
    return words("name.alias" if who["is_alias"] else "name.own", name=who["name"])


def report_chart(facts: Facts, words: Words) -> Chart:
    """Return the chart of the pot over time."""
    zone = facts["zone"]
    return Chart(
        points=tuple((at, size) for at, size in facts["points"]),
        wins=tuple((at, size) for at, size in facts["won_at"]),
        zone=zone,
        language=words.language,
        title=words.plain("chart.title"),
        amount_label=words.plain("chart.credits"),
        time_label=zone if zone == UTC else words.plain("chart.time", place=place_of(zone, words.language)),
        win_label=words.plain("chart.won"),
    )
