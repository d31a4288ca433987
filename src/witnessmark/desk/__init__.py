"""The desk: a case on the table, and the way through the six rooms."""

from witnessmark.desk.desk import Desk
from witnessmark.desk.intake import Settled
from witnessmark.desk.sidecar import Line, read_lines

__all__ = ["Desk", "Line", "Settled", "read_lines"]
