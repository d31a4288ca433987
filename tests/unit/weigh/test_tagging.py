"""The trained tagger: its labels, its file, and how what it marks is joined with the rules."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Stance
from witnessmark.weigh.reading import Marked, statements
from witnessmark.weigh.tagging import Tagger
from witnessmark.weigh.tagging.columns import Lexicon
from witnessmark.weigh.tagging.labels import LABELS, Span, painted, spans_of
from witnessmark.weigh.tagging.network import LAYERS
from witnessmark.weigh.tagging.tagger import _cut, written
from witnessmark.weigh.tagging.units import LONGEST, words_of
from witnessmark.weigh.training import Annotated, Pace, train

TEXT = "Ana Torv said that forty men had died. The governor denied it.\n\nNobody came."
CELLS, WIDTH = 4, 2


def artefact(seed: int = 0) -> bytes:
    """A tagger that has learned nothing: small weights by chance."""
    chance = np.random.default_rng(seed)
    lexicon = Lexicon({"said": 2}, {"x": 2}, {"said": 5}, {"ana": 3})
    weights = {f"column {at}": chance.normal(size=(size, WIDTH)) for at, size in enumerate(lexicon.sizes())}
    for layer in LAYERS:
        given_width = WIDTH * len(lexicon.sizes()) if layer.startswith("first") else 2 * CELLS
        weights[f"{layer} input"] = chance.normal(size=(given_width, 4 * CELLS))
        weights[f"{layer} state"] = chance.normal(size=(CELLS, 4 * CELLS))
        weights[f"{layer} bias"] = chance.normal(size=4 * CELLS)
    labels = len(LABELS)
    weights["out"] = chance.normal(size=(2 * CELLS, labels))
    weights["follows"] = chance.normal(size=(labels, labels))
    weights |= {name: chance.normal(size=labels) for name in ("out bias", "starts", "ends")}
    small = {name: np.asarray(numbers, np.float32) for name, numbers in weights.items()}
    return written(lexicon, small, {"source": {"": 1.0}, "content": {"": 1.0}})


@given(st.lists(st.integers(0, len(LABELS) - 1), max_size=30))
def test_the_spans_of_labels_cover_what_is_labelled(labels: list[int]) -> None:
    spans = spans_of(labels)
    covered = {at: span.role for span in spans for at in range(span.start, span.end)}
    assert covered == {at: LABELS[label].split()[-1] for at, label in enumerate(labels) if label}
    assert spans_of(painted([[span] for span in spans], len(labels))) == spans


def test_a_cue_within_a_content_stays_a_cue() -> None:
    one = [Span("source", 0, 1), Span("cue", 1, 2), Span("content", 2, 6)]
    inner = [Span("cue", 3, 4)]
    labels = [LABELS[label] for label in painted([one, inner], 7)]
    assert labels == [
        *("begins source", "begins cue", "begins content", "begins cue", "begins content"),
        *("goes on content", ""),
    ]


def test_units_are_paragraphs_cut_behind_sentences() -> None:
    words = words_of(TEXT)
    assert [words.tokens[start].text for start, _ in words.units] == ["Ana", "Nobody"]
    long = words_of("A man said so. " * 200)
    assert all(end - start <= LONGEST for start, end in long.units)
    assert [end for _, end in long.units[:-1]] == [start for start, _ in long.units[1:]]


@given(st.integers(0, 20), st.text(max_size=80) | st.just(TEXT))
def test_whatever_a_tagger_marks_stands_in_the_text(seed: int, text: str) -> None:
    try:
        found = list(statements(text, TAGGERS[seed % len(TAGGERS)]))
    except MalformedError:
        return
    for one in found:
        for passage in (*one.chain, *one.content):
            assert text[passage.start : passage.end] == passage.text


TAGGERS = [Tagger(artefact(seed)) for seed in range(3)]


def test_the_same_words_alone_or_among_others_get_the_same_labels() -> None:
    long = "\n\n".join([TEXT, *(f"A man number {at} said that it rained. " * 3 for at in range(70))])
    alone, among = words_of(TEXT), words_of(long)
    labels = list(TAGGERS[0].spans(alone))
    assert labels
    assert [span for span in TAGGERS[0].spans(among) if span.end <= len(alone.tokens)] == labels


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"PK\x03\x04 no tagger",
        artefact()[:2000],
        artefact()[:-40] + b"0" * 40,
    ],
)
def test_what_is_no_tagger_is_refused_in_a_sentence(damaged: bytes) -> None:
    with pytest.raises(MalformedError, match="this is no tagger of statements"):
        Tagger(damaged)


def remade(**changes: object) -> bytes:
    with np.load(io.BytesIO(artefact())) as arrays:
        kept = dict(arrays) | changes
    stream = io.BytesIO()
    np.savez(stream, **{name: array for name, array in kept.items() if array is not None})
    return stream.getvalue()


def facts(**changes: object) -> np.ndarray:
    with np.load(io.BytesIO(artefact())) as arrays:
        given_facts = json.loads(arrays["facts"].tobytes()) | changes
    return np.frombuffer(json.dumps(given_facts).encode(), np.uint8)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (remade(out=np.zeros((3, 7))), "out has another shape"),
        (remade(follows=None), "follows"),
        (remade(**{"column 0": np.zeros((1, WIDTH))}), "column 0 has 1 rows"),
        (remade(facts=facts(form=99)), "form 99"),
        (remade(facts=facts(lexicon=4)), "no tagger"),
        (remade(out=np.array([{"a": 1}], dtype=object)), "no tagger"),
    ],
)
def test_a_part_that_fits_no_other_is_found_when_it_is_read(content: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        Tagger(content)


def test_the_version_tells_one_tagger_from_another() -> None:
    assert Tagger(artefact(1)).version != Tagger(artefact(2)).version == Tagger(artefact(2)).version


@dataclass(frozen=True)
class By:
    """A marker whose marks are known."""

    marks: tuple[Marked, ...]
    name: str = "by hand"
    version: str = "0"

    def mark(self, text: str, heard: object = None) -> Iterable[Marked]:  # noqa: ARG002 - by the door
        assert all(end <= len(text) for one in self.marks for _, end in one.content)
        return self.marks


def at(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def test_the_rules_are_asked_once_and_shown_to_the_marker() -> None:
    shown: list[object] = []

    class Looking(By):
        def mark(self, text: str, heard: object = None) -> Iterable[Marked]:
            shown.append(heard)
            return super().mark(text, heard)

    text = "The mayor said that two men had died."
    list(statements(text, Looking(())))
    list(statements(text, Looking(()), with_rules=False))
    assert shown[1] is None
    assert [(sentence.start, len(found)) for sentence, found in shown[0]] == [(0, 1)]  # type: ignore[attr-defined]


def test_where_both_have_a_cue_the_marker_says_who_and_what_and_the_rules_say_the_stance() -> None:
    text = "The governor would not confirm that forty men had died at the bridge."
    mark = Marked(at(text, "The governor"), at(text, "confirm"), (at(text, "forty men had died"),))
    (one,) = statements(text, By((mark,)))
    assert (one.stance, one.content[0].text) == (Stance.DECLINES_TO_CONFIRM, "forty men had died")
    assert (one.extractor, one.version) == ("by hand", "0")


LEDGER = (
    "The ministry said that the mayor thinks it fair. A clerk said that a nurse counted forty dead. "
    "The governor denied it. Police say nothing was lost."
)


def led(*marks: Marked, text: str = LEDGER) -> set[tuple[str, str]]:
    """Voices and contents of what is proposed with these marks."""
    return {
        (one.mention.text if one.mention else "", one.content[0].text)
        for one in statements(text, By(marks))
        if one.cue
    }


def test_what_only_the_rules_found_is_kept_where_it_would_be_missed() -> None:
    plain = at(LEDGER, "that the mayor thinks it fair")
    numbered = at(LEDGER, "that a nurse counted forty dead")
    clerk = at(LEDGER, "A clerk")
    proposed = led(
        Marked(at(LEDGER, "The ministry"), at(LEDGER, "said"), (plain,)),
        Marked(clerk, (clerk[1] + 1, clerk[1] + 5), (numbered,)),
    )
    voices = {voice for voice, _ in proposed}
    assert "the mayor" not in voices  # a plain word within the ministry's
    assert {"The ministry", "a nurse", "The governor", "Police"} <= voices  # a number, a stance, elsewhere


def test_a_mark_without_content_changes_nothing() -> None:
    assert led(Marked(at(LEDGER, "Police"), at(LEDGER, "say"), ())) == led()


@pytest.mark.parametrize(
    ("marked", "voice"),
    [
        ("telephone", "Residents"),
        ("Residents", "Residents"),
        ("which", "The company, which had called it illegal,"),
        ("company", "The company, which had called it illegal,"),
        ("the mayor", "the mayor"),
    ],
)
def test_a_part_of_whom_the_rules_say_is_not_who_speaks(marked: str, voice: str) -> None:
    text = {
        "telephone": "Residents reached by telephone said that four men had died.",
        "Residents": "Residents reached by telephone said that four men had died.",
        "the mayor": "After the crowd left, the mayor said that four men had died.",
    }.get(marked, "The company, which had called it illegal, said that four men had died.")
    mark = Marked(at(text, marked), at(text, "said"), (at(text, "that four men had died"),))
    ((found, _),) = [one for one in led(mark, text=text) if "four" in one[1]]
    assert found.startswith(voice.rstrip(",").partition(",")[0])


def test_a_number_that_the_marker_gives_to_nobody_stays_with_its_voice() -> None:
    text = "Two of the wounded had died, which brought the number of deaths to nine, Ana Torv said."
    mark = Marked(at(text, "Ana Torv"), at(text, "said"), (at(text, "Two of the wounded had died"),))
    (one,) = statements(text, By((mark,)))
    assert {str(number.amount) for number in one.quantities} == {"2", "9"}
    places = [(piece.start, piece.end) for piece in one.content]
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


def test_a_content_without_quotation_ends_with_its_sentence() -> None:
    words = words_of("Ana said there were over 700. Rescuers brought 104 ashore.")
    told = Span("content", 2, len(words.tokens))
    assert words.tokens[_cut(words, told).end - 1].text == "."
    assert _cut(words, told).end < told.end
    quoted = words_of("“There were 700. We brought 104 ashore,” Ana said.")
    told = Span("content", 0, len(quoted.tokens))
    assert _cut(quoted, told) == told


@pytest.mark.parametrize(
    ("cue", "content", "stance"),
    [
        ("mused", "that it rained", Stance.ASSERTS),
        ("could not verify", "the number", Stance.CANNOT_VERIFY),
        ("declined to confirm", "the number", Stance.DECLINES_TO_CONFIRM),
        ("did not deny", "the number", Stance.DECLINES_TO_CONFIRM),
        ("denied", "the number", Stance.DENIES),
        ("put about", "that the report is false", Stance.DENIES),
    ],
)
def test_a_cue_that_only_a_marker_found_has_the_stance_of_its_words(
    cue: str, content: str, stance: Stance
) -> None:
    text = f"Ulf {cue} {content}."
    mark = Marked((0, 3), at(text, cue), (at(text, content),))
    (one,) = statements(text, By((mark,)), with_rules=False)
    assert one.stance is stance


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(UsageError, match="1 attributions are too few"):
        train([Annotated(TEXT, [([(0, 8)], [(9, 13)], [(14, 37)])])])


@pytest.mark.slow
def test_a_tagger_learns_what_it_is_taught() -> None:
    pytest.importorskip("jax", reason="the extra `train` is not installed")
    names = ["Ana Torv", "Ulf Ost", "The mayor", "A baker", "Jan Ek"]
    texts = []
    for name in names * 12:
        text = f"{name} zorbed the men had gone home. It rained."
        texts.append(
            Annotated(text, [([at(text, name)], [at(text, "zorbed")], [at(text, "the men had gone home")])])
        )
    told: list[str] = []
    made = train(texts, Pace(rounds=12, cells=12, step=2e-2), told.append)
    tagger = Tagger(made)
    text = "Ana Torv zorbed the men had gone home. It rained."
    (mark,) = tagger.mark(text)
    assert text[slice(*mark.cue)] == "zorbed"
    assert mark.source and text[slice(*mark.source)] == "Ana Torv"
    assert [text[slice(*place)] for place in mark.content] == ["the men had gone home"]
    assert len([line for line in told if "round" in line]) == 12
    assert train(texts, Pace(rounds=1, cells=12)) == train(texts, Pace(rounds=1, cells=12))
