"""Figures the character may mention: what the overview and the rules say, and nothing else."""

from decimal import Decimal
from fractions import Fraction

from handlers.rule_facts import duel_facts, free_of_day
from handlers.words import Words
from services.overview import Overview, PotView
from services.rules import GameRules

Facts = dict[str, object]
_BPS = 10_000


def facts_of(view: Overview, rules: GameRules, words: Words) -> Facts:
    """Return every figure that a scene may use, by its placeholder."""
    facts: Facts = {
        "price": view.next_price,
        "after": min(view.cap, view.next_price + view.step),
        "cap": view.cap,
        "base": view.base,
        "step": view.step,
        "window": words.plain(f"window.{view.window}"),
        "balance": view.balance - view.held,
        "free_left": view.free_left,
        "free_per_day": view.free_per_day,
        "free": free_of_day(view.free_per_day, words),
        "paid_today": view.paid_today,
        "paid_total": view.paid_total,
        "guard": rules.talk.guard,
        "daily_base": rules.grants.daily_base,
        "daily_most": rules.grants.daily_most,
        "daily_below": rules.grants.daily_below,
        **duel_facts(rules.duels),
    }
    return facts if view.pot is None else facts | _of_rules(view, rules) | _of_pot(view.pot)


def _of_rules(view: Overview, rules: GameRules) -> Facts:
    return {
        "chance_ppm": max(1, view.chance_ppm),
        "top_ppm": max(1, view.cap * rules.pot.ppm_per_credit),
        "house_bps": _BPS // rules.pot.house_divisor,
        "prize_bps": rules.pot.prize_share_bps,
        "prize_cap": rules.pot.prize_cap,
    }


def _of_pot(pot: PotView) -> Facts:
    facts: Facts = {
        "pot": pot.balance,
        "prize": pot.prize,
        "round_no": pot.round_no,
        "tickets": pot.tickets,
        "own_tickets": pot.own_tickets,
        "commitment": pot.commitment.hex(),
    }
    if pot.last_wins:
        win = max(pot.last_wins, key=lambda one: one.at)
        facts |= {
            "last_prize": win.prize,
            "last_ticket": win.ticket_no,
            "last_round": win.round_no,
            "last_at": win.at,
        }
    return facts


def is_exact(value: Fraction) -> bool:
    """Tell whether four decimals show the value wholly."""
    return (value * _BPS).denominator == 1


def decimal_text(value: Fraction, language: str) -> str:
    """Return the value with at most four decimals as the language writes it."""
    from babel.numbers import format_decimal

    scaled = round(value * _BPS)
    return format_decimal(Decimal(scaled) / _BPS, format="#,##0.####", locale=language)
