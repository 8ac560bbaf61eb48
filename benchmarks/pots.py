"""One hot pot against many: the same players all in one group, or each in a group of his own."""

from benchmarks.places import Place
from benchmarks.stage import Stage, open_stage
from benchmarks.step import CLIENTS, WARM_MESSAGES, use_cases
from services.people import Met


async def measure(place: Place, seconds: float, rounds: int) -> list[tuple[float, float]]:
    """Return pairs of messages a second: with one pot, with as many pots as players; taken in turns."""
    async with open_stage(await place.migrated()) as stage:
        one = await _players(stage, first=1, groups=1)
        many = await _players(stage, first=1 + CLIENTS, groups=CLIENTS)
        return [
            (await use_cases(stage, one, seconds), await use_cases(stage, many, seconds))
            for _ in range(rounds)
        ]


async def _players(stage: Stage, *, first: int, groups: int) -> list[Met]:
    """Return players in groups that are theirs alone, or all in one."""
    players = [await stage.player(first + n, group=first + n % groups) for n in range(CLIENTS)]
    for who in players:
        for _ in range(WARM_MESSAGES):
            await stage.pay(who)
    return players
