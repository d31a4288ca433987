"""The desk: a case on the table, and the way through the six rooms."""

from witnessmark.desk.changes import changes, entry_at
from witnessmark.desk.claims import Claims
from witnessmark.desk.desk import Desk, verify_package
from witnessmark.desk.intake import Settled, Wanted
from witnessmark.desk.output import must_be_new, write_folder
from witnessmark.desk.proposing import propose_from_exhibit, propose_from_file
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

__all__ = [
    "Choice",
    "Claims",
    "Desk",
    "Line",
    "Settled",
    "Wanted",
    "changes",
    "describe",
    "entry_at",
    "find_exhibit",
    "find_words",
    "list_exhibits",
    "log_lines",
    "must_be_new",
    "propose_from_exhibit",
    "propose_from_file",
    "read_lines",
    "texts_looked_into",
    "verify_package",
    "write_folder",
]
