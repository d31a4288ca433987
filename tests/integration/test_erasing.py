"""A source withdraws: the words that were hers are in no file of the case any more, and the log verifies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from witnessmark.model import Sealed
from witnessmark.preserve.keys import load_keys
from witnessmark.store import open_case

WORD = "quillfeather"
"""Stands wherever a person's words or name can come to stand."""

PAGE = f"""<html><head><title>The {WORD} page</title><meta name="author" content="A. {WORD}"></head><body>
<article><p>I am {WORD} and I saw ninety people at the harbour on Monday.</p>
<p>{WORD} would not say more than that, and asked not to be named.</p></article></body></html>"""
MAIL = f"""From: A {WORD} <a@{WORD}.example>
To: desk@desk.example
Subject: about {WORD}
Date: Mon, 16 Jun 2014 10:00:00 +0300
Content-Type: text/plain

This is {WORD}, and nobody else.
"""


@dataclass(frozen=True)
class Desk:
    """The real command on one case."""

    work: Path

    def run(self, verb: str, *words: str | Path) -> list[dict[str, object]]:
        """The answers of a command that goes well."""
        environment = {**os.environ, "WITNESSMARK_PERSON": "tester"}
        given = [str(self.work / "case")] if verb == "new" else ["--case", str(self.work / "case")]
        command = [sys.executable, "-m", "witnessmark", verb, *given, *map(str, words), "--json"]
        ran = subprocess.run(
            [*command, "--keys", str(self.work / "keys")],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def enter(self, *lines: dict[str, object]) -> list[dict[str, object]]:
        """Records entered from a sidecar that is gone afterwards."""
        sidecar = self.work / "sidecar.jsonl"
        sidecar.write_text("\n".join(map(json.dumps, lines)))
        made = self.run("assess", "--from", sidecar)
        sidecar.unlink()
        return made

    def found(self) -> list[str]:
        """Every file of the case and of the keys, and every opened box of the vault, that holds the word."""
        files = [path for top in ("case", "keys") for path in (self.work / top).rglob("*") if path.is_file()]
        found = [str(path) for path in files if WORD.encode() in path.read_bytes().lower()]
        (keys,) = (self.work / "keys").iterdir()
        case = open_case(self.work / "case", bytes.fromhex((keys / "vault.key").read_text()))
        try:
            for commitment in list(case.commitments()):
                found += [commitment] if WORD in str(case.reveal(Sealed(commitment))) else []
        finally:
            case.close()
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.run("new", "--name", "Erasing", "--origin", "desk.example/erasing")
    sources = tmp_path / WORD
    sources.mkdir()
    (sources / f"{WORD}.html").write_text(PAGE)
    (sources / f"{WORD}.eml").write_text(MAIL)
    with zipfile.ZipFile(sources / f"{WORD}.zip", "w") as archive:
        archive.writestr(f"{WORD}.txt", f"Within it {WORD} speaks again.")
        archive.writestr(f"../{WORD}.txt", "This one is declined, for its name.")
    (tmp_path / "staying.txt").write_text("This exhibit has nothing to do with it.")
    made.run("take", sources, "--note", f"brought by {WORD}", "--source-url", f"https://{WORD}.example/")
    made.run("take", tmp_path / "staying.txt")
    return made


def test_no_file_of_the_case_holds_the_words_of_who_withdrew(desk: Desk) -> None:
    exhibits = {str(one["source"]).rpartition("/")[2]: one["exhibit"] for one in desk.run("show")}
    page, staying = exhibits[f"{WORD}.html"], exhibits["staying.txt"]
    made = desk.enter(
        {"kind": "event", "id": "harbour", "name": "Harbour"},
        {
            "kind": "claim",
            "id": "ninety",
            "event": "harbour",
            "topic": "number",
            "text": "There were ninety.",
        },
        {
            "kind": "statement",
            "id": f"{WORD}-says-ninety",
            "exhibit": page,
            "claim": "ninety",
            "speaker": f"A. {WORD}",
            "stance": "asserts",
            "quote": f"I am {WORD} and I saw ninety people",
            "amount": {"best": 90},
        },
        {
            "kind": "decision",
            "statement": f"{WORD}-says-ninety",
            "verdict": "accept",
            "reason": f"{WORD} again",
        },
        {"kind": "grade", "about": page, "grade": "B2", "reason": f"{WORD} was there"},
        {"kind": "observation", "exhibit": page, "purpose": "note", "text": f"{WORD} is named in line 1"},
        {"kind": "rating", "exhibit": page, "level": 1},
        {
            "kind": "assessment",
            "id": f"of-{WORD}",
            "claim": "ninety",
            "status": "supported",
            "reasons": f"{WORD} saw it",
            "rests_on": [f"{WORD}-says-ninety", staying],
        },
    )
    assessment = str(made[-1]["record"])
    assert desk.found()
    hers = [str(exhibit) for name, exhibit in exhibits.items() if name != "staying.txt"]
    (erased,) = desk.run("erase", *hers, assessment, "--reason", "the source withdrew")
    assert assessment in json.dumps(erased["objects"])
    assert desk.found() == []
    # nor do they come in again by the way
    assert {line["outcome"] for line in desk.run("take", desk.work / WORD / f"{WORD}.html")} == {"declined"}
    assert desk.found() == []


def test_after_an_erasure_everything_verifies_and_is_rebuilt_the_same(desk: Desk) -> None:
    hers = [str(one["exhibit"]) for one in desk.run("show") if WORD in str(one["source"])]
    desk.run("erase", *hers, "--reason", "the source withdrew")
    states = {str(line["what"]): line["state"] for line in desk.run("verify")}
    assert "broken" not in states.values()
    assert states["the records"] == states["the vault"] == states["the catalog"] == "holds"
    desk.run("rebuild")
    assert [line["source"] for line in desk.run("show")].count("(erased)") == len(hers)
    desk.run("brief", desk.work / "brief")
    desk.run("package", desk.work / "package")


def test_an_assessment_that_rests_on_what_was_erased_is_named(desk: Desk) -> None:
    (page,) = (str(one["exhibit"]) for one in desk.run("show") if str(one["source"]).endswith(".html"))
    made = desk.enter(
        {"kind": "event", "id": "harbour", "name": "Harbour"},
        {
            "kind": "claim",
            "id": "ninety",
            "event": "harbour",
            "topic": "number",
            "text": "There were ninety.",
        },
        {
            "kind": "assessment",
            "claim": "ninety",
            "status": "supported",
            "reasons": "It says so.",
            "rests_on": [page],
        },
    )
    keys = load_keys(desk.work / "keys", "desk.example/erasing", _vkey(desk))
    assert keys.vault_key
    ran = subprocess.run(
        [sys.executable, "-m", "witnessmark", "erase", page, "--reason", "asked for"],
        cwd=desk.work / "case",
        env={**os.environ, "WITNESSMARK_PERSON": "tester", "WITNESSMARK_KEYS": str(desk.work / "keys")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"The assessment {made[-1]['record']} rests on it and stays" in " ".join(ran.stderr.split())


def test_a_claim_is_erased_with_all_that_was_said_of_it(desk: Desk) -> None:
    (staying,) = (str(one["exhibit"]) for one in desk.run("show") if "staying" in str(one["source"]))
    made = desk.enter(
        {"kind": "event", "id": "harbour", "name": "Harbour"},
        {"kind": "claim", "id": "c", "event": "harbour", "topic": "other", "text": f"{WORD} was there."},
        {
            "kind": "assessment",
            "claim": "c",
            "status": "undetermined",
            "reasons": "r",
            "rests_on": [staying],
        },
    )
    (erased,) = desk.run("erase", str(made[1]["record"])[7:19], "--reason", "a name")
    assert erased["objects"] == [made[1]["record"], made[2]["record"]]
    desk.run("brief", desk.work / "brief")
    assert "broken" not in {line["state"] for line in desk.run("verify")}


def _vkey(desk: Desk) -> str:
    return str(desk.run("log", "--key")[0]["vkey"])
