"""The parts of a run: the fake Telegram on loopback, its people, the database, the bot's processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.addresses import parse_database_url
from bot.chaos.breaking import Breaking
from bot.chaos.children import HOST, Child, Front, environment_of
from bot.chaos.cluster import Cluster, new_directory
from bot.chaos.plan import SECRET, SETTINGS, TOKEN, WEBHOOK_URL, DatabaseKind, Mode, Plan
from bot.chaos.players import Players
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from bot.server import HttpServer

CLUSTER_PREFIX = "potluck-chaos-pg-"
JOURNAL_LIMIT = 10_000_000
WEBHOOK_SECONDS = 5.0
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.1, 1.0


@dataclass(frozen=True, kw_only=True)
class Rig:
    """The parts of a run, all running but the bot; ``database_url`` is one of SQLAlchemy's."""

    plan: Plan
    directory: Path
    database_url: str
    telegram: Telegram
    players: Players
    children: list[Child]
    breaking: Breaking
    first_update_id: int


@asynccontextmanager
async def open_rig(plan: Plan, directory: Path) -> AsyncIterator[Rig]:
    """Build the parts of a run; at the end nothing of them is left running.

    Args:
        directory: empty; a SQLite file and all logs go there.

    Raises:
        NoPostgres: the plan needs one, and its programs are missing.
    """
    children: list[Child] = []
    telegram = _telegram(plan, Front(children))
    server = HttpServer(build_app(telegram), HOST, 0)
    cluster = Cluster(new_directory(CLUSTER_PREFIX)) if plan.database == DatabaseKind.POSTGRES else None
    try:
        await server.start()
        if cluster is not None:
            await asyncio.to_thread(_start, cluster)
        url = cluster.url() if cluster else f"sqlite:///{directory / 'potluck.db'}"
        environment = environment_of(_settings(plan, url, f"http://{HOST}:{server.port}"))
        children += [Child(f"bot{n + 1}", directory, environment) for n in range(plan.replicas)]
        async with httpx.AsyncClient(timeout=1.0) as client:
            first_update_id = telegram.updates.next_id
            players = Players(telegram, plan.seed)
            yield Rig(
                plan=plan,
                directory=directory,
                database_url=parse_database_url(url).sync_url,
                telegram=telegram,
                players=players,
                children=children,
                breaking=Breaking(plan, children, cluster, client, lambda: players.sent),
                first_update_id=first_update_id,
            )
    finally:
        await asyncio.gather(*(child.kill() for child in children if child.is_alive))
        await telegram.aclose()
        await server.stop()
        if cluster is not None:
            await asyncio.to_thread(cluster.remove)


def _telegram(plan: Plan, front: Front) -> Telegram:
    telegram = Telegram(
        tokens=[TOKEN],
        journal_limit=JOURNAL_LIMIT,
        webhook_transport=front,
        backoff=_retry_seconds,
        seed=plan.seed,
    )
    telegram.webhook.timeout_seconds = WEBHOOK_SECONDS
    return telegram


def _retry_seconds(attempt: int) -> float:
    """Return how long the fake Telegram waits before it posts again; the real one is slower."""
    return min(FIRST_RETRY_SECONDS * 2.0 ** min(attempt, 10), LONGEST_RETRY_SECONDS)


def _start(cluster: Cluster) -> None:
    cluster.create()
    cluster.start()


def _settings(plan: Plan, database_url: str, api_url: str) -> dict[str, str]:
    webhook = {"WEBHOOK_URL": WEBHOOK_URL, "WEBHOOK_SECRET": SECRET} if plan.mode == Mode.WEBHOOK else {}
    return {**SETTINGS, **webhook, "BOT_TOKEN": TOKEN, "BOT_API_URL": api_url, "DATABASE_URL": database_url}
