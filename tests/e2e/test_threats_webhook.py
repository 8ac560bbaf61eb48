"""What the webhook refuses: wrong secrets before anything is read, bodies that are no updates."""

import hmac
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.models import User
from bot.server import HttpServer
from bot.web import BODY_MOST, SECRET_HEADER, Webhook, build_app
from tests.canary import CANARY_SECRET
from tests.stand_ins import (
    inbox_of,
    message_update,
    running_webhook,
    turns_of,
    webhook_app,
)

ROOT = Path(__file__).parents[2]
SECRET = {SECRET_HEADER: CANARY_SECRET}


class Untouchable:
    """An intake that nothing may reach."""

    async def take(self, update: object) -> None:
        """Fail."""
        raise AssertionError("an update got through")


NAME = SECRET_HEADER.encode()
WRONG_SECRETS: tuple[dict[bytes, bytes], ...] = (
    {},
    {NAME: b""},
    {NAME: b"wrong"},
    {NAME: CANARY_SECRET[:-1].encode()},
    {NAME: CANARY_SECRET.encode() + b"x"},
    {NAME: CANARY_SECRET.upper().encode()},
    {NAME: "contraseña-日本".encode()},
    {NAME: b"\xff\xfe\x80"},
)


@pytest.mark.parametrize("headers", WRONG_SECRETS)
async def test_t08_a_wrong_secret_is_refused_before_anything_is_read(
    headers: dict[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    read: list[int] = []
    really = hmac.compare_digest

    def compare(given: bytes, secret: bytes) -> bool:
        compared.append((given, secret))
        return really(given, secret)

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b'{"update_id": 1}'

    monkeypatch.setattr("bot.web.hmac.compare_digest", compare)
    app = build_app(dict, Webhook(Untouchable(), CANARY_SECRET))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.test") as client:
        sent = [*headers.items(), (b"Content-Type", b"application/json")]
        answer = await client.post("/telegram", content=body(), headers=sent)
    assert answer.status_code == 403
    assert CANARY_SECRET not in answer.text
    assert read == []
    assert compared, "not compared in constant time"
    assert all(isinstance(one, bytes) for pair in compared for one in pair)


async def test_t59_what_telegram_posts_before_all_is_ready_is_not_taken(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram knows the address from the last life and posts as soon as somebody listens there."""
    found: list[int] = []
    start = HttpServer.start

    async def start_and_post(server: HttpServer) -> None:
        await start(server)
        update = message_update(7, User(7, "Ben"), "hello")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            found.append((await client.post("/telegram", json=update, headers=SECRET)).status_code)

    monkeypatch.setattr(HttpServer, "start", start_and_post)
    async with running_webhook(sqlite_url) as app:
        assert found == [503]
        assert await inbox_of(app) == {}


async def test_t08_without_a_webhook_its_path_does_not_exist() -> None:
    app = build_app(dict)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.test") as client:
        assert (await client.post("/telegram", json={"update_id": 1}, headers=SECRET)).status_code == 404


def test_t08_no_process_starts_a_webhook_without_a_secret(tmp_path: Path) -> None:
    given = {
        "BOT_TOKEN": "1:x",
        "WEBHOOK_URL": "https://bot.example",
        "DATABASE_URL": f"sqlite:///{tmp_path}/a",
    }
    done = subprocess.run(
        [sys.executable, "bot.py", "run"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("WEBHOOK_SECRET is not set")
    assert len(done.stderr.splitlines()) == 1


BAD_BODIES: tuple[tuple[bytes, str, int], ...] = (
    (b'{"update_id": 1}', "text/plain", 415),
    (b'{"update_id": 1}', "", 415),
    (b"update_id=1", "application/x-www-form-urlencoded", 415),
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b"nonsense", "application/json", 400),
    (b"\xff\xfe\x00", "application/json", 400),
    (b"[]", "application/json", 400),
    (b'"update_id"', "application/json", 400),
    (b"{}", "application/json", 400),
    (b'{"update_id": true}', "application/json", 400),
    (b'{"update_id": "1"}', "application/json", 400),
    (b'{"update_id": 1.0}', "application/json", 400),
    (b'{"update_id": NaN}', "application/json", 400),
    (b'{"update_id": 1e999}', "application/json", 400),
    (b'{"update_id": -1}', "application/json", 400),
    (b'{"update_id": 9223372036854775808}', "application/json", 400),
    (b'{"update_id": ' + b"9" * 5_000 + b"}", "application/json", 400),
    (b"[" * 500_000, "application/json", 400),
    (b'{"update_id": 1, "message": ' + b'{"a": ' * 100_000, "application/json", 400),
    (b'{"update_id": 1, "x": "' + b"y" * BODY_MOST + b'"}', "application/json", 413),
)


async def test_t09_bodies_too_large_of_another_type_or_broken_change_nothing(sqlite_url: str) -> None:
    async with webhook_app(sqlite_url) as (app, client):
        for body, kind, status in BAD_BODIES:
            answer = await client.post("/telegram", content=body, headers=SECRET | {"Content-Type": kind})
            assert answer.status_code == status, body[:40]
        assert await inbox_of(app) == {}
        assert (await client.get("/telegram", headers=SECRET)).status_code == 405


async def test_t09_a_body_without_a_length_is_cut_off_at_one_mib(sqlite_url: str) -> None:
    async with webhook_app(sqlite_url) as (app, client):

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 65_536

        kind = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = await client.post("/telegram", content=endless(), headers=SECRET | kind)
        except httpx.WriteError:  # the server closed before all was sent
            status = 413
        else:
            status = answer.status_code
        assert status == 413
        assert await inbox_of(app) == {}


async def test_t09_updates_nested_as_deep_as_json_is_read_do_no_harm(sqlite_url: str) -> None:
    async with webhook_app(sqlite_url) as (app, client):
        ben = app.telegram.add_user("Ben")
        deep: dict[str, Any] = {}
        for _ in range(400):
            deep = {"reply_to_message": deep, "message_id": 1}
        answer = await client.post("/telegram", json={"update_id": 1, "message": deep}, headers=SECRET)
        assert answer.status_code == 200
        await app.settled()
        good = message_update(2, ben, "hello")
        assert (await client.post("/telegram", json=good, headers=SECRET)).status_code == 200
        app.telegram.private_chat(ben).started = True
        await app.settled()
        assert await turns_of(app) == ["settled"]


async def test_t01_a_known_update_is_acknowledged_to_the_webhook_again(sqlite_url: str) -> None:
    async with webhook_app(sqlite_url) as (app, client):
        update = {"update_id": 7, "poll": {}}
        answers = [await client.post("/telegram", json=update, headers=SECRET) for _ in range(3)]
        await app.settled()
        assert [one.status_code for one in answers] == [200] * 3
        assert list(await inbox_of(app)) == [7]
