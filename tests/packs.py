"""Packs of questions for tests: short ones that are in order, and ways to spoil them."""

from collections.abc import Sequence
from typing import Any

from services.questions.packs import BadPack, Pack, Problem
from services.questions.reading import read_pack

QUESTIONS: tuple[tuple[str, str, str, str], ...] = (
    ("air", "Which gas makes up most of the air we breathe?", "Nitrogen", "¿Qué gas abunda más en el aire?"),
    ("urine", "Which organ makes urine?", "Kidney", "¿Qué órgano produce la orina?"),
    ("near", "Which planet is closest to the Sun?", "Mercury", "¿Qué planeta está más cerca del Sol?"),
    ("heat", "Which instrument measures temperature?", "Thermometer", "¿Qué aparato mide la temperatura?"),
    ("laws", "Who published the laws of motion?", "Newton", "¿Quién publicó las leyes del movimiento?"),
    ("skin", "Which vitamin does our skin make?", "Vitamin D", "¿Qué vitamina produce nuestra piel?"),
    ("sides", "How many sides has a hexagon?", "Six", "¿Cuántos lados tiene un hexágono?"),
    ("star", "What is the star nearest to Earth?", "The Sun", "¿Qué estrella está más cerca de la Tierra?"),
)
"""Id, question, what is right, question in Spanish."""


def question(key: str, text: str, right: str, /, **changes: str) -> str:
    """Return a question as YAML, with any field as given."""
    fields = {
        "id": key,
        "question": f'"{text}"',
        "options": f"[Wrong, {right}, Another, Neither]",
        "right": right,
        "difficulty": "easy",
        "source": "https://example.org/wiki/A_(b)",
        **changes,
    }
    first, *others = (f"{name}: {value}" for name, value in fields.items() if value)
    return "".join(("\n  - ", first, *(f"\n    {line}" for line in others), "\n"))


def pack_text(*texts: str, category: str = "science", language: str = "en", licence: str = "CC0-1.0") -> str:
    """Return a file with these questions, or those of this module."""
    questions = texts or tuple(
        question(key, spanish if language == "es" else english, right)
        for key, english, right, spanish in QUESTIONS
    )
    head = f"category: {category}\nlanguage: {language}\nlicence: {licence}\nquestions:\n"
    return head + "".join(questions)


def pack(*texts: str, **head: Any) -> Pack:
    """Return a pack with these questions, or those of this module."""
    return read_pack(pack_text(*texts, **head).encode())


def problems_of(text: str | bytes) -> Sequence[Problem]:
    """Return what is wrong with a file, nothing if it is in order."""
    try:
        read_pack(text.encode() if isinstance(text, str) else text)
    except BadPack as error:
        return error.problems
    return ()
