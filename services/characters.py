"""The characters a player can choose from. What each is told of itself stands with the model's prompts."""

from enum import StrEnum


class Character(StrEnum):
    """How a model speaks."""

    DEFAULT = "default"
    """As the operator wishes."""
    CONCISE = "concise"
    """In few words."""
    TEACHER = "teacher"
    """Patiently, step by step."""
    STORYTELLER = "storyteller"
    """In pictures and tales."""
    CHEERFUL = "cheerful"
    """Lightly, in a good mood."""
