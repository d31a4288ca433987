"""Collect: what lies at the end of a lead, as captures that nobody may trust yet.

Two verbs. `collect` follows leads; `expand` opens what was sealed and holds further things: archives,
mailboxes, messages, saved pages. Whatever is seen and not taken comes as `Declined` with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from witnessmark.collect.containers import expand
from witnessmark.errors import MalformedError, RefusedError, UnavailableError
from witnessmark.model import Outcome
from witnessmark.ports import Capture, Collector, Declined, Lead

__all__ = ["collect", "expand"]


def collect(
    leads: Iterable[Lead | Declined], collectors: Sequence[Collector], quarantine: Path
) -> Iterator[Capture | Declined]:
    """What the leads lead to, by the first collector that accepts each; a bad lead stops no other."""
    for lead in leads:
        if isinstance(lead, Declined):
            yield lead
            continue
        collector = next((one for one in collectors if one.accepts(lead)), None)
        if collector is None:
            yield Declined(lead.source, "no collector takes this kind of lead")
            continue
        try:
            yield from collector.collect(lead, quarantine)
        except RefusedError as error:
            yield Declined(lead.source, str(error))
        except (MalformedError, UnavailableError) as error:
            yield Declined(lead.source, str(error), Outcome.FAILED)
