"""Whose voice it is: pronouns, titles and last names led back to the passage that names the speaker.

Only passages of the text are ever given, and only ones that stand before the mention. What cannot be
led back stays as it is written.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from witnessmark.weigh.reading.cues import PICTURES
from witnessmark.weigh.reading.kinds import PERSONS, unit_of
from witnessmark.weigh.reading.tables import language, words
from witnessmark.weigh.reading.words import PREPOSITIONS, RELATIVES

Place = tuple[int, int]

_PERSON = frozenset({"he", "she", "his", "her", "him"})
_GROUP = frozenset({"they", "their", "them"})
_THING = frozenset({"it", "its"})
_FIRST = frozenset({"i", "we", "my", "our", "us", "me"})
_ONE_OF = frozenset({"the", "a", "an", "one", "another", "our", "his", "her", "my", "their"})
_AGENTS = ("er", "or", "ist", "ian", "man", "woman")
_NO_AGENTS = frozenset(language("english")["endings"]["not-persons"].split())
_REMEMBERED = 300
"""Voices that a pronoun is led back to at most, and different ones with one word in common."""
_SEVERAL = words("several-voices")
_TITLES = words("titles")
_BODIES = words("bodies")


_SHOWN_BY = _GROUP | _THING | {"these", "this", "those"}
_PICTURED = 1500
"""How far before a pronoun its picture may be named, in code points."""
_PICTURE = re.compile(
    r"\b(?:(?:the|these|those|this|that|an?|our|its|his|her|their|\w+)\s+)?"
    r"(pictures?|photos?|photographs?|videos?|footage|images?|clips?|recordings?|screenshots?|maps?|reports?|stud(?:y|ies)|documents?|lists?|registers?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Voice:
    """A named source that was met: its place and its words in lower case."""

    place: Place
    words: tuple[str, ...]
    has_name: bool

    @property
    def is_person(self) -> bool:
        """Whether it looks like one person."""
        head = next((word for word in self.words[:8] if word in _TITLES or word in _BODIES), "")
        if head:
            return head in _TITLES
        if self.words[0] in _ONE_OF and _is_agent(self._noun):
            return True
        return self.has_name and not any(word in _BODIES for word in self.words) and not self.is_group

    @property
    def may_be_person(self) -> bool:
        """Whether it is one of something that is no body and no picture: “the old sexton”."""
        return self.words[0] in _ONE_OF and not self.is_group and not (_BODIES | PICTURES) & set(self.words)

    @property
    def _noun(self) -> str:
        """The noun that the phrase is about: the last word before a preposition or a relative."""
        following = enumerate(self.words[1:], 1)
        end = next((at for at, word in following if word in PREPOSITIONS or word in RELATIVES), None)
        return self.words[: end or len(self.words)][-1]

    def only_describes(self, word: str) -> bool:
        """Whether a word of it only describes several others: “six government units” are no government."""
        following = self.words[self.words.index(word) + 1 :][:1]
        return word in _BODIES and any(one in PERSONS or unit_of(one) is not None for one in following)

    @property
    def is_count(self) -> bool:
        """Whether it begins with a number: “40 percent of the smokers” are no body that says anything."""
        return self.words[0][:1].isdigit()

    @property
    def is_group(self) -> bool:
        """Whether it looks like several people."""
        if self.words[:2] == ("one", "of"):
            return False
        head = next((word for word in self.words if word in PERSONS or word in _BODIES), "")
        return (
            (head.endswith("s") and (head in PERSONS or head in _SEVERAL))
            or "and" in self.words
            or head in {"police", "people", "men", "women"}
            or self._noun in _SEVERAL
            or (self._noun.endswith("s") and unit_of(self._noun) == "persons")
        )


def _is_agent(word: str) -> bool:
    """Whether a noun in the singular ends as those of persons do: rector, baker, pharmacist."""
    return word.endswith(_AGENTS) and word not in PERSONS | PICTURES and f"{word}s" not in _NO_AGENTS


class Voices:
    """The sources of a text that were named so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._recent: deque[Voice] = deque(maxlen=_REMEMBERED)
        self._by_word: dict[str, dict[tuple[str, ...], tuple[Voice, Voice]]] = defaultdict(dict)

    def heard(self, place: Place) -> None:
        """Remember a source, if its words name anybody."""
        written = self._text[place[0] : place[1]].split()
        words = tuple(word.strip(",.()“”\"'").lower() for word in written)
        if len(words) == 1 and words[0] in _PERSON | _GROUP | _THING | _FIRST | {
            "who",
            "which",
            "that",
            "this",
        }:
            return
        is_count = 0 < len(words) < 3 and words[-1][:1].isdigit()
        if not words or not words[0] or (is_count and words[0] in {"another", words[-1]}):
            return  # “Another 64 were injured” names nobody
        is_first_name = written[0][:1].isupper() and written[0].endswith(",") and words[0] not in _TITLES
        is_named = any(word[:1].isupper() for word in written[1:])
        is_alone = len(written) == 1 and written[0][:1].isupper()
        self._remember(Voice(place, words, is_first_name or is_named or is_alone))

    def _remember(self, voice: Voice) -> None:
        """Keep a voice: among the last ones, and the first and the last of its words under each of them."""
        self._recent.append(voice)
        for word in set(voice.words):
            known = self._by_word[word]
            if voice.words in known or len(known) < _REMEMBERED:
                known[voice.words] = (known.get(voice.words, (voice,))[0], voice)

    def is_pointed_at(self, place: Place) -> bool:
        """Whether a source is only a pronoun of the third person in the plural."""
        return self._text[slice(*place)].lower() in _GROUP

    def written(self, place: Place) -> list[str]:
        """The words at a place in lower case, without marks."""
        return [word.strip(",.()“”\"'’").lower() for word in self._text[place[0] : place[1]].split()]

    def resolve(self, place: Place, quoted_by: Place | None = None, *, avoid: Sequence[Place] = ()) -> Place:
        """The passage that names the source at `place`; `place` itself if none before it does.

        `avoid` has pieces of what is said: of “Two men, they say, are missing” the men are not the speakers.
        """
        words = [word.strip(",.()“”\"'’") for word in self._text[place[0] : place[1]].split()]
        low = [word.lower() for word in words]
        if len(low) == 1 and low[0] in _FIRST:
            return quoted_by or place
        if len(low) == 1:
            return self._single(place, words[0], low[0], avoid)
        if len(low) <= 3 and low[0] in {
            "the",
            "mr",
            "mrs",
            "ms",
            "dr",
            "gen",
            "col",
            "judge",
            "general",
            "president",
        }:
            return self._titled(place, low)
        return place

    def picture(self, place: Place) -> Place | None:
        """The picture that “they” or “it” means in “They show …”: the last that is named; None if none is."""
        word = self._text[place[0] : place[1]].lower()
        if word not in _SHOWN_BY:
            return None
        for found in reversed(list(_PICTURE.finditer(self._text, max(0, place[0] - _PICTURED), place[0]))):
            if found[1].lower().endswith("s") == (word not in _THING | {"this"}):
                return found.span()
        return None

    def _single(self, place: Place, word: str, low: str, avoid: Sequence[Place]) -> Place:
        if low in _PERSON:
            person = self._last(place, lambda voice: voice.is_person, avoid)
            return person if person != place else self._last(place, lambda voice: voice.may_be_person, avoid)
        if low in _GROUP:
            return self._last(place, lambda voice: voice.is_group, avoid)
        if low in _THING:
            return self._last(
                place, lambda voice: not (voice.is_person or voice.is_group or voice.is_count), avoid
            )
        if word[:1].isupper():
            return self._longer(place, (low,))
        return place

    def _last(self, place: Place, fits: Callable[[Voice], bool], avoid: Sequence[Place]) -> Place:
        for voice in reversed(self._recent):
            if voice.place[1] <= place[0] and voice.place not in avoid and fits(voice):
                return voice.place
        return place

    def _titled(self, place: Place, low: Sequence[str]) -> Place:
        """“the general”, “Mr. Ost”: the one earlier voice with that word in its name."""
        if low[0] == "the" and low[-1] not in _TITLES | _BODIES:
            return place
        return self._longer(place, tuple(low[1:]))

    def _longer(self, place: Place, wanted: tuple[str, ...]) -> Place:
        known = [pair for pair in self._by_word[wanted[-1]].values() if pair[0].place[1] <= place[0]]
        found = [
            voice
            for voice in sorted({one for pair in known for one in pair}, key=lambda one: one.place)
            if voice.place[1] <= place[0]
            and all(word in voice.words for word in wanted)
            and len(voice.words) > len(wanted)
            and not voice.only_describes(wanted[-1])
        ]
        named = [
            voice
            for voice in found
            if voice.has_name and (voice.is_person or wanted[-1] in _BODIES or len(wanted) > 2)
        ]
        if len({voice.words for voice in named}) > 1 and wanted[-1] in _TITLES | _BODIES:
            return named[-1].place if wanted[-1] in named[-1].words else place
        if (
            not named
            and len({voice.words for voice in found}) == 1
            and len(found[0].words) == len(wanted) + 2
        ):
            return found[0].place  # “the minister”, who was “the interior minister”
        return named[0].place if named else place
