"""The hostile campaign: every file of any folder through the whole `take`, and through the locked room alone.

    python -m tests.campaigns.hostile FOLDER … [--files N] [--rooms] [--without metadata]

As it is, the real command takes the folders into a new case. It must come to its end; each file must end as
done, declined or failed, the last two with a reason; each must lie in the case under its own SHA-256; each
examiner that could not look must have said why; and `verify` must find nothing broken.

With `--rooms` each file goes through type, examiners and preview in this process, several at a time. Each
must end as a result or as a reason, and this process must go on.

Whatever is otherwise is printed and makes the campaign fail. Corpora that are worth it (fetched by whoever
runs it, none is kept here): python-pillow/Pillow Tests/images, Exiv2/exiv2 test/data, corkami/pocs,
drewnoakes/metadata-extractor-images.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import take_real

from witnessmark.confine import Room
from witnessmark.errors import WitnessmarkError
from witnessmark.examine import examine
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Copy, Digest
from witnessmark.plugins import discover
from witnessmark.ports import Examiner

PREVIEW = "witnessmark.examine.derive:preview"
SHOWN = ("image/", "video/", "application/pdf")
_HEAD = 4096


@dataclass
class Tally:
    """What became of the files, by step and outcome, and how long each took."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, step: str, outcome: str, reason: str = "") -> None:
        """One step of one file came to its end."""
        with self.lock:
            self.outcomes[step, outcome] += 1
            if reason:
                self.reasons[f"{step}: {_kind(reason)}"] += 1


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign; 0 if every file ended as a result or a reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=None, help="stop after so many files")
    parser.add_argument("--without", action="append", default=[], help="leave an examiner out, by name")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rooms", action="store_true", help="only the locked room, in this process")
    chosen = parser.parse_args(arguments)
    if not chosen.rooms:
        return taken(list(files_in(chosen.folders))[: chosen.files])
    examiners = [one for one in discover().examiners if one.name not in chosen.without]
    files = list(files_in(chosen.folders))[: chosen.files]
    with Room() as room:
        print("in force:", " · ".join(room.protections()))
        began = time.perf_counter()
        tally = run(files, examiners, room, chosen.threads)
        report(tally, time.perf_counter() - began)
    return 1 if tally.wrong or len(tally.seconds) != len(files) else 0


def taken(files: Sequence[Path]) -> int:
    """Take the files into a new case by the real command; 0 if all went as it must."""
    with tempfile.TemporaryDirectory() as scratch:
        desk = take_real.Desk(Path(scratch))
        desk.run("new", str(desk.case), "--name", "hostile")
        began = time.perf_counter()
        lines = [line for group in _groups(files) for line in desk.answers("take", *group, *desk.common)]
        elapsed_s = time.perf_counter() - began
        wrong = [f"lost {name}" for name in take_real.missing(take_real.digests_of(files), lines, desk.case)]
        checks = list(desk.answers("verify", *desk.common))
    wrong += [f"without a reason: {line['source']}" for line in lines if _lacks_reason(line)]
    wrong += [f"verify: {check['what']}: {check['detail']}" for check in checks if check["state"] == "broken"]
    wrong += [] if desk.endings <= {0, take_real.SOME_FAILED} else [f"a command ended with {desk.endings}"]
    wrong += [] if checks else ["verify said nothing"]
    print(f"{len(files):,} files, {len(lines):,} things in {elapsed_s:.0f} s: {len(lines) / elapsed_s:.1f}/s")
    take_real.report(lines)
    for problem in wrong:
        print("WRONG", problem)
    print(f"{len(wrong)} things went otherwise than they must")
    return 1 if wrong else 0


def _groups(files: Sequence[Path]) -> Iterator[list[str]]:
    """The files in commands of a length that the system allows."""
    for start in range(0, len(files), 2000):
        yield list(map(str, files[start : start + 2000]))


def _lacks_reason(line: dict[str, Any]) -> bool:
    return line["outcome"] not in ("done", "declined", "failed") or (
        line["outcome"] != "done" and not (line["reason"] or "").strip()
    )


def files_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Every regular file below the folders, in order."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def run(files: Iterable[Path], examiners: Iterable[Examiner], room: Room, threads: int = 1) -> Tally:
    """Every file once, several at a time."""
    tally, tools = Tally(), tuple(examiners)
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda path: _one(path, tools, room, tally), files):
            pass
    return tally


def _one(path: Path, examiners: tuple[Examiner, ...], room: Room, tally: Tally) -> None:
    began = time.perf_counter()
    try:
        _through(path, examiners, room, tally)
    except Exception as error:  # noqa: BLE001 - this is what the campaign looks for
        with tally.lock:
            tally.wrong.append(f"{path}: {type(error).__name__}: {error}")
    with tally.lock:
        tally.seconds.append(time.perf_counter() - began)


def _through(path: Path, examiners: tuple[Examiner, ...], room: Room, tally: Tally) -> None:
    content = path.read_bytes()
    copy = Copy(Digest.of(content), len(content), media_type_of(content[:_HEAD]))
    tally.note("type", "result")
    with tally.lock:
        tally.types[copy.media_type] += 1
    examination = examine(copy, path, examiners, room)
    for name in examination.looked:
        tally.note(name, "result")
    for failure in examination.not_done:
        tally.note(failure.examiner, str(failure.outcome), failure.reason)
    if copy.media_type.startswith(SHOWN):
        _preview(path, room, tally)


def _preview(path: Path, room: Room, tally: Tally) -> None:
    try:
        for part in room.run(PREVIEW, path, {"max_px": 320, "grey": True, "blur": 6}):
            if not part.content.read().startswith(b"\xff\xd8\xff"):
                raise AssertionError("the preview is no JPEG")
    except WitnessmarkError as error:
        if not str(error).strip():
            raise AssertionError("a failure without a reason") from error
        tally.note("preview", type(error).__name__, str(error))
    else:
        tally.note("preview", "result")


def _kind(reason: str) -> str:
    """The reason without what differs from file to file."""
    words = reason.removeprefix("could not be examined: ")
    return "".join("#" if sign.isdigit() else sign for sign in words)[:60]


def report(tally: Tally, elapsed_s: float) -> None:
    """The figures on standard output."""
    times = sorted(tally.seconds) or [0.0]
    print(f"{len(tally.seconds)} files in {elapsed_s:.0f} s: {len(tally.seconds) / elapsed_s:.1f} files/s")
    print(
        f"a file: p50 {times[len(times) // 2] * 1e3:.0f} ms, "
        f"p99 {times[len(times) * 99 // 100] * 1e3:.0f} ms, longest {times[-1]:.1f} s"
    )
    for (step, outcome), count in sorted(tally.outcomes.items()):
        print(f"{count:7,}  {step:<14} {outcome}")
    print("types:", ", ".join(f"{name} {count}" for name, count in tally.types.most_common(12)))
    for reason, count in tally.reasons.most_common(40):
        print(f"{count:7,}  {reason}")
    for wrong in tally.wrong:
        print("WRONG", wrong)
    print(f"{len(tally.wrong)} files ended as neither a result nor a reason; this process went on")


if __name__ == "__main__":
    sys.exit(main())
