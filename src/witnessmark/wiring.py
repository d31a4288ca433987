"""Wiring: the one place where stores, clocks, keys, rooms and outside services are put together."""

from __future__ import annotations

import platform
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from platformdirs import user_data_path

from witnessmark.collect.files import FileCollector
from witnessmark.confine import Room
from witnessmark.desk import Desk
from witnessmark.desk.desk import NOBODY
from witnessmark.desk.outside import Outside
from witnessmark.errors import MalformedError, RefusedError, UsageError
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Agent, Facts, Investigation, person
from witnessmark.model.wire import encode
from witnessmark.plugins import discover
from witnessmark.ports import Case, Clock
from witnessmark.preserve.custody import (
    Custodian,
    SystemClock,
    clock_is_synchronised,
    new_session,
    seconds_behind_log,
)
from witnessmark.preserve.keys import KeyFolder, create_keys, load_keys
from witnessmark.preserve.posting import HttpPost
from witnessmark.preserve.timestamp import HttpAuthority
from witnessmark.preserve.witnessing import HttpWitness
from witnessmark.settings import FILE_NAME, Settings, read_settings
from witnessmark.store import create_case, open_case
from witnessmark.store.database import DATABASE
from witnessmark.tlog import Policy, Verifier
from witnessmark.tlog.keys import is_key_name

INSTRUMENT = f"witnessmark {version('witnessmark')}"
TOOLS = ("cryptography", "pillow", "rfc3161-client", "sqlalchemy", "trafilatura")


@dataclass(frozen=True, slots=True)
class Begin:
    """What a new case is told of itself."""

    name: str
    focus: str = ""
    authorization: str = ""
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who is at work, with what command, and where the keys lie."""

    person: str | None
    keys: Path | None
    command: str
    notice: Callable[[str], None]


def new_desk(case: Path, begin: Begin, hand: Hand) -> Desk:
    """A desk with a new case on it, and new keys outside of it."""
    if not begin.name.strip():
        raise UsageError("a case needs a name", advice="say it with --name")
    _must_be_free(case)
    settings = read_settings(case)
    origin = begin.origin or _new_origin(begin.name)
    if not is_key_name(origin):
        raise UsageError(
            f"{origin!r} cannot name a log: it holds spaces, a plus sign or what is no text",
            advice="give a name such as desk.example/harbour with --origin",
        )
    folder = _keys_folder(hand, settings)
    if folder.resolve().is_relative_to(case.resolve()):
        raise RefusedError("the keys would lie inside the case", advice="give a folder elsewhere with --keys")
    now, who = SystemClock().now(), _performer(hand, settings)
    opened = Investigation(begin.name, origin, now, who, begin.focus, begin.authorization)
    try:
        encode(opened)
    except MalformedError as error:
        raise UsageError(f"name, focus or authorization cannot be kept as text: {error}") from error
    keys = create_keys(folder, origin)
    store = create_case(case, origin, keys.signer.verifier.vkey(), keys.vault_key)
    desk = _desk(case, store, keys, settings, hand)
    with store.transaction() as transaction:
        transaction.append(desk.custodian.act("case.opened"), [opened])
    desk.checkpoint()
    return desk


def _must_be_free(case: Path) -> None:
    """Pass if a case can begin at `case`: asked before any key is made for it."""
    try:
        if (case / DATABASE).exists():
            _refuse_case_at(case)
        found = [entry.name for entry in case.iterdir() if entry.name != FILE_NAME] if case.exists() else []
    except OSError as error:
        raise RefusedError(
            f"{case} cannot hold a case: {error.strerror}", advice="give a new or empty folder"
        ) from error
    if found:
        raise UsageError(f"{case} is not empty", advice="a case needs a folder of its own")


def _refuse_case_at(case: Path) -> NoReturn:
    """Say that a case lies here; one whose beginning was cut short holds nothing that could be lost."""
    peek = open_case(case, None)
    is_empty = peek.head().size == 0
    peek.close()
    if is_empty:
        raise UsageError(
            f"a case was begun in {case} and cut short before its first entry, so nothing is in it",
            advice="remove the folder and begin again",
        )
    raise UsageError(f"{case} holds a case already", advice="give a new folder")


def open_desk(case: Path, hand: Hand) -> Desk:
    """A desk with a known case on it; without its keys it can be read and checked, not written to."""
    settings = read_settings(case)
    peek = open_case(case, None)
    origin, vkey = peek.origin()
    peek.close()
    try:
        keys = load_keys(_keys_folder(hand, settings), origin, vkey)
    except RefusedError as error:
        if "is not there" not in str(error):
            raise
        keys = None
    store = open_case(case, keys.vault_key if keys else None)
    return _desk(case, store, keys, settings, hand)


def find_case(given: Path | None) -> Path:
    """The case folder that was given, or the one around the current directory."""
    if given is not None:
        if not (given / DATABASE).is_file():
            raise UsageError(
                f"{given} holds no case", advice="`witnessmark new` begins one; --case DIR points at one"
            )
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / DATABASE).is_file():
            return folder
    raise UsageError(
        f"there is no case at or above {here}", advice="give one with --case DIR, or begin one with `new`"
    )


def clock() -> Clock:
    """The clocks of this machine."""
    return SystemClock()


def begin_session(desk: Desk, hand: Hand) -> None:
    """Enter what this run of the program is: its command and the protections of its locked room."""
    protections = desk.room.protections() if isinstance(desk.room, Room) else ()
    broken = [f"{one.name}: {one.reason}" for one in desk.kit.broken]
    behind_s = seconds_behind_log(desk.case, desk.custodian.clock)
    if behind_s:
        hand.notice(f"The clock of this machine is {behind_s} s behind the last entry of the log: check it.")
    detail = Facts(
        command=hand.command,
        settings=desk.settings,
        python=platform.python_version(),
        platform=platform.platform(),
        tools=desk.tools,
        protections=protections,
        broken_plugins=broken,
        clock_synchronised=clock_is_synchronised(),
        clock_behind_log_s=behind_s,
    )
    with desk.case.transaction() as transaction:
        transaction.append(desk.custodian.act("session.opened", detail=detail))


def _desk(root: Path, store: Case, keys: KeyFolder | None, settings: Settings, hand: Hand) -> Desk:
    custodian = Custodian(SystemClock(), _performer(hand, settings), INSTRUMENT, new_session())
    post = HttpPost(local_allowed=settings.local_allowed)
    roots = {one.name: tuple(_read(path) for path in one.roots) for one in settings.authorities}
    authorities = [HttpAuthority(one.name, one.url, roots[one.name], post) for one in settings.authorities]
    witnesses = [
        HttpWitness(one.name, one.url, Verifier.from_vkey(one.vkey), post) for one in settings.witnesses
    ]
    kit = discover()
    files = FileCollector(keep_out=(root, *(() if keys is None else (keys.folder,))))
    policy_text = _policy_text(store.origin()[1], settings)
    return Desk(
        case=store,
        keys=keys,
        custodian=custodian,
        kit=replace(kit, collectors=(*kit.collectors, files)),
        room=Room(),
        outside=Outside(store, custodian, authorities, witnesses, hand.notice),
        name=settings.desk_name,
        policy=Policy.parse(policy_text) if settings.witnesses else None,
        policy_text=policy_text,
        roots=tuple(root for several in roots.values() for root in several),
        media_type_of=media_type_of,
        settings=Facts(settings.in_force()),
        tools=Facts({name: version(name) for name in TOOLS}),
    )


def _performer(hand: Hand, settings: Settings) -> Agent:
    """The person at work."""
    try:
        return person(hand.person or settings.person or NOBODY)
    except MalformedError as error:
        raise UsageError(str(error), advice="give a pseudonym in one line with --as NAME") from error


def _policy_text(vkey: str, settings: Settings) -> bytes:
    """Who must have cosigned, in the form of C2SP tlog-policy."""
    lines = [f"log {vkey}"]
    names = [f"w{number}" for number, _ in enumerate(settings.witnesses, 1)]
    lines += [
        f"witness {name} {one.vkey} {one.url}" for name, one in zip(names, settings.witnesses, strict=True)
    ]
    if settings.quorum and names:
        lines += [f"group outside {settings.quorum} {' '.join(names)}", "quorum outside"]
    else:
        lines.append("quorum none")
    return ("\n".join(lines) + "\n").encode()


def _keys_folder(hand: Hand, settings: Settings) -> Path:
    return hand.keys or settings.keys or user_data_path("witnessmark") / "keys"


def _new_origin(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "case"
    return f"witnessmark.invalid/{slug}-{secrets.token_hex(4)}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"the certificates {path} cannot be read: {error.strerror}") from error
