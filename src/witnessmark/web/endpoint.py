"""An endpoint: what is answered at an address, and for whom. `table.py` has them all.

What programs may ask is an endpoint with a call: how it is described, and how what they send is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from witnessmark.web.office import Visit
from witnessmark.web.roles import CUSTODIANS, KEEPERS, READERS, WORKERS, Role
from witnessmark.web.shapes import Fields, Shape
from witnessmark.web.tokens import Scope


@dataclass(frozen=True, slots=True)
class Call:
    """A call that programs may make, as it is described; `scope` is what their token has to be for.

    `asks` are the fields of the question in the address, `takes` those of the body of a POST.
    """

    name: str
    says: str
    scope: Scope
    gives: Shape
    asks: Mapping[str, Shape] = field(default_factory=dict)
    takes: Fields | None = None

    @property
    def status(self) -> int:
        """What is answered if all is well."""
        return 200 if self.takes is None else 201


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address with one method; `roles` are those who may ask, None stands for everyone at the door.

    A page knows people by their cookie alone, a call knows programs by their token alone. What takes files
    gets them as they come (see `taking`). What `takes_long`, always or by what the visit asks for, keeps no
    visit waiting that does not: passphrases are checked, something is drawn, claims are weighed. What is sent
    by a form, and what programs ask, is always taken for that.
    """

    method: str
    path: str
    answer: Callable[[Visit], Response]
    roles: frozenset[Role] | None
    call: Call | None = None
    takes_files: bool = False
    takes_long: Callable[[Visit], bool] | bool = False

    @property
    def always_takes_long(self) -> bool:
        """Whether it may take long whatever a visit asks for."""
        return self.takes_long is True or self.method != "GET" or self.call is not None


SECTIONS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("board", "/", READERS),
    ("gallery", "/gallery", READERS),
    ("compare", "/compare", READERS),
    ("claims", "/claims", READERS),
    ("numbers", "/numbers", READERS),
    ("times", "/times", READERS),
    ("map", "/map", READERS),
    ("review", "/review", WORKERS),
    ("brief", "/brief", READERS),
    ("releases", "/releases", WORKERS | KEEPERS),
    ("log", "/log", KEEPERS),
    ("people", "/people", CUSTODIANS),
)
"""The sections of the desk by their word, their address, and who has them in the menu."""


def may(roles: frozenset[Role]) -> tuple[tuple[str, str], ...]:
    """The sections that somebody has in the menu."""
    return tuple((word, path) for word, path, wanted in SECTIONS if roles & wanted)
