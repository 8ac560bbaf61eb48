"""Settings: defaults, wrong values in one line, databases' addresses, .env.example."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import DatabaseUrl, Listen, parse_database_url
from bot.settings import Settings, SettingsError, describe, load_settings
from services.rules import ModelRules
from tests.canary import CANARY_SECRET, CANARY_TOKEN

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def load(**env: str) -> Settings:
    return load_settings(env, None)


def problem_of(**env: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**env)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return str(caught.value)


def test_without_any_variable_the_defaults_hold() -> None:
    assert load() == Settings()


def test_an_empty_variable_counts_as_unset() -> None:
    assert load(PRICE_BASE="", BOT_TOKEN="  ", POT_ENABLED="") == Settings()


def test_the_rules_figures_are_the_defaults() -> None:
    settings = Settings()
    assert (settings.price_base, settings.price_step, settings.price_cap, settings.price_window) == (
        5,
        5,
        100,
        "day",
    )
    assert (settings.house_divisor, settings.prize_share_bps, settings.prize_cap_credits) == (
        10,
        9_000,
        1_000,
    )
    assert (settings.welcome_grant_credits, settings.free_messages_per_day) == (1_000, 5)
    assert (settings.guard_limit_credits, settings.confirm_minutes, settings.queue_length) == (25, 10, 5)


def test_values_are_read_from_the_environment() -> None:
    settings = load(PRICE_CAP="50", POT_ENABLED="off", OPERATOR_IDS="5, 9007199254740991", LOG_LEVEL="debug")
    assert (settings.price_cap, settings.pot_enabled, settings.log_level) == (50, False, "DEBUG")
    assert settings.operator_ids == (5, 9007199254740991)


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUE_LENGTH", "77")
    assert load_settings(env_file=None).queue_length == 77
    assert Settings().queue_length == 5


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({"PRICE_BASE": "0"}, "PRICE_BASE is '0'; expected a whole number from 1 to 1000000"),
        ({"PRICE_BASE": "five"}, "PRICE_BASE is 'five'; expected a whole number from 1 to 1000000"),
        ({"POT_ENABLED": "maybe"}, "POT_ENABLED is 'maybe'; expected true or false"),
        ({"PRICE_WINDOW": "month"}, "PRICE_WINDOW is 'month'; expected one of day, week, lifetime"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml'; expected one of json, console"),
        (
            {"HTTP_LISTEN": "8080"},
            "HTTP_LISTEN is no place to listen; expected host:port, as in 127.0.0.1:8080",
        ),
        ({"PRICE_CAP": "4"}, "PRICE_CAP is below PRICE_BASE; expected 5 or more"),
        ({"DAILY_CAP_CREDITS": "4"}, "DAILY_CAP_CREDITS is below the base; expected 50 or more"),
        (
            {"PRIZE_CAP_CREDITS": "1001"},
            "PRIZE_CAP_CREDITS makes tickets worth more than their price; expected 1000 or less",
        ),
        (
            {"CHANCE_PPM_PER_CREDIT": "10001", "PRIZE_CAP_CREDITS": "1"},
            "CHANCE_PPM_PER_CREDIT is too much for PRICE_CAP; expected 10000 or less",
        ),
        (
            {"OPERATOR_IDS": "@ana"},
            "OPERATOR_IDS is no list of numeric Telegram ids; expected them separated by commas",
        ),
    ],
)
def test_a_wrong_value_is_told_in_one_clear_line(env: dict[str, str], line: str) -> None:
    assert problem_of(**env) == line


@pytest.mark.parametrize(
    "digits", ["5_0", "+5", "1e3", "0x10", "5.0", "²", "５", "٥", "9" * 5_000, "-", "nan"]
)
def test_only_plain_digits_make_a_number(digits: str) -> None:
    line = problem_of(QUEUE_LENGTH=digits)
    assert line.startswith("QUEUE_LENGTH is ")
    assert line.isascii()
    assert len(line) < 120


@given(
    st.text(min_size=1, max_size=60).filter(
        lambda text: text.strip() and not re.fullmatch("[0-9]+", text.strip())
    )
)
def test_whatever_a_number_is_set_to_the_problem_is_one_printable_line(text: str) -> None:
    assert problem_of(TURN_WORKERS=text).isprintable()


@pytest.mark.parametrize(
    "env",
    [
        {"BOT_TOKEN": f"{CANARY_TOKEN} {CANARY_SECRET}"},
        {"WEBHOOK_SECRET": f"{CANARY_SECRET}!"},
        {"WEBHOOK_SECRET": CANARY_SECRET * 10},
        {"MODEL_API_KEY": f"{CANARY_SECRET}\n"[:-1] + " x"},
        {"DATABASE_URL": f"mysql://u:{CANARY_SECRET}@host/name"},
        {"DATABASE_URL": f"postgres://u:{CANARY_SECRET}@host:99999/name"},
        {"DATABASE_URL": f"postgres://u:1/{CANARY_SECRET}?@host/name"},
        {"BOT_API_URL": f"https://u:{CANARY_SECRET}@host"},
        {"WEBHOOK_URL": f"https://host/?{CANARY_SECRET}", "WEBHOOK_SECRET": "x"},
    ],
)
def test_t72_a_wrong_secret_is_not_repeated(env: dict[str, str]) -> None:
    line = problem_of(**env)
    assert CANARY_SECRET not in line
    assert "\n" not in line
    assert "expected" in line


def test_t08_no_webhook_without_a_secret() -> None:
    assert problem_of(WEBHOOK_URL="https://bot.example").startswith("WEBHOOK_SECRET is not set")


@pytest.mark.parametrize("secret", ["", "with space", "ä", "a" * 257, "semi;colon"])
def test_t08_a_webhook_secret_has_the_form_that_telegram_takes(secret: str) -> None:
    assert problem_of(WEBHOOK_URL="https://bot.example", WEBHOOK_SECRET=secret).startswith("WEBHOOK_SECRET")


def test_a_webhook_without_a_path_gets_ours() -> None:
    urls = ["https://bot.example", "https://bot.example/", "http://127.0.0.1:80/hook"]
    found = [load(WEBHOOK_URL=url, WEBHOOK_SECRET="x").webhook_url for url in urls]
    assert found == [
        "https://bot.example/telegram",
        "https://bot.example/telegram",
        "http://127.0.0.1:80/hook",
    ]


@pytest.mark.parametrize("token", ["123:abc", "T", "a/b:c%d", "4242424242:" + "A" * 300])
def test_any_shape_of_a_token_is_taken(token: str) -> None:
    kept = load(BOT_TOKEN=token).bot_token
    assert kept is not None
    assert kept.get_secret_value() == token


def test_t73_health_listens_on_loopback_by_default() -> None:
    assert Settings().http_listen == Listen("127.0.0.1", 8080)


def test_where_to_listen_takes_names_and_ipv6() -> None:
    assert load(HTTP_LISTEN="[::1]:0").http_listen == Listen("::1", 0)
    assert load(HTTP_LISTEN="localhost:65535").http_listen == Listen("localhost", 65535)
    assert str(Listen("::1", 80)) == "[::1]:80"
    assert problem_of(HTTP_LISTEN="localhost:65536").startswith("HTTP_LISTEN")


@pytest.mark.parametrize(
    ("url", "sync_url"),
    [
        ("sqlite:///data/a.db", "sqlite:///data/a.db"),
        ("sqlite:////srv/a b.db", "sqlite:////srv/a b.db"),
        ("postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        (
            "postgresql://u:p%40@h:5432/n?sslmode=require",
            "postgresql+psycopg://u:p%40@h:5432/n?sslmode=require",
        ),
        ("postgresql+psycopg://u@/n?host=/run/pg", "postgresql+psycopg://u@/n?host=/run/pg"),
    ],
)
def test_every_way_to_name_a_database_is_understood(url: str, sync_url: str) -> None:
    found = parse_database_url(url)
    assert found.sync_url == sync_url
    assert found.path == (Path(url.removeprefix("sqlite:///")) if found.kind == "sqlite" else None)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///", "postgres://h", "mysql://h/n", "x"]
)
def test_a_database_that_we_do_not_know_is_refused(url: str) -> None:
    assert problem_of(DATABASE_URL=url).startswith("DATABASE_URL ")


def test_t72_no_secret_is_in_what_is_printed_of_settings() -> None:
    settings = load(
        BOT_TOKEN=CANARY_TOKEN,
        WEBHOOK_URL="https://bot.example",
        WEBHOOK_SECRET=CANARY_SECRET,
        MODEL_API_KEY=CANARY_SECRET,
        DATABASE_URL=f"postgres://user:{CANARY_SECRET}@host:5/name?password={CANARY_SECRET}",
    )
    printed = (
        f"{settings!r} {settings} {describe(settings)} {settings.database_url!r} {settings.database_url}"
    )
    assert CANARY_TOKEN not in printed
    assert CANARY_SECRET not in printed
    assert describe(settings)["bot_token"] == "set"
    assert describe(settings)["database_url"] == "postgresql://host:5/name"
    assert set(settings.secrets()) == {CANARY_TOKEN, CANARY_SECRET}


def test_a_password_is_a_secret_as_it_stands_and_decoded() -> None:
    assert set(DatabaseUrl("postgres", "u:p%40ss@h/n").secrets()) == {"p%40ss", "p@ss"}
    assert DatabaseUrl("sqlite", "data/x.db").secrets() == ()


def test_a_model_is_named_with_its_provider() -> None:
    settings = load(MODEL="gemini:gemini-2.5-flash", MODEL_API_KEY="k", MODEL_PRICES="0.30/2.50")
    assert (str(settings.model), str(settings.prices)) == ("google:gemini-2.5-flash", "0.3/2.5")
    assert describe(settings)["model"] == "google:gemini-2.5-flash"


@pytest.mark.parametrize(
    ("env", "start"),
    [
        ({"MODEL": "mystery:x"}, "MODEL names no provider we know; expected one of google:…, openai:…"),
        (
            {"MODEL": "ollama:x", "PREMIUM_MODEL": "openai:y"},
            "PREMIUM_MODEL is openai:y, of another provider; expected ollama:…, as in MODEL",
        ),
        ({"PREMIUM_MODEL": "openai:y"}, "MODEL is not set, PREMIUM_MODEL is; expected"),
        ({"MODEL": "gpt-5"}, "MODEL is no provider and model; expected one of google:…, openai:…"),
        ({"MODEL": "openai:gpt-5"}, "MODEL_API_KEY is not set, MODEL is openai:gpt-5; expected"),
        ({"MODEL_BASE_URL": "ftp://host"}, "MODEL_BASE_URL is no such address; expected"),
        ({"MODEL_PRICES": "cheap"}, "MODEL_PRICES has a wrong form; expected"),
        ({"MODEL_DAY_MICROS": "5"}, "MODEL_PRICES is not set, a limit in money is; expected"),
        ({"MODEL_SEES_PHOTOS": "perhaps"}, "MODEL_SEES_PHOTOS is 'perhaps'; expected true or false"),
        ({"PERSONA": "x" * 4_001}, "PERSONA "),
    ],
)
def test_a_model_that_can_not_be_asked_is_one_clear_line(env: dict[str, str], start: str) -> None:
    line = problem_of(**env)
    assert line.startswith(start)
    assert "\n" not in line


@pytest.mark.parametrize(
    ("env", "sees"),
    [
        ({}, False),
        ({"MODEL_SEES_PHOTOS": "true"}, False),
        ({"MODEL": "google:x", "MODEL_API_KEY": "k"}, True),
        ({"MODEL": "google:x", "MODEL_API_KEY": "k", "MODEL_SEES_PHOTOS": "no"}, False),
        ({"MODEL": "ollama:x"}, False),
        ({"MODEL": "openai:x", "MODEL_BASE_URL": "http://h/v1"}, False),
        ({"MODEL": "openai:x", "MODEL_BASE_URL": "http://h/v1", "MODEL_SEES_PHOTOS": "1"}, True),
    ],
)
def test_photos_are_shown_to_models_that_see_them(env: dict[str, str], sees: bool) -> None:
    assert load(**env).model_rules().sees_photos is sees


def test_premium_has_a_better_model_where_one_is_set() -> None:
    both = load(MODEL="ollama:x", PREMIUM_MODEL="ollama:y", PREMIUM_MODEL_PRICES="1/2")
    assert (both.model_rules().has_better, str(both.premium_prices), str(both.prices)) == (True, "1/2", "0/0")
    assert not load(MODEL="ollama:x").model_rules().has_better


def test_the_limits_of_a_model_are_those_of_the_rules() -> None:
    assert Settings().model_rules() == ModelRules()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PRICE_STEP=7\nPRICE_CAP='70'\nDATABASE_URL=postgres://u:a$b@h/n  # note\nOTHERS=1\n")
    settings = load_settings({"PRICE_CAP": "80", "PRICE_STEP": ""}, file)
    assert (settings.price_step, settings.price_cap) == (7, 80)
    assert settings.database_url.password == "a$b"


def test_a_misspelt_name_in_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PRICE_BAES=7\n")
    with pytest.raises(SettingsError, match=r"^PRICE_BAES is no setting; expected PRICE_BASE"):
        load_settings({}, file)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"MODEL=\xff\xfe\n")
    with pytest.raises(SettingsError, match="can't be read; expected a text file"):
        load_settings({}, file)


def test_the_example_names_every_setting_with_its_default_and_meaning() -> None:
    found = re.findall(r"^# (.+)\n#([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    told = {name: (meaning, default) for meaning, name, default in found}
    defaults = {name: _as_text(value) for name, value in vars(Settings()).items()}
    assert told == {
        name.upper(): (info.description, defaults[name]) for name, info in Settings.model_fields.items()
    }


def test_the_example_can_be_used_as_it_is_and_with_everything_uncommented(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", EXAMPLE.read_text(), flags=re.MULTILINE))
    assert load_settings({}, EXAMPLE) == load_settings({}, file) == Settings()


def _as_text(value: object) -> str:
    if value is None or value == ():
        return ""
    if type(value) is tuple:
        return ",".join(":".join(map(str, package)) for package in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
