from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Facts, Finding, Purpose, Range, Span, Stance, Status, Topic
from witnessmark.publish.sentences import Amount, Mark, Record, Sentence, Term, listed, name, plain, visible
from witnessmark.publish.showable import kept_back, shown_fields
from witnessmark.publish.times import moment, stretch
from witnessmark.publish.words import ARABIC, DEEDS, ENGLISH, PASSED_ON, PURPOSES, STANCES, STATUSES, TOPICS

RECORD = Record("claim", Digest.of(b"a claim"))


def test_a_fact_without_a_reference_cannot_be_written_down() -> None:
    with pytest.raises(MalformedError, match=r"without a reference: 'It burned\.'"):
        Sentence(("It burned.",), ())


@pytest.mark.parametrize("loose", ["It burned for 3 hours.", "٣ people", "In 2031"])
def test_a_fact_with_a_number_that_is_nobodys_cannot_be_written_down(loose: str) -> None:
    with pytest.raises(MalformedError, match="nobody's"):
        Sentence((loose,), (RECORD,))


def test_an_amount_needs_its_owner() -> None:
    with pytest.raises(MalformedError, match="the number 40 has no owner"):
        Amount(Range(best=40), ())


def test_a_marked_number_may_stand_in_a_fact() -> None:
    told = Sentence((name("Unit 7"), " gave ", Amount(Range(best=40), ("Unit 7",), "people")), (RECORD,))
    assert plain(told.parts) == "Unit 7 gave 40 people"


def test_names_are_listed_as_people_write_them_each_once() -> None:
    assert plain(listed(["A"])) == "A"
    assert plain(listed(["A", "B", "A"])) == "A and B"
    assert plain(listed(["A", "B", "C"])) == "A, B and C"


def test_what_would_hide_in_a_text_is_written_out() -> None:
    assert visible("a\u202eb\x00c\u2066d\ud800") == "a⟨U+202E⟩b⟨U+0000⟩c⟨U+2066⟩d⟨U+D800⟩"
    assert visible("سلام\u200c نص\nline\ttab") == "سلام\u200c نص\nline\ttab"


def test_every_word_of_the_page_is_there_in_every_language() -> None:
    assert ENGLISH.keys() == ARABIC.keys()


def test_every_stance_topic_status_and_purpose_has_its_own_words() -> None:
    for table, words in (
        (DEEDS, Stance),
        (PASSED_ON, Stance),
        (STANCES, Stance),
        (TOPICS, Topic),
        (STATUSES, Status),
        (PURPOSES, Purpose),
    ):
        assert set(table) == set(words)
        assert len(set(table.values())) == len(table)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2031, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (Span(), "time not known"),
        (Span(end=at(3, 9)), "not later than 3 March 2031, 09:00 UTC"),
        (Span(at(3)), "3 March 2031"),
        (Span(at(3, 9, 5)), "3 March 2031, 09:05 UTC"),
        (Span(at(3), at(4)), "3 March 2031"),
        (Span(at(3), at(3, 23, 59).replace(second=59)), "3 March 2031"),
        (Span(at(3), at(6)), "3 March 2031 to 5 March 2031"),
        (Span(at(3, 9), at(3, 10)), "3 March 2031, 09:00 UTC to 3 March 2031, 10:00 UTC"),
        (Span(at(3, 9), at(3, 9)), "3 March 2031, 09:00 UTC"),
    ],
)
def test_a_stretch_of_time_is_said_plainly(span: Span, words: str) -> None:
    assert stretch(span) == words


def test_a_time_keeps_the_zone_that_it_was_given_in() -> None:
    assert moment(at(3, 9).astimezone(timezone(timedelta(hours=-3, minutes=-30)))) == (
        "3 March 2031, 05:30 UTC-03:30"
    )


def found(of: str, **value: object) -> Finding:
    return Finding(Digest.of(b"x"), "tool 1", of, Facts(value), "It says little.")


def test_only_what_is_on_the_list_is_printed_and_the_rest_is_counted() -> None:
    finding = found("metadata device", named={"IFD0:Make": "Orlo", "IFD0:SerialNumber": "77"}, personal=True)
    assert shown_fields(finding) == (("camera maker by the file's word", "Orlo"),)
    assert kept_back(finding) == 1


@pytest.mark.parametrize("of", ["metadata", "metadata position", "metadata personal"])
def test_findings_that_may_lead_to_a_person_are_kept_back_whole(of: str) -> None:
    finding = found(of, tags={"IFD0:Make": "Orlo", "EXIF:Artist": "a name"})
    assert shown_fields(finding) == ()
    assert kept_back(finding) == 2


def test_a_time_in_a_file_says_whether_its_zone_is_known() -> None:
    times = [
        {"tag": "a", "event": "taken", "written": "2031:03:03 11:42:10"},
        {"tag": "b", "event": "created", "written": "2031:03:03 11:42:10+02:00", "offset": "+02:00"},
        {"tag": "c", "event": "modified", "written": "2031:03:03 11:42:10", "offset": "+02:00"},
    ]
    assert [value for _, value in shown_fields(found("metadata times", times=times))] == [
        "2031:03:03 11:42:10, without a time zone",
        "2031:03:03 11:42:10+02:00",
        "2031:03:03 11:42:10 +02:00",
    ]


def test_a_long_value_is_cut_and_truth_is_said_in_words() -> None:
    assert shown_fields(found("x", summary="a" * 500))[0][1] == "a" * 160 + "…"
    assert shown_fields(found("x", whole=False, complete=True)) == (
        ("whole by its own structure", "no"),
        ("whole picture could be decoded", "yes"),
    )


def test_what_a_file_calls_its_own_tags_is_never_printed() -> None:
    finding = found("recording", container="mp4", streams=[{"codec": "h264", "tags": {"format": "a name"}}])
    assert shown_fields(finding) == (("container", "mp4"), ("coding", "h264"))
    assert kept_back(finding) == 1


def test_a_term_keeps_its_mark() -> None:
    assert Term(Mark.COUNT, "3 pictures").mark == "count"
