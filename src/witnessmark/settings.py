"""Settings: one `witnessmark.toml` beside the case, read once, frozen, without secrets.

[desk]
name = "Harbour Desk"            # stands on briefs and packages
person = "analyst-7"             # the pseudonym under which you act
keys = "/media/stick/keys"       # where the keys lie; never inside the case

[[authority]]                    # time-stamp authorities (RFC 3161), any number
name = "tsa-one"
url = "https://tsa.example/tsr"
roots = ["tsa-one-roots.pem"]    # certificates that it is trusted under, beside this file

[[witness]]                      # other desks that cosign the log (C2SP tlog-witness)
name = "witness.example/w1"
url = "https://witness.example/"
vkey = "witness.example/w1+…"

[network]
quorum = 1                       # how many witnesses must have cosigned
local_allowed = false            # may authorities and witnesses lie in private networks?
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from witnessmark.errors import MalformedError, UsageError
from witnessmark.tlog import Verifier

FILE_NAME = "witnessmark.toml"


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """One time-stamp authority."""

    name: str
    url: str
    roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """One outside witness of the log."""

    name: str
    url: str
    vkey: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a desk has decided about itself."""

    desk_name: str = "this desk"
    person: str | None = None
    keys: Path | None = None
    authorities: tuple[AuthoritySettings, ...] = ()
    witnesses: tuple[WitnessSettings, ...] = ()
    quorum: int = 0
    local_allowed: bool = False

    def in_force(self) -> dict[str, Any]:
        """The settings as the custody log keeps them; where keys lie on this machine is nobody's business."""
        return {
            "desk": self.desk_name,
            "authorities": [{"name": one.name, "url": one.url} for one in self.authorities],
            "witnesses": [{"name": one.name, "url": one.url, "vkey": one.vkey} for one in self.witnesses],
            "quorum": self.quorum,
            "local_allowed": self.local_allowed,
        }


def read_settings(case: Path) -> Settings:
    """The settings beside the case, or the usual ones; UsageError for an unknown or wrong one."""
    path = case / FILE_NAME
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(
            f"{path} cannot be read: {error}",
            advice="correct the file; docs/reference names what it may hold",
        ) from error
    _only(path, table, {"desk": dict, "authority": list, "witness": list, "network": dict})
    desk = _only(path, table.get("desk", {}), {"name": str, "person": str, "keys": str})
    network = _only(path, table.get("network", {}), {"quorum": int, "local_allowed": bool})
    authorities = tuple(_authority(path, one) for one in table.get("authority", ()))
    witnesses = tuple(_witness(path, one) for one in table.get("witness", ()))
    quorum = network.get("quorum", min(1, len(witnesses)))
    if not 0 <= quorum <= len(witnesses):
        raise UsageError(f"{path}: a quorum of {quorum} cannot be had of {len(witnesses)} witnesses")
    return Settings(
        desk_name=desk.get("name", "this desk"),
        person=desk.get("person"),
        keys=path.parent / Path(desk["keys"]).expanduser() if "keys" in desk else None,
        authorities=authorities,
        witnesses=witnesses,
        quorum=quorum,
        local_allowed=network.get("local_allowed", False),
    )


def _authority(path: Path, table: Any) -> AuthoritySettings:
    _whole(path, table, {"name": str, "url": str, "roots": list})
    for root in table["roots"]:
        if not isinstance(root, str):
            raise UsageError(f"{path}: {root!r} is not the name of a file of certificates")
    return AuthoritySettings(
        table["name"], table["url"], tuple(path.parent / root for root in table["roots"])
    )


def _witness(path: Path, table: Any) -> WitnessSettings:
    _whole(path, table, {"name": str, "url": str, "vkey": str})
    try:
        Verifier.from_vkey(table["vkey"])
    except MalformedError as error:
        raise UsageError(f"{path}: {error}", advice="ask the witness for its key") from error
    return WitnessSettings(table["name"], table["url"], table["vkey"])


def _whole(path: Path, table: Any, known: dict[str, type]) -> None:
    _only(path, table, known)
    for name in known:
        if name not in table:
            raise UsageError(f"{path}: a table there does not say its {name!r}")


def _only(path: Path, table: Any, known: dict[str, type]) -> Any:
    """`table` itself, if it holds nothing but known settings of the right kind."""
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {table!r} should be a table")
    for name, value in table.items():
        if name not in known:
            raise UsageError(f"{path}: there is no setting {name!r}", advice=f"known are {', '.join(known)}")
        if type(value) is not known[name]:
            raise UsageError(f"{path}: {name!r} should be a {known[name].__name__}, not {value!r}")
    return table
