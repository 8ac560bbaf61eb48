"""What the import of a pack changes, given what is stored. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.questions.alike import Alike
from services.questions.packs import ORIGINAL, Pack, PackQuestion, Problem, Wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A question's words in one language."""

    text: str
    options: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An active question; ``right`` is the place of the right option, from 0."""

    question_id: int
    key: str
    difficulty: str
    licence: str
    right: int
    words: Mapping[str, Words]
    """By language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored of a category, by key."""

    active: Mapping[str, Stored]
    banned: Mapping[str, Collection["Banned"]]
    elsewhere: Mapping[str, str]
    """Keys of active questions of other categories, with these."""


@dataclass(frozen=True, slots=True)
class Banned:
    """What was asked, in a language, by a question that was withdrawn; it stays away under its key."""

    language: str
    text: str
    options: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuestion:
    """A question to be stored with its words by language; it takes the place of ``replaces``, if that is one."""

    key: str
    difficulty: str
    licence: str
    right: int
    words: Mapping[str, Words]
    replaces: int | None = None


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be done, or why nothing is."""

    problems: list[Problem] = field(default_factory=list)
    new: list[NewQuestion] = field(default_factory=list)
    translations: list[tuple[int, Words]] = field(default_factory=list)
    """Words that stored questions get besides those they have."""
    withdrawn: list[int] = field(default_factory=list)
    unchanged: int = 0
    left_out: int = 0
    """Questions whose words were withdrawn before."""

    @property
    def added(self) -> int:
        """Return how many questions are new."""
        return sum(one.replaces is None for one in self.new)

    @property
    def replaced(self) -> int:
        """Return how many questions get other words."""
        return len(self.new) - self.added

    @property
    def is_change(self) -> bool:
        """Return whether anything changes."""
        return bool(self.new or self.translations or self.withdrawn)


def plan_import(pack: Pack, known: Known, gone: Collection[str] = ()) -> Plan:
    """Return what the import of a pack changes; a question of which there is a problem is left out of it.

    Args:
        gone: keys that an earlier state of the pack had; those that it lacks now are taken away.
    """
    planner = _Planner(pack, known)
    present = {one.key for one in pack.questions}
    for key in sorted(set(gone) - present):
        planner.take_away(key)
    alike = planner.others(present.union(gone))
    for one in pack.questions:
        other = alike.add(one.text, one.options[one.right], name=one.key)
        if other is None:
            planner.take_in(one)
        else:
            planner.plan.problems.append(Problem(one.line, Wrong.KNOWN, {"key": other}))
    return planner.plan


class _Planner:
    """Plans one pack, question by question."""

    def __init__(self, pack: Pack, known: Known) -> None:
        self._pack = pack
        self._known = known
        self.plan = Plan()

    def others(self, keys: Collection[str]) -> Alike:
        """Return the category's questions in the pack's language that aren't the pack's."""
        language, alike = self._pack.language, Alike(self._pack.language)
        for one in self._known.active.values():
            words = one.words.get(language)
            if one.key not in keys and words is not None:
                alike.add(words.text, words.options[one.right], name=one.key)
        return alike

    def take_away(self, key: str) -> None:
        """Withdraw a question that the pack lacks; with a translation only its words go."""
        old, language = self._known.active.get(key), self._pack.language
        if old is None or language not in old.words:
            return
        rest = {name: words for name, words in old.words.items() if name != language}
        if language == ORIGINAL or not rest:
            self.plan.withdrawn.append(old.question_id)
        else:
            self._replace(old, rest)

    def take_in(self, one: PackQuestion) -> None:
        """Plan for a question of the pack."""
        old = self._known.active.get(one.key)
        if one.key in self._known.elsewhere:
            self._refuse(one, Wrong.ELSEWHERE, category=self._known.elsewhere[one.key])
        elif self._is_banned(one, old):
            self.plan.left_out += 1
        elif old is None:
            self.plan.new.append(self._new(one, {self._pack.language: _words(one)}))
        elif self._pack.language != ORIGINAL and ORIGINAL in old.words:
            self._translate(one, old)
        else:
            self._reword(one, old)

    def _is_banned(self, one: PackQuestion, old: Stored | None) -> bool:
        language, banned = self._pack.language, self._known.banned.get(one.key, ())
        if Banned(language, one.text, one.options, one.right) in banned:
            return True
        return old is None and bool(banned) and all(words.language != language for words in banned)

    def _translate(self, one: PackQuestion, old: Stored) -> None:
        words, language = _words(one), self._pack.language
        if one.right != old.right:
            self._refuse(one, Wrong.OTHER_ORDER, place=old.right + 1)
        elif language not in old.words:
            self.plan.translations.append((old.question_id, words))
        elif old.words[language] != words:
            self._replace(old, {**old.words, language: words})
        else:
            self.plan.unchanged += 1

    def _reword(self, one: PackQuestion, old: Stored) -> None:
        """Compare an original; translations go with it to other words, but not to another order."""
        words, language = _words(one), self._pack.language
        frame = (one.right, one.difficulty, self._pack.licence)
        if old.words.get(language) == words and frame == (old.right, old.difficulty, old.licence):
            self.plan.unchanged += 1
            return
        kept = old.words if one.right == old.right else {}
        self.plan.new.append(self._new(one, {**kept, language: words}, old.question_id))

    def _new(self, one: PackQuestion, words: Mapping[str, Words], replaces: int | None = None) -> NewQuestion:
        return NewQuestion(
            key=one.key,
            difficulty=one.difficulty,
            licence=self._pack.licence,
            right=one.right,
            words=words,
            replaces=replaces,
        )

    def _replace(self, old: Stored, words: Mapping[str, Words]) -> None:
        self.plan.new.append(
            NewQuestion(
                key=old.key,
                difficulty=old.difficulty,
                licence=old.licence,
                right=old.right,
                words=words,
                replaces=old.question_id,
            )
        )

    def _refuse(self, one: PackQuestion, wrong: Wrong, **facts: int | str) -> None:
        self.plan.problems.append(Problem(one.line, wrong, facts))


def _words(one: PackQuestion) -> Words:
    return Words(text=one.text, options=one.options, source=one.source)
