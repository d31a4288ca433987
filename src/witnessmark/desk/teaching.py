"""Teaching: a tagger is trained on a corpus that the user has, and put into a file of theirs."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from witnessmark.desk.corpora import read_corpus
from witnessmark.desk.output import must_be_new, write_file
from witnessmark.weigh.tagging import Tagger
from witnessmark.weigh.training import Pace, train


def train_from_corpus(corpus: Path, target: Path, rounds: int, told: Callable[[str], None]) -> str:
    """Train on the first split of a checkout of PolNeAR and write the tagger to a new file; its version.

    It takes a quarter of an hour of cpu. Corpus and tagger stay with the user: the texts are publishers'.
    """
    must_be_new(target)
    made = train(read_corpus(corpus), Pace(rounds=rounds), told)
    write_file(target, BytesIO(made))
    return Tagger(made).version
