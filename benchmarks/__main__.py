"""``python -m benchmarks``: one run, one table. Figures of one run belong together; those of two don't."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from benchmarks import life, naive, pots, step
from benchmarks.machine import describe
from benchmarks.places import KINDS, Kind, Place, place_of
from benchmarks.replay import PostgresReplay, SqliteReplay
from benchmarks.stage import open_stage
from benchmarks.whole import Measured, running

READS = ("/balance", "/pot", "/history")
MESSAGES_RECORDED = 400
FEW_MESSAGES = 1_000
Rows = AsyncIterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wish:
    """How long each measurement takes, how many there are of each, and the messages of a long life."""

    seconds: float
    rounds: int
    messages: int


async def paid_step(place: Place, wish: Wish) -> Rows:
    """Compare the driver alone with the use cases, in turns."""
    replay: PostgresReplay | SqliteReplay
    if place.kind == "postgres":
        replay, statements = await step.postgres_replay(place)
    else:
        replay, statements = await step.sqlite_replay(place, MESSAGES_RECORDED, 2 * step.CLIENTS)
    pairs = []
    async with open_stage(await place.migrated()) as stage:
        players = await step.warm_players(stage)
        for _ in range(wish.rounds):
            alone = await replay.messages_per_second(wish.seconds)
            pairs.append((alone, await step.use_cases(stage, players, wish.seconds)))
    yield f"driver alone, {statements} statements, {step.CLIENTS} clients", _rate(median(a for a, _ in pairs))
    yield f"use cases, {step.CLIENTS} clients", _rate(median(b for _, b in pairs))
    yield "use cases to driver", f"{median(b / a for a, b in pairs):.2f}"


async def naive_service(place: Place, wish: Wish) -> Rows:
    """Measure what people write today, as it is and repaired."""
    for is_repaired, name in ((False, "naive service"), (True, "naive service, repaired")):
        for clients in (16, 64):
            done = [
                await naive.measure(place, clients, wish.seconds, is_repaired=is_repaired)
                for _ in range(wish.rounds)
            ]
            missing = max(abs(one.missing_credits) for one in done)
            books = "books add up" if not missing else f"books wrong by {missing:,} credits"
            failed = sum(one.failed for one in done)
            rate = _rate(median(one.per_second for one in done))
            yield f"{name}, {clients} clients", f"{rate}, {books}, {failed} failed"


async def end_to_end(place: Place, wish: Wish) -> Rows:
    """Measure from the update to the answer's arrival: by webhook, by polling, and what only reads."""
    async with running(place) as bot:
        await bot.measure(16, wish.seconds)
        for chats in (1, 16, 64, 256):
            done = [await bot.measure(chats, wish.seconds) for _ in range(wish.rounds)]
            yield f"webhook, {chats} chats", _whole(done)
        done = [await bot.measure(64, wish.seconds, is_paced=True) for _ in range(wish.rounds)]
        yield "webhook, 64 chats at one message a second", _whole(done)
        done = [await bot.measure(16, wish.seconds, texts=READS) for _ in range(wish.rounds)]
        yield f"webhook, 16 chats, {' '.join(READS)}", _whole(done)
    async with running(place, is_polling=True) as bot:
        await bot.measure(16, wish.seconds)
        done = [await bot.measure(64, wish.seconds) for _ in range(wish.rounds)]
        yield "polling, 64 chats", _whole(done)


async def hot_pot(place: Place, wish: Wish) -> Rows:
    """Compare one pot with many."""
    pairs = await pots.measure(place, wish.seconds, wish.rounds)
    yield "one hot pot", _rate(median(one for one, _ in pairs))
    yield "many pots", _rate(median(many for _, many in pairs))
    yield "one to many", f"{median(one / many for one, many in pairs):.2f}"


async def whole_life(place: Place, wish: Wish) -> Rows:
    """Measure start and memory, after a thousand messages and after many."""
    async with running(place) as bot:
        lived = await life.measure(bot, (FEW_MESSAGES, max(FEW_MESSAGES, wish.messages)))
    yield "start to readiness", f"{lived.start_seconds:.2f} s"
    yield "memory, idle", f"{lived.idle_mib:.0f} MiB"
    for messages, mib in lived.after.items():
        yield f"memory after {messages:,} messages", f"{mib:.0f} MiB"


PARTS: dict[str, Callable[[Place, Wish], Rows]] = {
    "step": paid_step,
    "naive": naive_service,
    "whole": end_to_end,
    "pots": hot_pot,
    "life": whole_life,
}


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f} messages/s"


def _whole(done: Sequence[Measured]) -> str:
    rate, p50, p99, cpu = (
        median(getattr(one, name) for one in done) for name in ("per_second", "p50_ms", "p99_ms", "cpu_ms")
    )
    return f"{_rate(rate)}, p50 {p50:,.0f} ms, p99 {p99:,.0f} ms, {cpu:.1f} ms of processor each"


async def _run(kinds: list[Kind], parts: list[str], wish: Wish, out: Path | None) -> None:
    lines = [f"{describe()}; {datetime.now(UTC):%Y-%m-%d}; {wish.rounds} rounds of {wish.seconds:g} s", ""]
    print(lines[0], flush=True)
    for kind in kinds:
        lines += ["", f"| {kind} | |", "|---|---|"]
        print(f"\n{kind}", flush=True)
        async with place_of(kind) as place:
            for part in parts:
                async for what, figure in PARTS[part](place, wish):
                    print(f"  {what:<56} {figure}", flush=True)
                    lines.append(f"| {what} | {figure} |")
    if out is not None:
        await asyncio.to_thread(out.write_text, "\n".join(lines) + "\n")


def main(
    database: Annotated[list[str] | None, typer.Option(help="sqlite, postgres; both without it.")] = None,
    only: Annotated[list[str] | None, typer.Option(help=f"Some of {', '.join(PARTS)}.")] = None,
    seconds: Annotated[float, typer.Option(help="How long each measurement takes.")] = 5.0,
    rounds: Annotated[int, typer.Option(help="How many there are of each; their median counts.")] = 5,
    messages: Annotated[int, typer.Option(help="How many are written before memory is looked at.")] = 20_000,
    out: Annotated[Path | None, typer.Option(help="Write the table there, as Markdown.")] = None,
) -> None:
    """Measure the paid message."""
    kinds = [kind for kind in KINDS if not database or kind in database]
    parts = [part for part in PARTS if not only or part in only]
    asyncio.run(_run(kinds, parts, Wish(seconds, rounds, messages), out))


if __name__ == "__main__":
    typer.run(main)
