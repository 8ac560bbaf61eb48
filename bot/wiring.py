"""The composition root: from settings to the parts, each built once and given what it needs."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.beats import Beats
from bot.cashier import Cashier
from bot.chart_worker import ChartWorker
from bot.checkouts import Checkouts
from bot.clients import polling_client, telegram_application
from bot.delivery import Delivery
from bot.duel_stage import DuelStages
from bot.files import TelegramFiles
from bot.intake import Intake
from bot.lanes import Lanes
from bot.model import ConnectedModel, connected_model
from bot.pace import OwnPace, Pacer, SharedPace
from bot.rules import rules_of
from bot.settings import Settings
from bot.stage import Stages
from bot.stars import TelegramStars
from bot.turns import TurnWorkers
from bot.upkeep import Upkeep
from bot.use_cases import jobs_of, use_cases
from db.session import Database, open_database
from handlers import register_all
from handlers.answer_text import append_footer, split_answer
from handlers.character.model import BuiltInCharacter
from handlers.context import App
from handlers.words import Words, language_of, load_catalogs
from services.answer import AnswerTurn, Cut
from services.forgotten import forget_key
from services.growing import NoteShown
from services.pacing import Limits
from services.paybacks import FinishPayback
from services.ports import Clock, Entropy, Model
from services.reconcile import Reconcile
from services.reserve import PromoteNext
from services.rules import GameRules
from services.stamp import Stamps, SystemClock, SystemEntropy
from services.sweep import Forget, Sweep
from services.timers import RunTimers


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The running parts of one process."""

    db: Database
    stamps: Stamps
    rules: GameRules
    words: Mapping[str, Words]
    application: App
    lanes: Lanes
    checkouts: Checkouts
    turns: TurnWorkers
    delivery: Delivery
    duels: DuelStages
    charts: ChartWorker
    cashier: Cashier
    intake: Intake
    upkeep: Upkeep
    polling: BaseRequest
    model: ConnectedModel | None
    """The language model; None where the built-in character answers."""

    @property
    def bot(self) -> ExtBot[None]:
        """Return the Bot API client."""
        return self.application.bot


def build(
    settings: Settings,
    *,
    token: str,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    model: Model | None = None,
    httpx_options: dict[str, Any] | None = None,
    pause_seconds: float = 0.05,
) -> Parts:
    """Build all parts; nothing is opened or started yet.

    Args:
        model: what answers; None for what the settings name, else the built-in character.
        httpx_options: for the HTTP client that talks to the Bot API (tests put another transport there).
        pause_seconds: between two pieces of the built-in character's answers.

    Raises:
        SettingsError: a file that a setting names can't be shown.
    """
    rules, words = rules_of(settings), load_catalogs()
    if model is not None:
        rules = replace(rules, model=replace(rules.model, is_there=True))
    stamps = Stamps(
        clock=clock or SystemClock(),
        entropy=entropy or SystemEntropy(),
        owner=secrets.token_hex(8),
        lease=timedelta(seconds=settings.lease_seconds),
    )
    db = open_database(settings.database_url.sync_url)
    own = settings.forget_key.get_secret_value() if settings.forget_key is not None else None
    key = forget_key(own, token)
    polling = polling_client(httpx_options or {})
    application = telegram_application(settings, token, polling, _pacer(settings, db), httpx_options or {})
    files = TelegramFiles(application.bot)
    services = use_cases(db, stamps, rules, words, settings, key, files)
    application.bot_data["services"] = services
    register_all(application)
    connected = connected_model(settings, rules.model, stamps.clock) if model is None else None
    built_in = BuiltInCharacter(
        read_overview=services.overview, rules=rules, words=words, pause_seconds=pause_seconds
    )
    answer = AnswerTurn(
        db=db,
        stamps=stamps,
        rules=rules,
        model=model or built_in if connected is None else connected.asked,
        split=_Splitter(words),
        files=files,
        promote_next=PromoteNext(db=db, stamps=stamps, rules=rules),
    )
    lanes = Lanes(db, stamps, application, workers=settings.update_workers, tries=settings.update_tries)
    checkouts = Checkouts(application)
    stages = Stages(bot=application.bot, note_shown=NoteShown(db=db, stamps=stamps, rules=rules), words=words)
    turns = TurnWorkers(db, stages, answer, workers=settings.turn_workers)
    charts = ChartWorker()
    duels = DuelStages(db, stamps.clock, application.bot, words, rules.duels)
    delivery = Delivery(db, stamps, application.bot, words, rules, charts, duels.calm)
    delivery = Delivery(db, stamps, application.bot, words, rules, charts)
    stars = TelegramStars(application.bot)
    cashier = Cashier(
        db,
        stars,
        FinishPayback(db=db, stamps=stamps, gateway=stars),
        Reconcile(db=db, stamps=stamps, rules=rules, gateway=stars),
    )
    upkeep = Upkeep(
        db=db,
        stamps=stamps,
        lanes=lanes,
        turns=turns,
        delivery=delivery,
        sweep=Sweep(db=db, stamps=stamps, rules=rules),
        forget=Forget(db=db, stamps=stamps),
        timers=RunTimers(db=db, stamps=stamps, jobs=jobs_of(rules, key)),
        beats=Beats(db, stamps, rules.duels),
        deadline=rules.talk.answer_deadline,
    )
    return Parts(
        db=db,
        stamps=stamps,
        rules=rules,
        words=words,
        application=application,
        lanes=lanes,
        checkouts=checkouts,
        turns=turns,
        delivery=delivery,
        duels=duels,
        charts=charts,
        intake=Intake(db, stamps, lanes, checkouts),
        cashier=cashier,
        upkeep=upkeep,
        polling=polling,
        model=connected,
    )


_MARKS: Final = {
    Cut.LENGTH: "answer.cut",
    Cut.DEADLINE: "answer.cut_deadline",
    Cut.STOPPED: "answer.cut_stopped",
}


@dataclass(frozen=True, slots=True)
class _Splitter:
    """Makes messages of an answer, with a mark where it ends before its end."""

    words: Mapping[str, Words]

    def __call__(self, text: str, language: str, cut: Cut | None) -> Sequence[Mapping[str, object]]:
        words = self.words[language_of(language)]
        parts = split_answer(text, cut_mark=words.plain("answer.cut"))
        if cut is not None:
            parts = append_footer(parts, words.plain(_MARKS[cut]))
        return [asdict(part) for part in parts]


def _pacer(settings: Settings, db: Database) -> Pacer:
    """Return who keeps Telegram's limits: the process alone where there is one, else all replicas together."""
    limits = Limits(
        per_second=settings.send_per_second,
        chat_per_second=settings.chat_send_per_second,
        group_per_minute=settings.group_messages_per_minute,
    )
    return OwnPace(limits) if settings.database_url.kind == "sqlite" else SharedPace(db, limits)
