"""2,000 generated answers on their way out: every message is valid for Telegram, and no word is lost."""

import json
from typing import Any

import pytest

from bot.limiter import Terms
from bot.playground.telegram import Telegram
from bot.poster import Poster
from handlers.notices import render
from tests.app import Running, running
from tests.e2e.markdown_samples import WORD, Writer
from tests.stand_ins import EN

ANSWERS = 2_000
EVERY_EDIT = 10
RECEIPT = {
    "kind": "paid",
    "in_group": False,
    "price": 15,
    "ticket": 42,
    "ppm": 15_000,
    "roll": 604_118,
    "pot": 1_905,
    "balance": 940,
}


@pytest.mark.timeout(300)
async def test_t41_two_thousand_answers_of_any_markdown_are_valid_messages_and_lose_no_word(
    sqlite_url: str,
) -> None:
    """The calls are judged at the end of ``running``, and by the fake Telegram, which refuses what is wrong."""
    telegram = Telegram()
    ana = telegram.add_user("Ana")
    counts = {"messages": 0, "cut": 0, "with marks": 0}
    async with running(sqlite_url, telegram=telegram) as app:
        await app.say(ana, ana, "/start")
        for number in range(ANSWERS):
            writer = Writer(number)
            answer = writer.answer()
            sent = await _send(app, ana.id, answer, in_place=number % EVERY_EDIT == 0)
            _assert_whole(writer, answer, sent)
            counts["messages"] += len(sent)
            counts["cut"] += EN.plain("answer.cut") in sent[-1]["text"]
            counts["with marks"] += sum(bool(one["entities"]) for one in sent)
        refused = [call for call in telegram.calls_of("sendMessage", "editMessageText") if not call.ok]
        assert [call.error for call in refused] == []
    assert counts["messages"] > ANSWERS * 1.1
    assert counts["cut"] >= 5
    assert counts["with marks"] > ANSWERS / 2
    print(counts)


async def _send(app: Running, chat_id: int, answer: str, *, in_place: bool) -> list[dict[str, Any]]:
    """Send an answer as delivery does, or put it in the place of a message; return what was sent."""
    post, sent = Poster(app.parts.bot), []
    parts = json.loads(json.dumps(app.parts.turns._answer.split(answer, "en", None)))
    for number, part in enumerate(parts):
        facts = {**part, "receipt": RECEIPT if number == len(parts) - 1 else None}
        if in_place and number == 0:
            begun = await app.parts.bot.send_message(chat_id, "It begins")
            facts["instead_of"] = {"chat_id": chat_id, "message_id": begun.message_id}
        for payload in render("answer", facts, EN, app.parts.rules):
            await post({"chat_id": chat_id, **payload}, Terms())
            sent.append(payload)
    return sent


def _assert_whole(writer: Writer, answer: str, sent: list[dict[str, Any]]) -> None:
    """Look for every word of an answer: in a text, in a link, or as the language of code."""
    marks = [str(mark.get("url") or mark.get("language")) for one in sent for mark in one["entities"]]
    shown = set(WORD.findall(" ".join([*(one["text"] for one in sent), *marks])))
    missing = [f"q{number:05d}" for number in range(writer.words) if f"q{number:05d}" not in shown]
    assert shown
    if missing:  # only what is beyond the longest answer, and that is said
        assert EN.plain("answer.cut") in sent[-1]["text"], (missing[:5], answer[:2_000])
        assert max(shown) < min(missing)
