"""The use cases, built once: what handlers call, and what timers do."""

from collections.abc import Mapping

from bot.own_texts import own_texts
from bot.settings import Settings
from db.session import Database
from handlers.context import Services
from handlers.words import Words
from services.alias import SetAlias
from services.board import ReadBoard, ReadRounds
from services.buttons import OfferButtons
from services.cases import ReadCase, ReadCases
from services.chats import ReadConversation, ReadConversations
from services.conversations import (
    BeginAnew,
    ContinueConversation,
    DeleteConversation,
    RenameConversation,
    erase_conversation,
)
from services.dashboard import DashboardJob
from services.duels.answer import AnswerDuel
from services.duels.doubt import refund_next
from services.duels.finish import EndJob
from services.duels.inviting import PostChallenge, ReadChallenge, expire_challenge
from services.duels.lobby import ReadLobby
from services.duels.past import ReadDuel, ReadDuels
from services.duels.practice import AskPractice, JudgePractice
from services.duels.proof import ReadDuelProof
from services.duels.ratings import ReadDuelist
from services.duels.refund import PairJob
from services.duels.reports import ReadReported, ReportQuestion
from services.duels.review import ReadReview
from services.duels.signs import ReadSigns
from services.duels.week import ReadDuelBoard
from services.edits import EditMessage
from services.erase import Erase
from services.export import ExportConversations
from services.forgotten import ForgetKey
from services.freezing import SetFrozen
from services.gifts import AskGift
from services.grants import TakeDaily
from services.group_settings import ChangeGroup, ReadGroup
from services.history import ReadHistory, ReadReceipt
from services.limits import ReadLimits, SetLimit
from services.membership import JoinGroup, LeaveGroup, NoteAdmin, NoteReach, end_sleep
from services.migration import FindFormer, MergeChats
from services.mydata import ReadMyData
from services.operator_grants import GrantCredits
from services.orders import CheckOrder, PlaceOrder
from services.overview import OverviewReader
from services.payback_asks import ask_again
from services.payments import BookPayment
from services.people import Meet
from services.ports import Files
from services.premium import tell_of_end
from services.presses import PressButton
from services.profile import MayHint, ReadPlayer, SetCharacter, SetLanguage, SetSeed
from services.proofs import ReadProof
from services.purchases import ReadPurchase, ReadPurchases
from services.questions.imports import CountQuestions, ImportQuestions
from services.quiet import delete_messages
from services.reclaims import NoteRefund
from services.reconcile import ReconcileJob
from services.refunds import pay_refunds
from services.reports import ReportJob
from services.reset import AskReset
from services.retry import RetryTurn
from services.rules import GameRules
from services.samples import take_samples
from services.search import ReadExchange, SearchTurns
from services.stamp import Stamps
from services.stopping import StopTurns
from services.subscriptions import NoteRenewal
from services.timers import Job, TimerKind
from services.turns import AcceptMessage
from services.usage import ReadUsage, ReadUsageOfAll


def use_cases(
    db: Database,
    stamps: Stamps,
    rules: GameRules,
    words: Mapping[str, Words],
    settings: Settings,
    key: ForgetKey,
    files: Files,
) -> Services:
    """Return everything that handlers call, each given what it needs."""
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
        lobby=ReadLobby(db=db, rules=rules.duels),
        post_challenge=PostChallenge(db=db, stamps=stamps, rules=rules),
        challenge=ReadChallenge(db=db, clock=stamps.clock),
        ask_practice=AskPractice(db=db, stamps=stamps),
        judge_practice=JudgePractice(db=db, stamps=stamps),
        stop=StopTurns(db=db, stamps=stamps),
        answer_duel=AnswerDuel(db=db, stamps=stamps, rules=rules),
        duels=ReadDuels(db=db),
        duel=ReadDuel(db=db, clock=stamps.clock),
        review=ReadReview(db=db),
        duel_proof=ReadDuelProof(db=db, clock=stamps.clock),
        duel_board=ReadDuelBoard(db=db, clock=stamps.clock),
        duelist=ReadDuelist(db=db),
        report_question=ReportQuestion(db=db, stamps=stamps),
        reported=ReadReported(db=db),
        signs=ReadSigns(db=db, clock=stamps.clock, rules=rules.duels),
        set_frozen=SetFrozen(db=db, clock=stamps.clock),
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
        import_questions=ImportQuestions(db=db, stamps=stamps, files=files),
        count_questions=CountQuestions(db=db),
        place_order=PlaceOrder(db=db, stamps=stamps, rules=rules),
        check_order=CheckOrder(db=db, stamps=stamps, rules=rules),
        book_payment=BookPayment(db=db, stamps=stamps, rules=rules),
        note_renewal=NoteRenewal(db=db, stamps=stamps),
        own_texts=own_texts(settings),
        purchases=ReadPurchases(db=db, clock=stamps.clock, rules=rules),
        purchase=ReadPurchase(db=db, clock=stamps.clock, rules=rules),
        note_refund=NoteRefund(db=db, stamps=stamps, rules=rules),
        cases=ReadCases(db=db),
        case=ReadCase(db=db),
    )


def jobs_of(rules: GameRules, key: ForgetKey) -> Mapping[TimerKind, Job]:
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
        TimerKind.CHALLENGE: expire_challenge,
        TimerKind.DUEL_END: EndJob(rules),
        TimerKind.DUEL_PAIR: PairJob(rules),
        TimerKind.DUEL_DOUBT: refund_next,
        TimerKind.PREMIUM: tell_of_end,
        TimerKind.PAYBACK: ask_again,
        TimerKind.RECONCILE: ReconcileJob(rules),
    }
