"""What every handler works with: the services, and who reads in which language."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row
from telegram import Chat, MaybeInaccessibleMessage, Message, Update, User
from telegram.constants import ChatAction, ChatType
from telegram.error import ChatMigrated, TelegramError
from telegram.ext import Application, CallbackContext, ExtBot, JobQueue

from db.models.people import ChatKind
from handlers.text import clean_name
from handlers.words import Words, language_of
from services.alias import SetAlias
from services.board import ReadBoard, ReadRounds
from services.buttons import OfferButtons
from services.cases import ReadCase, ReadCases
from services.chats import ReadConversation, ReadConversations
from services.conversations import BeginAnew, ContinueConversation, DeleteConversation, RenameConversation
from services.duels.answer import AnswerDuel
from services.duels.inviting import PostChallenge, ReadChallenge
from services.duels.lobby import ReadLobby
from services.duels.past import ReadDuel, ReadDuels
from services.duels.practice import AskPractice, JudgePractice
from services.duels.proof import ReadDuelProof
from services.duels.ratings import ReadDuelist
from services.duels.reports import ReadReported, ReportQuestion
from services.duels.review import ReadReview
from services.duels.signs import ReadSigns
from services.duels.week import ReadDuelBoard
from services.edits import EditMessage
from services.export import ExportConversations
from services.freezing import SetFrozen
from services.gifts import AskGift
from services.grants import TakeDaily
from services.group_settings import ChangeGroup, GroupSettings, ReadGroup
from services.history import ReadHistory, ReadReceipt
from services.limits import ReadLimits, SetLimit
from services.membership import JoinGroup, LeaveGroup, NoteAdmin, NoteReach
from services.migration import FindFormer, MergeChats
from services.mydata import ReadMyData
from services.operator_grants import GrantCredits
from services.orders import CheckOrder, PlaceOrder
from services.overview import ReadOverview
from services.payments import BookPayment
from services.people import Meet, Met, Place, Sender
from services.ports import Clock
from services.presses import PressButton
from services.profile import MayHint, ReadPlayer, SetCharacter, SetLanguage, SetSeed
from services.proofs import ReadProof
from services.purchases import ReadPurchase, ReadPurchases
from services.questions.imports import CountQuestions, ImportQuestions
from services.reclaims import NoteRefund
from services.reset import AskReset
from services.retry import RetryTurn
from services.rules import GameRules
from services.search import ReadExchange, SearchTurns
from services.stopping import StopTurns
from services.subscriptions import NoteRenewal
from services.turns import AcceptMessage
from services.usage import ReadUsage, ReadUsageOfAll

NAME_MOST = 32
TITLE_MOST = 64
_PRIVATE = frozenset({ChatType.PRIVATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that handlers call, built once at start."""

    rules: GameRules
    clock: Clock
    operator_ids: frozenset[int]
    words: Mapping[str, Words]
    meet: Meet
    accept: AcceptMessage
    edit: EditMessage
    retry: RetryTurn
    press: PressButton
    lobby: ReadLobby
    post_challenge: PostChallenge
    challenge: ReadChallenge
    ask_practice: AskPractice
    judge_practice: JudgePractice
    stop: StopTurns
    answer_duel: AnswerDuel
    duels: ReadDuels
    duel: ReadDuel
    review: ReadReview
    duel_proof: ReadDuelProof
    duel_board: ReadDuelBoard
    duelist: ReadDuelist
    report_question: ReportQuestion
    reported: ReadReported
    signs: ReadSigns
    set_frozen: SetFrozen
    overview: ReadOverview
    history: ReadHistory
    receipt: ReadReceipt
    daily: TakeDaily
    grant: GrantCredits
    limits: ReadLimits
    set_limit: SetLimit
    ask_gift: AskGift
    offer: OfferButtons
    ask_reset: AskReset
    set_language: SetLanguage
    set_seed: SetSeed
    set_character: SetCharacter
    player: ReadPlayer
    may_hint: MayHint
    proof: ReadProof
    join: JoinGroup
    leave: LeaveGroup
    note_admin: NoteAdmin
    merge_chats: MergeChats
    former_groups: FindFormer
    note_reach: NoteReach
    group: ReadGroup
    change_group: ChangeGroup
    board: ReadBoard
    rounds: ReadRounds
    set_alias: SetAlias
    mydata: ReadMyData
    usage: ReadUsage
    usage_of_all: ReadUsageOfAll
    begin_anew: BeginAnew
    chats: ReadConversations
    chat: ReadConversation
    continue_chat: ContinueConversation
    rename_chat: RenameConversation
    delete_chat: DeleteConversation
    search: SearchTurns
    exchange: ReadExchange
    export: ExportConversations
    import_questions: ImportQuestions
    count_questions: CountQuestions
    place_order: PlaceOrder
    check_order: CheckOrder
    book_payment: BookPayment
    note_renewal: NoteRenewal
    own_texts: Mapping[str, str]
    """What the operator wrote himself, by its command."""
    purchases: ReadPurchases
    purchase: ReadPurchase
    note_refund: NoteRefund
    cases: ReadCases
    case: ReadCase
    admins: dict[tuple[int, int], tuple[datetime, bool]] = field(default_factory=dict)
    """Whom Telegram called an admin, or not, and when; see handlers.admins."""


BotData = dict[str, Services]


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], BotData]):
    """The library's context, with our services at hand."""

    @property
    def services(self) -> Services:
        """Return the services."""
        return self.bot_data["services"]


App = Application[ExtBot[None], Context, dict[Any, Any], dict[Any, Any], BotData, JobQueue[Context] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who wrote or pressed: his keys, his row, his words, and where it was."""

    met: Met
    player: Row[Any]
    words: Words
    in_group: bool
    user: User
    chat: Chat
    thread_id: int | None = None
    """The topic, if it was in one."""
    group: GroupSettings | None = None
    """What the admins chose, if it was in a group."""

    @property
    def player_id(self) -> int:
        """Return our key of the player."""
        return self.met.player_id

    @property
    def chat_id(self) -> int:
        """Return our key of the chat."""
        return self.met.chat_id

    @property
    def pot_on(self) -> bool:
        """Return whether the admins of the group, if it is one, left its pot on."""
        return self.group is None or self.group.pot_on

    @property
    def name(self) -> str:
        """Return the player's name, made harmless."""
        return str(self.player.name)


def sender_of(user: User) -> Sender:
    """Return a Telegram user as the services know him."""
    return Sender(
        telegram_id=user.id,
        name=clean_name(user.full_name, most=NAME_MOST),
        username=user.username,
        language=(user.language_code or "")[:16] or None,
    )


def place_of(chat: Chat) -> Place:
    """Return a Telegram chat as the services know it."""
    kind = ChatKind.PRIVATE if chat.type in _PRIVATE else ChatKind.GROUP
    title = chat.title or chat.full_name or ""
    return Place(telegram_id=chat.id, kind=kind, title=clean_name(title, most=TITLE_MOST))


async def meet(update: Update, context: Context) -> Met:
    """Return the keys of who is behind an update, and of the chat; met, if need be, for the first time.

    Raises:
        Forgotten: he was forgotten, and did not write but press a button.
    """
    user, chat = cast("User", update.effective_user), cast("Chat", update.effective_chat)
    sender, place = sender_of(user), place_of(chat)
    met = await context.services.meet(sender=sender, place=place, may_return=update.message is not None)
    if met.is_new_chat and await find_former(chat, context):
        return await context.services.meet(sender=sender, place=place)
    return met


async def find_former(chat: Chat, context: Context) -> bool:
    """Look whether a supergroup that is new here is a group that we know; Telegram's notices may be missing.

    A chat action costs nothing, and a group that has moved refuses it with its new id.
    """
    place = place_of(chat)
    for telegram_id in await context.services.former_groups(telegram_id=chat.id, title=place.title):
        with suppress(TelegramError):
            try:
                await context.bot.send_chat_action(telegram_id, ChatAction.TYPING)
            except ChatMigrated as error:
                if error.new_chat_id == chat.id:
                    await context.services.merge_chats(old=telegram_id, new=chat.id, title=place.title)
                    return True
    return False


async def read(update: Update, context: Context) -> Reader:
    """Return who is behind an update, with all that screens need of him."""
    user, chat = cast("User", update.effective_user), cast("Chat", update.effective_chat)
    met = await meet(update, context)
    player = await context.services.player(player_id=met.player_id)
    in_group = chat.type not in _PRIVATE
    group = await context.services.group(chat_id=met.chat_id) if in_group else None
    language = language_of((group and group.language) or player.language or player.telegram_language)
    return Reader(
        met=met,
        player=player,
        words=context.services.words[language],
        in_group=in_group,
        group=group,
        user=user,
        chat=chat,
        thread_id=thread_of(update.effective_message),
    )


def thread_of(message: MaybeInaccessibleMessage | None) -> int | None:
    """Return the topic that a message is in, if it is in one."""
    if not isinstance(message, Message) or not message.is_topic_message:
        return None
    return message.message_thread_id


def arguments(message: Message) -> str:
    """Return what follows the command in a message, without the spaces around it."""
    parts = (message.text or "").split(maxsplit=1)
    return parts[1].strip() if len(parts) > 1 else ""
