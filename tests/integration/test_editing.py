"""The brief is edited: a person's own words with who and when, references that hold, versions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.desks import ADA, copy_of
from tests.servers.doors import ORIGIN, came_in

from witnessmark.cli import run
from witnessmark.desk import Desk
from witnessmark.desk.editions import (
    KINDS,
    Typed,
    between,
    changes,
    latest_edition,
    merged,
    read_file_of,
    typed_of,
    versions,
)
from witnessmark.desk.references import REFERENCES, said_of
from witnessmark.desk.sidecar import Line
from witnessmark.errors import OutdatedError, RefusedError, UsageError
from witnessmark.model import Chapter, CheckState, Claim, Digest, Edition, Statement, person
from witnessmark.model.editions import MADE
from witnessmark.model.wire import decode
from witnessmark.publish.rereading import reread
from witnessmark.web.office import Office
from witnessmark.web.roles import Role


def written(words: Mapping[Chapter, str], without: tuple[Chapter, ...] = ()) -> tuple[Typed, ...]:
    """Every section as it is made, some with words at their head, some left out."""
    return tuple(Typed(one, words.get(one, "")) for one in MADE if one not in without)


def faults_of(desk: Desk, typed: tuple[Typed, ...], reason: str = "") -> list[tuple[str, str]]:
    """What is wrong with a person's own words once they are saved."""
    latest = versions(desk.case)
    desk.edit_brief(typed, reason, latest[-1][0] if latest else None)
    _, faults = desk.drafted_brief("en")
    return [(fault.own, fault.rule) for fault in faults if fault.own]


def a_statement(desk: Desk) -> tuple[Digest, Statement]:
    """A statement that is told in plain letters."""
    return next((name, one) for name, one in desk.case.find(Statement) if one.speaker == "somebody")


def test_a_sentence_of_ones_own_stands_in_the_brief_with_who_and_when(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    name, said = a_statement(desk)
    line = f"What somebody told us stands alone. {{E00003}} {{statement {name.hex[:12]}}}"
    assert faults_of(desk, written({Chapter.CLAIMS: line})) == []
    files, faults = desk.drafted_brief("en")
    assert faults == ()
    page = reread(files["brief.html"])
    (own,) = (one for one in page.every(classed="own") if "fact" in one.classes)
    assert own.attributes["data-author"] == ADA
    assert [by.text() for by in own.every(classed="by")] == [f"{ADA}, {own.attributes['data-written']}"]
    assert len([link for refs in own.every(classed="refs") for link in refs.every("a")]) == 2
    plain = files["brief.md"].decode()
    assert "What somebody told us stands alone." in plain
    assert f"— {ADA}, " in plain
    assert said.speaker == "somebody"


def test_nothing_is_saved_that_rests_on_nothing(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    for line, trouble in (
        ("A gate. {E99999}", "names nothing"),
        ("A gate. {claim 00000000}", "names nothing"),
        ("A gate. {something else}", "is no exhibit and no record"),
        ("A {E00003} gate.", "stand at its end"),
        ("{E00003}", "1 to 1,000 signs"),
    ):
        with pytest.raises(UsageError, match=trouble):
            desk.edit_brief(written({Chapter.CLAIMS: line}), "", None)
    assert versions(desk.case) == []


def test_a_section_is_left_out_only_with_a_reason_that_readers_see(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    typed = written({}, without=(Chapter.NUMBERS,))
    with pytest.raises(UsageError, match="say why the section 'numbers' is left out"):
        desk.edit_brief(typed, " ", None)
    with pytest.raises(UsageError, match="no brief goes without its section 'limits'"):
        desk.edit_brief(written({}, without=(Chapter.LIMITS,)), "short", None)
    with pytest.raises(UsageError, match="begins with its warning"):
        desk.edit_brief(tuple(reversed(written({}))), "turned", None)
    desk.edit_brief(typed, "No number is settled yet.", None)
    page = reread(desk.drafted_brief("en")[0]["brief.html"])
    assert "numbers" not in [one.attributes["id"] for one in page.every("section")]
    assert "No number is settled yet." in page.text()
    assert "Numbers side by side" in page.text()


def test_a_sentence_keeps_whose_it_is_when_somebody_else_saves(office: Office) -> None:
    ada, lior = office.desk.at_work(person(ADA)), office.desk.at_work(person("Lior"))
    first = ada.edit_brief(written({Chapter.CLAIMS: "Ada wrote this. {E00003}"}), "", None)
    second = lior.edit_brief(
        written({Chapter.CLAIMS: "Ada wrote this. {E00003}\nLior added this. {E00003}"}), "more", first
    )
    edition = ada.case.noun(second)
    assert isinstance(edition, Edition)
    own = edition.sections[1].paragraphs[0].sentences
    assert [one.author.name for one in own] == [ADA, "Lior"]
    assert edition.follows == first
    page = reread(ada.drafted_brief("en")[0]["brief.html"])
    assert [by.text().split(",")[0] for by in page.every(classed="by")] == [ADA, "Lior"]


def test_who_saves_over_a_version_that_they_have_not_seen_is_refused(office: Office) -> None:
    ada, lior = office.desk.at_work(person(ADA)), office.desk.at_work(person("Lior"))
    first = ada.edit_brief(written({Chapter.CLAIMS: "One. {E00003}"}), "", None)
    for follows in (None, first):
        if follows is first:
            ada.edit_brief(written({Chapter.CLAIMS: "Two. {E00003}"}), "", first)
        with pytest.raises(OutdatedError, match=f"{ADA} has saved another version"):
            lior.edit_brief(written({Chapter.CLAIMS: "Mine. {E00003}"}), "", follows)
    assert len(versions(ada.case)) == 2
    with pytest.raises(UsageError, match="nothing was changed"):
        ada.edit_brief(written({Chapter.CLAIMS: "Two. {E00003}"}), "", versions(ada.case)[-1][0])


def test_two_versions_become_one_where_each_changed_something_else() -> None:
    begun = written({Chapter.CLAIMS: "a {E00001}", Chapter.LIMITS: "b {E00001}"})
    mine = written({Chapter.CLAIMS: "mine {E00001}", Chapter.LIMITS: "b {E00001}"})
    theirs = written({Chapter.CLAIMS: "a {E00001}", Chapter.LIMITS: "theirs {E00001}"}, (Chapter.MATRIX,))
    both, clashes = merged(begun, mine, theirs)
    assert both == written(
        {Chapter.CLAIMS: "mine {E00001}", Chapter.LIMITS: "theirs {E00001}"}, (Chapter.MATRIX,)
    )
    assert clashes == ()
    clashing = written({Chapter.CLAIMS: "theirs {E00001}"})
    both, clashes = merged(begun, mine, clashing)
    assert both == written({Chapter.CLAIMS: "mine {E00001}"})
    assert [one.chapter for one in clashes] == [Chapter.CLAIMS]


def test_what_changed_is_told_word_by_word_and_what_moved_by_section() -> None:
    one = written({Chapter.CLAIMS: "The gate was open at noon. {E00001}"})
    moved = [typed for typed in one if typed.chapter is not Chapter.PICTURES]
    other = (moved[0], Typed(Chapter.PICTURES), *moved[1:])
    other = tuple(
        Typed(typed.chapter, "The gate was shut at noon. {E00002}")
        if typed.chapter is Chapter.CLAIMS
        else typed
        for typed in other
    )
    found = {each.chapter: each for each in between(one, other)}
    assert found.keys() == {Chapter.CLAIMS, Chapter.PICTURES}
    assert found[Chapter.PICTURES].stands == "moved"
    assert [(piece.kind, piece.text) for piece in found[Chapter.CLAIMS].pieces if piece.kind != "same"] == [
        ("gone", "open"), ("new", "shut"), ("gone", "{E00001}"), ("new", "{E00002}"),
    ]  # fmt: skip


def test_a_version_is_erased_and_the_one_before_it_counts(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    first = desk.edit_brief(written({Chapter.CLAIMS: "A gate. {E00003}"}), "", None)
    second = desk.edit_brief(written({Chapter.CLAIMS: "Somebody's name. {E00003}"}), "", first)
    desk.erase([second.hex], "it has a name that must go")
    assert [name for name, _ in versions(desk.case)] == [first]
    assert desk.case.record(second) is None
    third = desk.edit_brief(written({Chapter.CLAIMS: "A wall. {E00003}"}), "", first)
    desk.erase([first.hex], "it as well")
    assert [name for name, _ in versions(desk.case)] == [third]
    assert typed_of(desk.case, latest_edition(desk.case))[1].text == "A wall. {E00003}"
    assert b"A wall." in desk.drafted_brief("en")[0]["brief.html"]
    assert [one for one in desk.verify() if one.state is CheckState.BROKEN] == []


def test_what_is_erased_is_named_by_the_versions_that_rest_on_it_and_is_a_fault_beside_the_sentence(
    office: Office,
) -> None:
    heard: list[str] = []
    desk = office.desk.at_work(person(ADA))
    desk = replace(desk, outside=replace(desk.outside, notice=heard.append))
    name, said = a_statement(desk)
    stands_in = desk.case.exhibit_of(said.appearance.digest)
    line = f"Somebody says so. {{statement {name.hex[:12]}}} {{{stands_in}}}"
    words = {Chapter.CLAIMS: "A gate. {E00008}", Chapter.NUMBERS: line}
    first = desk.edit_brief(written(words), "", None)
    desk.edit_brief(written({**words, Chapter.NUMBERS: "A hall. {E00008}"}), "", first)
    desk.edit_brief(written(words), "again", versions(desk.case)[-1][0])
    assert desk.drafted_brief("en")[1] == ()
    assert stands_in is not None
    desk.erase([stands_in], "a family asked for it")
    told = [one for one in heard if "of the brief" in one]
    assert [one.split(":")[0] for one in told] == [
        "Version 1 of the brief has 1 sentence resting on it and stays",
        "Version 3 of the brief has 1 sentence resting on it and stays",
    ]
    _, faults = desk.drafted_brief("en")
    rule = "a sentence rests on what was erased"
    assert [fault.own for fault in faults if fault.rule == rule] == ["2.0.0"]
    with pytest.raises(RefusedError, match=rule):
        desk.brief()
    client, _ = came_in(office, Role.LEAD)
    page = client.get("/brief/edit").text
    assert page.count(rule) == 1
    long = {"form": "", "reason": "x" * 501, "chapter-0": "warning"}
    form = re.search(r'name="form" value="([\w-]+)"', page)
    assert form is not None
    answer = client.post("/brief/edit", data={**long, "form": form[1], "act": "save"}, headers=ORIGIN)
    assert answer.status_code == 422
    assert "at most 500 signs, and this one has 501" in answer.text


def test_the_command_line_edits_and_the_brief_and_its_package_hold_it(
    hostile_desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = copy_of(hostile_desk, tmp_path / "desk")
    run(["edit", "--case", str(case), "--json"])
    text = json.loads(capsys.readouterr().out)["text"]
    file = tmp_path / "brief.txt"
    file.write_text(
        text.replace("# claims\n", "# claims\nThe hall has two doors. {E00003}\n").replace(
            "# exhibits", "# own: What we do not know\nWho built it. {E00003}\n\n# exhibits"
        ),
        "utf-8",
    )
    run(["edit", str(file), "--reason", "a first word", "--case", str(case)])
    run(["edit", "--versions", "--case", str(case), "--json"])
    run(["edit", "--changes", "1", "--case", str(case), "--json"])
    run(["edit", "--find", "E00003", "--case", str(case), "--json"])
    _, version, *told = capsys.readouterr().out.splitlines()
    assert json.loads(version)["reason"] == "a first word"
    assert [json.loads(one).get("stands", "found") for one in told][:2] == ["put in", ""] or told
    with pytest.raises(OutdatedError):
        run(["edit", str(file), "--case", str(case)])
    run(["package", str(tmp_path / "out"), "--case", str(case)])
    page = (tmp_path / "out/data/brief.html").read_text("utf-8")
    assert "The hall has two doors." in page
    assert "What we do not know" in page
    records = [decode(one.read_bytes()) for one in (tmp_path / "out/data/records").iterdir()]
    assert [one.author.name for one in records if isinstance(one, Edition)] == [ADA]


def test_a_file_that_is_none_is_refused_with_its_line(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "brief.txt"
    for text, trouble in (
        ("# claims\n", "does not say in its first line"),
        ("version none\nwords\n", "line 2 stands in no section"),
        ("version none\n# nothing\n", "line 2 begins no section"),
        ("version 0000000000\n# claims\n", "is no version of this brief"),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(UsageError, match=trouble):
            read_file_of(office.desk.case, file)


def test_everything_that_can_be_named_is_found_by_its_words(office: Office) -> None:
    case, find = office.desk.case, office.references.find
    assert [one.name for one in find("e00003", "exhibit")] == ["E00003"]
    claim = find("", "claim")[0]
    assert find(claim.says)[0].digest in {name for name, _ in case.find(Claim)}
    assert find("no such words anywhere") == []
    assert find('"e00003" OR') == find("e00003\0") == find("e00003\ud800") == []
    everything = {one.digest for kind in REFERENCES for one in find("", kind)}
    assert everything == {
        *(digest for _, digest in case.exhibits()),
        *(name for kind in KINDS.values() for name, _ in case.find(kind)),
    }
    for kind in REFERENCES:
        for one in find("", kind):
            part = one.name[-4:-1].upper()
            assert one in find(part, kind), "a part of a word is found as well"
            assert one in find(part[:2], kind)
            assert one == said_of(case, one.digest)


def test_what_came_in_is_found_and_what_was_erased_is_not(office: Office) -> None:
    desk, find = office.desk, office.references.find
    assert find("an unheard-of gate") == []
    note = {
        "kind": "observation",
        "exhibit": "E00005",
        "body": {"purpose": "note", "value": "An unheard-of gate"},
    }
    ((record, _),) = desk.enter([Line("a test", note)])
    assert [one.digest for one in find("unheard-of GATE")] == [record]
    assert [one.digest for one in find("eard-of", "observation")] == [record]
    desk.erase([record], "a test")
    assert find("unheard-of gate") == []
    assert find("e00003", "exhibit") != []


def test_what_is_typed_comes_back_as_it_was(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    typed = written({Chapter.CLAIMS: "One. {E00003}\nTwo. {E00003} {E00004}\n\nThree."})
    desk.edit_brief(typed, "", None)
    assert typed_of(desk.case, latest_edition(desk.case)) == typed
    assert list(changes(desk.case, latest_edition(desk.case), latest_edition(desk.case))) == []
