"""What a run is to do: modes, numbers, seed; a short taste, the long programme; and the bot's settings in it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

LEASE_SECONDS = 4
WELCOME_CREDITS = 20_000
SECRET = "the-secret-of-the-rig"  # noqa: S105
TOKEN = "7000000001:token-of-the-rig"  # noqa: S105
WEBHOOK_URL = "http://bot.rig/telegram"

KILLS_OF_TASTE, UPDATES_OF_TASTE = 12, 600
KILLS_OF_LONG, UPDATES_OF_LONG = 75, 5_000
REPLICAS_OF_LONG, MINUTES_OF_REPLICAS = 4, 5.0
LEAST_MINUTES, MINUTES_PER_KILL, MINUTES_PER_UPDATE = 5.0, 0.25, 0.004
"""Several times what a run takes on two busy cores; then it ends, done or not."""

SETTINGS: Mapping[str, str] = {
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "MODEL_DEADLINE_SECONDS": "8",
    "DRAIN_SECONDS": "4",
    "HTTP_LISTEN": "127.0.0.1:0",
    # The rules' limits on players and Telegram's on sending would only slow the rig down.
    "SEND_PER_SECOND": "10000",
    "CHAT_SEND_PER_SECOND": "10000",
    "GROUP_MESSAGES_PER_MINUTE": "1000000",
    "MESSAGES_PER_MINUTE": "1000000",
    "QUEUE_LENGTH": "10000",
    "OLD_MESSAGE_MINUTES": "1440",
    # Credits for long, prices that soon stand still, and wins every few messages.
    "WELCOME_GRANT_CREDITS": str(WELCOME_CREDITS),
    "WELCOME_BUDGET_CREDITS": "1000000000",
    "DAILY_BUDGET_CREDITS": "1000000000",
    "DAILY_BELOW_CREDITS": "1000000000",
    "FREE_MESSAGES_PER_DAY": "20",
    "GUARD_LIMIT_CREDITS": "1000",
    "PRICE_BASE": "5",
    "PRICE_STEP": "1",
    "PRICE_CAP": "40",
    "CHANCE_PPM_PER_CREDIT": "5000",
    "PRIZE_CAP_CREDITS": "200",
}


class Mode(StrEnum):
    """How the bot gets its updates."""

    POLLING = "polling"
    """It asks Telegram."""
    WEBHOOK = "webhook"
    """Telegram posts them to it."""


class DatabaseKind(StrEnum):
    """Where the books are."""

    SQLITE = "sqlite"
    """A file."""
    POSTGRES = "postgres"
    """A private Postgres server, started and removed by the rig."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run; it ends when as many kills and updates as given are done, at the latest after its minutes.

    Attributes:
        kills: how many SIGKILLs; None for as many as there is time for.
        updates: how many are sent at least; None for as many as there is time for.
        stops: whether processes are also paused beyond their lease, and ended by SIGTERM.
        restarts: whether the Postgres server is also restarted, at once, as by a crash.
    """

    mode: Mode = Mode.POLLING
    database: DatabaseKind = DatabaseKind.SQLITE
    replicas: int = 1
    kills: int | None = KILLS_OF_TASTE
    updates: int | None = UPDATES_OF_TASTE
    minutes: float = LEAST_MINUTES
    stops: bool = False
    restarts: bool = False
    seed: int = 1

    @property
    def name(self) -> str:
        """Return what tells it from other runs of a programme."""
        return f"{self.mode}, {self.database}" + (f" x {self.replicas}" if self.replicas > 1 else "")

    @property
    def command(self) -> str:
        """Return the command line that runs it again."""
        words = ["python bot.py chaos", f"--mode {self.mode}", f"--database {self.database}"]
        words += [f"--replicas {self.replicas}"] if self.replicas > 1 else []
        words += [f"--kills {self.kills}"] if self.kills is not None else []
        words += [f"--updates {self.updates}"] if self.updates is not None else []
        words += [f"--minutes {self.minutes:g}"]
        words += ["--stops"] if self.stops else []
        words += ["--restarts"] if self.restarts else []
        return " ".join([*words, f"--seed {self.seed}"])


class WrongPlan(Exception):
    """What was asked for can't be done; the text is one line that says why."""


def plan_of(
    *,
    mode: Mode | None = None,
    database: DatabaseKind | None = None,
    replicas: int = 1,
    kills: int | None = None,
    updates: int | None = None,
    minutes: float | None = None,
    stops: bool = False,
    restarts: bool = False,
    seed: int,
) -> Plan:
    """Return the plan of what was asked for; what was left open follows from the rest.

    Raises:
        WrongPlan: several processes need Postgres and the webhook, and only Postgres can be restarted.
    """
    if mode is None:
        mode = Mode.POLLING if replicas == 1 else Mode.WEBHOOK
    if database is None:
        database = DatabaseKind.SQLITE if replicas == 1 and not restarts else DatabaseKind.POSTGRES
    if kills is updates is minutes is None:
        kills, updates = KILLS_OF_TASTE, UPDATES_OF_TASTE
    plan = Plan(
        mode=mode,
        database=database,
        replicas=replicas,
        kills=kills,
        updates=updates,
        minutes=minutes or minutes_for(kills or 0, updates or 0),
        stops=stops,
        restarts=restarts,
        seed=seed,
    )
    _check(plan)
    return plan


def minutes_for(kills: int, updates: int) -> float:
    """Return how many minutes so many kills and updates may take."""
    return max(LEAST_MINUTES, kills * MINUTES_PER_KILL, updates * MINUTES_PER_UPDATE)


def _check(plan: Plan) -> None:
    if plan.replicas > 1 and plan.database is DatabaseKind.SQLITE:
        raise WrongPlan("a SQLite file is for one process; --replicas needs --database postgres")
    if plan.replicas > 1 and plan.mode is Mode.POLLING:
        raise WrongPlan("Telegram lets one process poll; --replicas needs --mode webhook")
    if plan.restarts and plan.database is DatabaseKind.SQLITE:
        raise WrongPlan("--restarts is about the Postgres server; it needs --database postgres")


def long_programme(seed: int) -> list[Plan]:
    """Return the long programme: 300 kills in four combinations, then four replicas under everything."""
    minutes = minutes_for(KILLS_OF_LONG, UPDATES_OF_LONG)
    usual = Plan(kills=KILLS_OF_LONG, updates=UPDATES_OF_LONG, minutes=minutes)
    plans = [replace(usual, mode=mode, database=database) for database in DatabaseKind for mode in Mode]
    replicas = Plan(
        mode=Mode.WEBHOOK,
        database=DatabaseKind.POSTGRES,
        replicas=REPLICAS_OF_LONG,
        kills=None,
        updates=None,
        minutes=MINUTES_OF_REPLICAS,
        stops=True,
        restarts=True,
    )
    return [replace(plan, seed=seed + number) for number, plan in enumerate([*plans, replicas])]


def new_seed() -> int:
    """Return a seed that is new and short enough to be typed."""
    return random.SystemRandom().randrange(1, 1_000_000)
