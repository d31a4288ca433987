"""Wiring: the one place where stores, clocks, keys, rooms and outside services are put together."""

from __future__ import annotations

import platform
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from platformdirs import user_data_path

from witnessmark.collect.files import FileCollector
from witnessmark.confine import Room
from witnessmark.desk import Desk
from witnessmark.desk.like import Likeness
from witnessmark.desk.outside import Outside
from witnessmark.desk.session import NOBODY, Session, require_someone
from witnessmark.errors import MalformedError, RefusedError, UsageError, WitnessmarkError
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Agent, Facts, Investigation, person
from witnessmark.model.wire import encode
from witnessmark.plugins import Kit, discover
from witnessmark.ports import Case, Clock, case_around, holds_case
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.keys import KeyFolder, create_keys, folder_of, load_keys, published_in
from witnessmark.preserve.posting import HttpPost
from witnessmark.preserve.timestamp import HttpAuthority
from witnessmark.preserve.witnessing import HttpWitness
from witnessmark.settings import FILE_NAME, Settings, read_settings
from witnessmark.store import create_case, open_case
from witnessmark.store.database import cut_short
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
    database: str | None = None


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
    settings = _settings_in(case)
    _must_be_free(case, _keys_folder(hand, settings))
    who = _performer(hand, settings)
    require_someone(who)
    origin = begin.origin or _new_origin(begin.name)
    if not is_key_name(origin):
        raise UsageError(
            f"{origin!r} cannot name a log: it holds spaces, a plus sign or what is no text",
            advice="give a name such as desk.example/harbour with --origin",
        )
    folder = _keys_folder(hand, settings)
    if folder.resolve().is_relative_to(case.resolve()):
        raise RefusedError("the keys would lie inside the case", advice="give a folder elsewhere with --keys")
    now = SystemClock().now()
    opened = Investigation(begin.name, origin, now, who, begin.focus, begin.authorization)
    try:
        encode(opened)
    except MalformedError as error:
        raise UsageError(f"name, focus or authorization cannot be kept as text: {error}") from error
    _outsiders(settings)
    keys = create_keys(folder, origin)
    try:
        store = create_case(case, origin, keys.signer.verifier.vkey(), keys.vault_key, begin.database)
        desk = _desk(case, store, keys, settings, hand)
        with store.transaction() as transaction:
            transaction.append(desk.custodian.act("case.opened"), [opened])
    except (WitnessmarkError, OSError):
        shutil.rmtree(keys.folder, ignore_errors=True)  # nothing was ever signed with them
        raise
    desk.checkpoint()
    return desk


def _settings_in(case: Path) -> Settings:
    """The settings that lie where a case is to begin; RefusedError if it can't lie there."""
    try:
        if case.exists():
            any(case.iterdir())
    except OSError as error:
        raise RefusedError(
            f"{case} cannot hold a case: {error.strerror}", advice="give a new or empty folder"
        ) from error
    return read_settings(case)


def _must_be_free(case: Path, keys: Path) -> None:
    """Pass if a case can begin at `case`: asked before any key is made for it."""
    if holds_case(case):
        _refuse_case_at(case, keys)
    found = {entry.name for entry in case.iterdir()} - {FILE_NAME} if case.exists() else set()
    if found and found <= {"objects", "tmp"} and not any(map(Path.is_file, case.rglob("*/**/*"))):
        raise cut_short(case)
    if found:
        raise UsageError(f"{case} is not empty", advice="a case needs a folder of its own")


def _refuse_case_at(case: Path, keys: Path) -> NoReturn:
    """Say that a case lies here; one whose beginning was cut short holds nothing that could be lost."""
    _origin_of(case, keys)
    raise UsageError(f"{case} holds a case already", advice="give a new folder")


def open_desk(case: Path, hand: Hand) -> Desk:
    """A desk with a known case on it; without its keys it can be read and checked, not written to."""
    settings = read_settings(case)
    origin, vkey = _origin_of(case, _keys_folder(hand, settings))
    try:
        keys = load_keys(_keys_folder(hand, settings), origin, vkey)
    except RefusedError as error:
        if "is not there" not in str(error):
            raise
        keys = None
    store = open_case(case, keys.vault_key if keys else None)
    return _desk(case, store, keys, settings, hand)


def served_desk(case: Path | None, keys: Path | None, person: str | None) -> Desk:
    """The desk that the service in the browser works at; what it has to say goes to standard error."""

    def notice(said: str) -> None:
        sys.stderr.write("".join(sign if sign.isprintable() else "?" for sign in said) + "\n")

    return open_desk(find_case(case), Hand(person, keys, "witnessmark serve", notice))


def _origin_of(case: Path, keys: Path) -> tuple[str, str]:
    """The name of the case's log and the key that verifies it; an error that says why if it has no entry."""
    peek = open_case(case, None)
    try:
        origin, vkey = peek.origin()
        if peek.head().size == 0:
            published = published_in(folder_of(keys, origin))
            held = any(peek.entries()) or (published is not None and published.size > 0)
            raise cut_short(case, held=held)
        return origin, vkey
    finally:
        peek.close()


def find_case(given: Path | None) -> Path:
    """The case folder that was given, or the one around the current directory."""
    if given is not None:
        if not holds_case(given):
            if any(given.glob("objects/*/*")):
                raise cut_short(given)
            raise UsageError(
                f"{given} holds no case", advice="`witnessmark new` begins one; --case DIR points at one"
            )
        return given
    found = case_around(Path.cwd())
    if found is None:
        raise UsageError(
            f"there is no case at or above {Path.cwd()}",
            advice="give one with --case DIR, or begin one with `new`",
        )
    return found


def locked_room() -> Room:
    """A locked room for what is read without a case."""
    return Room()


def clock() -> Clock:
    """The clocks of this machine."""
    return SystemClock()


def _desk(root: Path, store: Case, keys: KeyFolder | None, settings: Settings, hand: Hand) -> Desk:
    custodian = Custodian(SystemClock(), _performer(hand, settings), INSTRUMENT, new_session())
    authorities, witnesses, roots = _outsiders(settings)
    kit, room = discover(), Room()
    files = FileCollector(keep_out=(root, *(() if keys is None else (keys.folder,))))
    policy_text = _policy_text(store.origin()[1], settings)
    return Desk(
        case=store,
        keys=keys,
        custodian=custodian,
        kit=replace(kit, collectors=(*kit.collectors, files)),
        room=room,
        outside=Outside(store, custodian, authorities, witnesses, hand.notice),
        name=settings.desk_name,
        policy=Policy.parse(policy_text) if settings.witnesses else None,
        policy_text=policy_text,
        roots=roots,
        media_type_of=media_type_of,
        likeness=Likeness(store, root),
        session=Session(store, custodian, partial(_surroundings, hand, settings, kit, room), hand.notice),
    )


def _outsiders(
    settings: Settings,
) -> tuple[Sequence[HttpAuthority], Sequence[HttpWitness], tuple[bytes, ...]]:
    """The authorities and witnesses that the settings name, and the roots that are trusted."""
    post = HttpPost(local_allowed=settings.local_allowed)
    roots = {one.name: tuple(_read(path) for path in one.roots) for one in settings.authorities}
    return (
        [HttpAuthority(one.name, one.url, roots[one.name], post) for one in settings.authorities],
        [HttpWitness(one.name, one.url, Verifier.from_vkey(one.vkey), post) for one in settings.witnesses],
        tuple(root for several in roots.values() for root in several),
    )


def _surroundings(hand: Hand, settings: Settings, kit: Kit, room: Room) -> Facts:
    """What this run of the program is: its command, its tools, and the protections of its locked room."""
    return Facts(
        command=hand.command,
        settings=settings.in_force(),
        python=platform.python_version(),
        platform=platform.platform(),
        tools={name: version(name) for name in TOOLS},
        protections=room.protections(),
        broken_plugins=[f"{one.name}: {one.reason}" for one in kit.broken],
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
