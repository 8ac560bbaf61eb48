"""Log lines: one event each, no secrets, no tricks of user text; libraries' lines and uncaught errors too."""

import io
import json
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Literal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot

from bot.events import Event
from bot.logs import configure_logging, get_logger, new_error_number
from bot.redaction import MASK, escape_unsafe, redactor
from tests.canary import CANARY_SECRET, CANARY_TOKEN

Format = Literal["json", "console"]
FORMATS: tuple[Format, ...] = ("json", "console")
HOT_LINE_LIMIT_SECONDS = 100e-6  # 22 to 31 µs where nothing else runs
log = get_logger("tests.logs")


class Broken:
    """Can't be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """Leave the logging of the process as it was."""
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    yield
    configure_logging()
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)


@pytest.fixture
def configured() -> Callable[..., io.StringIO]:
    """Return a function that configures logging and gives the stream that lines go to."""

    def configure(form: Format = "json", level: str = "INFO", secrets: tuple[str, ...] = ()) -> io.StringIO:
        stream = io.StringIO()
        logging.getLogger().handlers.clear()  # pytest's own can't take what we can
        configure_logging(form, level, secrets, stream)
        return stream

    return configure


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_fixed_names(configured: Callable[..., io.StringIO]) -> None:
    stream = configured()
    log.info(Event.CHARGED, turn=5, price=15, share=0.5, chat=None)
    (line,) = lines_of(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "charged",
        "logger": "tests.logs",
        "turn": 5,
        "price": 15,
        "share": 0.5,
        "chat": None,
    }


def test_the_console_shows_the_same_for_people(configured: Callable[..., io.StringIO]) -> None:
    stream = configured("console")
    log.warning(Event.RATE_LIMITED, chat=5, why="too many", name="Añá")
    assert stream.getvalue()[13:] == (
        'warning  rate_limited       logger=tests.logs chat=5 why="too many" name=Añá\n'
    )


def test_lines_below_the_level_are_dropped(configured: Callable[..., io.StringIO]) -> None:
    stream = configured(level="WARNING")
    log.info(Event.READY)
    logging.getLogger("some.library").info("quiet")
    log.error(Event.ERROR)
    assert [line["event"] for line in lines_of(stream)] == ["error"]


def test_a_logger_follows_a_later_configuration(configured: Callable[..., io.StringIO]) -> None:
    first = configured()
    log.info(Event.READY)
    second = configured("console", "DEBUG")
    log.debug(Event.READY)
    assert (len(first.getvalue().splitlines()), len(second.getvalue().splitlines())) == (1, 1)


def test_lines_of_libraries_are_events_too(configured: Callable[..., io.StringIO]) -> None:
    stream = configured()
    logging.getLogger("some.library").warning("%s of %d", "three", 5)
    logging.getLogger("some.library").warning("%d", "no number")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", UserWarning, stacklevel=1)
    found = lines_of(stream)
    assert [line["event"] for line in found] == ["library"] * 3
    assert [line["logger"] for line in found] == ["some.library", "some.library", "py.warnings"]
    assert [line["message"] for line in found[:2]] == ["three of 5", "'%d'"]


def test_t72_libraries_that_log_urls_are_quiet(configured: Callable[..., io.StringIO]) -> None:
    stream = configured(level="DEBUG")
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:x/getMe")
    logging.getLogger("httpcore.http11").debug("send_request_headers")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_t72_a_bot_token_is_never_in_a_line(
    configured: Callable[..., io.StringIO], form: Format, told: bool
) -> None:
    stream = configured(form, secrets=(CANARY_TOKEN,) if told else ())
    url = f"https://api.telegram.org/bot{CANARY_TOKEN}/getUpdates"
    log.info(
        Event.READY,
        token=CANARY_TOKEN,
        url=url,
        encoded=quote(CANARY_TOKEN),
        twice=quote(quote(CANARY_TOKEN)),
    )
    odd_name = f"within {CANARY_TOKEN}"
    log.info(odd_name, nested={"list": [CANARY_TOKEN]}, bot=Bot(CANARY_TOKEN))
    logging.getLogger("telegram").warning("Failed: %s", url, extra={"token": CANARY_TOKEN})
    try:
        raise ValueError(f"at {url}") from RuntimeError(CANARY_TOKEN)
    except ValueError:
        log.exception(Event.ERROR, number="X")
        logging.getLogger("library").exception("failed")
    written = stream.getvalue()
    assert len(written.splitlines()) == 5
    assert "CANARYcanary" not in written
    assert MASK in written


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("secret", [CANARY_SECRET, 'p"a\\s s%ñ/w:d', "короткий ключ", "line\nbreak"])
def test_t72_secrets_of_any_shape_are_taken_out(
    configured: Callable[..., io.StringIO], form: Format, secret: str
) -> None:
    stream = configured(form, secrets=(secret,))
    log.info(Event.START, a=secret, b=f"x{secret}y", c=[secret], d=quote(secret, safe=""), e=repr(secret))
    written = stream.getvalue()
    assert written.count(MASK) == 5
    for part in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert part not in written


def test_t72_a_token_of_any_shape_is_taken_out_of_a_url() -> None:
    redact = redactor(("T1",))
    assert redact("GET http://127.0.0.1:5/botT1/getMe") == f"GET http://127.0.0.1:5/bot{MASK}/getMe"
    assert redact("http://h/file/botT1/photos/a.jpg") == f"http://h/file/bot{MASK}/photos/a.jpg"
    assert redact('File "/app/bot/commands/run.py", T1') == 'File "/app/bot/commands/run.py", T1'


@given(st.text(max_size=200), st.text(max_size=200))
def test_t72_no_text_around_a_token_hides_it(before: str, after: str) -> None:
    redact = redactor(())
    assert CANARY_TOKEN[11:] not in redact(f"{before}{CANARY_TOKEN} {after}")


@pytest.mark.parametrize("form", FORMATS)
def test_t72_a_line_too_long_is_cut_after_redaction(
    configured: Callable[..., io.StringIO], form: Format
) -> None:
    stream = configured(form)
    for shift in range(900, 1_100, 7):
        log.info(Event.ERROR, text="x" * shift + CANARY_TOKEN + "y" * 40_000, n=5)
    written = stream.getvalue()
    assert "CANARY" not in written
    assert all(len(line) < 9_000 for line in written.splitlines())
    if form == "json":
        assert lines_of(stream)[0]["n"] == 5


@pytest.mark.parametrize("form", FORMATS)
def test_t70_user_text_stays_within_its_line(configured: Callable[..., io.StringIO], form: Format) -> None:
    stream = configured(form)
    nasty = '\x1b[31mred\r\n{"event": "win"}\x00\x7f\x85\x9b\u2028\u202e\u2066\u200b %s {0} \ud800'
    log.info(Event.UPDATE_PARKED, text=nasty, deep=[nasty])
    log.info(nasty)
    logging.getLogger("library").warning("%s", nasty)
    try:
        raise ValueError(nasty)
    except ValueError:
        log.exception(Event.ERROR)
    written = stream.getvalue()
    assert len(written.splitlines()) == written.count("\n") == 4
    assert all(character.isprintable() for character in written.replace("\n", ""))
    written.encode()


@given(st.text(alphabet=st.characters(), max_size=100))
def test_t70_what_is_escaped_is_printable_or_a_plain_space(text: str) -> None:
    escaped = escape_unsafe(text)
    assert escaped.splitlines() in ([escaped], [])
    assert "\x1b" not in escaped
    escaped.encode()


def test_what_cannot_be_shown_does_not_disturb_the_work(configured: Callable[..., io.StringIO]) -> None:
    stream = configured()
    ring: list[object] = []
    ring.append(ring)
    log.info(Event.ERROR, broken=Broken(), ring=ring, nan=float("nan"), keys={(1, 2): 3})
    log.info(Event.READY, exc_info=RuntimeError(Broken()))
    first, second = lines_of(stream)
    assert first["nan"] == "nan"
    assert first["broken"] == "<Broken>"
    assert "RuntimeError" in second["exception"]


def test_a_closed_stream_does_not_disturb_the_work(configured: Callable[..., io.StringIO]) -> None:
    configured().close()
    log.info(Event.READY)


def test_a_stream_of_few_characters_gets_the_others_escaped() -> None:
    raw = io.BytesIO()
    configure_logging("console", stream=io.TextIOWrapper(raw, encoding="ascii"))
    log.info(Event.READY, name="ñ")
    assert raw.getvalue().endswith(b"name=\\xf1\n")


def test_without_a_stream_lines_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    log.info(Event.READY)
    assert json.loads(capsys.readouterr().out)["event"] == "ready"


def test_t72_uncaught_exceptions_are_logged_redacted(configured: Callable[..., io.StringIO]) -> None:
    stream = configured()
    error = RuntimeError(CANARY_TOKEN)
    sys.excepthook(RuntimeError, error, None)

    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail, name="writer")
    thread.start()
    thread.join()
    found = lines_of(stream)
    assert [line["event"] for line in found] == ["uncaught", "uncaught"]
    assert found[1]["thread"] == "writer"
    assert "CANARY" not in stream.getvalue()


def test_error_numbers_are_short_plain_and_different() -> None:
    numbers = {new_error_number() for _ in range(1_000)}
    assert len(numbers) == 1_000
    assert all(len(number) == 8 and number.isalnum() and number.isupper() for number in numbers)


def test_event_names_are_the_words_that_operators_search_for() -> None:
    assert all(event.isidentifier() and event.islower() for event in Event)
    assert all(event.value == event.name.lower() for event in Event)


@pytest.mark.skipif(sys.gettrace() is not None, reason="a tracer makes everything slow")
@pytest.mark.parametrize("form", FORMATS)
def test_a_line_of_the_hot_path_is_cheap(configured: Callable[..., io.StringIO], form: Format) -> None:
    configured(form, secrets=(CANARY_TOKEN, CANARY_SECRET, "a database's password"))
    best = min(_seconds_of_a_line() for _ in range(5))
    assert best < HOT_LINE_LIMIT_SECONDS


def _seconds_of_a_line(repeats: int = 500) -> float:
    began = time.process_time()
    for number in range(repeats):
        log.info(Event.UPDATE_HANDLED, update_id=number, lane="chat:12345678", ms=12.5, kind="message")
    return (time.process_time() - began) / repeats
