"""Groups in the brief: told once, with what was known first and what that does not prove."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from witnessmark.model.groups import (
    NOT_PROVED,
    Group,
    Kinship,
    Link,
    Member,
    Sighting,
    TimeEvidence,
    ToldGroup,
)
from witnessmark.model.wire import digest_of
from witnessmark.publish.brief import brief
from witnessmark.publish.dossier import Dossier
from witnessmark.publish.scenes import scenes_page

AT = datetime(2031, 3, 9, 8, tzinfo=UTC)


def grouped(dossier: Dossier) -> tuple[Dossier, ToldGroup]:
    """The dossier with its first match of two exhibits made a group."""
    numbers = {one.digest: one.number for one in dossier.exhibits}
    match = next(one for one in dossier.matches if {one.query, one.candidate} <= numbers.keys())
    pair = sorted((match.query, match.candidate), key=lambda one: numbers[one])
    link = Link(match.query, match.candidate, digest_of(match))
    group = Group(Kinship.SAME_PICTURE, tuple(Member(one) for one in pair), (link,))
    sightings = (
        Sighting(pair[0], TimeEvidence.SEALED, AT, AT.isoformat(), "collected", pair[0], entry=7),
        Sighting(pair[1], TimeEvidence.IN_FILE, AT, "2017:03:14 09:26:55", "taken", pair[1], is_zoned=False),
    )
    told = ToldGroup(numbers[pair[0]], group, sightings)
    return replace(dossier, groups=(told,)), told


def test_a_group_is_told_once_and_its_other_members_lead_there(dossier: Dossier) -> None:
    before = brief(dossier).markdown.decode()
    with_groups, told = grouped(dossier)
    after = brief(with_groups).markdown.decode()
    assert after.count("belong together") == 1
    assert after.count(f"is told together with {told.name}") == 1
    assert after.count("is like") < before.count("is like")


def test_what_a_program_holds_is_told_as_its_word_until_a_person_decides(dossier: Dossier) -> None:
    with_groups, told = grouped(dossier)
    (link,) = told.group.links
    undecided = replace(with_groups, decisions=())
    page = brief(undecided).markdown.decode()
    assert "A program holds that [" in page or "A program holds that E" in page
    assert "; no person has decided on it." in page
    of_wren = replace(told, group=replace(told.group, links=(replace(link, by="wren"),)))
    page = brief(replace(undecided, groups=(of_wren,))).markdown.decode()
    assert "A program holds that" not in page
    assert "no person has decided on it" not in page
    assert "wren joined" in page


def test_the_oldest_is_told_with_what_it_does_not_prove(dossier: Dossier) -> None:
    with_groups, _ = grouped(dossier)
    page = brief(with_groups).markdown.decode()
    assert page.count("Oldest known") == 2
    assert NOT_PROVED[TimeEvidence.SEALED] in page
    assert NOT_PROVED[TimeEvidence.IN_FILE] in page
    assert "in an unknown zone" in page


def test_a_page_of_scenes_escapes_what_it_is_given_and_says_that_no_link_is_no_word() -> None:
    scene = {
        "members": [{"exhibit": "E00001"}, {"exhibit": "E00002"}],
        "links": [
            {"one": "E00001", "other": "E00002", "kinship": "same scene", "inliers": 31, "by": None},
            {"one": "E00001", "other": "E00002", "kinship": "same scene", "inliers": None, "by": "<b>wren"},
        ],
        "overruled": [],
        "order": {"time in the file": [], "sealed here": [_time("E00001", "<script>")]},
        "not_measured": ["shadows"],
    }
    page = scenes_page("A & B", [scene], ["No link found is no word on the place."]).decode()
    assert "<script>" not in page
    assert "<b>wren" not in page
    assert "A &amp; B" in page
    assert "No link found is no word on the place." in page
    assert "Time in the file: nothing is known." in page
    assert ">31<" in page
    assert "<img" not in page


def _time(exhibit: str, label: str) -> dict[str, object]:
    return {"exhibit": exhibit, "written": "2031-03-09", "zoned": False, "label": label}
