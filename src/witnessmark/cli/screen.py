"""The screen: answers on stdout (as JSON Lines if asked for), everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from witnessmark.errors import UnavailableError
from witnessmark.model import Check, CheckState

MARKS = {
    CheckState.HOLDS: "[green]holds[/]        ",
    CheckState.BROKEN: "[bold red]BROKEN[/]       ",
    CheckState.NOT_CHECKABLE: "[yellow]not checkable[/]",
}


class Screen:
    """Where a command says what it has to say."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._out = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
        self._aside = Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)

    @property
    def width(self) -> int:
        """How many signs fit on a line."""
        return self._out.width

    def answer(self, facts: Mapping[str, Any], sentence: str) -> None:
        """One answer: the facts as a line of JSON, or the sentence for a person."""
        try:
            if self.as_json:
                is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
                line = json.dumps(facts, ensure_ascii=not is_unicode, default=str)
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
            else:
                self._out.print(sentence)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UnavailableError(
                f"the answers cannot be written: {error.strerror or error}",
                advice="what was acknowledged is safe; the same command goes on from here",
            ) from error

    def check(self, check: Check) -> None:
        """One check."""
        facts = {"what": check.what, "state": check.state.value, "detail": check.detail}
        self.answer(facts, f"{MARKS[check.state]} {plain(check.what)}: {plain(check.detail)}")

    def aside(self, sentence: str) -> None:
        """Something that is not an answer."""
        self._aside.print(sentence)

    @contextmanager
    def progress(self, title: str) -> Iterator[Any]:
        """A callable that shows how far the work is, while the block runs."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._aside, transient=True) as progress:
            tasks: dict[str, Any] = {}

            def show(what: str, done: int) -> None:
                if what not in tasks:
                    tasks[what] = progress.add_task(f"{title}: {what}", total=None)
                progress.update(tasks[what], completed=done)

            yield show


def some(count: int, one: str, more: str) -> str:
    """How many of something there are: 1 place, 2 places."""
    return f"{count:,} {one if count == 1 else more}"


def isolated(text: str) -> str:
    """A passage on one line that keeps its own direction of writing, whatever stands around it."""
    return f"\u2068{plain(' '.join(text.split()))}\u2069"


def plain(text: str) -> str:
    """Text that cannot steer the terminal: no control characters, no markup."""
    cleaned = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    return escape(cleaned)
