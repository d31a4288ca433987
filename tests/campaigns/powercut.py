"""The power-cut simulator: at every step of the real program, every kind of disk a cut could leave.

    python -m tests.campaigns.powercut [--states N] [--variants N] [--jobs N] [--wrong NAME]

The program is run under strace. Its events are replayed on a simulated disk (`powercut_disk`), and
after each event images are drawn: only what was synced, everything, and random mixtures of the two.
Every new image is laid down on /dev/shm and read (`judge.read`) by what the program had promised
by then; and the real code goes on from every state that recovery leads to (`judge.reopen`). Images
are counted as distinct by their files, names and content; staging does not count.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

from tests.campaigns.judge import Promises, read, reopen, share_compiled_statements
from tests.campaigns.powercut_disk import EVERYTHING, NOTHING, Disk, Image, Model, by_chance
from tests.campaigns.powercut_trace import Event, Say, trace
from tests.campaigns.powercut_wrong import WRONG_ORDERS
from tests.servers.tsa import first_briefly, local_tsa, serving

ROOT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")  # noqa: S108 - states are many and need no disk
SIZES = (17, 900, 4096, 5000, 20_000)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Commands run one after another on one case.

    `{work}`, `{sources}` and `{base}` stand for folders, `{authority}` for the address of one that stamps.
    """

    name: str
    commands: tuple[str, ...]


SCENARIOS = (
    Scenario(
        "one at a time",
        (
            "tests.campaigns.driver new {work}",
            "tests.campaigns.driver take {work} {sources}/a --streams --batch 1",
            "tests.campaigns.driver assess {work}",
            "tests.campaigns.driver erase {work}",
        ),
    ),
    Scenario(
        "batches",
        (
            "tests.campaigns.driver new {work}",
            "tests.campaigns.driver take {work} {sources}/a --streams --batch 5",
            "tests.campaigns.driver take {work} {sources}/b --batch 2",
        ),
    ),
    Scenario(
        "second process",
        (
            "tests.campaigns.driver new {work}",
            "tests.campaigns.driver take {work} {sources}/a --batch 5",
            "tests.campaigns.driver take {work} {sources}/a --batch 5",
            "tests.campaigns.driver erase {work}",
            "tests.campaigns.driver rebuild {work}",
            "tests.campaigns.driver take {work} {sources}/b",
        ),
    ),
    Scenario(
        "renew and repair",
        (
            "tests.campaigns.driver new {work}",
            "tests.campaigns.driver take {work} {sources}/a --batch 3",
            "tests.campaigns.driver stamp {work} {base}/roots --authority {authority}",
            "tests.campaigns.driver renew {work} {base}/roots --authority {authority}",
            "tests.campaigns.driver rot {work} {base}/copy",
            "tests.campaigns.driver repair {work} {base}/copy",
            "tests.campaigns.driver take {work} {sources}/b --streams",
        ),
    ),
)


_DESK = "--case {work}/case --keys {work}/keys --json"
AT_THE_DESK = Scenario(
    "at the desk",
    (
        "witnessmark new {work}/case --keys {work}/keys --json --name Exercise --origin desk.example/desk",
        f"witnessmark take {{sources}}/a {_DESK}",
        f"witnessmark assess --from {{sources}}/word.jsonl {_DESK}",
        f"witnessmark erase E00003 --reason asked {_DESK}",
        f"witnessmark package {{work}}/package {_DESK}",
        f"witnessmark take {{sources}}/b {_DESK}",
    ),
)
"""The same by the command line; in the long campaign only, for its programs take long to start."""

WORD = """\
{"kind": "event", "id": "e", "name": "The bridge at Oldtown"}
{"kind": "claim", "id": "c", "event": "e", "topic": "time", "text": "It was closed at noon"}
{"kind": "assessment", "claim": "c", "status": "undetermined", "reasons": "One", "rests_on": ["E00001"]}
"""
"""What a person concludes, as a sidecar."""


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario as it ran: its events, below which folder."""

    scenario: str
    root: str
    events: tuple[Event, ...]


@dataclass(slots=True)
class Report:
    """How many images were judged, and what was wrong with which."""

    images: set[int] = field(default_factory=set)
    judged: int = 0
    reopened: int = 0
    bad: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, other: Report) -> None:
        """Take in what another part of the campaign found."""
        self.images |= other.images
        self.judged += other.judged
        self.reopened += other.reopened
        self.bad += other.bad
        self.faults += other.faults
        self.first = {**other.first, **self.first}


def run_scenario(
    scenario: Scenario, *, files: int, wrong: str | None = None, scratch: Path = MEMORY
) -> Story:
    """The events of `scenario`, over `files` files of made-up content in each source."""
    with tempfile.TemporaryDirectory(prefix="powercut-", dir=scratch) as folder, ExitStack() as servers:
        base = Path(folder)
        work, sources = base / "work", base / "sources"
        work.mkdir()
        make_sources(sources, files)
        (sources / "word.jsonl").write_text(WORD)
        places = {"work": work, "sources": sources, "base": base, "authority": ""}
        if any("{authority}" in command for command in scenario.commands):
            authority = servers.enter_context(local_tsa("stamp", base))
            (base / "roots").write_bytes(authority.root.pem)
            places["authority"] = servers.enter_context(serving(first_briefly(authority)))
        start = ["env", "WITNESSMARK_PERSON=tester", f"WRONG_ORDER={wrong or ''}", sys.executable, "-m"]
        commands = [start + command.format(**places).split() for command in scenario.commands]
        return Story(scenario.name, str(work), tuple(trace(commands, work, base, ROOT)))


def make_sources(sources: Path, files: int) -> None:
    """Folders `a`, `b`, `c` of files of several sizes; `b` and `c` repeat some bytes of `a`."""
    chance = random.Random(11)
    shared = chance.randbytes(3000)
    for name in "abc":
        folder = sources / name
        folder.mkdir(parents=True)
        for number in range(files):
            content = shared if number == 1 else chance.randbytes(SIZES[number % len(SIZES)])
            (folder / f"{number:03}").write_bytes(content)


def simulate(
    story: Story, model: Model, variants: int, *, span: tuple[int, int] | None = None, seed: int = 0
) -> Iterator[tuple[int, Image, Promises]]:
    """Every new image of the crash points in `span`, with what had been promised by then."""
    start, end = span or (0, len(story.events))
    disk, promises, seen = Disk(story.root, model), Promises(), set()
    chance = random.Random(f"{seed} {story.scenario} {model} {start}")
    for point, event in enumerate(story.events[:end]):
        if isinstance(event, Say):
            promises = promises.hear(event.text)
        else:
            disk.replay(event)
        if point < start:
            continue
        for choice in (NOTHING, EVERYTHING, *(by_chance(chance) for _ in range(variants))):
            image = disk.image(choice)
            key = image.name(), promises
            if key not in seen:
                seen.add(key)
                yield point, image, promises


@dataclass(slots=True)
class Known:
    """What was found sound already: images by the promises that they keep, and states that could go on."""

    images: set[tuple[int, Promises]] = field(default_factory=set)
    reopened: set[tuple[str, int, bool]] = field(default_factory=set)


def judge_all(
    images: Iterable[tuple[int, Image, Promises]],
    label: str,
    scratch: Path = MEMORY,
    known: Known | None = None,
) -> Report:
    """Lay down and judge each image that is not `known`."""
    report, known = Report(), Known() if known is None else known
    share_compiled_statements()
    with tempfile.TemporaryDirectory(prefix="powercut-", dir=scratch) as folder:
        work = Path(folder) / "work"
        for point, image, promises in images:
            if (image.name(), promises) in known.images:
                continue
            lay_down(image, work)
            faults, recovered = read(work, promises)
            state = recovered, image.beside("case/case.db"), promises.is_begun
            if not faults and state not in known.reopened:
                faults = reopen(work, is_begun=promises.is_begun)
                report.reopened += 1
            if not faults:
                known.images.add((image.name(), promises))
                known.reopened.add(state)
            report.images.add(image.name())
            report.judged += 1
            report.bad += bool(faults)
            report.faults.update(faults)
            for fault in faults:
                report.first.setdefault(fault, f"{label}, after event {point}")
    return report


def lay_down(image: Image, work: Path) -> None:
    """Make the folder `work` hold just what `image` holds."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for folder in image.folders:
        (work / folder).mkdir()
    for name, (content, _) in image.files.items():
        if not name.endswith("-shm"):  # a shared-memory index, made anew after a reboot
            (work / name).write_bytes(content)


def finds(story: Story, model: Model, variants: int = 2) -> Report:
    """What the simulator says of a wrong order: it stops at the first fault after the case was begun."""
    begun = next(at for at, event in enumerate(story.events) if isinstance(event, Say))
    images = simulate(story, model, variants, span=(begun, len(story.events)))
    report = Report()
    while not report.bad and (some := list(islice(images, 25))):
        report.add(judge_all(some, f"{story.scenario}, {model}"))
    return report


# --- the whole campaign


@dataclass(frozen=True, slots=True)
class _Part:
    story: int
    model: Model
    span: tuple[int, int]
    variants: int
    seed: int


@dataclass(frozen=True, slots=True)
class Until:
    """When a campaign is over: so many images are distinct, or a moment has come, or a fault is found."""

    states: int = 0
    moment: float = math.inf


_stories: list[Story] = []
_known: dict[int, Known] = {}


def campaign(
    stories: Sequence[Story], *, variants: int, jobs: int, seed: int = 0, until: Until | None = None
) -> Report:
    """Every story under both models, over several processes; with new seeds `until` it is enough."""
    _stories[:] = stories
    report, until = Report(), until or Until()
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        while not report.judged or (len(report.images) < until.states and not report.bad):
            for found in pool.imap_unordered(_judge_part, _parts(stories, variants, seed)):
                report.add(found)
                if time.monotonic() > until.moment:
                    return report
            seed += 1
            print(f"{len(report.images):,} distinct images, {report.bad:,} bad", file=sys.stderr, flush=True)
    return report


def _parts(stories: Sequence[Story], variants: int, seed: int) -> list[_Part]:
    parts = [
        _Part(number, model, (start, min(start + 40, len(story.events))), variants, seed)
        for (number, story), model in product(enumerate(stories), Model)
        for start in range(0, len(story.events), 40)
    ]
    return random.Random(seed).sample(parts, len(parts))  # so that a short campaign has seen of everything


def _judge_part(part: _Part) -> Report:
    story = _stories[part.story]
    images = simulate(story, part.model, part.variants, span=part.span, seed=part.seed)
    known = _known.setdefault(part.story, Known())
    return judge_all(images, f"{story.scenario}, {part.model}", known=known)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign and print its figures; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--variants", type=int, default=4, help="random images at each crash point")
    parser.add_argument(
        "--states", type=int, default=0, help="go on with new seeds until so many are distinct"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="at most so long")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--files", type=int, default=6, help="files in each source")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenario", action="append", help="only this one (may be repeated)")
    parser.add_argument("--wrong", choices=WRONG_ORDERS, help="plant a wrong order of writes")
    chosen = parser.parse_args(arguments)
    stories = [
        run_scenario(scenario, files=chosen.files, wrong=chosen.wrong)
        for scenario in (*SCENARIOS, AT_THE_DESK)
        if chosen.scenario is None or scenario.name in chosen.scenario
    ]
    began = time.monotonic()
    until = Until(chosen.states, began + 60 * chosen.minutes)
    report = campaign(stories, variants=chosen.variants, jobs=chosen.jobs, seed=chosen.seed, until=until)
    _print(stories, report, time.monotonic() - began)
    return 1 if report.bad else 0


def _print(stories: Sequence[Story], report: Report, seconds: float) -> None:
    for story in stories:
        print(f"{story.scenario}: {len(story.events)} crash points")
    print(
        f"{len(report.images):,} distinct images, {report.judged:,} judged, "
        f"{report.reopened:,} reopened, in {seconds:.0f} s"
    )
    print(f"{report.bad:,} bad")
    for fault, count in report.faults.most_common():
        print(f"  {count:6,} × {fault} (first: {report.first[fault]})")


if __name__ == "__main__":
    sys.exit(main())
