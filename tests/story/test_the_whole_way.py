"""The exercise case, from a folder of material to a package that foreign tools confirm. Nothing is faked."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
INCOMING = ROOT / "examples" / "exercise" / "incoming"
WITNESSMARK = [sys.executable, "-m", "witnessmark"]

pytestmark = pytest.mark.slow


class Desk:
    """A case and the command line to work on it."""

    def __init__(self, case: Path) -> None:
        self.case = case

    def __call__(self, *words: object, code: int = 0) -> list[dict[str, Any]]:
        done = self.run(*words, "--json")
        assert done.returncode == code, done.stderr[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [*WITNESSMARK, *map(str, words)]
        return subprocess.run(command, cwd=self.case, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` leaves behind."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "demo.py", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "sha256sum -c" in done.stdout
    return folder


@pytest.fixture
def desk(demo: Path, tmp_path: Path) -> Desk:
    """The demo's case and keys, copied, so that a test may do to them what it likes."""
    for name in ("case", "keys"):
        shutil.copytree(demo / name, tmp_path / name)
    settings = tmp_path / "case" / "witnessmark.toml"
    settings.write_text(f'[desk]\nkeys = "{tmp_path / "keys"}"\nperson = "Ada Verrin"\n', "utf-8")
    return Desk(tmp_path / "case")


def key_of(package: Path) -> str:
    return (package / "custody" / "policy").read_text().split("log ", 1)[1].split()[0]


# --- foreign tools confirm the package


@pytest.mark.outside
def test_sha256sum_confirms_every_file_of_the_package(demo: Path) -> None:
    command = ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    done = subprocess.run(command, cwd=demo / "package", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.outside
def test_bagit_confirms_the_package(demo: Path) -> None:
    bagit = Path(sys.executable).with_name("bagit.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", bagit, "--validate", demo / "package"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.outside
def test_openssl_confirms_the_time_stamp_over_the_checkpoint(demo: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    replies = sorted((demo / "package" / "timestamps").glob("*.tsr"))
    assert replies
    for reply in replies:
        done = subprocess.run(
            [
                *("openssl", "ts", "-verify", "-data", "custody/checkpoint", "-in", str(reply)),
                *("-CAfile", str(demo / "exercise-tsa-root.pem")),
            ],
            cwd=demo / "package",
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Verification: OK" in done.stdout + done.stderr


def test_the_second_verifier_confirms_the_package_with_a_key_from_elsewhere(demo: Path) -> None:
    package = demo / "package"
    done = subprocess.run(
        [sys.executable, package / "verify_package.py", package, "--vkey", key_of(package)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "broken" not in done.stdout


def test_the_second_verifier_refuses_a_package_of_another_log(demo: Path) -> None:
    from witnessmark.tlog import Signer

    package = demo / "package"
    origin = key_of(package).split("+")[0]
    other = Signer.generate(origin).verifier.vkey()
    done = subprocess.run(
        [sys.executable, package / "verify_package.py", package, "--vkey", other],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6, done.stdout


@pytest.mark.outside
def test_every_object_of_the_case_bears_the_name_that_sha256sum_gives_it(demo: Path) -> None:
    objects = [path for path in (demo / "case" / "objects").rglob("*") if path.is_file()]
    assert len(objects) > 20
    done = subprocess.run(["sha256sum", *objects], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        digest, name = line.split("  ", 1)
        assert Path(name).name == digest


# --- claims and lineages


def read_by_the_desk(desk: Desk) -> dict[str, str]:
    """What the sidecar calls each statement, by its quote and speaker, under its record."""
    sidecar = ROOT / "examples" / "exercise" / "sidecar" / "statements.jsonl"
    told = [json.loads(line) for line in sidecar.read_text("utf-8").splitlines()]
    names = {(one["speaker"], one["quote"]): one["id"] for one in told}
    lineages = [one for one in desk("lineages") if "lineage" in one]
    found = [statement for one in lineages for statement in one["statements"]]
    return {one["statement"]: names[one["speaker"], one["quote"]] for one in found}


def test_the_lineages_of_the_case_are_exactly_the_true_ones(desk: Desk) -> None:
    names = read_by_the_desk(desk)
    truth = ROOT / "examples" / "exercise" / "truth" / "lineages.jsonl"
    wanted = {
        frozenset(read)
        for line in truth.read_text("utf-8").splitlines()
        if (read := set(json.loads(line)["statements"]) & set(names.values()))
    }
    found = [one for one in desk("lineages") if "lineage" in one]
    assert {frozenset(names[said["statement"]] for said in one["statements"]) for one in found} == wanted
    assert all(edge["rests_on"] for one in found for edge in one["edges"])


def test_the_number_of_the_front_has_one_lineage_for_it_and_evidence_that_tells_rivals_apart(
    desk: Desk,
) -> None:
    (claim,) = desk("claims", "1")
    assert (claim["draft"], claim["lineages_for"], claim["lineages_against"]) == ("contested", 1, 3)
    assert next(row["diagnosticity"] for row in claim["rivals"]["evidence"]) == "tells them apart"
    (assessment,) = claim["assessments"]
    assert [one["reader"] for one in assessment["second_readers"]] == ["Lior Tamsen"]


def test_the_brief_that_was_written_is_in_order_and_an_edited_one_is_refused(demo: Path, desk: Desk) -> None:
    assert desk("brief", "--check") == []
    edited = desk.case.parent / "edited"
    shutil.copytree(demo / "brief", edited)
    page = (edited / "brief.html").read_text("utf-8")
    (edited / "brief.html").write_text(page.replace(" declined to confirm it", " confirmed it"), "utf-8")
    rules = {fault["rule"] for fault in desk("brief", edited, "--check", code=4)}
    assert "something else is told as a confirmation" in rules


# --- the brief


def test_the_brief_tells_who_gave_the_number_and_who_only_passed_it_on(demo: Path) -> None:
    brief = (demo / "brief" / "brief.md").read_text("utf-8")
    assert "Salt Road Front" in brief
    assert "640" in brief
    assert "could not" in brief


def test_the_brief_asks_nothing_of_the_outside_and_runs_no_script(demo: Path) -> None:
    page = (demo / "brief" / "brief.html").read_text("utf-8")
    assert "<script" not in page
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_no_original_picture_is_in_the_brief(demo: Path) -> None:
    shown = {path.read_bytes() for path in (demo / "brief").rglob("*.jpg")}
    originals = {path.read_bytes() for path in (INCOMING / "pictures").glob("*.jpg")}
    assert shown
    assert not shown & originals


# --- taking in, again and interrupted


def test_taking_the_same_folder_again_makes_new_acquisitions_and_says_so(desk: Desk) -> None:
    before = {line["exhibit"] for line in desk("show")}
    again = desk("take", INCOMING / "texts")
    assert again
    assert {line["outcome"] for line in again} == {"done"}
    assert all("further acquisition" in line["reason"] for line in again)
    assert {line["exhibit"] for line in desk("show")} == before


def test_take_answers_with_a_line_of_the_promised_shape_for_each_item(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The lorries left at dawn.\n", "utf-8")
    (line,) = desk("take", tmp_path / "note.txt")
    assert list(line) == [
        *("exhibit", "sha256", "media_type", "size", "source", "outcome", "reason", "findings", "matches")
    ]
    assert line["outcome"] == "done"
    assert line["size"] == 26


def test_an_interrupted_run_is_gone_on_with_by_the_same_command(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:03}.txt").write_text(f"Report number {number} from the salt road.\n", "utf-8")
    command = [*WITNESSMARK, "take", str(folder), "--json"]
    with subprocess.Popen(
        command,
        cwd=desk.case,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - CI may ignore it
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        running.stdout.read()
    assert running.returncode == 130
    lines = desk("take", folder)
    assert len(lines) == 60
    assert {line["outcome"] for line in lines} == {"done"}
    assert len({line["exhibit"] for line in lines}) == 60
    assert not any("further acquisition" in (line["reason"] or "") for line in lines)


# --- what is broken is found, and what can be mended is mended


def test_a_changed_byte_of_an_original_is_named_and_mended_from_the_package(desk: Desk, demo: Path) -> None:
    victim = next(line["sha256"] for line in desk("show") if line["media_type"] == "image/jpeg")
    path = desk.case / "objects" / victim[:2] / victim
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    broken = [line for line in desk("verify", code=6) if line["state"] == "broken"]
    assert [line["what"] for line in broken] == [f"object sha256:{victim}"]
    mended = desk("scrub", "--repair-from", demo / "package")
    assert any("repaired" in line["detail"] for line in mended)
    assert not [line for line in desk("verify") if line["state"] == "broken"]


def test_a_rebuilt_catalog_gives_the_same_answers(desk: Desk) -> None:
    before = desk("show")
    database = sqlite3.connect(desk.case / "case.db")
    database.execute("DELETE FROM catalog_object")
    database.commit()
    database.close()
    assert desk("show") == []
    desk("rebuild")
    assert desk("show") == before


def test_an_erased_exhibit_is_gone_and_the_log_still_verifies(desk: Desk) -> None:
    victim = next(line for line in desk("show") if line["source"].endswith("01-front-statement.txt"))
    desk("erase", victim["exhibit"], "--reason", "the author asked for it")
    digest = victim["sha256"]
    assert not (desk.case / "objects" / digest[:2] / digest).exists()
    assert b"01-front-statement" not in (desk.case / "case.db").read_bytes()
    states = {line["what"]: line["state"] for line in desk("verify")}
    assert "broken" not in states.values()
    erased = next(line for line in desk("show") if line["exhibit"] == victim["exhibit"])
    assert erased["source"] == "(erased)"


def test_an_older_copy_of_the_case_is_refused_as_rolled_back(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(desk.case, tmp_path / "older")
    desk("observe", "E00001", "--text", "a note that the older copy does not have")
    older = Desk(tmp_path / "older")
    done = older.run("observe", "E00001", "--text", "another")
    assert done.returncode == 6
    assert "rolled back" in done.stderr
    assert any("rolled back" in line["detail"] for line in older("verify", code=6))


# --- plain refusals


def test_without_its_keys_a_case_can_be_read_and_not_written(desk: Desk, tmp_path: Path) -> None:
    (desk.case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{tmp_path / "nowhere"}"\n', "utf-8")
    done = desk.run("observe", "E00001", "--text", "x")
    assert done.returncode == 4
    assert "keys" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_from_a_newer_release_is_refused_and_left_as_it_is(desk: Desk) -> None:
    database = sqlite3.connect(desk.case / "case.db")
    database.execute("UPDATE meta SET value = '99' WHERE name = 'format'")
    database.commit()
    database.close()
    done = desk.run("show")
    assert done.returncode == 2
    assert "newer" in done.stderr


def test_a_folder_without_a_case_is_a_usage_error(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("show")
    assert done.returncode == 2
    assert "no case" in done.stderr


def test_an_unknown_exhibit_is_named(desk: Desk) -> None:
    done = desk.run("show", "E99999")
    assert done.returncode == 2
    assert "E99999" in done.stderr


def test_two_processes_may_work_on_one_case(desk: Desk, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for number in range(10):
            (tmp_path / name / f"{number}.txt").write_text(f"{name} {number} on the salt road\n", "utf-8")
    running = [
        subprocess.Popen(
            [*WITNESSMARK, "take", str(tmp_path / name), "--json"],
            cwd=desk.case,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in running:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert len(out.splitlines()) == 10
    assert not [line for line in desk("verify") if line["state"] == "broken"]


# --- the picture that was there before


def test_the_recycled_picture_leads_back_to_the_archive_and_it_is_said_how_it_lies(desk: Desk) -> None:
    exhibits = {one["source"].rpartition("/")[2]: one for one in desk("show")}
    truth = json.loads((INCOMING.parent / "truth" / "pictures.json").read_text("utf-8"))
    recycled = next(one for one in truth["pictures"] if "recycled" in one["planted"])
    (origin,) = recycled["derived_from"]
    older = exhibits[Path(origin["file"]).name]
    (shown,) = desk("show", exhibits[Path(recycled["file"]).name]["exhibit"])
    taken = next(one for one in shown["match"] if one["candidate"] == f"sha256:{older['sha256']}")
    asked = desk("find", "--like", INCOMING / recycled["file"])
    found = next(one for one in asked if one["sha256"] == older["sha256"])
    wide, high = recycled["size"]
    for told in (taken, found):
        assert (told["method"], told["transform"]) == ("features 1", "mirror + crop")
        for corner in ((0, 0), (wide, 0), (wide, high), (0, high)):
            here = np.array(told["matrix"]).reshape(2, 3) @ (*corner, 1)
            there = np.array(origin["here_to_original"])[:2] @ (*corner, 1)
            assert np.abs(here - there).max() < 6
    assert found["inliers"] >= 12


# --- what belongs together, and who was first


def test_every_planted_copy_is_grouped_with_its_origin_until_a_person_says_otherwise(desk: Desk) -> None:
    truth = json.loads((INCOMING.parent / "truth" / "pictures.json").read_text("utf-8"))
    exhibits = {one["source"].rpartition("/")[2]: one["exhibit"] for one in desk("show")}
    pairs = [
        (exhibits[Path(one["file"]).name], exhibits[Path(origin["file"]).name])
        for one in truth["pictures"]
        for origin in one["derived_from"]
        if "paste" not in origin["transform"]
    ]
    assert len(pairs) >= 4

    def together(kinship: str) -> list[set[str]]:
        return [
            {member["exhibit"] for member in group["members"]}
            for group in desk("alike")
            if group["kinship"] == kinship
        ]

    assert all(any({one, other} <= group for group in together("same picture")) for one, other in pairs)
    copy, origin = pairs[0]
    desk("alike", copy, origin, "--verdict", "different", "--reason", "another yard, another tree")
    assert not any({copy, origin} <= group for group in together("same picture"))
    for kept in pairs[1:]:
        assert any(set(kept) <= group for group in together("same picture"))
    before = desk("alike")
    desk("rebuild")
    assert desk("alike") == before
    ruled = [one for one in desk("show", copy)[0]["decision"] if one["verdict"] == "different"]
    assert [one["reason"] for one in ruled] == ["another yard, another tree"]


def test_the_oldest_is_named_for_each_kind_of_evidence_with_what_it_does_not_prove(desk: Desk) -> None:
    archived = next(one["exhibit"] for one in desk("show") if one["source"].endswith("sumeil-0147.jpg"))
    (group,) = [
        one for one in desk("alike", archived) if one["kinship"] == "same picture" and len(one["members"]) > 1
    ]
    told = {one["evidence"]: one for one in group["oldest"]}
    assert told["time in the file"]["exhibit"] == archived
    assert told["sealed here"]["vouched_for_outside"] is None  # this desk trusts no authority's root
    assert all("prove" in one["proves"] for one in told.values())
    assert len({one["evidence"] for one in group["oldest"]}) == len(group["oldest"])


def test_the_yard_is_one_scene_in_order_of_time_and_no_link_is_no_word_on_the_place(
    desk: Desk, tmp_path: Path
) -> None:
    truth = json.loads((INCOMING.parent / "truth" / "pictures.json").read_text("utf-8"))
    names = {one["source"].rpartition("/")[2]: one["exhibit"] for one in desk("show")}
    scenes = {Path(one["file"]).name: one["scene"] for one in truth["pictures"]}
    yard = {names[name] for name, scene in scenes.items() if scene == "yard"}
    done = desk.run("scenes", "--out", tmp_path / "drawn", "--json")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    (scene,) = [one for one in found if yard & {member["exhibit"] for member in one["members"]}]
    assert yard <= {member["exhibit"] for member in scene["members"]}
    elsewhere = {names[name] for name, told in scenes.items() if told in ("tall-wesn", "dar-sumeil", "depot")}
    assert not elsewhere & {member["exhibit"] for member in scene["members"]}
    times = [one["at"] for one in scene["order"]["time in the file"]]
    assert times == sorted(times)
    assert "not that they show two places" in done.stderr
    assert "<svg" in (tmp_path / "drawn" / "scenes.html").read_text("utf-8")
