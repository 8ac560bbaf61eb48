"""The figures of the rules as texts mention them. The figures themselves come from the settings."""

from handlers.words import Words
from services.pot import chance_of
from services.pricing import half_price
from services.reserve import next_price
from services.rules import DuelRules, GameRules

_BPS = 10_000


def house_bps(rules: GameRules) -> int:
    """Return the house's share of a price in hundredths of a percent."""
    return _BPS // rules.pot.house_divisor


def free_of_day(count: int, words: Words) -> str:
    """Return what texts say about the free messages of a day."""
    return words.plain("free.per_day", n=count) if count else words.plain("free.per_day_none")


def duel_facts(rules: DuelRules) -> dict[str, object]:
    """Return what texts say about the stakes and the time of quiz duels."""
    return {
        "stake": rules.stake,
        "bounty": rules.bounty,
        "rake": rules.rake,
        "questions": rules.questions,
        "duel_time": rules.time,
    }


def rule_facts(rules: GameRules, words: Words) -> dict[str, object]:
    """Return what texts say about prices, chances and shares; half the prices where pots are switched off."""
    base = next_price(rules, 0)
    step, cap = rules.price.step, rules.price.cap
    return {
        "base": base,
        "step": step if rules.pot.enabled else half_price(step),
        "cap": cap if rules.pot.enabled else half_price(cap),
        "window": words.plain(f"window.{rules.price.window}"),
        "chance_ppm": chance_of(rules.pot, base),
        "house_bps": house_bps(rules),
        "prize_bps": rules.pot.prize_share_bps,
        "prize_cap": rules.pot.prize_cap,
        "edit": rules.talk.edit_within,
        "free": free_of_day(rules.talk.free_per_day, words),
    }
