"""What user text and secrets must never do to messages, files, log lines; and who can reach the figures."""

import json
from typing import Any

import httpx
import pytest
from telegram.error import InvalidToken

from bot.playground.telegram import Telegram
from bot.web import SECRET_HEADER
from services.ports import ModelUnavailable
from tests.app import running
from tests.canary import CANARY_SECRET, CANARY_TOKEN
from tests.scene import last_file, pay, scene
from tests.stand_ins import FAST, PAID, ScriptedModel, balance_of, logged, port_of, running_webhook, turns_of

UNASKED: dict[str, Any] = {**PAID, "guard_limit_credits": 1_000}
DOWN = ModelUnavailable(reason="http_5xx")

INJECTIONS = (
    "'; DROP TABLE player; --",
    '" OR 1=1; DELETE FROM entry',
    "%_\\%",
    "MATCH 'a' NEAR/2 \"b\" *",
    "$1 :name %(x)s ? ?1",
)


async def test_t69_sql_in_messages_and_commands_is_text(database_url: str) -> None:
    model = ScriptedModel(("fine",))
    async with scene(database_url, model=model, **UNASKED, **FAST) as here:
        for text in INJECTIONS:
            await pay(here, here.ben, text)
            for command in ("receipt", "history", "contribute", "limit day", "seed", "language", "proof"):
                await here.ask(here.ben, f"/{command} {text}")
        assert [one.text for one in model.questions] == list(INJECTIONS)
        assert len(await turns_of(here.app)) == len(INJECTIONS)
        assert await balance_of(here, here.ben) == "You have 925 credits"


TRICKS = '%s %n {0} {balance} ${x} ../../etc/passwd\r\n\x1b[31m{"event": "win"}\u2028\u202e\x9b2J'


async def test_t70_user_text_has_no_effect_in_messages_files_and_log_lines(sqlite_url: str) -> None:
    wins = {"price_cap": 5, "chance_ppm_per_credit": 200_000, "prize_cap_credits": 5}
    with logged("DEBUG") as log:
        async with scene(sqlite_url, **UNASKED, **FAST, **wins) as here:
            eve = here.app.telegram.add_user(TRICKS, username="x" * 32, language_code="{0}%s")
            here.app.telegram.private_chat(eve)
            await pay(here, eve, TRICKS)
            for command in ("/seed", "/contribute", "/proof", "/start", "/language", "/nonsense"):
                await here.ask(eve, f"{command} {TRICKS}")
            await here.ask(eve, "/proof 1")
            name = here.app.telegram.from_bot(eve)[-1].content["document"]["file_name"]
            assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
            assert TRICKS[:10] not in last_file(here, eve).decode()
            assert not {"\x1b", "\x9b", "\u202e"} & set("".join(here.app.texts(eve)))
    lines = log.stream.getvalue().split("\n")[:-1]
    assert all(line.isprintable() for line in lines)
    assert {json.loads(line)["logger"] for line in lines if json.loads(line)["event"] == "win"} == {
        "bot.process"
    }


async def test_t72_no_line_of_a_whole_run_shows_a_secret(sqlite_url: str) -> None:
    with logged("DEBUG") as log:
        telegram = Telegram(backoff=lambda _: 0.0)
        ben = telegram.add_user("Ben")
        async with running_webhook(sqlite_url, telegram=telegram, model=ScriptedModel((DOWN,))) as app:
            await app.say(ben, ben, "hello")
            for kind in ("500", "html", "cut", "lost", "blocked"):
                telegram.faults.add(kind, method="sendMessage", chat=ben.id)
                await app.say(ben, ben, "/help")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port_of(app.process)}") as client:
                assert (await client.post("/telegram", headers={SECRET_HEADER: "wrong"})).status_code == 403
            telegram.inject(
                {"update_id": 1, "message": {"date": f"/bot{CANARY_TOKEN}/", "text": CANARY_SECRET}}
            )
            await app.settled()
    written = log.stream.getvalue()
    assert CANARY_TOKEN not in written
    assert CANARY_SECRET not in written
    assert CANARY_TOKEN.partition(":")[2] not in written
    assert {"update_parked", "update_retried", "webhook_refused", "model_failed"} <= {
        line["event"] for line in log.lines
    }


async def test_t72_a_token_that_telegram_does_not_know_is_not_shown(sqlite_url: str) -> None:
    with logged("DEBUG") as log, pytest.raises(InvalidToken):
        async with running(sqlite_url, telegram=Telegram(tokens=["another"])):
            raise AssertionError("it started")
    assert CANARY_TOKEN not in log.stream.getvalue()


async def test_t73_health_and_metrics_listen_on_loopback_alone(sqlite_url: str) -> None:
    async with running(sqlite_url) as app:
        server = app.process._server
        assert server is not None
        listening: list[Any] = [one.getsockname() for one in server._server.servers[0].sockets]
        assert {host for host, _ in listening} == {"127.0.0.1"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await client.get(path)).status_code == 200


def test_t73_it_listens_elsewhere_only_if_told_so() -> None:
    from bot.settings import load_settings

    assert load_settings({}, env_file=None).http_listen.host == "127.0.0.1"
    assert load_settings({"HTTP_LISTEN": "0.0.0.0:1"}, env_file=None).http_listen.host == "0.0.0.0"
