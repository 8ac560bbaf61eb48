"""The figures of the game, from the settings."""

from datetime import timedelta

from bot.settings import Settings
from services.pricing import PriceRule, Window
from services.rules import DuelRules, GameRules, GrantRules, PotRules, PurchaseRules, TalkRules


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
        purchases=PurchaseRules(
            enabled=settings.stars_enabled,
            packages=settings.star_packages,
            order_ttl=timedelta(minutes=settings.order_minutes),
            refund_within=timedelta(days=settings.purchase_refund_days),
            premium_stars=settings.premium_stars,
            premium_free_per_day=settings.premium_messages_per_day,
            premium_history_turns=settings.premium_context_exchanges,
            premium_history_chars=settings.premium_context_characters,
            premium_day_tokens=settings.premium_day_tokens,
            premium_notice=timedelta(days=settings.premium_notice_days),
        ),
        duels=DuelRules(
            enabled=settings.duels_enabled,
            stake=settings.duel_stake_credits,
            bounty=settings.duel_bounty_credits,
            time=timedelta(seconds=settings.duel_seconds),
            grace=timedelta(seconds=settings.duel_grace_seconds),
            pair_within=timedelta(minutes=settings.duel_pair_minutes),
            bonus_bps=settings.duel_bonus_bps,
            bonus_budget=settings.duel_bonus_budget_credits,
            min_age=timedelta(hours=settings.duel_min_age_hours),
            again_after=timedelta(minutes=settings.duel_again_minutes),
        ),
    )
