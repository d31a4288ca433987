"""A disk that can lose power: what is surely on it, what may be on it, and any mixture of the two.

Two file systems are modelled, both harsher than real ones:

- ORDERED, like ext4: names change in one order, and after a cut a beginning of that order is there.
  `fsync` of anything makes all earlier names durable; `fdatasync` only those that lead to the file.
- STRICT, what POSIX promises: a name is durable only after `fsync` of its folder. Until then any
  subset of a folder's changes may be there, and a move between folders may be there by halves.

In both, content that was not synced is there in any subset of its writes, each torn at 512 bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import singledispatchmethod
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TypeVar

from tests.campaigns.powercut_trace import (
    Event,
    Link,
    Mkdir,
    Open,
    Rename,
    Resize,
    SyncBegins,
    SyncEnds,
    Unlink,
    Write,
)

SECTOR = 512
T = TypeVar("T")


class Model(StrEnum):
    """Which promises the file system keeps."""

    ORDERED = "ordered"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file's content: bytes at an offset, or a new size (`content` None)."""

    serial: int
    offset: int
    content: bytes | None
    may_shrink: bool = True

    def apply(self, to: bytearray) -> None:
        end = self.offset if self.content is None else self.offset + len(self.content)
        if len(to) < end:
            to.extend(bytes(end - len(to)))
        if self.content is not None:
            to[self.offset : end] = self.content
        elif self.may_shrink:
            del to[self.offset :]


@dataclass(slots=True, eq=False)
class File:
    """A file, whatever its names."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)
    first_named: int = 0
    _known: tuple[bytes, bytes] | None = None

    def settle(self, until: int) -> None:
        """Make every change up to the serial `until` durable."""
        while self.pending and self.pending[0].serial <= until:
            self.pending.pop(0).apply(self.durable)
            self._known = None

    def surely(self) -> tuple[bytes, bytes]:
        """The durable content and its hash."""
        if self._known is None:
            content = bytes(self.durable)
            self._known = content, _hash(content)
        return self._known


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the names in a folder."""

    serial: int
    names: tuple[tuple[str, File | Folder | None], ...]


@dataclass(slots=True, eq=False)
class Folder:
    """A folder: the names in it now, those surely in it, and the steps between."""

    now: dict[str, File | Folder] = field(default_factory=dict)
    durable: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[Step] = field(default_factory=list)
    first_named: int = 0

    def settle(self, until: int) -> None:
        """Make every step up to the serial `until` durable."""
        while self.pending and self.pending[0].serial <= until:
            _take(self.durable, self.pending.pop(0))


Node = File | Folder


@dataclass(frozen=True, slots=True)
class Image:
    """What lies on the disk after the cut: files with their content and hash, and folders."""

    files: Mapping[str, tuple[bytes, bytes]]
    folders: tuple[str, ...]

    def name(self) -> int:
        """A number by which equal images are known; what was merely staged does not tell them apart."""
        return self.beside("-")

    def beside(self, left_out: str) -> int:
        """The same of all files but those whose path begins with `left_out`."""
        told = sorted(
            path.encode() + b"\0" + (b"staged" if _is_staging(path) else digest)
            for path, (_, digest) in self.files.items()
            if not path.endswith("-shm") and not path.startswith(left_out)
        )
        return int.from_bytes(_hash(b"\n".join([*told, *map(str.encode, self.folders)])), "big")


class Disk:
    """Replays events and gives the images that a cut of power at this moment could leave."""

    def __init__(self, root: str, model: Model) -> None:
        self._root_path = PurePosixPath(root)
        self._root = Folder()
        self._model = model
        self._serial = 0
        self._handles: dict[int, Node] = {}
        self._syncs: dict[int, tuple[int, Node | None, bool]] = {}
        self._dirty_files: dict[File, None] = {}
        self._dirty_folders: dict[Folder, None] = {}

    def image(self, choice: Choice) -> Image:
        """What may be there after a cut now, as `choice` chooses."""
        files: dict[str, tuple[bytes, bytes]] = {}
        folders: list[str] = []
        until = choice.serial(self._serials()) if self._model is Model.ORDERED else None
        walk = [("", self._root)]
        while walk:
            prefix, folder = walk.pop()
            names = dict(folder.durable)
            for step in _surviving(folder, until, choice):
                _take(names, step)
            for name, node in names.items():
                if isinstance(node, Folder):
                    folders.append(prefix + name)
                    walk.append((f"{prefix}{name}/", node))
                else:
                    files[prefix + name] = choice.content(node) if node.pending else node.surely()
        return Image(files, tuple(sorted(folders)))

    @singledispatchmethod
    def replay(self, event: Event) -> None:
        """Let `event` happen."""

    @replay.register
    def _open(self, event: Open) -> None:
        folder, name = self._find(event.path)
        node = folder.now.get(name) if name else folder
        if node is None:
            if not event.creates:
                raise KeyError(f"{event.path} was opened but never made")
            node = File()
            self._name(folder, name, node)
        elif event.truncates and isinstance(node, File):
            self._change(node, 0, None)
        self._handles[event.handle] = node

    @replay.register
    def _write(self, event: Write) -> None:
        self._change(self._file(event.handle), event.offset, event.content)

    @replay.register
    def _resize(self, event: Resize) -> None:
        self._change(self._file(event.handle), event.size, None, may_shrink=event.may_shrink)

    @replay.register
    def _mkdir(self, event: Mkdir) -> None:
        folder, name = self._find(event.path)
        if name:
            self._name(folder, name, Folder())

    @replay.register
    def _unlink(self, event: Unlink) -> None:
        folder, name = self._find(event.path)
        self._name(folder, name, None)

    @replay.register
    def _link(self, event: Link) -> None:
        source, old = self._find(event.old)
        folder, name = self._find(event.new)
        self._name(folder, name, source.now[old])

    @replay.register
    def _rename(self, event: Rename) -> None:
        source, old = self._find(event.old)
        folder, name = self._find(event.new)
        node = source.now[old]
        self._serial += 1
        if source is folder:
            self._step(folder, (name, node), (old, None))
        else:
            self._step(folder, (name, node))
            self._step(source, (old, None))

    @replay.register
    def _sync_begins(self, event: SyncBegins) -> None:
        node = None if event.handle is None else self._handles[event.handle]
        self._syncs[event.serial] = self._serial, node, event.is_data_only

    @replay.register
    def _sync_ends(self, event: SyncEnds) -> None:
        until, node, is_data_only = self._syncs.pop(event.serial)
        for file in list(self._dirty_files) if node is None else [node]:
            if isinstance(file, File):
                file.settle(until)
        for folder in list(self._dirty_folders):
            if node is None or (self._model is Model.STRICT and folder is node):
                folder.settle(until)
            elif self._model is Model.ORDERED:
                folder.settle(min(until, node.first_named) if is_data_only else until)
        self._dirty_files = {file: None for file in self._dirty_files if file.pending}
        self._dirty_folders = {folder: None for folder in self._dirty_folders if folder.pending}

    def _serials(self) -> list[int]:
        return sorted({step.serial for folder in self._dirty_folders for step in folder.pending})

    def _find(self, path: str) -> tuple[Folder, str]:
        """The folder that holds the name `path`, and the last part of it ("" for the root)."""
        *parents, name = PurePosixPath(path).relative_to(self._root_path).parts or ("",)
        folder = self._root
        for part in parents:
            found = folder.now[part]
            if not isinstance(found, Folder):
                raise KeyError(f"{path} leads through a file")
            folder = found
        return folder, name

    def _file(self, handle: int) -> File:
        node = self._handles[handle]
        if not isinstance(node, File):
            raise KeyError(f"opening {handle} is of a folder")
        return node

    def _change(self, file: File, offset: int, content: bytes | None, *, may_shrink: bool = True) -> None:
        self._serial += 1
        file.pending.append(Change(self._serial, offset, content, may_shrink))
        self._dirty_files[file] = None

    def _name(self, folder: Folder, name: str, node: Node | None) -> None:
        self._serial += 1
        self._step(folder, (name, node))

    def _step(self, folder: Folder, *names: tuple[str, Node | None]) -> None:
        step = Step(self._serial, names)
        _take(folder.now, step)
        for _, node in names:
            if node is not None:
                node.first_named = node.first_named or self._serial
        folder.pending.append(step)
        self._dirty_folders[folder] = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Chooses what of the things not synced survived."""

    serial: Callable[[list[int]], int]
    steps: Callable[[list[Step]], list[Step]]
    changes: Callable[[list[Change]], list[Change]]

    def content(self, file: File) -> tuple[bytes, bytes]:
        content = bytearray(file.durable)
        for change in self.changes(file.pending):
            change.apply(content)
        return bytes(content), _hash(content)


NOTHING = Choice(lambda _: 0, lambda _: [], lambda _: [])
"""Only what was synced survived."""

EVERYTHING = Choice(lambda serials: serials[-1] if serials else 0, list, list)
"""All of it survived, in the order in which it was done."""


def by_chance(chance: random.Random) -> Choice:
    """Survival by chance; some draws lose everything, or one thing only, or tear each write."""

    def serial(serials: list[int]) -> int:
        return chance.choice([0, *serials])

    return Choice(serial, lambda steps: _subset(steps, chance), lambda changes: _torn(changes, chance))


def _subset(things: list[T], chance: random.Random) -> list[T]:
    way = chance.randrange(4)
    if way == 0:
        return things[: chance.randint(0, len(things))]
    if way == 1 and things:
        lost = chance.randrange(len(things))
        return things[:lost] + things[lost + 1 :]
    share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
    return [thing for thing in things if chance.random() < share]


def _torn(changes: list[Change], chance: random.Random) -> list[Change]:
    kept = _subset(changes, chance)
    if not kept or chance.random() < 0.5:
        return kept
    torn = {chance.randrange(len(kept))} if chance.random() < 0.5 else range(len(kept))
    return [
        part
        for number, change in enumerate(kept)
        for part in (_sectors(change, chance) if number in torn else (change,))
    ]


def _sectors(change: Change, chance: random.Random) -> Iterator[Change]:
    """Some of the sectors of one write; sectors lie where the disk has them, not where the write began."""
    if change.content is None:
        yield change
        return
    share, at, end = chance.random(), change.offset, change.offset + len(change.content)
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < share:
            yield Change(change.serial, at, change.content[at - change.offset : until - change.offset])
        at = until


def _surviving(folder: Folder, until: int | None, choice: Choice) -> list[Step]:
    if until is None:
        return choice.steps(folder.pending)
    return [step for step in folder.pending if step.serial <= until]


def _take(names: dict[str, Node], step: Step) -> None:
    for name, node in step.names:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _hash(content: bytes | bytearray) -> bytes:
    return blake2b(content, digest_size=8).digest()


def _is_staging(path: str) -> bool:
    return "/tmp/" in f"/{path}"  # noqa: S108 - the case's own staging folder
