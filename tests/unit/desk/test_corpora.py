"""Annotated corpora: the form of brat is read with its places, and what is broken is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from witnessmark.cli import run
from witnessmark.desk.corpora import read_corpus
from witnessmark.errors import MalformedError, RefusedError, UsageError

TEXT = "Ana Torv said the bridge fell.\r\nIt rained, he added."
ANN = """T1\tSource 0 8\tAna Torv
T2\tCue 9 13\tsaid
T3\tContent 14 20;21 29\tthe br idge fell
T4\tAttribution 9 13\tsaid
E1\tAttribution:T4 Source:T1 Cue:T2 Content:T3
#1\tAnnotatorNotes E1\ta note that
Tells over several lines
T5\tCue 46 51\tadded
T6\tContent 32 41\tIt rained
E2\tAttribution-no-source:T5 Cue:T5 Content:T6
"""


def corpus(folder: Path, text: str = TEXT, ann: str | bytes = ANN, split: str = "train") -> Path:
    for name in ("text", "attributions"):
        (folder / "data" / split / name).mkdir(parents=True)
    (folder / "data" / split / "text" / "paper [1].txt").write_bytes(text.encode())
    content = ann if isinstance(ann, bytes) else ann.encode()
    (folder / "data" / split / "attributions" / "paper [1]_ab12.ann").write_bytes(content)
    return folder


def test_places_count_line_ends_as_they_are(tmp_path: Path) -> None:
    (annotated,) = read_corpus(corpus(tmp_path))
    assert annotated.text == TEXT
    (source, cue, content), (nobody, added, rained) = annotated.attributions
    assert [TEXT[slice(*place)] for place in (*source, *cue, *content)] == [
        *("Ana Torv", "said", "the br", "dge fell"),
    ]
    assert nobody == ()
    assert [TEXT[slice(*place)] for place in (*added, *rained)] == ["added", "It rained"]


@pytest.mark.parametrize(
    "ann",
    [
        "T1\tSource zero 8\tAna Torv\n",
        "T1\tSource 8 0\tAna Torv\n",
        "T1\tSource 0 9999\tAna Torv\n",
        "T1\tSource\t\n",
        b"\xff\xfe",
    ],
)
def test_a_broken_annotation_is_named(tmp_path: Path, ann: str | bytes) -> None:
    with pytest.raises(MalformedError, match=r"paper \[1\]_ab12.ann is"):
        list(read_corpus(corpus(tmp_path, ann=ann)))


def test_a_folder_without_texts_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no data/train/text"):
        list(read_corpus(tmp_path))
    with pytest.raises(UsageError, match="holds no data/train/text"):
        run(["statements", "train", "--corpus", str(tmp_path), "--out", str(tmp_path / "tagger.npz")])
    assert not list(tmp_path.iterdir())


def test_training_overwrites_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "tagger.npz"
    out.write_bytes(b"mine")
    with pytest.raises(RefusedError, match="exists already"):
        run(["statements", "train", "--corpus", str(corpus(tmp_path)), "--out", str(out)])
    assert out.read_bytes() == b"mine"
    with pytest.raises(UsageError, match="give both"):
        run(["statements", "train", "--corpus", str(tmp_path)])
    with pytest.raises(UsageError, match="2 attributions are too few"):
        run(["statements", "train", "--corpus", str(tmp_path), "--out", str(tmp_path / "new.npz")])


def test_a_file_that_is_no_tagger_is_refused(tmp_path: Path) -> None:
    article, tagger = tmp_path / "article.txt", tmp_path / "tagger.npz"
    article.write_text("He said so.")
    tagger.write_bytes(b"nothing")
    with pytest.raises(MalformedError, match="this is no tagger of statements"):
        run(["statements", str(article), "--tagger", str(tagger)])
    with pytest.raises(UsageError, match="cannot be read"):
        run(["statements", str(article), "--tagger", str(tmp_path / "none")])
