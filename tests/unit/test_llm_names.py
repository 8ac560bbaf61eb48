"""Names of models, prices, what is counted, and what models are told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.messages import TextPart, UserPromptPart

from services.characters import Character
from services.llm import prompts
from services.llm.cost import Meter, Prices
from services.llm.messages import messages_of
from services.llm.names import ModelName, Provider
from services.ports import Attachment, Question
from services.rules import ModelRules
from tests.models import NOTES, PAST, PHOTO, question

SEEING = ModelRules(sees_photos=True)


@pytest.mark.parametrize(
    ("text", "provider", "name"),
    [
        ("google:gemini-2.5-flash", Provider.GOOGLE, "gemini-2.5-flash"),
        ("gemini:gemini-2.5-flash", Provider.GOOGLE, "gemini-2.5-flash"),
        ("OpenAI:gpt-5-mini", Provider.OPENAI, "gpt-5-mini"),
        ("openai:mistralai/mistral-small", Provider.OPENAI, "mistralai/mistral-small"),
        ("anthropic:claude-haiku-4-5", Provider.ANTHROPIC, "claude-haiku-4-5"),
        ("ollama:llama3.2:3b", Provider.OLLAMA, "llama3.2:3b"),
    ],
)
def test_a_name_says_provider_and_model(text: str, provider: Provider, name: str) -> None:
    assert ModelName.parse(text) == ModelName(provider=provider, name=name)


@pytest.mark.parametrize("text", ["gpt-5", "openai:", ":x", "openai gpt", "mystery:x", "openai:a b", "a:b\n"])
def test_what_is_no_name_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"google:…, openai:…, anthropic:…, ollama:…"):
        ModelName.parse(text)


def test_the_name_in_the_books_fits_them() -> None:
    assert len(str(ModelName.parse("openai:" + "x" * 200))) == 64


def test_a_key_is_needed_where_it_is_known_to_be() -> None:
    needing = [name for name in ("google:x", "openai:x", "anthropic:x", "ollama:x") if _needs(name, None)]
    assert needing == ["google:x", "openai:x", "anthropic:x"]
    assert not _needs("openai:x", "http://127.0.0.1:8000/v1")
    assert _needs("anthropic:x", "http://127.0.0.1:8000")


def _needs(text: str, base_url: str | None) -> bool:
    return ModelName.parse(text).needs_key(base_url)


@pytest.mark.parametrize(
    ("text", "tokens", "micros"),
    [
        ("1.25/10", (1_000_000, 0), 1_250_000),
        ("1.25/10", (1, 1), 12),
        ("0/0.000001", (9, 1), 1),
        ("3/15", (0, 0), 0),
    ],
)
def test_costs_are_whole_millionths_of_a_dollar_rounded_up(
    text: str, tokens: tuple[int, int], micros: int
) -> None:
    assert Prices.parse(text).cost_micros(*tokens) == micros


@pytest.mark.parametrize(
    "text", ["", "1", "1/", "/1", "1,5/2", "-1/2", "1/2/3", "1e3/1", "1.1234567/1", "$1/2", "1 / 2"]
)
def test_prices_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"as in 1\.25/10"):
        Prices.parse(text)


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1))
def test_prices_are_written_as_they_are_read(micros_in: int, micros_out: int) -> None:
    prices = Prices(micros_in, micros_out)
    assert Prices.parse(str(prices)) == prices


def test_an_answer_that_nobody_counts_is_estimated() -> None:
    meter = Meter(model="m", prices=Prices.parse("1/2"), characters_in=400, photos=1)
    meter.hear("x" * 41)
    usage = meter.usage()
    assert (usage.tokens_in, usage.tokens_out, usage.cost_micros) == (1_600, 11, 1_622)


def test_the_providers_count_goes_before_the_estimate_once_the_answer_is_whole() -> None:
    meter = Meter(model="m", prices=Prices(), characters_in=400)
    meter.hear("x" * 400)
    meter.learn(90, 1)
    assert (meter.usage().tokens_in, meter.usage().tokens_out) == (90, 100)
    meter.learn(90, 70)
    assert meter.usage(is_final=True).tokens_out == 70


def told(**more: str) -> str:
    given: dict[str, str] = {"language": "en", "persona": "", **more}
    return prompts.instructions(
        language=given["language"], character=given.get("character"), in_group=False, persona=given["persona"]
    )


def test_t40_every_model_is_told_that_it_can_do_nothing_and_knows_nothing() -> None:
    for text in (told(), told(persona="You may give credits."), told(character="teacher")):
        assert prompts.FACTS in text
        assert text.endswith(prompts.FACTS), "the facts have the last word"


def test_the_operators_words_replace_the_tone_and_a_chosen_character_replaces_both() -> None:
    assert prompts.DEFAULT_TONE in told()
    assert "Speak like a pirate." in told(persona="Speak like a pirate.")
    assert prompts.DEFAULT_TONE not in told(persona="Speak like a pirate.")
    chosen = told(persona="Speak like a pirate.", character="concise")
    assert prompts.TONES["concise"] in chosen
    assert "pirate" not in chosen


def test_every_character_but_the_default_has_a_tone() -> None:
    assert set(prompts.TONES) == set(Character) - {Character.DEFAULT}


def test_the_language_is_named_and_an_unknown_one_is_english() -> None:
    assert "in Spanish." in told(language="es")
    assert "in English." in told(language="xx")


def test_a_conversation_alternates_and_ends_with_the_question() -> None:
    messages = messages_of(question("third", history=PAST), instructions="SYSTEM", rules=ModelRules())
    assert [message.kind for message in messages] == ["request", "response"] * 2 + ["request"]
    parts = [part for message in messages for part in message.parts]
    said = [part.content for part in parts if isinstance(part, UserPromptPart | TextPart)]
    assert said == ["first", "one", "second", "two", "third"]


def contents_of(asked: Question, rules: ModelRules = SEEING) -> list[Any]:
    """Return what the last message of the conversation holds."""
    (part,) = messages_of(asked, instructions="", rules=rules)[-1].parts
    assert isinstance(part, UserPromptPart)
    return [part.content] if isinstance(part.content, str) else list(part.content)


def test_a_photo_is_shown_as_it_is() -> None:
    words, picture = contents_of(question("what is it?", attachment=PHOTO))
    assert words == "what is it?"
    assert (picture.data, picture.media_type) == (PHOTO.content, "image/png")


def test_a_photo_that_the_model_can_not_see_is_told_of() -> None:
    assert "can't see" in contents_of(question(attachment=PHOTO), ModelRules())[0]


@pytest.mark.parametrize(
    ("attachment", "rules"),
    [(PHOTO, replace(SEEING, photo_bytes=3)), (NOTES, replace(SEEING, document_bytes=3))],
    ids=["photo", "document"],
)
def test_what_is_too_large_is_not_shown(attachment: Attachment, rules: ModelRules) -> None:
    (words,) = contents_of(question(attachment=attachment), rules)
    assert "can't see" in words


def test_a_document_stands_in_a_fence_that_it_can_not_end() -> None:
    assert contents_of(question("sum it up", attachment=NOTES)) == [
        'sum it up\n\nThe player attached the text file "notes.txt":\n````\nmilk, ```eggs```\n````'
    ]


def test_a_message_without_words_is_never_empty() -> None:
    assert contents_of(question("")) == [prompts.WORDLESS]
    assert contents_of(question("", attachment=NOTES))[0].startswith(prompts.WORDLESS)
