"""The desk: a case on the table, and the way through the six rooms."""

from witnessmark.desk.addresses import versions_told
from witnessmark.desk.asking import LanguageModel
from witnessmark.desk.changes import changes, entry_at
from witnessmark.desk.claims import Claims
from witnessmark.desk.desk import Desk, verify_package
from witnessmark.desk.intake import Settled, Wanted
from witnessmark.desk.output import must_be_new, write_folder
from witnessmark.desk.proposing import (
    exhibit_with,
    propose_beside,
    propose_from_exhibit,
    propose_from_file,
    propose_on_record,
    read_tagger,
    text_of_exhibit,
    text_of_file,
)
from witnessmark.desk.readings import find_exhibit
from witnessmark.desk.release import Choice
from witnessmark.desk.showing import (
    describe,
    find_words,
    list_exhibits,
    log_lines,
    texts_looked_into,
)
from witnessmark.desk.sidecar import Line, read_lines
from witnessmark.desk.teaching import train_from_corpus

__all__ = [
    "Choice",
    "Claims",
    "Desk",
    "LanguageModel",
    "Line",
    "Settled",
    "Wanted",
    "changes",
    "describe",
    "entry_at",
    "exhibit_with",
    "find_exhibit",
    "find_words",
    "list_exhibits",
    "log_lines",
    "must_be_new",
    "propose_beside",
    "propose_from_exhibit",
    "propose_from_file",
    "propose_on_record",
    "read_lines",
    "read_tagger",
    "text_of_exhibit",
    "text_of_file",
    "texts_looked_into",
    "train_from_corpus",
    "verify_package",
    "versions_told",
    "write_folder",
]
