"""Every figure of the game in one place, as the settings give them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services.pricing import PriceRule


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRules:
    """What is given away; ``*_budget`` bounds it per UTC day, all in credits."""

    welcome: int = 1_000
    welcome_budget: int = 100_000
    daily_base: int = 50
    daily_extra: int = 10
    daily_most: int = 100
    daily_below: int = 500
    daily_budget: int = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PotRules:
    """How a pot is fed and won."""

    enabled: bool = True
    house_divisor: int = 10
    ppm_per_credit: int = 1_000
    prize_share_bps: int = 9_000
    prize_cap: int = 1_000
    refund_after: timedelta = timedelta(days=7)
    sleep: timedelta = timedelta(days=7)
    """A round of a group without the bot is paid back after as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRules:
    """How messages are taken in; guard in credits."""

    free_per_day: int = 5
    free_warning_left: int = 2
    guard: int = 25
    confirm: timedelta = timedelta(minutes=10)
    queue_length: int = 5
    per_minute: int = 20
    group_per_minute: int = 20
    old_message: timedelta = timedelta(minutes=10)
    edit_within: timedelta = timedelta(minutes=5)
    """An edited message is answered again until as long after it was written."""
    question_chars: int = 4_096
    answer_chars: int = 12_000
    history_turns: int = 10
    history_chars: int = 8_000
    answer_deadline: timedelta = timedelta(seconds=60)
    quiet_delete: timedelta = timedelta(hours=1)
    """In quiet groups, what the bot said is deleted after as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRules:
    """When a model that fails is let alone."""

    failures: int = 5
    """As many in a row, ``within`` this time, open it."""
    within: timedelta = timedelta(minutes=1)
    rest: timedelta = timedelta(seconds=30)
    """Nobody asks it for so long; then one does."""
    silence: timedelta = timedelta(seconds=20)
    """Who gave up on an answer that had not begun after as long saw a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """What may be asked of a language model; tokens are those in and out together, 0 is no limit of a day."""

    is_there: bool = False
    """Whether there is one; else the built-in character answers."""
    answer_tokens: int = 1_024
    """The most tokens of one answer."""
    player_day_tokens: int = 200_000
    day_tokens: int = 5_000_000
    player_day_micros: int = 0
    """Millionths of a dollar for one player and UTC day."""
    day_micros: int = 0
    """Millionths of a dollar for all players and one UTC day."""
    has_better: bool = False
    """Whether players with Premium are answered by a better one."""
    sees_photos: bool = False
    photo_bytes: int = 3_500_000
    document_bytes: int = 64_000
    breaker: BreakerRules = BreakerRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseRules:
    """What is sold for Telegram Stars; ``packages`` are (Stars, credits)."""

    enabled: bool = False
    packages: tuple[tuple[int, int], ...] = ((100, 1_000), (250, 2_500), (500, 5_000), (1_000, 10_000))
    credits_per_star: int = 10
    """What a Star counts in the books where it bought no package."""
    order_ttl: timedelta = timedelta(hours=1)
    refund_within: timedelta = timedelta(days=7)
    premium_stars: int = 250
    premium_period: timedelta = timedelta(days=30)
    premium_free_per_day: int = 200
    premium_history_turns: int = 20
    premium_history_chars: int = 16_000
    premium_day_tokens: int = 1_000_000
    """In the place of ``player_day_tokens``; 0 is no limit."""
    premium_notice: timedelta = timedelta(days=3)
    """Who has cancelled is told as long before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuelRules:
    """How quiz duels are played and paid; stake, bounty and budget in credits."""

    enabled: bool = True
    stake: int = 500
    bounty: int = 800
    questions: int = 5
    time: timedelta = timedelta(seconds=15)
    """For all questions together, from the moment at which the first one arrived."""
    grace: timedelta = timedelta(seconds=3)
    pair_within: timedelta = timedelta(minutes=30)
    bonus_bps: int = 500
    """What comes on top of a stake that found no opponent, in 1/10000 of it."""
    bonus_budget: int = 10_000
    min_age: timedelta = timedelta(hours=24)
    """An account must be as old."""
    again_after: timedelta = timedelta(hours=2)
    """The same two players are not paired sooner again."""
    silence: timedelta = timedelta(seconds=1)
    """A process that shows a duel and is silent for longer in its time makes it void."""
    spare: timedelta = timedelta(minutes=1)
    """An opponent has as much time beyond his duel's, until whoever waits is refunded."""
    doubt: timedelta = timedelta(days=1)
    """The duels of a bad question are refunded as far back."""

    @property
    def bonus(self) -> int:
        """Return the bonus in credits, rounded down."""
        return self.stake * self.bonus_bps // 10_000

    @property
    def rake(self) -> int:
        """Return what the house keeps of both stakes."""
        return 2 * self.stake - self.bounty

    @property
    def window(self) -> timedelta:
        """Return until when after its start a duel takes answers."""
        return self.time + self.grace

    @property
    def room_within(self) -> timedelta:
        """Return until when after its start an opponent may still join a duel and finish in time."""
        return self.pair_within - self.window - self.spare


@dataclass(frozen=True, slots=True, kw_only=True)
class GameRules:
    """All rules together."""

    price: PriceRule
    grants: GrantRules = GrantRules()
    pot: PotRules = PotRules()
    talk: TalkRules = TalkRules()
    model: ModelRules = ModelRules()
    limit_raise: timedelta = timedelta(hours=24)
    purchases: PurchaseRules = PurchaseRules()
    duels: DuelRules = DuelRules()

    def in_chat(self, *, pot_on: bool) -> "GameRules":
        """Return the rules of a chat: a group's admins may have switched its pot off."""
        if pot_on or not self.pot.enabled:
            return self
        return replace(self, pot=replace(self.pot, enabled=False))

    def with_premium(self) -> "GameRules":
        """Return the rules for a player with Premium; never less than others have."""
        talk, model, gives = self.talk, self.model, self.purchases
        talk = replace(
            talk,
            free_per_day=max(talk.free_per_day, gives.premium_free_per_day),
            history_turns=max(talk.history_turns, gives.premium_history_turns),
            history_chars=max(talk.history_chars, gives.premium_history_chars),
        )
        tokens = (model.player_day_tokens, gives.premium_day_tokens)
        model = replace(model, player_day_tokens=max(tokens) if all(tokens) else 0)
        return replace(self, talk=talk, model=model)
