"""A reader by tables for languages without a grammar here: verbs of saying, quotations, numbers.

A language is one file of tables. It says which verbs say, confirm, deny or doubt, by which words content
begins, whether the verb or the subject comes first, how numbers are written and hedged. What the tables
do not hold is not found: there is no guessing by likeness.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from witnessmark.model import Qualifier, Range, Stance
from witnessmark.weigh.reading.heard import Place, Said
from witnessmark.weigh.reading.numerals import value_of
from witnessmark.weigh.reading.quantities import Quantity
from witnessmark.weigh.reading.sentences import Sentence
from witnessmark.weigh.reading.tables import language, patterns

_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c-\u200f\u202a-\u202e\u2066-\u2069]")
_OPENERS = frozenset("“\"«„‘'")
_NEGATED = {
    Stance.ASSERTS: Stance.DECLINES_TO_CONFIRM,
    Stance.CONFIRMS: Stance.DECLINES_TO_CONFIRM,
    Stance.DENIES: Stance.DECLINES_TO_CONFIRM,
    Stance.DOUBTS: Stance.ASSERTS,
    Stance.RETRACTS: Stance.ASSERTS,
}
_BY_PHRASE = (Stance.CANNOT_VERIFY, Stance.DECLINES_TO_CONFIRM, Stance.UNDER_VERIFICATION)
_SOURCE_LONGEST = 14
_GAP = "…"


@cache
def reader(name: str) -> Plain:
    """The reader for a language by the name of its file."""
    return Plain(name)


class Plain:
    """Reads sentences of one language by its tables."""

    def __init__(self, name: str) -> None:
        tables = language(name)
        self.is_verb_first = tables["order"] == "verb first"
        self._prefixes = tuple(tables["prefixes"].split())
        self._lists = {key: frozenset(row.split()) for key, row in tables.items() if isinstance(row, str)}
        self._verbs = {
            word: Stance(stance) for stance, row in tables["verbs"].items() for word in row.split()
        }
        self._phrases = {key: _phrases(row) for key, row in tables["phrases"].items()}
        self._shown = {Stance(stance): pattern for stance, pattern in patterns("shown", name).items()}
        self._hedges = [
            (Qualifier(qualifier), words)
            for qualifier, row in tables["qualifiers"].items()
            for words in _phrases(row)
        ]
        self._vague: dict[str, int] = tables["vague"]
        self._numbers: dict[str, int] = tables["numbers"]
        self._units = {word: unit for unit, row in tables["units"].items() for word in row.split()}
        self._builders: dict[str, Callable[[Sentence, Sequence[str], Place], Said | None]] = {
            "impersonal": self._impersonal,
            "according": self._according,
            "hearsay": _hearsay,
        }
        if self.is_verb_first:
            self._builders["relay"] = self._relayed
        self._deeds = frozenset(word for row in tables["deeds"].values() for word in row.split())

    def _key(self, word: str) -> str:
        """A word without vowel marks, and without a conjunction that is written together with it."""
        return _MARKS.sub("", word) or word

    def _stem(self, key: str) -> str:
        for prefix in self._prefixes:
            rest = key.removeprefix(prefix)
            if rest != key and (rest in self._verbs or rest in self._numbers or rest in self._starts()):
                return rest
        return key

    @cache  # noqa: B019 - readers live as long as the process
    def _starts(self) -> frozenset[str]:
        return frozenset(words[0] for rows in self._phrases.values() for words in rows if words)

    # --- who says what ------------------------------------------------------------------------------

    def said_in(self, sentence: Sentence) -> list[Said]:
        """What is said in one sentence."""
        keys = [self._stem(self._key(token.low)) for token in sentence.tokens]
        found: list[Said] = []
        at = 0
        while at < len(keys):
            one, behind = self._cue(sentence, keys, at)
            if one is not None:
                found.append(one)
            at = max(at + 1, behind)
        found = self._merged(found)
        for one, following in pairwise(found):
            _cut(one, following)
        return [one for one in found if one.contents or one.stance is not Stance.ASSERTS]

    def _merged(self, found: list[Said]) -> list[Said]:
        """With “she said that she could not verify it” as one: the same voice goes on."""
        kept: list[Said] = []
        for one in found:
            last = kept[-1] if kept else None
            if last is not None and last.contents and self._goes_on(last, one):
                last.stance = one.stance if last.stance is Stance.ASSERTS else last.stance
                continue
            kept.append(one)
        return kept

    def _goes_on(self, last: Said, one: Said) -> bool:
        """Whether nothing but a word for “that she” stands between the content's begin and the next cue."""
        between = [
            token.low for token in last.sentence.tokens if last.contents[0][0] <= token.start < one.cue[0]
        ]
        skipped = self._lists["markers"] | self._lists["pronouns"]
        return (
            len(between) <= 2
            and all(self._key(word) in skipped for word in between)
            and one.cue[0] > last.cue[0]
        )

    def _cue(self, sentence: Sentence, keys: Sequence[str], at: int) -> tuple[Said | None, int]:
        """The statement whose cue begins here, and where the cue ends."""
        if sentence.quoted[at]:
            return None, at
        for kind, build in self._builders.items():
            end = self._phrase(kind, keys, at)
            if end:
                return build(sentence, keys, (at, end)), end
        for stance in _BY_PHRASE:
            split = self._split(stance.value, keys, at)
            if split is not None:
                contents = [(split[1], self._end(sentence))]
                return self._made(sentence, (at, at + 1), split[0], contents, stance), split[1]
            end = self._phrase(stance.value, keys, at)
            if end:
                return self._verbal(sentence, keys, (at, end), stance), end
        return self._by_verb(sentence, keys, at)

    def _by_verb(self, sentence: Sentence, keys: Sequence[str], at: int) -> tuple[Said | None, int]:
        stance = self._verbs.get(keys[at])
        if stance is None:
            return None, at
        is_negated = at > 0 and keys[at - 1] in self._lists["negations"]
        if is_negated:
            stance = _NEGATED.get(stance, stance)
        return self._verbal(sentence, keys, (at - is_negated, at + 1), stance), at + 1

    def _phrase(self, kind: str, keys: Sequence[str], at: int) -> int:
        """Where a phrase of this kind that begins here ends; 0 if none does."""
        for words in self._phrases[kind]:
            size = len(words)
            if not size:
                continue
            given = list(keys[at : at + size])
            if given == list(words):
                return at + size
            is_joined = size > 1 and len(words[-1]) == 1 and given[:-1] == list(words[:-1])
            if is_joined and given[-1:] and given[-1].startswith(words[-1]):
                return at + size - 1  # “وفقا للوزارة”: the preposition is written with the noun
        return 0

    def _split(self, kind: str, keys: Sequence[str], at: int) -> tuple[Place, int] | None:
        """“refused … to comment”: the source between the two halves of a phrase, and where they end."""
        for words in self._phrases[kind]:
            if _GAP not in words or words[0] != keys[at]:
                continue
            for last in range(at + 2, min(len(keys), at + _SOURCE_LONGEST)):
                if keys[last] == words[-1]:
                    return (at + 1, last), last + 1
        return None

    def _impersonal(self, sentence: Sentence, keys: Sequence[str], cue: Place) -> Said | None:
        """“it was not possible to verify …”: nobody is named."""
        contents = [(0, cue[0]), (cue[1], min(len(keys), self._end(sentence)))]
        one = self._made(sentence, cue, None, contents, Stance.CANNOT_VERIFY)
        if one is not None:
            one.inherits = False
        return one

    def _verbal(self, sentence: Sentence, keys: Sequence[str], cue: Place, stance: Stance) -> Said | None:
        start, end = cue
        quote_end = self._quotation_before(sentence, start)
        if quote_end:
            stop = self._until(keys, sentence, end, self._lists["stops"] | self._lists["commas"])
            content = next(
                at for at in range(quote_end) if sentence.quoted[at] == sentence.quoted[quote_end - 1]
            )
            return self._made(sentence, cue, (end, stop), [(content, quote_end)], stance)
        marker = self._marker(sentence, keys, end)
        before = self._before(sentence, keys, start)
        if marker is None:
            return self._bare(sentence, keys, cue, stance, before)
        between = self._trimmed(keys, end, marker)
        source = between or before if self.is_verb_first else before or between
        first = marker + (keys[marker] in self._lists["markers"] | {":", ","} and not sentence.quoted[marker])
        while (
            first < len(keys)
            and keys[first] in {":", ",", "،", "—"} | self._lists["markers"]
            and not sentence.quoted[first]
        ):
            first += 1
        if keys[marker] not in {":", ","} and self.is_verb_first:
            first = marker
        return self._made(sentence, cue, source, [(first, self._end(sentence))], stance)

    def _quotation_before(self, sentence: Sentence, at: int) -> int:
        """Where a quotation ends that stands right before `at`; 0 if none does."""
        place = at - 1
        while (
            place >= 0 and not sentence.quoted[place] and sentence.tokens[place].low in self._lists["commas"]
        ):
            place -= 1
        return place + 1 if place >= 0 and sentence.quoted[place] else 0

    def _marker(self, sentence: Sentence, keys: Sequence[str], start: int) -> int | None:
        """Where content begins: at a word for “that”, a colon or a quotation."""
        for at in range(start, min(len(keys), start + _SOURCE_LONGEST + 6)):
            if sentence.quoted[at] or keys[at] == ":":
                return at
            if keys[at] in self._lists["markers"] and keys[at] not in self._lists["commas"]:
                return at
            if keys[at] in self._lists["stops"]:
                return None
        return None

    def _before(self, sentence: Sentence, keys: Sequence[str], end: int) -> Place | None:
        """The subject before a verb: back to a comma, a conjunction or the start."""
        start = end
        while start > 0 and end - start < _SOURCE_LONGEST and not sentence.quoted[start - 1]:
            word = keys[start - 1]
            if (
                word in self._lists["stops"]
                or word in self._lists["commas"]
                or word in self._lists["markers"]
            ):
                break
            start -= 1
        while start < end and (
            keys[start] in self._lists["conjunctions"] or keys[start] in self._lists["adjuncts"]
        ):
            start += 1
        return (start, end) if start < end else None

    def _trimmed(self, keys: Sequence[str], start: int, end: int) -> Place | None:
        """A source without adjuncts of time and place at its end."""
        for at in range(start, end):
            if at > start and (
                keys[at] in self._lists["adjuncts"] or keys[at] in self._lists["adjunct-starts"]
            ):
                end = at
                break
        while end > start and (
            keys[end - 1] in self._lists["commas"] or keys[end - 1] in self._lists["adjuncts"]
        ):
            end -= 1
        return (start, end) if start < end else None

    def _bare(
        self, sentence: Sentence, keys: Sequence[str], cue: Place, stance: Stance, before: Place | None
    ) -> Said | None:
        """A verb with an object and no word for “that”."""
        end = self._end(sentence)
        if not self.is_verb_first:
            first = cue[1] + (cue[1] < len(keys) and keys[cue[1]] == ",")
            return self._made(sentence, cue, before, [(first, end)], stance) if before else None
        if before and cue[1] < len(keys) and not keys[cue[1]].startswith("ال"):
            return self._made(sentence, cue, before, [(cue[1], end)], stance)
        stop = self._noun_end(keys, cue[1])
        return self._made(sentence, cue, (cue[1], stop), [(stop, end)], stance)

    def _noun_end(self, keys: Sequence[str], start: int) -> int:
        """Where a noun phrase ends: behind its first word with the article, and the adjectives with it."""
        at = start
        while at < len(keys) and at < start + 4 and not keys[at].startswith(("ال", "لل")):
            if keys[at] in self._lists["stops"] | self._lists["commas"]:
                return at
            at += 1
        while (
            at < len(keys) and keys[at].startswith(("ال", "لل")) and keys[at] not in self._lists["adjuncts"]
        ):
            at += 1
        return at

    def _according(self, sentence: Sentence, keys: Sequence[str], cue: Place) -> Said | None:
        stop = self._until(keys, sentence, cue[1], self._lists["stops"] | self._lists["commas"])
        trimmed = self._trimmed(keys, cue[1], stop)
        end = self._end(sentence)
        before = (0, cue[0] - (cue[0] > 0 and keys[cue[0] - 1] in self._lists["commas"]))
        rest = (stop + 1, end) if stop < len(keys) and keys[stop] in self._lists["commas"] else (end, end)
        return self._made(sentence, cue, trimmed, [before, rest], Stance.ASSERTS)

    def _relayed(self, sentence: Sentence, keys: Sequence[str], cue: Place) -> Said | None:
        """“نقلت الوكالة عن المتحدث قوله …”: one voice passes on another."""
        marker = self._marker(sentence, keys, cue[1]) or self._end(sentence)
        links = {word for words in self._phrases["from"] for word in words}
        link = next((at for at in range(cue[1], marker) if keys[at] in links), None)
        if link is None:
            return None
        first = self._trimmed(keys, link + 1, marker)
        made = self._made(sentence, cue, (cue[1], link), [(marker, self._end(sentence))], Stance.REPORTS)
        if made is not None and first is not None:
            made.via = _place(sentence, first)
        return made

    def _until(self, keys: Sequence[str], sentence: Sentence, start: int, borders: frozenset[str]) -> int:
        at = start
        while at < len(keys) and keys[at] not in borders and not sentence.quoted[at]:
            at += 1
        return at

    def _end(self, sentence: Sentence) -> int:
        """Where the sentence ends, without the stop behind its last word."""
        end = len(sentence.tokens)
        while end and sentence.tokens[end - 1].low in self._lists["stops"] and not sentence.quoted[end - 1]:
            end -= 1
        return end

    def _made(
        self, sentence: Sentence, cue: Place, source: Place | None, contents: list[Place], stance: Stance
    ) -> Said | None:
        spans = [span for span in contents if span[0] < span[1]]
        words = " ".join(
            _MARKS.sub("", token.low) for start, end in spans for token in sentence.tokens[start:end]
        )
        if stance is Stance.ASSERTS:
            stance = next((shown for shown, pattern in self._shown.items() if pattern.search(words)), stance)
        named = source if source and source[0] < source[1] else None
        return Said(
            sentence=sentence,
            cue=_place(sentence, cue),
            source=_place(sentence, named) if named else None,
            contents=[_place(sentence, span) for span in spans],
            stance=stance,
            lemma=sentence.tokens[cue[0]].low,
            is_quoting=any(sentence.quoted[at] for start, end in spans for at in range(start, end)),
            inherits=named is None,
            last_paragraph=sentence.paragraph,
        )

    # --- how many -----------------------------------------------------------------------------------

    def quantities(self, sentence: Sentence) -> Iterator[Quantity]:
        """The numbers of people and things in one sentence."""
        keys = [self._stem(self._key(token.low)) for token in sentence.tokens]
        at = 0
        while at < len(keys):
            value, end = self._number(keys, at)
            if value is None:
                at += 1
                continue
            found, at = self._counted(sentence, keys, (at, end), value)
            if found is not None:
                yield found

    def _number(self, keys: Sequence[str], at: int) -> tuple[int | None, int]:
        """The value of the number that begins here, and its end."""
        if keys[at][0].isdecimal():
            return value_of(keys[at]), at + 1
        if keys[at] in self._vague:
            return self._vague[keys[at]], at + 1
        total, end = 0, at
        while end < len(keys) and keys[end] in self._numbers:
            value = self._numbers[keys[end]]
            total = total * value if value >= 1000 and total else total + value
            end += 1
        return (total, end) if end > at else (None, at)

    def _counted(
        self, sentence: Sentence, keys: Sequence[str], number: Place, value: int
    ) -> tuple[Quantity | None, int]:
        start, end = number
        qualifier, hedged = self._hedge(keys, start)
        high = None
        if qualifier is Qualifier.BETWEEN or (end + 1 < len(keys) and keys[end] in {"-", "–"}):
            high, end = self._upper(keys, end)
        if qualifier is None and keys[start] in self._vague:
            qualifier = Qualifier.VAGUE
        noun = next((at for at in range(end, min(len(keys), end + 3)) if self._unit(keys[at])), None)
        action = next(
            (at for at, key in enumerate(keys) if key in self._deeds and abs(at - start) < 12), None
        )
        if noun is None and action is None:
            return None, end
        if noun is None and len(keys[start]) == 4 and keys[start].isdecimal():
            return None, end  # a year
        amount = _range(qualifier, value, high)
        unit = self._unit(keys[noun]) if noun is not None else "persons"
        victims = _place(sentence, (end, noun + 1)) if noun is not None else None
        deed = _place(sentence, (action, action + 1)) if action is not None else None
        return Quantity(_place(sentence, (hedged, end)), amount, unit, victims, deed), end

    def _unit(self, key: str) -> str | None:
        return self._units.get(key) or self._units.get(key.removeprefix("ال"))

    def _hedge(self, keys: Sequence[str], start: int) -> tuple[Qualifier | None, int]:
        """The hedge before a number, and where it begins."""
        best: tuple[Qualifier | None, int] = (None, start)
        for qualifier, words in self._hedges:
            first = start - len(words)
            if first >= 0 and tuple(keys[first:start]) == words and first < best[1]:
                best = (qualifier, first)
        return best

    def _upper(self, keys: Sequence[str], at: int) -> tuple[int | None, int]:
        """The second number of a range, behind its link."""
        for place in range(at, min(len(keys), at + 3)):
            key = keys[place].removeprefix("و") if keys[place][:1] == "و" else keys[place]
            if key and key[0].isdecimal():
                return value_of(key), place + 1
            value, end = self._number([*keys[:place], key, *keys[place + 1 :]], place)
            if value is not None:
                return value, end
        return None, at


def _phrases(row: str) -> list[tuple[str, ...]]:
    return sorted((tuple(phrase.split()) for phrase in row.split("|") if phrase), key=len, reverse=True)


def _place(sentence: Sentence, span: Place) -> Place:
    return sentence.tokens[span[0]].start, sentence.tokens[span[1] - 1].end


def _hearsay(sentence: Sentence, keys: Sequence[str], cue: Place) -> Said:
    """What is passed on without a name: the sentence around the word."""
    spans = [span for span in ((0, cue[0]), (cue[1], len(keys))) if span[0] < span[1]]
    return Said(
        sentence=sentence,
        cue=_place(sentence, cue),
        source=None,
        contents=[_place(sentence, span) for span in spans],
        stance=Stance.REPORTS,
        lemma=keys[cue[0]],
        last_paragraph=sentence.paragraph,
    )


def _range(qualifier: Qualifier | None, value: int, high: int | None) -> Range:
    if high is not None and high >= value:
        return Range(low=value, high=high, qualifier=Qualifier.BETWEEN)
    if qualifier is None or qualifier is Qualifier.BETWEEN:
        return Range(value, value, value)
    if qualifier is Qualifier.ABOUT:
        return Range(best=value, qualifier=qualifier)
    if qualifier in {Qualifier.AT_LEAST, Qualifier.MORE_THAN, Qualifier.VAGUE}:
        return Range(low=value, qualifier=qualifier)
    return Range(high=value, qualifier=qualifier)


def _cut(one: Said, following: Said) -> None:
    """End a content where the next voice begins."""
    border = min(following.cue[0], following.source[0] if following.source else following.cue[0])
    is_after = border > one.cue[1]
    if is_after and not following.quotation:
        one.contents = [(start, min(end, border)) for start, end in one.contents if start < border]
