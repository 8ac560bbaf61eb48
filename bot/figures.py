"""The figures of the game and of the machinery that an operator may change: defaults and bounds."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings

MILLION = 1_000_000
MOST_CREDITS = 10**12
_DIGITS = re.compile(r"-?[0-9]{1,19}")


def whole(value: object) -> object:
    """Return a setting's text as a number; only the digits 0-9 count (no ``5_0``, no other script's).

    Raises:
        ValueError: it is no whole number.
    """
    if isinstance(value, bool | float) or (isinstance(value, str) and not _DIGITS.fullmatch(value)):
        raise ValueError("is no whole number")
    return value


Whole = Annotated[int, BeforeValidator(whole)]


def number(default: int, lowest: int, highest: int, meaning: str) -> Any:
    """Return the field of a whole number with its default and its bounds, both included."""
    return Field(default=default, ge=lowest, le=highest, description=meaning)


class Figures(BaseSettings):
    """What the rules say in numbers, and the rates, deadlines and sizes of the machinery."""

    # Grants
    welcome_grant_credits: Whole = number(1_000, 0, MOST_CREDITS, "given to a new player, once")
    daily_base_credits: Whole = number(50, 0, MOST_CREDITS, "/daily on the first day")
    daily_step_credits: Whole = number(10, 0, MOST_CREDITS, "/daily: more for each day in a row")
    daily_cap_credits: Whole = number(100, 0, MOST_CREDITS, "/daily at most")
    daily_below_credits: Whole = number(500, 0, MOST_CREDITS, "/daily only for who has less")
    welcome_budget_credits: Whole = number(100_000, 0, MOST_CREDITS, "welcome grants of one day")
    daily_budget_credits: Whole = number(50_000, 0, MOST_CREDITS, "/daily grants of one day")

    # What a message costs
    free_messages_per_day: Whole = number(5, 0, MILLION, "free messages a day in a private chat")
    free_warning_left: Whole = number(2, 0, MILLION, "as few left are told to the player")
    price_base: Whole = number(5, 1, MILLION, "credits for the first paid message of the window")
    price_step: Whole = number(5, 0, MILLION, "credits more for each further one")
    price_cap: Whole = number(100, 1, MILLION, "credits that no message is dearer than")
    price_window: Literal["day", "week", "lifetime"] = Field(
        default="day", description="when prices start anew: day, week or lifetime"
    )
    guard_limit_credits: Whole = number(
        25, 0, MOST_CREDITS, "a dearer message asks first, unless /limit says else"
    )
    confirm_minutes: Whole = number(10, 1, 1_440, "how long a confirmation holds")
    queue_length: Whole = number(5, 0, 10_000, "messages of a player that may wait in order")
    messages_per_minute: Whole = number(20, 1, MILLION, "what one player sends beyond it is dropped")
    group_messages_per_minute: Whole = number(20, 1, MILLION, "messages to one group (Telegram's limit)")
    old_message_minutes: Whole = number(10, 1, 1_440, "a message that comes later is not charged")
    edit_minutes: Whole = number(5, 1, 2_880, "the last message, edited within it, is answered again")

    quiet_delete_minutes: Whole = number(60, 60, 2_820, "quiet groups: the bot's words go after it")

    # The pot
    pot_enabled: bool = Field(default=True, description="messages feed pots and are tickets")
    house_divisor: Whole = number(10, 2, MILLION, "the house gets price // this, the pot the rest")
    chance_ppm_per_credit: Whole = number(1_000, 1, MILLION, "chance in millionths per credit")
    prize_share_bps: Whole = number(9_000, 1, 10_000, "part of the pot that is won, in 1/10000")
    prize_cap_credits: Whole = number(1_000, 1, MOST_CREDITS, "credits won at most")
    reset_refund_days: Whole = number(7, 1, 3_650, "nobody paid for as long: /reset may refund")
    sleep_days: Whole = number(7, 1, 3_650, "away from a group for as long: its round is refunded")

    # Purchases with Telegram Stars
    order_minutes: Whole = number(60, 1, 1_440, "an invoice can be paid for as long")
    purchase_refund_days: Whole = number(7, 0, 21, "a purchase can be given back for as long")
    premium_stars: Whole = number(250, 1, 10_000, "Stars for 30 days of Premium")
    premium_messages_per_day: Whole = number(200, 0, MILLION, "free messages a day with Premium")
    premium_context_exchanges: Whole = number(20, 0, 100, "CONTEXT_EXCHANGES with Premium")
    premium_context_characters: Whole = number(16_000, 0, MILLION, "CONTEXT_CHARACTERS with Premium")
    premium_day_tokens: Whole = number(
        1_000_000, 0, MOST_CREDITS, "MODEL_PLAYER_DAY_TOKENS with Premium; 0: no limit"
    )
    premium_notice_days: Whole = number(3, 1, 29, "who cancelled is told as long before the end")

    # Quiz duels
    duel_stake_credits: Whole = number(500, 1, MOST_CREDITS, "each player's stake in a duel")
    duel_bounty_credits: Whole = number(800, 1, 2 * MOST_CREDITS, "the winner gets it, the house the rest")
    duel_seconds: Whole = number(15, 5, 600, "time for all questions of a duel")
    duel_grace_seconds: Whole = number(3, 0, 60, "answers count for as much longer")
    duel_pair_minutes: Whole = number(30, 1, 1_440, "a duel without an opponent ends after it")
    duel_bonus_bps: Whole = number(500, 0, 10_000, "on top of such a stake, once a day, in 1/10000")
    duel_bonus_budget_credits: Whole = number(10_000, 0, MOST_CREDITS, "such bonuses of one day")
    duel_min_age_hours: Whole = number(24, 0, 8_760, "an account must be as old for a duel")
    duel_again_minutes: Whole = number(120, 0, 100_000, "the same two don't meet sooner again")

    # Questions and answers
    question_characters: Whole = number(4_096, 1, 4_096, "longer questions are cut")
    context_exchanges: Whole = number(10, 0, 100, "earlier turns that the model is shown")
    context_characters: Whole = number(8_000, 0, MILLION, "characters of these turns together")
    answer_characters: Whole = number(12_000, 1, 100_000, "longer answers are cut")
    model_deadline_seconds: Whole = number(60, 1, 600, "an answer not begun by then is free")

    # Machinery
    update_workers: Whole = number(64, 1, 1_024, "updates handled side by side")
    update_tries: Whole = number(5, 1, 100, "an update that fails as often is parked")
    turn_workers: Whole = number(256, 1, 10_000, "answers made side by side")
    lease_seconds: Whole = number(90, 3, 3_600, "when a dead process's work is taken over")
    drain_seconds: Whole = number(10, 0, 600, "time to finish work after SIGTERM")
    send_per_second: Whole = number(30, 1, 10_000, "messages to all chats (Telegram's limit)")
    chat_send_per_second: Whole = number(1, 1, 10_000, "messages to one chat (Telegram's limit)")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        dearest_ppm = self.price_cap * self.chance_ppm_per_credit
        fair_prize_credits = MILLION // self.chance_ppm_per_credit
        if self.price_cap < self.price_base:
            raise ValueError(_disagreement("PRICE_CAP", "is below PRICE_BASE", self.price_base, "more"))
        if self.daily_cap_credits < self.daily_base_credits:
            text = _disagreement("DAILY_CAP_CREDITS", "is below the base", self.daily_base_credits, "more")
            raise ValueError(text)
        if dearest_ppm > MILLION:
            highest = MILLION // self.price_cap
            raise ValueError(
                _disagreement("CHANCE_PPM_PER_CREDIT", "is too much for PRICE_CAP", highest, "less")
            )
        if self.prize_cap_credits > fair_prize_credits:
            problem = "makes tickets worth more than their price"
            raise ValueError(_disagreement("PRIZE_CAP_CREDITS", problem, fair_prize_credits, "less"))
        if not self.duel_stake_credits <= self.duel_bounty_credits <= 2 * self.duel_stake_credits:
            problem = "is not between one stake and two"
            raise ValueError(
                _disagreement("DUEL_BOUNTY_CREDITS", problem, 2 * self.duel_stake_credits, "less")
            )
        return self


def _disagreement(name: str, problem: str, bound: int, side: str) -> str:
    return f"{name} {problem}; expected {bound} or {side}"
