"""What the outbox says about credits that come from outside: invoices, purchases, Premium, what goes back, grants."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from handlers.invoices import package_invoice
from handlers.payloads import html_payload as _html
from handlers.words import Words
from services.rules import GameRules

Facts = Mapping[str, Any]


def _grant_received(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    text = words("grant.received", amount=facts["credits"], **facts)
    return _html(text + _debt_line(facts, words))


def _debt_line(facts: Facts, words: Words) -> str:
    """Return a line that tells what of a grant covered a debt; nothing if none did."""
    if not facts.get("repaid"):
        return ""
    key = "debt.covered_part" if facts["debt"] else "debt.covered"
    return "\n" + words(key, repaid=facts["repaid"], debt=facts["debt"])


def _premium_end(key: str) -> Callable[..., list[dict[str, Any]]]:
    def show(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
        return _html(words(key, until=datetime.fromisoformat(facts["until"])))

    return show


def _invoice(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    what = {name: facts[name] for name in ("stars", "credits")}
    return [{"invoice": package_invoice(facts["payload"], words=words, **what)}]


def _purchase_done(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = "owing" if facts["debt"] else "repaid" if facts["repaid"] else ""
    return _html(words(f"purchase.done_{key}" if key else "purchase.done", **facts))


def _premium_paid(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {name: facts[name] for name in ("stars", "receipt")}
    shown |= {"until": datetime.fromisoformat(facts["until"]), "free": rules.purchases.premium_free_per_day}
    return _html(words("premium.renewed" if facts["is_renewal"] else "premium.paid", **shown))


def _payment_kept(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = f"payment.kept.{facts['why']}"
    return _html(words(key if key in words else "payment.kept", stars=facts["stars"]))


def _refund_done(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.done" if facts["credits"] else "payback.done_only", **facts))


def _refund_refused(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.refused", **facts))


def _charge_back(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.taken_owing" if facts["debt"] else "payback.taken", **facts))


def _premium_back(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.premium", **facts))


PURCHASE_NOTICES: Final[Mapping[str, Callable[[Facts, Words, GameRules], list[dict[str, Any]]]]] = {
    "invoice": _invoice,
    "purchase_done": _purchase_done,
    "premium_paid": _premium_paid,
    "premium_ends": _premium_end("premium.ends"),
    "premium_ended": _premium_end("premium.ended"),
    "payment_kept": _payment_kept,
    "refund_done": _refund_done,
    "refund_refused": _refund_refused,
    "charge_back": _charge_back,
    "premium_back": _premium_back,
    "grant_received": _grant_received,
}
