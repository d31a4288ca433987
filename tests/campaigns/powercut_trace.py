"""What a program did to a folder, as strace saw it: a list of events in the order of their effects.

Descriptors are followed through `dup`, threads and forks, so that a write finds its file also
after a rename or an unlink. A sync is two events: only what was written before it began is
covered by it. Anything that could change files in a way not understood here (a shared writable
mapping, io_uring) is refused, so that the simulator never judges a story with a hole in it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_WATCHED = (
    "open,openat,creat,close,dup,dup2,dup3,fcntl,lseek,read,readv,write,writev,pwrite64,pwritev,pwritev2,"
    "sendfile,copy_file_range,ftruncate,truncate,fallocate,fsync,fdatasync,syncfs,sync,rename,renameat,"
    "renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,symlinkat,mmap,io_uring_setup,"
    "clone,clone3,fork,vfork"
)

_STRACE = ("strace", "-f", "-y", "-xx", "-s", "99999999", "--seccomp-bpf", "-e", f"trace={_WATCHED}")


@dataclass(frozen=True, slots=True)
class Open:
    """A file or folder was opened; `handle` names this opening from now on."""

    handle: int
    path: str
    creates: bool = False
    truncates: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes were written at an offset."""

    handle: int
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    """A file was cut, or lengthened with zeros."""

    handle: int
    size: int
    may_shrink: bool = True


@dataclass(frozen=True, slots=True)
class SyncBegins:
    """A sync was asked for: of one opening, or of everything (`handle` None)."""

    serial: int
    handle: int | None
    is_data_only: bool = False


@dataclass(frozen=True, slots=True)
class SyncEnds:
    """The sync came back without an error."""

    serial: int


@dataclass(frozen=True, slots=True)
class Rename:
    """A name was moved, over another one if there was one."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Link:
    """A further name was given to a file."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """A file or an empty folder lost its name."""

    path: str


@dataclass(frozen=True, slots=True)
class Mkdir:
    """A folder was made."""

    path: str


@dataclass(frozen=True, slots=True)
class Say:
    """The program told the outside world something that it cannot take back."""

    text: str


Event = Open | Write | Resize | SyncBegins | SyncEnds | Rename | Link | Unlink | Mkdir | Say


def trace(commands: Sequence[Sequence[str]], root: Path, scratch: Path, cwd: Path) -> list[Event]:
    """Run `commands` one after another and give all that they did below `root`."""
    events: list[Event] = []
    for number, command in enumerate(commands):
        log = scratch / f"trace-{number}"
        subprocess.run(
            [*_STRACE, "-o", str(log), *command],
            check=True,
            cwd=cwd,
            stdout=subprocess.DEVNULL,
        )
        with log.open(encoding="ascii") as lines:
            events += read_trace(lines, str(root), 1_000_000 * number)
        log.unlink()
    return events


def read_trace(lines: Iterable[str], root: str, first_serial: int = 0) -> Iterator[Event]:
    """The events below the folder `root` that the lines of one trace tell of."""
    return _Reader(root, first_serial).read(lines)


@dataclass(slots=True)
class _Opening:
    """An open file description: descriptors that were duplicated share it, and its offset."""

    handle: int
    path: str
    offset: int = 0
    appends: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of one process, as strace writes it."""

    process: str
    name: str
    arguments: str
    result: int = 0


_Descriptors = dict[int, _Opening]
_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)")
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*?),? *<unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?)?")
_BIRTHS = ("clone", "clone3", "fork", "vfork")


@dataclass(slots=True)
class _Reader:
    """Turns the lines of one trace into events."""

    root: str
    serial: int
    processes: dict[str, _Descriptors] = field(default_factory=dict)
    begun: dict[str, _Call] = field(default_factory=dict)
    syncs: dict[str, int] = field(default_factory=dict)

    def read(self, lines: Iterable[str]) -> Iterator[Event]:
        for line in lines:
            if unfinished := _UNFINISHED.match(line):
                process, name, arguments = unfinished.groups()
                self.begun[process] = _Call(process, name, arguments)
                yield from self._begin(self.begun[process])
            elif resumed := _RESUMED.match(line):
                process, name, rest = resumed.groups()
                joined = f"{process} {name}({self.begun.pop(process).arguments}{_comma(rest)}"
                if whole := _CALL.match(joined):
                    yield from self._end(_call(whole))
            elif whole := _CALL.match(line):
                yield from self._begin(_call(whole))
                yield from self._end(_call(whole))

    def _begin(self, call: _Call) -> Iterator[Event]:
        """What counts from the moment that the call is made."""
        if call.name in ("write", "writev") and call.arguments.startswith("1<"):
            yield Say(b"".join(map(_unhex, _TEXT.findall(call.arguments))).decode())
        elif call.name in ("fsync", "fdatasync", "syncfs", "sync"):
            opening = None if call.name in ("syncfs", "sync") else self._opening(call.process, call.arguments)
            if call.name in ("syncfs", "sync") or opening is not None:
                self.serial += 1
                self.syncs[call.process] = self.serial
                handle = opening.handle if opening else None
                yield SyncBegins(self.serial, handle, call.name == "fdatasync")

    def _end(self, call: _Call) -> Iterator[Event]:
        """What counts once the call has come back."""
        self._refuse_what_cannot_be_followed(call.name, call.arguments)
        if call.name in ("fsync", "fdatasync", "syncfs", "sync"):
            serial = self.syncs.pop(call.process, None)
            if serial is not None and call.result == 0:
                yield SyncEnds(serial)
        elif call.result >= 0:
            reader = _READERS.get(call.name)
            if reader is not None:
                yield from reader(self, call)

    def _refuse_what_cannot_be_followed(self, name: str, arguments: str) -> None:
        is_shared = name == "mmap" and "PROT_WRITE" in arguments and "MAP_SHARED" in arguments
        path = _path_at(arguments.split(", ")[4]) if is_shared and "<" in arguments else ""
        if name == "io_uring_setup" or (path.startswith(self.root) and not path.endswith("-shm")):
            raise RuntimeError(f"the simulator cannot follow {name}({arguments[:200]})")

    # --- descriptors

    def _table(self, process: str) -> _Descriptors:
        if process not in self.processes:  # a child may be heard of before its parent's call is over
            births = [call for call in self.begun.values() if call.name in _BIRTHS]
            if births:
                self._inherit(births[-1], process)
        return self.processes.setdefault(process, {})

    def _inherit(self, birth: _Call, child: str) -> None:
        mine = self._table(birth.process)
        self.processes[child] = mine if "CLONE_FILES" in birth.arguments else dict(mine)

    def _opening(self, process: str, argument: str, *, writes: bool = True) -> _Opening | None:
        """The opening behind a descriptor, if it is of a file below the root."""
        if not _path_at(argument).startswith(self.root):
            return None
        opening = self._table(process).get(int(argument.split("<", 1)[0]))
        if opening is None and writes:  # one that only reads may have been handed over a socket
            raise RuntimeError(f"process {process} uses a descriptor of unknown origin: {argument[:200]}")
        return opening

    def _path(self, folder: str, name: str) -> str:
        return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - pure text, no file is touched

    def _inside(self, path: str) -> bool:
        return path == self.root or path.startswith(self.root + "/")

    def opened(self, call: _Call) -> Iterator[Event]:
        match = _DESCRIPTOR.match(call.arguments)
        folder = _path_at(call.arguments) if match else os.fspath(Path.cwd())
        path = self._path(folder, _texts(call.arguments)[0])
        if not self._inside(path):
            self._table(call.process).pop(call.result, None)
            return
        self.serial += 1
        self._table(call.process)[call.result] = _Opening(
            self.serial, path, appends="O_APPEND" in call.arguments
        )
        yield Open(self.serial, path, "O_CREAT" in call.arguments, "O_TRUNC" in call.arguments)

    def duplicated(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments, writes=False)
        if opening is not None:
            self._table(call.process)[call.result] = opening
        yield from ()

    def controlled(self, call: _Call) -> Iterator[Event]:
        if "F_DUPFD" in call.arguments:
            yield from self.duplicated(call)

    def closed(self, call: _Call) -> Iterator[Event]:
        self._table(call.process).pop(int(call.arguments.split("<", 1)[0]), None)
        yield from ()

    def born(self, call: _Call) -> Iterator[Event]:
        if str(call.result) not in self.processes:
            self._inherit(call, str(call.result))
        yield from ()

    # --- content

    def moved(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments, writes=False)
        if opening is not None:
            opening.offset = call.result
        yield from ()

    def consumed(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments, writes=False)
        if opening is not None:
            opening.offset += call.result
        yield from ()

    def wrote(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments)
        if opening is not None:
            if opening.appends:
                raise RuntimeError(f"the simulator does not know where an append to {opening.path} lands")
            content = b"".join(map(_unhex, _TEXT.findall(call.arguments)))[: call.result]
            yield Write(opening.handle, opening.offset, content)
            opening.offset += call.result

    def wrote_at(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments)
        if opening is not None:
            content = b"".join(map(_unhex, _TEXT.findall(call.arguments)))[: call.result]
            yield Write(opening.handle, int(call.arguments.rsplit(", ", 1)[1]), content)

    def copied(self, call: _Call) -> Iterator[Event]:
        if any(_path_at(part).startswith(self.root) for part in call.arguments.split(", ")[:3:2]):
            raise RuntimeError(
                f"the simulator cannot follow a copy inside the kernel: {call.arguments[:200]}"
            )
        yield from ()

    def resized(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments)
        if opening is not None:
            yield Resize(opening.handle, int(call.arguments.rsplit(", ", 1)[1]))

    def allocated(self, call: _Call) -> Iterator[Event]:
        opening = self._opening(call.process, call.arguments)
        if opening is not None:
            _, _, start, length = call.arguments.rsplit(", ", 3)
            yield Resize(opening.handle, int(start) + int(length), may_shrink=False)

    # --- names

    def _two_paths(self, arguments: str) -> tuple[str, str]:
        """The paths of rename(at) and link(at), whichever form was called."""
        names, folders = _texts(arguments), [_unhex(part).decode() for part in _FOLDER.findall(arguments)]
        folders = folders or ["/", "/"]
        return self._path(folders[0], names[0]), self._path(folders[-1], names[1])

    def renamed(self, call: _Call) -> Iterator[Event]:
        old, new = self._two_paths(call.arguments)
        if self._inside(old) != self._inside(new):
            raise RuntimeError(f"{old} was moved across the border of the simulated disk to {new}")
        if self._inside(old):
            yield Rename(old, new)

    def linked(self, call: _Call) -> Iterator[Event]:
        old, new = self._two_paths(call.arguments)
        if self._inside(new):
            yield Link(old, new)

    def unlinked(self, call: _Call) -> Iterator[Event]:
        path = self._path(_path_at(call.arguments) or "/", _texts(call.arguments)[0])
        if self._inside(path):
            yield Unlink(path)

    def made(self, call: _Call) -> Iterator[Event]:
        path = self._path(_path_at(call.arguments) or "/", _texts(call.arguments)[0])
        if self._inside(path):
            yield Mkdir(path)

    def refused(self, call: _Call) -> Iterator[Event]:
        if self.root in "".join(_texts(call.arguments)):
            raise RuntimeError(f"the simulator does not know this call: {call.arguments[:200]}")
        yield from ()


_READERS: dict[str, Callable[[_Reader, _Call], Iterator[Event]]] = {
    **dict.fromkeys(("openat", "open", "creat"), _Reader.opened),
    **dict.fromkeys(("dup", "dup2", "dup3"), _Reader.duplicated),
    "fcntl": _Reader.controlled,
    "close": _Reader.closed,
    **dict.fromkeys(_BIRTHS, _Reader.born),
    "lseek": _Reader.moved,
    **dict.fromkeys(("read", "readv"), _Reader.consumed),
    **dict.fromkeys(("write", "writev"), _Reader.wrote),
    **dict.fromkeys(("pwrite64", "pwritev"), _Reader.wrote_at),
    **dict.fromkeys(("sendfile", "copy_file_range"), _Reader.copied),
    "ftruncate": _Reader.resized,
    "fallocate": _Reader.allocated,
    **dict.fromkeys(("rename", "renameat", "renameat2"), _Reader.renamed),
    **dict.fromkeys(("link", "linkat"), _Reader.linked),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), _Reader.unlinked),
    **dict.fromkeys(("mkdir", "mkdirat"), _Reader.made),
    **dict.fromkeys(("truncate", "pwritev2", "symlink", "symlinkat"), _Reader.refused),
}
_FOLDER = re.compile(r"(?:\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")


def _call(match: re.Match[str]) -> _Call:
    process, name, arguments, result = match.groups()
    return _Call(process, name, arguments, int(result))


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _texts(arguments: str) -> list[str]:
    """The strings among the arguments of a call, descriptors' paths left out."""
    return [os.fsdecode(_unhex(text)) for text in _TEXT.findall(arguments)]


def _path_at(argument: str) -> str:
    """The path that strace knows behind the descriptor with which `argument` begins."""
    match = _DESCRIPTOR.match(argument)
    return os.fsdecode(_unhex(match.group(2))) if match and match.group(2) else ""


def _comma(rest: str) -> str:
    """The rest of an interrupted call, joined with what came before it."""
    rest = rest.lstrip()
    return rest if rest.startswith((")", ",")) else ", " + rest
