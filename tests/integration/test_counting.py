"""Counting through the command line: tables, a case's statements, marks on real pictures, and bad input."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WITNESSMARK = [sys.executable, "-m", "witnessmark"]
ROOT = Path(__file__).resolve().parents[2]
EXERCISE = ROOT / "examples/exercise"
PUBLISHED = ROOT.parent / "shared/data/speicher-counts.csv"
TABLE = """id,source,quantity,low,best,high,bound,said_on,scope,derived_from,note,url
a,a group,killed,,1700,,point,2014-06-14,,,,https://a.example/
b,a spokesman,killed,,170,,about,2014-06-15,,,,
c,researchers,killed,160,,190,lower-bound (two sites),2014-06-27,,,,
d,a paper,killed,160,,190,lower-bound,2014-06-28,,c,,
e,researchers,killed,560,,770,lower-bound,2014-09-03,,,,
f,a minister,exhumed,470,470,470,running; not final,2015-05-28,,,,
g,a clerk,killed,9,5,7,,2015-05-28,,,typed wrongly,
"""


def run(
    *words: object, at: Path, code: int = 0, environment: dict[str, str] | None = None
) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [*WITNESSMARK, *map(str, words), "--json"],
        cwd=at,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, "utf-8")
    return path


def test_a_table_needs_no_case_and_is_told_by_lineage(table: Path) -> None:
    told, _ = run("counts", table, "--out", table.parent / "page", at=table.parent)
    assert [(one["quantity"], one["scope"]) for one in told] == [("killed", ""), ("exhumed", "")]
    killed = told[0]
    researchers = next(one for one in killed["lineages"] if "researchers" in one["sources"])
    assert researchers["sources"] == ["researchers", "a paper"], "the paper passes them on"
    last = killed["days"][-1]
    assert (last["reported"]["text"], last["agreement"]) == ("at least 170", "agree")
    clerk = next(one for one in killed["lineages"] if one["sources"] == ["a clerk"])["entries"][0]
    assert (clerk["amount"], clerk["flags"]) == (None, ["low, best and high are not in order"])
    assert (clerk["raw"]["low"], clerk["raw"]["best"]) == ("9", "5")
    page = (table.parent / "page/counts.html").read_text("utf-8")
    assert page.count("<svg ") == 1, "of one entry its table says all"
    assert "https://a.example/" in page
    assert "<script" not in page
    (day,), _ = run("counts", table, "--quantity", "killed", "--on", "2014-06-28", at=table.parent)
    assert day["days"][0]["reported"]["text"] == "at least 160"


def test_an_export_in_our_columns_says_the_same_again(table: Path) -> None:
    target = table.parent / "ours.csv"
    ((answer), _) = run("counts", table, "--export", target, at=table.parent)
    assert (answer[0]["rows"], answer[0]["left_out"]) == (7, 0)
    first, _ = run("counts", table, at=table.parent)
    again, _ = run("counts", target, at=table.parent)
    for mine, theirs in zip(first, again, strict=True):
        assert [one["reported"] for one in mine["days"]] == [one["reported"] for one in theirs["days"]]
        assert [one["sources"] for one in mine["lineages"]] == [one["sources"] for one in theirs["lineages"]]


def test_an_export_in_a_recorders_columns_says_what_has_none_there(table: Path) -> None:
    target = table.parent / "ged.csv"
    answer, _ = run("counts", table, "--export", target, "--columns", "ucdp-ged", at=table.parent)
    assert (answer[0]["rows"], answer[0]["left_out"]) == (5, 2), "exhumed has no column, and nor has nonsense"
    with target.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows[0]) == 49
    assert next((one["low"], one["high"]) for one in rows if one["source_original"] == "researchers") == (
        "160",
        "190",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.csv",), "cannot be read"),
        (("empty.csv",), "empty"),
        (("letter.csv",), "has no column for 'source' and for 'quantity'"),
        (("book.csv",), "is a workbook"),
        (("table.csv", "--on", "yesterday"), "is not a day"),
        (("table.csv", "--quantity", "dead"), "is none of: killed"),
        (("table.csv", "--export", "x.csv", "--columns", "theirs"), "is none of: own"),
        ((), "there is no case"),
    ],
)
def test_bad_tables_get_one_clear_sentence(table: Path, words: tuple[str, ...], said: str) -> None:
    folder = table.parent
    (folder / "empty.csv").write_text("", "utf-8")
    (folder / "letter.csv").write_text("Dear all,\nnothing here, is a table\n", "utf-8")
    (folder / "book.csv").write_bytes(b"PK\x03\x04and so on")
    _, stderr = run("counts", *words, at=folder, code=2)
    assert said in stderr
    assert "Traceback" not in stderr


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the table of published numbers is not in this clone")
def test_the_published_numbers_come_out_as_an_editor_reads_them(tmp_path: Path) -> None:
    told, _ = run("counts", PUBLISHED, "--out", tmp_path / "page", at=tmp_path)
    by_name = {(one["quantity"], one["scope"]): one for one in told}
    assert by_name.keys() == {("killed", ""), ("killed", "third site"), ("missing", ""), ("exhumed", "")}
    killed = by_name["killed", ""]
    assert len(killed["lineages"]) == 6
    assert [one["source"] for one in killed["questioned"]] == [
        "US State Department (J. Psaki)",
        "diplomatic source in Baghdad (anonymous)",
    ]
    days = {one["on"]: one for one in killed["days"]}
    assert days["2014-06-15"]["reported"]["text"] == "170–1,700"
    assert days["2014-09-03"]["reported"]["text"] == "at least 170"
    assert days["2024-06-12"]["agreement"] == "contradict"
    assert by_name["exhumed", ""]["days"][-1]["agreed"]["text"] == "at least 499"
    assert by_name["missing", ""]["days"][-1]["reported"]["text"] == "1,678"


# --- the floor, on a case


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with three pictures of the exercise, their marks, and who says how many."""
    if sys.platform != "linux":
        pytest.skip("the locked room needs Linux")
    folder = tmp_path_factory.mktemp("counted")
    case = folder / "case"
    desk = {"WITNESSMARK_KEYS": str(folder / "keys"), "WITNESSMARK_PERSON": "Ada"}
    run("new", case, "--name", "Halsan", at=folder, environment=desk)
    pictures = [EXERCISE / "incoming/pictures" / f"halsan-front-0{number}.jpg" for number in (2, 3, 4)]
    run("take", *pictures, at=case, environment=desk)
    marks = [json.loads(line) for line in (EXERCISE / "sidecar/marks.jsonl").read_text("utf-8").splitlines()]
    kept = [one for one in marks if one["exhibit_file"][-6:-4] in ("02", "03", "04")]
    for number, one in enumerate(kept):
        one["id"] = f"mark-{number}"
    sidecar = folder / "marks.jsonl"
    sidecar.write_text("\n".join(map(json.dumps, kept)), "utf-8")
    run("observe", "--from", sidecar, at=case, environment=desk)
    run("floor", at=case, environment=desk)
    return folder


@pytest.fixture
def desk(begun: Path, tmp_path: Path) -> Any:
    for name in ("case", "keys"):
        shutil.copytree(begun / name, tmp_path / name)
    environment = {"WITNESSMARK_KEYS": str(tmp_path / "keys"), "WITNESSMARK_PERSON": "Ada"}

    def command(*words: object, code: int = 0) -> tuple[list[dict[str, Any]], str]:
        return run(*words, at=tmp_path / "case", code=code, environment=environment)

    return command


def test_the_floor_of_a_case_leads_back_to_each_region_and_nothing_is_added_up_unasked(desk: Any) -> None:
    ((found,), said) = desk("floor")
    assert found["kind"] == "people"
    assert [sorted(one["pictures"]) for one in found["scenes"]] == [["E00001"], ["E00002", "E00003"]]
    road, yard = found["scenes"]
    assert (road["at_least"], found["whole"]["at_least"]) == (23, 23), "the larger scene, and no sum"
    assert yard["at_least"] <= 21, "no more than the dolls that stand there"
    assert found["whole"]["naive_sum"] == 48
    assert len(found["whole"]["marks"]) == 23
    (shown,) = desk("show", "E00001")[0]
    observed = {one["record"]: one for one in shown["observation"]}
    for mark in found["whole"]["marks"]:
        assert (mark["exhibit"], mark["selector"]["type"]) == ("E00001", "SvgSelector")
        assert observed[mark["mark"]]["text"] == "person"
    assert "nothing moved" in said
    size = len(desk("log")[0])
    desk("floor")
    assert len(desk("log")[0]) == size, "each pair is registered once"


def test_what_people_say_lowers_the_floor_and_apart_adds_scenes_up(desk: Any) -> None:
    ((before,), _) = desk("floor")
    words, _ = desk("floor", "E00001", "E00002", "--apart", "--reason", "other men, another place")
    assert len(words) == 2, "one for each picture of the yard"
    ((summed,), _) = desk("floor")
    assert summed["whole"]["at_least"] == sum(one["at_least"] for one in before["scenes"])
    assert summed["whole"]["grounds"]["a person's word"] > 0
    desk("floor", "E00001", "E00002", "--as-marked", "--reason", "not so sure")
    desk("floor", "E00001", "E00003", "--as-marked", "--reason", "not so sure")
    desk("floor", "mark-0", "--may-be-none", "--reason", "a shadow")
    desk("floor", "mark-1", "mark-2", "--may-be-one", "--reason", "one behind the other")
    ((lowered,), _) = desk("floor")
    assert lowered["whole"]["at_least"] == before["whole"]["at_least"] - 2
    assert {one["manner"] for one in lowered["words"]} == {"apart", "as marked", "may be none", "may be one"}
    ((only,), _) = desk("floor", "E00002")
    assert only["whole"]["pictures"] == ["E00002"]
    desk("rebuild")
    assert desk("floor")[0] == [lowered]


SENSELESS = {
    ("E00002", "E00003", "--apart", "--reason", "x"): "both show one scene",
    ("E00002", "--moved", "--reason", "x"): "two or more",
    ("E00002", "E00003", "--moved"): "say why",
    ("--may-be-none", "--reason", "x"): "name what it is said of",
    ("E00002", "E00003", "--moved", "--apart", "--reason", "x"): "give one of",
    ("E00099",): "is no exhibit",
    ("--reach", "0"): "no part of a picture",
}


def test_words_that_make_no_sense_get_one_clear_sentence(desk: Any) -> None:
    for words, said in SENSELESS.items():
        _, stderr = desk("floor", *words, code=2)
        assert said in stderr
        assert "Traceback" not in stderr


def test_a_table_beside_a_case_and_an_export_is_on_record(desk: Any, table: Path) -> None:
    told, _ = desk("counts", table)
    assert {one["quantity"] for one in told} == {"killed", "exhumed"}
    desk("counts", table, "--export", table.parent / "out.csv")
    (entry,) = [one for one in desk("log")[0] if one["type"] == "counts.given"]
    assert (entry["detail"]["rows"], entry["detail"]["columns"]) == (7, "own")
