"""The witness service: someone else's memory of how long our logs were.

A witness keeps, for each log that it was told to watch, the largest checkpoint that it vouched for.
It vouches for a larger one only with proof that nothing before was changed, and for a smaller one
never: a log that was rolled back or forked cannot get its word any more.
"""

from witnessmark.witness.keys import create_key, load_key
from witnessmark.witness.ledger import KnownLog
from witnessmark.witness.service import add_log, list_disputes, list_logs, serve

__all__ = ["KnownLog", "add_log", "create_key", "list_disputes", "list_logs", "load_key", "serve"]
