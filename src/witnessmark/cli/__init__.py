"""The command line: verbs in the order of the way, and no decisions of its own."""

from __future__ import annotations

from collections.abc import Sequence

from witnessmark.cli import (
    counting,
    editing,
    estimating,
    giving,
    groups,
    intake,
    judging,
    keeping,
    linking,
    releasing,
    weighing,
)
from witnessmark.cli.app import app

VERBS = (
    intake,
    groups,
    judging,
    weighing,
    counting,
    linking,
    estimating,
    editing,
    giving,
    releasing,
    keeping,
)
"""The modules whose verbs register themselves with the application, in the order of the way."""

_ORDER = [module.__name__ for module in VERBS]
app.registered_commands.sort(key=lambda verb: _ORDER.index(getattr(verb.callback, "__module__", "")))


def run(words: Sequence[str]) -> object:
    """Run one verb with the given words."""
    return app(args=list(words), prog_name="witnessmark", standalone_mode=False)


__all__ = ["VERBS", "run"]
