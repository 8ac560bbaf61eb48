"""The chart of a pot over time as a PNG, from plain numbers. Runs in a process of its own; no Telegram here."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from services.schedule import zone_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCHES: Final = (8.0, 5.0)
DPI: Final = 160
_PAD_INCHES: Final = 0.18
_INK, _SOFT, _GRID = "#1f2933", "#616e7c", "#e4e7eb"
_LINE, _FILL, _WIN = "#0b8a7c", "#0b8a7c", "#e8a317"
_FONT: Final = 15
_MOST_TICKS: Final = 7
_ONE_DAY: Final = timedelta(days=1)
_SHORT: Final = timedelta(days=2)
_WEEK: Final = timedelta(days=8)
_HOUR_STEPS: Final = (1, 2, 3, 6, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn; times in Unix seconds, amounts in credits, labels in the reader's language."""

    points: tuple[tuple[int, int], ...]
    wins: tuple[tuple[int, int], ...]
    zone: str
    language: str
    title: str
    amount_label: str
    time_label: str
    win_label: str


def draw(chart: Chart) -> bytes:
    """Return the picture as PNG.

    Raises:
        ImportError: matplotlib isn't there; it comes with the extra ``charts``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DPI, facecolor="white", layout="constrained")
    figure.get_layout_engine().set(w_pad=_PAD_INCHES, h_pad=_PAD_INCHES)  # type: ignore[union-attr, call-arg]
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _draw_pot(axes, chart)
    _dress(axes, chart)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _draw_pot(axes: "Axes", chart: Chart) -> None:
    zone = zone_of(chart.zone)
    times: list[Any] = [_local(at, zone) for at, _ in chart.points]
    amounts = [amount for _, amount in chart.points]
    axes.plot(
        times, amounts, color=_LINE, linewidth=3, drawstyle="steps-post", solid_capstyle="round", zorder=3
    )
    axes.fill_between(times, amounts, step="post", color=_FILL, alpha=0.13, linewidth=0, zorder=2)
    if chart.wins:
        at: list[Any] = [_local(one, zone) for one, _ in chart.wins]
        tops = [amount for _, amount in chart.wins]
        look: dict[str, Any] = {"s": 130, "color": _WIN, "edgecolor": "white", "linewidth": 2}
        axes.scatter(at, tops, marker="o", zorder=4, label=chart.win_label, **look)
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.02, 1.0),
            frameon=False,
            fontsize=_FONT,
            labelcolor=_INK,
            handletextpad=0.1,
        )
    _mark_end(axes, times[-1], amounts[-1], chart.language)


def _mark_end(axes: "Axes", at: Any, amount: int, language: str) -> None:
    axes.plot([at], [amount], marker="o", markersize=9, color=_LINE, zorder=5, clip_on=False)
    axes.annotate(
        _number(amount, language),
        (at, amount),
        xytext=(0, 12),
        textcoords="offset points",
        ha="right",
        fontsize=_FONT + 3,
        fontweight="bold",
        color=_INK,
        zorder=6,
    )


def _dress(axes: "Axes", chart: Chart) -> None:
    zone = zone_of(chart.zone)
    first, last = (_local(chart.points[index][0], zone) for index in (0, -1))
    highest = max(amount for _, amount in (*chart.points, *chart.wins))
    axes.set_title(chart.title, fontsize=_FONT + 5, fontweight="bold", color=_INK, loc="left", pad=16)
    axes.set_ylabel(chart.amount_label, fontsize=_FONT, color=_SOFT, labelpad=8)
    axes.set_xlabel(chart.time_label, fontsize=_FONT, color=_SOFT, labelpad=8)
    axes.set_xlim(first, last + (last - first) * 0.02)  # type: ignore[arg-type]
    axes.set_ylim(0, max(10, highest * 1.15))
    axes.locator_params(axis="y", nbins=5, integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: _number(round(value), chart.language))
    ticks = tuple(_ticks(first, last))
    axes.set_xticks(list(ticks), [_tick(one, last - first, chart.language) for one in ticks])  # type: ignore[arg-type]
    axes.tick_params(colors=_SOFT, labelsize=_FONT, length=0, pad=8)
    axes.grid(axis="y", color=_GRID, linewidth=1.2, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)


def _ticks(first: datetime, last: datetime) -> Iterator[datetime]:
    """Give local moments to be named: midnights, or full hours where all lies within two days."""
    marks = _full_hours(first, last) if last - first < _SHORT else _midnights(first, last)
    step = -(-len(marks) // _MOST_TICKS)
    yield from marks[:: max(1, step)]


def _midnights(first: datetime, last: datetime) -> Sequence[datetime]:
    days = (last.date() - first.date()).days
    found = [
        datetime.combine(first.date() + _ONE_DAY * n, time.min, tzinfo=first.tzinfo) for n in range(days + 1)
    ]
    return [one for one in found if first <= one <= last]


def _full_hours(first: datetime, last: datetime) -> Sequence[datetime]:
    hours = max(1, int((last - first) / timedelta(hours=1)))
    step = next((size for size in _HOUR_STEPS if hours / size <= _MOST_TICKS - 1), _HOUR_STEPS[-1])
    begin = first.replace(minute=0, second=0, microsecond=0)
    found = [begin + timedelta(hours=n) for n in range(hours + 2)]
    return [one for one in found if first <= one <= last and one.hour % step == 0]


def _tick(at: datetime, length: timedelta, language: str) -> str:
    from babel.dates import format_date, format_skeleton, format_time

    if length < _SHORT:
        return format_time(at, "HH:mm", tzinfo=at.tzinfo, locale=language)
    if length <= _WEEK:
        return format_date(at, "EEE d", locale=language)
    return format_skeleton("MMMd", at, locale=language)


def _number(value: int, language: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, locale=language, group_separator=True)


def _local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)
