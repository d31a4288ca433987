"""A sentence as the rules look at it: which words may be a subject, and where a clause begins.

No parser is asked: what a verb of saying has around it is so regular in news that closed classes of
words and the marks of quotation find it.
"""

from __future__ import annotations

from witnessmark.weigh.reading.cues import AMBIGUOUS, PICTURES, VERBS, Form
from witnessmark.weigh.reading.kinds import PERSONS, unit_of
from witnessmark.weigh.reading.numerals import is_number_word
from witnessmark.weigh.reading.sentences import Sentence
from witnessmark.weigh.reading.tables import words
from witnessmark.weigh.reading.words import (
    CLOSERS,
    COMMAS,
    CONJUNCTIONS,
    DAYS,
    DETERMINERS,
    FINITE,
    INNER,
    NEGATIONS,
    PERSONAL,
    PREPOSITIONS,
    QUESTIONS,
    RELATIVES,
    STOPS,
    SUBJECTS,
    SUBORDINATORS,
    is_adverb,
)

Words = tuple[int, int]
"""A stretch of a sentence, in tokens: start included, end not."""

_HEDGES = words("hedges")
_COUNTS = words("number-starts") | words("determiners") - words("articles")
_BREAKING = words("breaking")
_ASKED = words("asked")
_SUBJECT_NOUNS = words("subject-nouns")
_ATTRIBUTES = words("told-attributes")
_TIMES = DAYS | {"later", "ago", "earlier", "week", "month", "year", "morning", "night", "evening"}


class Clauses:
    """One sentence, with questions that a rule asks of it."""

    def __init__(self, sentence: Sentence) -> None:
        self.tokens = sentence.tokens
        self.quoted = sentence.quoted
        self.low = [token.low for token in sentence.tokens]
        self.size = len(self.low)
        self.paragraph = sentence.paragraph

    def word(self, at: int) -> str:
        """The word in lower case; empty beyond the ends."""
        return self.low[at] if 0 <= at < self.size else ""

    def is_capital(self, at: int) -> bool:
        """Whether a word begins with a capital letter."""
        return 0 <= at < self.size and self.tokens[at].text[0].isupper()

    def is_quote_start(self, at: int) -> bool:
        """Whether a quotation begins with this token."""
        return at < self.size and self.quoted[at] > 0 and (at == 0 or self.quoted[at - 1] != self.quoted[at])

    def is_quote_end(self, at: int) -> bool:
        """Whether a quotation ends with this token."""
        return (
            0 <= at < self.size
            and self.quoted[at] > 0
            and (at + 1 == self.size or self.quoted[at + 1] != self.quoted[at])
        )

    def group_start(self, verb: int) -> int:
        """Where the verb's group begins, its auxiliaries, negations and adverbs included."""
        at = verb
        while at > 0 and self.quoted[at - 1] == self.quoted[verb] and self._joins(at - 1):
            at -= 1
        return at

    def _joins(self, at: int) -> bool:
        word = self.low[at]
        if word in {"all", "both", "first", "many", "long"}:
            return self.word(at - 1) in PERSONAL or is_adverb(self.word(at - 1))
        return is_adverb(word) and not (at > 0 and word.endswith("ly") and self.is_capital(at))  # Mr Kelly

    def begins_noun(self, at: int) -> bool:
        """Whether a noun phrase may begin here."""
        word = self.word(at)
        if not word or not (word[0].isalnum() or word[0] in "@#"):
            return False
        if word in DETERMINERS or word in SUBJECTS:
            return True
        if self.is_capital(at):
            return word not in SUBORDINATORS and word not in PREPOSITIONS
        return not (
            word in PREPOSITIONS
            or word in SUBORDINATORS
            or word in FINITE
            or is_adverb(word)
            or word in VERBS
        )

    def noun_end(self, start: int) -> int:
        """Where the noun phrase that begins at `start` ends: at a verb, a mark or a new phrase."""
        at = start
        while at < self.size and self.quoted[at] == self.quoted[start]:
            word = self.low[at]
            if at > start and self._breaks(at, word):
                break
            at += 1
            if word in PERSONAL:
                break
        return at

    def _breaks(self, at: int, word: str) -> bool:
        if word in COMMAS or word in STOPS or word in '()[]"“”' or word in FINITE:
            return word != "'s" or not self._is_possessive(at)
        if word in _BREAKING:
            return True
        if word in PERSONAL and self.low[at - 1] not in {"and", "or"}:
            return True
        verb = VERBS.get(word)
        if verb is not None and verb.form in {Form.PAST, Form.THIRD} and not self._were_asked(at, verb.lemma):
            return not self.is_noun_like(at) and not (word in AMBIGUOUS and not self.clause_follows(at + 1))
        return word in DETERMINERS and word not in {"other", "all", "both", "two", "three", "one"} and (
            self.low[at - 1] not in PREPOSITIONS and self.low[at - 1] not in {"and", "or", "all", "both"}
        )  # fmt: skip

    def _is_possessive(self, at: int) -> bool:
        """Whether 's at this place makes a possessive: a noun stands behind it."""
        after = self.word(at + 1)
        if not after or not after[0].isalnum() or after in DETERMINERS or is_adverb(after):
            return False
        return after != "going" and not after.endswith("ing")

    def is_noun_like(self, at: int) -> bool:
        """Whether a form that may be a verb is a noun here: behind an article or a preposition."""
        before = self.word(at - 1)
        if before in _ATTRIBUTES and self.word(at - 2) in DETERMINERS:
            before = self.word(at - 2)
        if before in {"to", "that"} or before in PERSONAL:
            return False
        if before in {"some", "many", "all", "both"} and self.low[at] in {
            "state",
            "states",
            "report",
            "reports",
        }:
            return self.word(at + 1) not in {"that", "the"} | PERSONAL
        if before in {"'s", "’s"}:
            return self._is_possessive(at - 1)
        if before in {"’", "'"}:
            return True
        return (
            before in DETERMINERS and before not in SUBJECTS and before not in {"all", "both", "some", "many"}
        ) or (before in PREPOSITIONS and before != "as")

    def subject(self, end: int) -> Words | None:
        """The subject whose verb group begins at `end`: its noun phrase with what is put between commas."""
        level = self.quoted[min(end, self.size - 1)]
        floor = self._floor(end, level)
        if end - 1 < floor:
            return None
        if self.low[end - 1] == ",":
            return self._over_commas(floor, end - 1)
        if self.low[end - 1] in {"outside", "inside", "nearby"} and end - 1 > floor:
            found = self.subject(end - 1)
            return (found[0], end) if found else None
        if self.low[end - 1] == ")":
            return self._over_brackets(end)
        comma = max((at for at in range(floor, end) if self.low[at] in COMMAS), default=floor - 1)
        if self._is_region(floor, comma, end) and (found := self.noun_before(floor, comma)) is not None:
            return found[0], end
        return self.noun_before(comma + 1, end)

    def _is_region(self, floor: int, comma: int, end: int) -> bool:
        """Whether a name behind a comma says where a town lies: “The center in Alexandria, Virginia says”."""
        if comma <= floor or self.low[comma] != "," or not all(map(self.is_capital, range(comma + 1, end))):
            return False
        if self.low[floor] not in {"the", "a", "an"}:
            return False
        town = comma - 1
        while town > floor and self.is_capital(town):
            town -= 1
        return town < comma - 1 and self.low[town] in {"in", "at", "near", "of", "from"} and town > floor

    def _floor(self, end: int, level: int) -> int:
        """Before what the subject cannot stand: a change of quotation, a semicolon, a colon, a dash."""
        at = end - 1
        while (
            at >= 0
            and self.quoted[at] == level
            and self.low[at] not in {";", ":", "—", "–", "--", "(", "?", "!"}
        ):
            if level and self.low[at] == "." and at < end - 1:
                break
            if level and self.is_quote_start(at):
                break
            at -= 1
        return at + 1

    def _over_commas(self, floor: int, comma: int) -> Words | None:
        """A subject with an apposition: NP, apposition, verb."""
        commas = [at for at in range(floor, comma) if self.low[at] == ","][-4:]
        starts = [floor if len(commas) < 4 else commas[0] + 1, *(at + 1 for at in commas)]
        for start, stop in zip(starts, commas, strict=False):
            if self._has_finite(start, stop):
                if (found := self.noun_before(start, stop)) is not None and found[0] > start:
                    before = self.word(found[0] - 1)
                    if before in {"that", "and", "but", "while"}:
                        return found[0], comma
                continue
            found = self.noun_before(start, stop)
            if found is not None and self._is_voice(found):
                return found[0], comma
        return None

    def _over_brackets(self, end: int) -> Words | None:
        """A subject with brackets behind it: Sen. A. B. (R-S.C.)."""
        opening = next((at for at in range(end - 2, max(0, end - 14), -1) if self.low[at] == "("), 0)
        found = self.subject(opening) if opening else None
        return (found[0], end) if found else None

    def _is_voice(self, span: Words) -> bool:
        """Whether a phrase may be somebody: not a bare time or place."""
        named = self.low[span[0] : span[1]]
        return bool(named) and not _TIMES.intersection(named[-2:])

    def _has_finite(self, start: int, stop: int) -> bool:
        return any(
            self.low[at] in FINITE and not (self.low[at] == "'s" and self._is_possessive(at))
            for at in range(start, stop)
        ) and not any(self.low[at] in {"who", "which", "that", "whose"} for at in range(start, stop))

    def noun_before(self, floor: int, end: int) -> Words | None:
        """The noun phrase that ends right before `end` and begins at `floor` or later."""
        at = end - 1
        if self.low[at] in PERSONAL and (
            self.word(at - 1) not in {"and", "or"} or self.verb_ahead(floor - 1, at)
        ):
            return (at, end) if at >= floor else None
        while at >= floor:
            word = self.low[at]
            if (
                word in SUBORDINATORS
                and word != "as"
                and not self._is_since(at)
                and not self._is_relative_that(floor, at)
            ):
                break
            if self._ends_clause(at, word) and not (at == end - 1 and self._is_bare(word)):
                jump = self._relative(floor, at)
                if jump is None:
                    break
                at = jump
            at -= 1
        return self._trimmed(at + 1, end)

    def _were_asked(self, at: int, lemma: str) -> bool:
        """Whether a participle tells of those before it: “voters interviewed there said”."""
        return lemma in _ASKED and not self.is_number(at + 1)

    def _was_issued(self, at: int, form: Form) -> bool:
        """Whether a participle tells when a paper came out: “A statement released Tuesday says …”."""
        return form is Form.PAST and self.word(at - 1) in PICTURES and self.word(at + 1) in _TIMES

    def _is_bare(self, word: str) -> bool:
        """Whether a word that looks like a verb may end a subject: “Rebel radio claimed …”."""
        verb = VERBS.get(word)
        return verb is not None and verb.form is Form.BASE

    def _is_relative_that(self, floor: int, at: int) -> bool:
        """Whether “that” belongs to a subject at the start: “The map that they published shows …”."""
        if self.low[at] != "that" or at == floor or floor > 1:
            return False
        return not any(word in FINITE or word in VERBS or word in COMMAS for word in self.low[floor:at])

    def _is_since(self, at: int) -> bool:
        """Whether “since”, “after” or “before” leads to a day or a date and not to a clause."""
        following = self.word(at + 1)
        return self.low[at] in {"since", "after", "before", "until"} and (
            following in DAYS or following[:1].isdigit()
        )

    def _ends_clause(self, at: int, word: str) -> bool:
        if word in RELATIVES and word != "that":
            return False
        if word in FINITE:
            return not (word == "'s" and self._is_possessive(at)) and self.word(at + 1) != "by"
        verb = VERBS.get(word)
        if (
            verb is None
            or verb.form is Form.ING
            or word in _SUBJECT_NOUNS
            or self._were_asked(at, verb.lemma)
            or self._was_issued(at, verb.form)
        ):
            return False
        if verb.form is Form.BASE and self.word(at - 1) in SUBORDINATORS:
            return False  # “while state media …”: a verb there would lack its subject
        following = self.word(at + 1)
        if (word in AMBIGUOUS and following in {"by", "of", "from"}) or (
            verb.form is Form.PAST and following == "by"
        ):
            return False
        return at > 0 and not self.is_noun_like(at) and not self.is_capital(at)

    def _relative(self, floor: int, at: int) -> int | None:
        """Where the relative clause begins that the verb at `at` stands in, if it does."""
        for back in range(at, max(floor, at - 8) - 1, -1):
            if self.low[back] in {"who", "which", "that", "whose"} and back > floor:
                return back
        return None

    def _trimmed(self, start: int, end: int) -> Words | None:
        """A stretch without conjunctions, adverbs and adjuncts of time or place before the noun phrase."""
        while start < end and self._is_preamble(start):
            start += 1
        start = self._behind_time(start, end)
        if start >= end:
            return None
        if self.low[start] in _SUBJECT_NOUNS and self.word(start - 1) in _ATTRIBUTES:
            return start - 1, end  # “Earlier estimates by the ministry”
        is_adjunct = self.low[start] in PREPOSITIONS and not self._is_hedged(start)
        if is_adjunct or self.low[start] in QUESTIONS - {"who", "which", "what"}:
            found = self._behind_adjunct(start, end)
            if found is None:
                return None
            start = found
        if not self._is_wordy(end - 1) and self.low[end - 1] not in {"’", "'", ")", "%"}:
            return None
        is_noun = self._is_bare(self.low[start]) and self.word(start - 1) in SUBORDINATORS
        begins = self.begins_noun(start) or self.low[start] in SUBJECTS or self._is_hedged(start) or is_noun
        return (start, end) if begins else None

    def _is_hedged(self, at: int) -> bool:
        """Whether a preposition hedges a number: “about 20 patients are thought to be trapped”."""
        if self.low[at] == "at" and self.word(at + 1) in {"least", "most"}:
            return self.is_number(at + 2)
        return self.low[at] in {"about", "around", "over", "under"} and self.is_number(at + 1)

    def _is_preamble(self, at: int) -> bool:
        """Whether a word opens a sentence without being part of its subject."""
        word = self.low[at]
        is_counter = word[0].isdigit() and ("/" in word or ":" in word)
        is_name = self.is_capital(at) and self.is_capital(at + 1)  # Tally Room is no adverb
        opens = (
            word in CONJUNCTIONS
            or word == "as"
            or (is_adverb(word) and not is_name and word not in DETERMINERS and not self._is_nearly(at))
        )
        return opens or is_counter or not self._is_wordy(at)

    def _is_nearly(self, at: int) -> bool:
        """Whether an adverb hedges the number behind it: “nearly 115,000 are missing”."""
        return self.low[at] in _HEDGES - NEGATIONS and self.is_number(at + 1)

    def _behind_time(self, start: int, end: int) -> int:
        """Behind “Two years later”, “Last week”, “Two days ago”."""
        for at in range(start, min(start + 4, end - 1)):
            if self.low[at] in _TIMES and self.begins_noun(at + 1) and self.low[at + 1] not in _TIMES:
                if not (self.low[at + 1] in DETERMINERS | PERSONAL or self.is_capital(at + 1)):
                    continue
                if (
                    self.low[at] in {"later", "ago", "earlier"}
                    or self.low[start] in {"last", "this", "next"}
                    or at == start
                ):
                    return at + 1
        return start

    def _is_wordy(self, at: int) -> bool:
        return self.tokens[at].text[0].isalnum() or self.tokens[at].text[0] in "@#"

    def _behind_adjunct(self, start: int, end: int) -> int | None:
        """Where the subject begins behind “In Osterwick …”, “On Tuesday …”, “At the scene …”."""
        for at in range(start + 2, end):
            before, word = self.low[at - 1], self.low[at]
            if before in PREPOSITIONS or before in {"and", "or"} or before in DETERMINERS:
                continue
            if word in DETERMINERS or word in PERSONAL:
                return at
        for at in range(end - 1, start + 1, -1):
            if self.low[at - 1] in INNER or self.low[at - 1] in PREPOSITIONS:
                return None
            if self.is_capital(at) and not self.is_capital(at - 1):
                return at
            if not self.is_capital(at) and self.is_capital(at - 1):
                return at
        return None

    def clause_follows(self, at: int) -> bool:
        """Whether a clause, a question or a quotation begins here, with a subject and a verb of its own."""
        word = self.word(at)
        if word in {"that", ":"} or self.is_quote_start(at) or word in QUESTIONS:
            return True
        if word == "," and self.is_quote_start(at + 1):
            return True
        if word in PERSONAL or word == "there":
            return True
        return (self.begins_noun(at) or self.is_number(at)) and self.verb_ahead(at)

    def is_number(self, at: int) -> bool:
        """Whether a number begins here, hedged or not: “at least 40”, “dozens”, “between 10 and 20”."""
        at += self.is_quote_start(at)
        while self.word(at) in _HEDGES:
            at += 1
        at += self.is_quote_start(at)
        word = self.word(at)
        if not word:
            return False
        return word in _COUNTS or (is_number_word(word) and word not in {"no", "none", "nobody"})

    def counts_nobody(self, at: int) -> bool:
        """Whether it says of people that there are none: “no deaths”."""
        return self.word(at) == "no" and not PERSONS.isdisjoint(self.low[at + 1 : at + 3])

    def counts_people(self, at: int) -> bool:
        """Whether a number of people comes soon, before any mark: “the names of 58 victims”."""
        for ahead in range(at, min(self.size, at + 9)):
            if self.low[ahead] in STOPS or self.low[ahead] in COMMAS:
                return False
            following = self.low[ahead + 1 : ahead + 4]
            if self.is_number(ahead) and any(unit_of(word) == "persons" for word in following):
                return True
        return False

    def verb_ahead(self, at: int, end: int | None = None) -> bool:
        """Whether a finite verb comes within a phrase's length, before any mark and before `end`."""
        for ahead in range(at + 1, min(end or self.size, at + 14)):
            word = self.low[ahead]
            if word in STOPS or word in {";", ":", "“", "”", '"'}:
                return False
            if word in FINITE and not (word == "'s" and self._is_possessive(ahead)):
                return True
            if word.endswith("ed") and ahead > at + 1 and self.low[ahead - 1] not in DETERMINERS:
                return True
        return False

    def is_closed(self, at: int) -> bool:
        """Whether nothing of the sentence is left from here on."""
        return all(word in STOPS or word in CLOSERS or word in ")]" for word in self.low[at:])
