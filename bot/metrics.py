"""Figures for Prometheus. Labels come from small fixed sets, never from players."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
UPDATES = Counter("potluck_updates", "Updates by what became of them", ["result"], registry=REGISTRY)
EVENTS = Counter(
    "potluck_events", "What happened in the game, by the name of its log line", ["name"], registry=REGISTRY
)
ERRORS = Counter("potluck_errors", "Bugs and bad books: error lines with a number", registry=REGISTRY)
SENDS = Counter("potluck_sends", "Outgoing messages by what became of them", ["result"], registry=REGISTRY)
ANSWER_SECONDS = Histogram(
    "potluck_answer_seconds",
    "From the reserved price to the settled or released turn",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 20, 40, 60),
    registry=REGISTRY,
)
IN_HAND = Gauge("potluck_in_hand", "Rows this process works on", ["table"], registry=REGISTRY)
MODEL_DOWN = Gauge(
    "potluck_model_down", "1 while a language model is let alone", ["model"], registry=REGISTRY
)
