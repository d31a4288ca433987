"""The tool that puts annotated texts together: places of marks, fetched texts, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from tools import annotation

CONLLU = """\
# newdoc id = harbour
# newpar
# sent_id = 1
# text = Ana Torv said that 40 men had died.
1\tAna\t_
# sent_id = 2
# text = Nobody else spoke.
# newpar
# sent_id = 3
# text = “We saw it,” said Ana Torv later.
"""
TEXT = "Ana Torv said that 40 men had died. Nobody else spoke.\n\n“We saw it,” said Ana Torv later.\n"


@pytest.fixture
def clone(tmp_path: Path) -> tuple[Path, str]:
    """A repository with one text, and the address of that text."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "harbour.conllu").write_text(CONLLU, "utf-8")
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "a text"),
    ):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    commit = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    return folder, f"https://raw.githubusercontent.com/example/texts/{commit}/harbour.conllu"


def test_sentences_are_joined_and_paragraphs_parted(clone: tuple[Path, str]) -> None:
    folder, address = clone
    assert annotation.text_at(address, [folder]) == TEXT


def test_a_text_that_is_not_what_was_marked_is_refused(clone: tuple[Path, str]) -> None:
    folder, address = clone
    digest = sha256(CONLLU.encode()).hexdigest()
    assert annotation.text_at(address, [folder], digest) == TEXT
    with pytest.raises(SystemExit, match="is not what was marked"):
        annotation.text_at(address, [folder], sha256(b"another").hexdigest())


def test_only_an_address_of_a_file_at_a_commit_is_fetched() -> None:
    with pytest.raises(SystemExit, match="is no address of a file at a commit"):
        annotation.fetched("https://example.org/harbour.conllu", [])


def test_a_mark_is_placed_around_the_cue_that_its_words_lie_nearest_to(
    clone: tuple[Path, str], tmp_path: Path
) -> None:
    folder, address = clone
    marks = tmp_path / "marks.txt"
    marks.write_text(
        "# a comment\nAna Torv | said | that 40 ~ died\n"
        "=denies Ana Torv | said | “We saw it,”\n- | spoke | Nobody\n",
        "utf-8",
    )
    placed = annotation.placed(marks, address, "CC0", [folder])
    assert (placed["name"], placed["licence"], placed["sha256"]) == (
        *("harbour", "CC0"),
        sha256(CONLLU.encode()).hexdigest(),
    )
    words = [
        {role: [TEXT[slice(*place)] for place in places] for role, places in one.items() if role != "stance"}
        | {"stance": one["stance"], "at": one["cue"][0][0]}
        for one in placed["attributions"]
    ]
    assert words == [
        {
            "source": ["Ana Torv"], "cue": ["said"], "content": ["that 40 men had died"],
            "stance": "asserts", "at": 9,
        },
        {
            "source": ["Ana Torv"], "cue": ["said"], "content": ["“We saw it,”"],
            "stance": "denies", "at": TEXT.rindex("said"),
        },
        {"source": [], "cue": ["spoke"], "content": ["Nobody"], "stance": "asserts", "at": 48},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "refusal"),
    [("Ana Torv | denied | that 40", "no such cue"), ("Ben Orlo | said | that 40", "not in the text")],
)
def test_words_that_are_not_in_the_text_are_refused(
    clone: tuple[Path, str], tmp_path: Path, mark: str, refusal: str
) -> None:
    marks = tmp_path / "marks.txt"
    marks.write_text(mark, "utf-8")
    with pytest.raises(SystemExit, match=refusal):
        annotation.placed(marks, clone[1], "CC0", [clone[0]])


def test_the_corpus_has_each_text_with_its_attributions_in_the_form_of_brat(
    clone: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = clone
    marks = tmp_path / "marks.txt"
    marks.write_text("Ana Torv | said | that 40 men had died\n", "utf-8")
    marked = tmp_path / "marked"
    marked.mkdir()
    placed = annotation.placed(marks, address, "CC0", [folder])
    (marked / "others.jsonl").write_text(json.dumps(placed) + "\n", "utf-8")
    (marked / "own.txt").write_text("# ours\n{s1 Ben Orlo} {c1 says} {x1 two men left}.\n", "utf-8")
    monkeypatch.setattr(annotation, "FOLDER", marked)
    monkeypatch.setattr(annotation, "OWN", ("own.txt",))
    assert annotation.collect(tmp_path / "corpus", [folder]) == (2, 2)
    folder = tmp_path / "corpus" / "data" / "train"
    assert (folder / "text" / "harbour.txt").read_text("utf-8") == TEXT
    assert (folder / "attributions" / "own-000_own.ann").read_text("utf-8").splitlines() == [
        "T1\tSource 0 8\tBen Orlo",
        "T2\tCue 9 13\tsays",
        "T3\tContent 14 26\ttwo men left",
        "E1\tAttribution:T2 Source:T1 Cue:T2 Content:T3",
    ]
