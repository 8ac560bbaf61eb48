"""The catalogs say the same in every language, and facts are shown as they are."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import bot
import handlers
import services
from handlers.text import clean_name, utf16_len
from handlers.words import LANGUAGES, Html, Language, Words, language_of, load_catalogs
from services.errors import InvariantError, PotluckError

LOCALES = Path(handlers.__file__).parent / "locales"
CATALOGS = sorted({path.name.removesuffix(".po").rpartition(".")[0] for path in LOCALES.glob("*.po")})
FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)(?::([a-z_]+))?\}")
STYLES = {"id", "odds", "percent", "signed", "dollars", "ms"}
SAMPLES: dict[str, object] = {
    "int": 1_905,
    "str": "<Ana & {Ben}>",
    "span": timedelta(hours=3),
    "datetime": datetime(2026, 11, 21, 9, 5, tzinfo=UTC),
    "html": Html("<b>x</b>"),
}
PLAIN = ("unit.", "receipt.line", "free.", "answer.", "button.", "history.filter.", "error.", "cmd.", "bot.")
FIGURES_ALLOWED = {
    "unit.odds": "1",
    "error.bad_amount": "0-9",
    "error.bad_number": "0-9",
    "seed.how": "/seed 0",
}
TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


def read(name: str, language: Language) -> Catalog:
    path = LOCALES / (f"{name}.{language}.po" if name else f"{language}.po")
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages_of(catalog: Catalog) -> dict[str, Message]:
    return {
        str(message.id if isinstance(message.id, str) else message.id[0]): message
        for message in catalog
        if message.id
    }


def forms_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [])


def facts_of(message: Message) -> dict[str, str]:
    comment = next((line for line in message.auto_comments if line.startswith("facts:")), "facts:")
    return dict(fact.split(":") for fact in comment.removeprefix("facts:").split())


def entries() -> Iterator[tuple[str, Language, str, Message]]:
    """Give every message of every catalog with the catalog's name and language."""
    for name in CATALOGS:
        for language in LANGUAGES:
            for key, message in messages_of(read(name, language)).items():
                yield name, language, key, message


def own_entries() -> Iterator[tuple[Language, str, Message]]:
    """Give every message of the catalogs whose texts are Telegram HTML."""
    return ((language, key, message) for name, language, key, message in entries() if not name)


class Balance(HTMLParser):
    """Refuses tags that Telegram doesn't know or that don't close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


@pytest.mark.parametrize("name", CATALOGS)
def test_every_language_has_the_same_messages(name: str) -> None:
    first, *others = [messages_of(read(name, language)) for language in LANGUAGES]
    for other in others:
        assert set(other) == set(first)
        for key, message in other.items():
            assert len(forms_of(message)) == len(forms_of(first[key])), key
            fields = {frozenset(FIELD.findall(form)) for form in forms_of(message)}
            assert fields == {frozenset(FIELD.findall(form)) for form in forms_of(first[key])}, key


def test_no_message_is_empty_fuzzy_or_without_all_its_plural_forms() -> None:
    for name, language, key, message in entries():
        forms = forms_of(message)
        assert all(form.strip() for form in forms), key
        assert not message.fuzzy, key
        if isinstance(message.id, tuple):
            assert message.id == (key, key)
            assert len(forms) == read(name, language).num_plurals, key


def test_no_message_stands_twice_in_one_catalog() -> None:
    for path in LOCALES.glob("*.po"):
        keys = re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)
        assert len(keys) == len(set(keys)), path.name


def test_the_facts_of_a_message_are_those_that_it_names() -> None:
    for _, _, key, message in entries():
        facts = facts_of(message)
        used = {match[0] for form in forms_of(message) for match in FIELD.findall(form)}
        assert used - set(facts) == set(), key
        assert set(facts) - used <= {"n"}, key
        assert set(facts.values()) <= set(SAMPLES), key


def test_placeholders_are_well_formed_and_their_styles_exist(words: Words) -> None:
    for _, _, key, message in entries():
        for form in forms_of(message):
            assert not re.search(r"[{}]", FIELD.sub("", form)), key
            for name, style in FIELD.findall(form):
                assert style in STYLES or not style or f"unit.{style}" in words, (key, name, style)


def test_every_message_is_valid_telegram_html_and_fits() -> None:
    for language, key, message in own_entries():
        facts = {name: SAMPLES[kind] for name, kind in facts_of(message).items()}
        text = Words(language)(key, **facts)
        balance = Balance()
        balance.feed(text)
        balance.close()
        assert balance.open == [], key
        assert "<Ana" not in text
        assert utf16_len(text) < 3_000, key


def test_words_for_buttons_menus_and_callback_answers_are_plain_and_short() -> None:
    for language, key, message in own_entries():
        if not key.startswith(PLAIN):
            continue
        assert not any(re.search(r"<[a-z/]", form) for form in forms_of(message)), key
        facts = {name: SAMPLES[kind] for name, kind in facts_of(message).items()}
        length = utf16_len(Words(language).plain(key, **facts))
        most = {"button": 32, "history": 24, "error": 200, "cmd": 60}.get(key.partition(".")[0], 512)
        assert length <= (120 if key.startswith("bot.short") else most), key


def test_no_figure_of_the_rules_is_written_into_a_text() -> None:
    for _, key, message in own_entries():
        for form in forms_of(message):
            rest = FIELD.sub("", form).replace(FIGURES_ALLOWED.get(key, "\0"), "")
            assert not re.search(r"\d", rest), (key, rest)


def test_no_text_promises_gain() -> None:
    promises = re.compile(
        r"almost won|so close|guaranteed|jackpot awaits|hurry up|casi ganas|garantizad|no te lo pierdas",
        re.IGNORECASE,
    )
    for _, _, key, message in entries():
        assert not any(promises.search(form) for form in forms_of(message)), key


def test_chance_and_house_share_are_said_before_paying() -> None:
    for key in (
        "start.welcome",
        "start.group",
        "guard.first",
        "guard.dear",
        "guard.price_changed",
        "price.screen",
    ):
        for language in LANGUAGES:
            for form in forms_of(messages_of(read("", language))[key]):
                assert {("chance_ppm", "odds"), ("house_bps", "percent")} <= set(FIELD.findall(form)), key


def test_texts_for_pots_switched_off_do_not_speak_of_pots(words: Words) -> None:
    about_pots = re.compile(r"\bpots?\b|ticket|chance|\bbotes?\b|boleto|probabilidad|sorteo", re.IGNORECASE)
    for _, key, message in own_entries():
        if key.endswith(("_no_pot", "_no_pot_group")):
            assert key.split("_no_pot")[0] in words
            assert not any(about_pots.search(FIELD.sub("", form)) for form in forms_of(message)), key


def errors() -> list[type[PotluckError]]:
    """Return every error of the services."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        importlib.import_module(module.name)
    found, waiting = [], [PotluckError]
    while waiting:
        found.append(error := waiting.pop())
        waiting += error.__subclasses__()
    return found


def test_every_error_has_words_in_every_language() -> None:
    for error in errors():
        key = "error.internal" if issubclass(error, InvariantError) else f"error.{error.code}"
        given = set(inspect.signature(error.__init__).parameters) | {"number"}
        for language in LANGUAGES:
            message = messages_of(read("", language)).get(key)
            assert message is not None, f"{error.__name__} has no words: {key}"
            assert set(facts_of(message)) <= given, key


def test_every_key_that_a_handler_names_exists(words: Words) -> None:
    named = re.compile(r"""\bwords(?:\.plain)?\(\s*"([a-z_.0-9]+)"\s*[,)]""")
    for path in Path(handlers.__file__).parent.rglob("*.py"):
        for key in named.findall(path.read_text("utf-8")):
            assert key in words or path.name == "words.py", f"{path.name}: {key}"


def test_every_key_of_the_catalogs_is_used() -> None:
    written, patterns = keys_in_the_code()
    for _, key, _ in own_entries():
        base = re.sub(r"(_no_pot)?([._]group)?$", "", key)
        used = key in written or base in written or any(pattern.fullmatch(key) for pattern in patterns)
        assert used or key.startswith("error.used_button."), key


def keys_in_the_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return what may be a key in ``handlers`` and ``bot``: texts, and f-strings that begin with a text."""
    written, patterns = set(), []
    for package in (handlers, bot):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    written.add(node.value)
                elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                    patterns.append(re.compile("".join(map(_part_of_key, node.values))))
    return written, patterns


def _part_of_key(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_]+"


def test_numbers_are_grouped_as_the_language_does() -> None:
    english, spanish = load_catalogs()["en"], load_catalogs()["es"]
    assert [english.number(n) for n in (0, 999, 1_905, 604_118, -1_000)] == [
        "0",
        "999",
        "1,905",
        "604,118",
        "-1,000",
    ]
    assert [spanish.number(n) for n in (999, 1_905, 2**63 - 1)] == [
        "999",
        "1.905",
        "9.223.372.036.854.775.807",
    ]
    assert [english.signed(n) for n in (1_000, -15, 0)] == ["+1,000", "−15", "0"]


def test_odds_and_shares() -> None:
    english, spanish = Words("en"), Words("es")
    assert [english.odds(price * 1_000) for price in (5, 15, 100)] == ["1 in 200", "1 in 66", "1 in 10"]
    assert (english.odds(1_000_000), english.odds(1)) == ("1 in 1", "1 in 1,000,000")
    assert spanish.odds(5_000) == "1 entre 200"
    assert [english.percent(bps) for bps in (1_000, 9_000, 1_250)] == ["10%", "90%", "12.5%"]
    assert spanish.percent(1_250) == "12,5\u00a0%"


def test_the_receipt_line_reads_as_the_rules_say() -> None:
    facts = {"price": 15, "ticket": 42, "chance_ppm": 15_000, "roll": 604_118, "pot": 1_905, "balance": 940}
    assert Words("en").plain("receipt.line", **facts) == (
        "15 credits · ticket 42 · 1 in 66 · rolled 604,118 · pot 1,905 · you have 940"
    )
    assert Words("es").plain("receipt.line", **facts) == (
        "15 créditos · boleto 42 · 1 entre 66 · salió 604.118 · bote 1.905 · tienes 940"
    )


def test_a_plural_is_picked_by_n_and_a_counted_fact_by_itself() -> None:
    english, spanish = Words("en"), Words("es")
    assert [english("free.left", n=n) for n in (1, 2)] == [
        "1 free message left today",
        "2 free messages left today",
    ]
    assert [spanish("free.left", n=n) for n in (1, 2)] == [
        "Te queda 1 mensaje gratis hoy",
        "Te quedan 2 mensajes gratis hoy",
    ]
    assert english("receipt.line_no_pot_group", price=1) == "1 credit"
    assert (
        english(
            "win.private",
            ticket=1_042,
            prize=1,
            pot_left=0,
            round_no=1_007,
            next_round=1_008,
            balance=1_000,
            receipt=7,
        ).count("1007")
        == 2
    )


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=-5), "0 seconds"),
        (timedelta(milliseconds=1), "1 second"),
        (timedelta(seconds=59), "59 seconds"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=10), "10 minutes"),
        (timedelta(minutes=59, seconds=1), "1 hour"),
        (timedelta(hours=5, minutes=49, seconds=1), "5 hours and 50 minutes"),
        (timedelta(hours=23, minutes=59, seconds=30), "1 day"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_a_span_is_told_in_two_units_and_never_too_short(span: timedelta, shown: str) -> None:
    assert shown in Words("en")("daily.granted", amount=1, streak=1, balance=1, wait=span, receipt=1)


def test_times_are_told_in_utc(words: Words) -> None:
    at = datetime(2026, 11, 3, 1, 4, tzinfo=timezone(timedelta(hours=-3)))
    item = words("pot.win_item", at=at, prize=1, round_no=1, ticket=1)
    assert "04:04 UTC" in item
    assert "2026" in words("pot.win_item", at=date(2026, 11, 3), prize=1, round_no=1, ticket=1)
    with pytest.raises(ValueError, match="time zone"):
        words("pot.win_item", at=at.replace(tzinfo=None), prize=1, round_no=1, ticket=1)


@pytest.mark.parametrize(
    "value",
    ["{0.__class__}", "{balance}", "{name}", "%s %(name)s %n", "${HOME}", "{{}}", "../../etc", "\\1", "{"],
)
def test_t70_a_fact_is_shown_and_never_interpreted(words: Words, value: str) -> None:
    assert f"<b>{value}</b>" in words("me.screen_no_pot", **me(value))
    assert words.plain("me.screen_no_pot", **me(value)).startswith(f"{value}\n")


def test_t70_newlines_and_terminal_codes_of_a_fact_have_no_effect(words: Words) -> None:
    text = words.plain(
        "grant.received", receipt=1, amount=1, balance=1, reason="a\nb\x1b[31m\u202ec\x00\r\ud800"
    )
    assert text.splitlines()[0].strip().endswith(": a bc")
    assert len(text.splitlines()) == 2


def test_t32_a_name_with_markup_is_shown_as_text(words: Words) -> None:
    name = clean_name('<b>Ana</b>\u202e & <a href="tg://user?id=1">x</a>', most=60)
    shown = words("win.group", name=name, ticket=1, prize=1, pot_left=1, round_no=1, next_round=2)
    assert "&lt;b&gt;Ana&lt;/b&gt; &amp; &lt;a href=&quot;tg://user?id=1&quot;&gt;x&lt;/a&gt;" in shown
    assert "\u202e" not in shown


def me(name: str) -> dict[str, object]:
    """Return the facts of ``me.screen_no_pot``."""
    return {"name": name, "balance": 1, "held": 0, "paid_today": 0, "paid_total": 0, "price": 5}


def test_html_of_ours_is_kept_as_html_and_stripped_for_plain_text(words: Words) -> None:
    facts = {
        "dearest": 25,
        "dearest_pending": Html(""),
        "day": Html("<b>a &amp; b</b>"),
        "day_pending": Html(""),
    }
    assert "<b>a &amp; b</b>" in words("limit.screen", **facts)
    assert "a & b" in words.plain("limit.screen", **facts)
    assert "<" not in words.plain("limit.screen", **facts)


def test_bytes_are_shown_as_hex(words: Words) -> None:
    assert "<code>00ff</code>" in words("win.new_anchor", anchor=b"\x00\xff")


def test_an_unknown_key_a_missing_fact_and_a_float_are_errors(words: Words) -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        words("no.such")
    with pytest.raises(KeyError, match="held"):
        words("balance.held")
    with pytest.raises(KeyError, match="n"):
        words("free.left")
    with pytest.raises(TypeError):
        words("balance.held", held=1.5)
    with pytest.raises(TypeError):
        words("free.left", n="2")


def test_keys_can_be_listed_and_looked_up(words: Words) -> None:
    assert "receipt.line" in set(words)
    assert "receipt.line" in words
    assert "receipt.nothing" not in words


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("es", "es"),
        ("es-MX", "es"),
        ("ES_ar", "es"),
        ("en-GB", "en"),
        ("de", "en"),
        ("est", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_follows_telegrams_code(code: str | None, language: Language) -> None:
    assert language_of(code) == language
