"""The composition root: from settings to the parts, each built once and given what it needs."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.chart_worker import ChartWorker
from bot.clients import polling_client, telegram_application
from bot.delivery import Delivery
from bot.files import TelegramFiles
from bot.intake import Intake
from bot.lanes import Lanes
from bot.model import ConnectedModel, connected_model
from bot.pace import OwnPace, Pacer, SharedPace
from bot.settings import Settings
from bot.stage import Stages
from bot.turns import TurnWorkers
from bot.upkeep import Upkeep
from db.session import Database, open_database
from handlers import register_all
from handlers.answer_text import append_footer, split_answer
from handlers.character.model import BuiltInCharacter
from handlers.context import App, Services
from handlers.words import Words, language_of, load_catalogs
from services.alias import SetAlias
from services.answer import AnswerTurn, Cut
from services.board import ReadBoard, ReadRounds
from services.buttons import OfferButtons
from services.chats import ReadConversation, ReadConversations
from services.conversations import (
    BeginAnew,
    ContinueConversation,
    DeleteConversation,
    RenameConversation,
    erase_conversation,
)
from services.dashboard import DashboardJob
from services.edits import EditMessage
from services.erase import Erase
from services.export import ExportConversations
from services.forgotten import ForgetKey, forget_key
from services.gifts import AskGift
from services.grants import GrantCredits, TakeDaily
from services.group_settings import ChangeGroup, ReadGroup
from services.growing import NoteShown
from services.history import ReadHistory, ReadReceipt
from services.limits import ReadLimits, SetLimit
from services.membership import JoinGroup, LeaveGroup, NoteAdmin, NoteReach, end_sleep
from services.migration import FindFormer, MergeChats
from services.mydata import ReadMyData
from services.overview import OverviewReader
from services.pacing import Limits
from services.people import Meet
from services.ports import Clock, Entropy, Model
from services.presses import PressButton
from services.pricing import PriceRule, Window
from services.profile import MayHint, ReadPlayer, SetCharacter, SetLanguage, SetSeed
from services.proofs import ReadProof
from services.quiet import delete_messages
from services.refunds import pay_refunds
from services.reports import ReportJob
from services.reserve import PromoteNext
from services.reset import AskReset
from services.retry import RetryTurn
from services.rules import GameRules, GrantRules, PotRules, TalkRules
from services.samples import take_samples
from services.search import ReadExchange, SearchTurns
from services.stamp import Stamps, SystemClock, SystemEntropy
from services.stopping import StopTurns
from services.sweep import Forget, Sweep
from services.timers import Job, RunTimers, TimerKind
from services.turns import AcceptMessage
from services.usage import ReadUsage, ReadUsageOfAll


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The running parts of one process."""

    db: Database
    stamps: Stamps
    rules: GameRules
    words: Mapping[str, Words]
    application: App
    lanes: Lanes
    turns: TurnWorkers
    delivery: Delivery
    charts: ChartWorker
    intake: Intake
    upkeep: Upkeep
    polling: BaseRequest
    model: ConnectedModel | None
    """The language model; None where the built-in character answers."""

    @property
    def bot(self) -> ExtBot[None]:
        """Return the Bot API client."""
        return self.application.bot


def rules_of(settings: Settings) -> GameRules:
    """Return the figures of the game as the settings give them."""
    return GameRules(
        price=PriceRule(
            base=settings.price_base,
            step=settings.price_step,
            cap=settings.price_cap,
            window=Window(settings.price_window),
        ),
        grants=GrantRules(
            welcome=settings.welcome_grant_credits,
            welcome_budget=settings.welcome_budget_credits,
            daily_base=settings.daily_base_credits,
            daily_extra=settings.daily_step_credits,
            daily_most=settings.daily_cap_credits,
            daily_below=settings.daily_below_credits,
            daily_budget=settings.daily_budget_credits,
        ),
        pot=PotRules(
            enabled=settings.pot_enabled,
            house_divisor=settings.house_divisor,
            ppm_per_credit=settings.chance_ppm_per_credit,
            prize_share_bps=settings.prize_share_bps,
            prize_cap=settings.prize_cap_credits,
            refund_after=timedelta(days=settings.reset_refund_days),
            sleep=timedelta(days=settings.sleep_days),
        ),
        talk=TalkRules(
            free_per_day=settings.free_messages_per_day,
            free_warning_left=settings.free_warning_left,
            guard=settings.guard_limit_credits,
            confirm=timedelta(minutes=settings.confirm_minutes),
            queue_length=settings.queue_length,
            per_minute=settings.messages_per_minute,
            group_per_minute=settings.group_messages_per_minute,
            old_message=timedelta(minutes=settings.old_message_minutes),
            edit_within=timedelta(minutes=settings.edit_minutes),
            question_chars=settings.question_characters,
            answer_chars=settings.answer_characters,
            history_turns=settings.context_exchanges,
            history_chars=settings.context_characters,
            answer_deadline=timedelta(seconds=settings.model_deadline_seconds),
            quiet_delete=timedelta(minutes=settings.quiet_delete_minutes),
        ),
        model=settings.model_rules(),
        stars_enabled=settings.stars_enabled,
    )


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
    services = _services(db, stamps, rules, words, settings, key)
    polling = polling_client(httpx_options or {})
    application = telegram_application(settings, token, polling, _pacer(settings, db), httpx_options or {})
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
        model=model or built_in if connected is None else connected.guarded,
        split=_Splitter(words),
        files=TelegramFiles(application.bot),
        promote_next=PromoteNext(db=db, stamps=stamps, rules=rules),
    )
    lanes = Lanes(db, stamps, application, workers=settings.update_workers, tries=settings.update_tries)
    stages = Stages(bot=application.bot, note_shown=NoteShown(db=db, stamps=stamps, rules=rules), words=words)
    turns = TurnWorkers(db, stages, answer, workers=settings.turn_workers)
    charts = ChartWorker()
    delivery = Delivery(db, stamps, application.bot, words, rules, charts)
    upkeep = Upkeep(
        db=db,
        stamps=stamps,
        lanes=lanes,
        turns=turns,
        delivery=delivery,
        sweep=Sweep(db=db, stamps=stamps, rules=rules),
        forget=Forget(db=db, stamps=stamps),
        timers=RunTimers(db=db, stamps=stamps, jobs=_jobs(rules, key)),
        deadline=rules.talk.answer_deadline,
    )
    return Parts(
        db=db,
        stamps=stamps,
        rules=rules,
        words=words,
        application=application,
        lanes=lanes,
        turns=turns,
        delivery=delivery,
        charts=charts,
        intake=Intake(db, stamps, lanes),
        upkeep=upkeep,
        polling=polling,
        model=connected,
    )


def _services(
    db: Database,
    stamps: Stamps,
    rules: GameRules,
    words: Mapping[str, Words],
    settings: Settings,
    key: ForgetKey,
) -> Services:
    meet = Meet(db=db, stamps=stamps, rules=rules, key=key)
    db.on_commit(meet.on_commit)
    return Services(
        rules=rules,
        clock=stamps.clock,
        operator_ids=frozenset(settings.operator_ids),
        words=words,
        meet=meet,
        accept=AcceptMessage(db=db, stamps=stamps, rules=rules),
        edit=EditMessage(db=db, stamps=stamps, rules=rules),
        retry=RetryTurn(db=db, stamps=stamps, rules=rules),
        press=PressButton(db=db, stamps=stamps, rules=rules, key=key),
        stop=StopTurns(db=db, stamps=stamps),
        overview=OverviewReader(db=db, clock=stamps.clock, rules=rules),
        history=ReadHistory(db=db),
        receipt=ReadReceipt(db=db),
        daily=TakeDaily(db=db, stamps=stamps, rules=rules.grants),
        grant=GrantCredits(db=db, stamps=stamps),
        limits=ReadLimits(db=db, stamps=stamps, rules=rules),
        set_limit=SetLimit(db=db, stamps=stamps, rules=rules),
        ask_gift=AskGift(db=db, stamps=stamps, rules=rules),
        offer=OfferButtons(db=db, stamps=stamps, rules=rules),
        ask_reset=AskReset(db=db, stamps=stamps, rules=rules),
        set_language=SetLanguage(db=db),
        set_seed=SetSeed(db=db),
        set_character=SetCharacter(db=db),
        player=ReadPlayer(db=db),
        may_hint=MayHint(db=db, stamps=stamps),
        proof=ReadProof(db=db),
        join=JoinGroup(db=db, stamps=stamps, rules=rules),
        leave=LeaveGroup(db=db, stamps=stamps, rules=rules),
        note_admin=NoteAdmin(db=db, stamps=stamps),
        merge_chats=MergeChats(db=db, stamps=stamps),
        former_groups=FindFormer(db=db),
        note_reach=NoteReach(db=db),
        group=ReadGroup(db=db),
        change_group=ChangeGroup(db=db, stamps=stamps),
        board=ReadBoard(db=db, clock=stamps.clock),
        rounds=ReadRounds(db=db),
        set_alias=SetAlias(db=db),
        mydata=ReadMyData(db=db, clock=stamps.clock),
        usage=ReadUsage(db=db, clock=stamps.clock, rules=rules),
        usage_of_all=ReadUsageOfAll(db=db, clock=stamps.clock),
        begin_anew=BeginAnew(db=db),
        chats=ReadConversations(db=db),
        chat=ReadConversation(db=db),
        continue_chat=ContinueConversation(db=db),
        rename_chat=RenameConversation(db=db),
        delete_chat=DeleteConversation(db=db, stamps=stamps),
        search=SearchTurns(db=db),
        exchange=ReadExchange(db=db),
        export=ExportConversations(db=db, clock=stamps.clock),
    )


def _jobs(rules: GameRules, key: ForgetKey) -> Mapping[TimerKind, Job]:
    """Return what each kind of timer does."""
    return {
        TimerKind.SLEEP: end_sleep,
        TimerKind.REFUND: pay_refunds,
        TimerKind.REPORT: ReportJob(rules),
        TimerKind.SAMPLE: take_samples,
        TimerKind.DASHBOARD: DashboardJob(rules),
        TimerKind.QUIET: delete_messages,
        TimerKind.FORGET: Erase(key),
        TimerKind.ERASE: erase_conversation,
    }


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
