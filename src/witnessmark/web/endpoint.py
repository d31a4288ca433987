"""An endpoint: what is answered at an address, and for whom. `table.py` has them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from witnessmark.web.office import Visit
from witnessmark.web.roles import CUSTODIANS, KEEPERS, READERS, WORKERS, Role


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address with one method; `roles` are those who may ask, None stands for everyone at the door."""

    method: str
    path: str
    answer: Callable[[Visit], Response]
    roles: frozenset[Role] | None


SECTIONS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("board", "/", READERS),
    ("gallery", "/gallery", READERS),
    ("compare", "/compare", READERS),
    ("claims", "/claims", READERS),
    ("numbers", "/numbers", READERS),
    ("times", "/times", READERS),
    ("review", "/review", WORKERS),
    ("brief", "/brief", READERS),
    ("log", "/log", KEEPERS),
    ("people", "/people", CUSTODIANS),
)
"""The sections of the desk by their word, their address, and who has them in the menu."""


def may(roles: frozenset[Role]) -> tuple[tuple[str, str], ...]:
    """The sections that somebody has in the menu."""
    return tuple((word, path) for word, path, wanted in SECTIONS if roles & wanted)
