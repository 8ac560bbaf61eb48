"""Duels in a storm: crashes, ties, silences, late answers and two replicas. Every credit is where it must be."""

import os
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from db.schema import migrate
from db.session import open_database
from services.rules import DuelRules, GrantRules
from tests.app import sync_url
from tests.house import RULES, open_house
from tests.reliability.duel_storm import PURSE, Storm
from tests.reliability.duel_sums import check_duels

DUELS = int(os.environ.get("POTLUCK_DUELS", "1000"))
"""10,000 take some minutes."""
AGAIN = timedelta(minutes=1)
BUDGET = 1_000
STORMY = replace(
    RULES,
    grants=GrantRules(welcome=0),
    duels=DuelRules(
        pair_within=timedelta(minutes=3),
        spare=timedelta(seconds=10),
        again_after=AGAIN,
        bonus_budget=BUDGET,
    ),
)


async def storm(url: str, *, replicas: int, players: int, duels: int, deaths: float) -> None:
    """Let a crowd duel while its processes die; every duel, wallet and sum is looked at in the end."""
    async with open_house(url, STORMY) as house:
        databases = [house.db, open_database(url)][:replicas]
        for db in databases[1:]:
            await db.open()
        made = Storm(house=house, chance=random.Random(7), deaths=deaths)
        await made.open(databases, players)
        await made.run(duels)
        at_first = {one.who.player_id: PURSE for one in made.fighters}
        sums = await check_duels(house, budget=BUDGET, again_after=AGAIN, at_first=at_first)
        for db in databases[1:]:
            await db.close()
    assert sum(sums.ends.values()) - sums.ends["back"] >= duels
    assert not {"won", "lost", "tie", "refunded", "not_sent", "down", "doubt", "back"} - sums.ends.keys()
    assert sums.ends["won"] == sums.ends["lost"]
    assert made.died
    assert not {"open_duel", "not_yours", "duel_over"} - made.refused.keys()


@pytest.mark.timeout(3_600)
async def test_t48_t51_t59_duels_on_two_replicas_that_die_come_to_the_credit(postgres_url: str) -> None:
    url = sync_url(postgres_url)
    migrate(url)
    await storm(url, replicas=2, players=50, duels=DUELS, deaths=0.003)


@pytest.mark.timeout(600)
async def test_t51_t59_duels_of_one_process_that_dies_come_to_the_credit(sqlite_url: str) -> None:
    migrate(sqlite_url)
    await storm(sqlite_url, replicas=1, players=40, duels=400, deaths=0.003)
