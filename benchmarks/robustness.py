"""Whether edited pictures are found again, and pictures that are not there are not: beside three peers.

Originals are edited in forty single ways and some chains (`picture_edits.py`), saved as JPEG of quality 85
and looked up among at least ten thousand other pictures; pictures that are not there are looked up too. What
is asked is the product's own engine (`witnessmark.match.like`) on files as they come; the peers get the same
pictures in the same process:

    HMA's rule      PDQ codes within 31 bits, quality 50 or more (an exact search)
    imagehash       its phash within 8 of 64 bits
    FAISS only      RootSIFT features in an IVF-PQ index, votes of nearest neighbours, without geometry;
                    12 votes are asked for, as of our inliers

Where there are too few pictures the rest is filled up with crops of them, and that is said. Pages of
documents are edited and counted apart from photographs; of folders of pages (`--pages`) every second file is
in the index and the others are not, so that pages of one document meet. What is found of a picture that is
not there counts as false, unless it is the same picture pixel by pixel, since public sets hold many twice, or
someone who looked at both found that they do show one page or a part of it (`--judged`, two names a line).
Pages that ours tells as made alike (`BY_FORM`) are no matches and are counted apart.

All originals go through all edits a few at a time, with the sums so far after each few: what is stopped early
has its figures. Descriptions are kept in `--cache`, so that a second run describes edited pictures only.

    python benchmarks/robustness.py --originals DIR... --documents DIR... --distractors DIR... \
        --pages DIR... --absent DIR... --count 60 --cache FILE --peers SITE_PACKAGES

Bars: recall 99 % overall, 95 % of each edit (80 % of the thumbnail of 64 pixels and the collage), 97 % of the
chains; none false among 2,000 pictures that are not there.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import pickle
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import picture_edits as edits
from numpy.typing import NDArray
from PIL import Image

from witnessmark.errors import WitnessmarkError
from witnessmark.examine.features import described
from witnessmark.examine.picture import Picture
from witnessmark.match.features.index import FeatureIndex, row
from witnessmark.match.index import HashIndex
from witnessmark.match.like import BY_FORM, Likenesses, Seen
from witnessmark.match.pdq import PROPERTY as CODE
from witnessmark.match.pdq import Coded, Pictures
from witnessmark.model import Copy, Digest, Finding
from witnessmark.model.wire import decode, encode
from witnessmark.pixels.features import Features

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
RADIUS, QUALITY = 31, 50
PHASH_RADIUS, VOTES = 8, 12


class Known(NamedTuple):
    """What is kept of a picture between runs."""

    digest: Digest
    finding: bytes
    packed: bytes
    phash: int


def main() -> None:
    """Print recall edit by edit, what was falsely found, and the bars."""
    asked = read_options()
    if asked.peers:
        sys.path.append(str(asked.peers))
    rng = np.random.default_rng(asked.seed)
    shelf = Shelf(asked.cache)
    originals = drawn(asked.originals, asked.count, rng)
    documents = [path for path in drawn(asked.documents, 10**6, rng) if written(path, shelf)]
    documents = documents[: asked.documents_count]
    taken = {*originals, *documents}
    pages_of = [sorted(drawn([folder], 10**6, rng)) for folder in asked.pages]
    within = [path for folder in pages_of for path in folder[::2] if path not in taken]
    beyond = [path for folder in pages_of for path in folder[1::2] if path not in taken]
    away = [path for path in drawn(asked.absent, asked.absent_count, rng) if path not in taken]
    taken |= {*away, *within, *beyond}
    others = [path for path in drawn(asked.distractors, 10**6, rng) if path not in taken]
    kept = {path: shelf.of(path.read_bytes()) for path in [*originals, *documents, *others, *within]}
    kept = {path: known for path, known in kept.items() if known is not None}
    filled = [shelf.of(cut) for cut in crops(others, asked.least - len(kept), rng)]
    posts = [shelf.of(cut) for cut in screenshots(others[: asked.posts], rng)]
    held = [*kept.values(), *(known for known in [*filled, *posts] if known is not None)]
    shelf.save()
    print(
        f"{len(held):,} pictures: {len(originals)} originals, {len(documents)} documents, {len(others):,} "
        f"others, {len(within):,} of folders of pages, {len(filled):,} crops to fill up, {len(posts)} drawn "
        f"screenshots of posts; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    engines = [Ours(held), Codes(held), *peers(held)]
    for what, paths in (("photographs", originals), ("documents", documents)):
        if "recall" in asked.parts and paths:
            truth = twins([kept[path] for path in paths], held)
            recall(what, engines, paths, kept, truth, asked)
    if "absent" in asked.parts:
        absent(engines, [*away, *beyond], shelf, rng, asked)
    shelf.save()


def judged_pairs(path: Path | None) -> set[frozenset[str]]:
    """The pairs of file names that a person found to show one page."""
    lines = [] if path is None else path.read_text("utf-8").splitlines()
    return {frozenset(line.split()) for line in lines if line and not line.startswith("#")}


_TOGETHER, _LEAST_WRITTEN = 4, 250


def written(path: Path, shelf: Shelf) -> bool:
    """Whether enough is on a page to be found by places: a nearly empty one is found by its code alone."""
    known = shelf.of(path.read_bytes())
    return known is not None and len(Features.unpack(known.packed)) >= _LEAST_WRITTEN


def recall(
    what: str,
    engines: Sequence[Engine],
    originals: Sequence[Path],
    kept: dict[Path, Known],
    truth: dict[Digest, set[Digest]],
    asked: argparse.Namespace,
) -> None:
    """Of how many edited originals the original was found, and what else was."""
    tallies = {engine.name: Tally() for engine in engines}
    wanted = [kept[path].digest for path in originals]
    for start in range(0, len(originals), _TOGETHER):
        stop = min(len(originals), start + _TOGETHER)
        for place in range(start, stop):
            for name in (*edits.EDITS, *edits.CHAINS):
                beside = [(place + step) % len(originals) for step in (3, 7, 13)]
                query = edited(name, place, originals, beside, asked.seed)
                shown = beside if name in SHOWING_OTHERS else []
                allowed = set().union(truth[wanted[place]], *(truth[wanted[one]] for one in shown))
                for engine in engines:
                    tallies[engine.name].count(engine, name, query, truth[wanted[place]], allowed)
                told(engines[0], tallies, f"{name}, {originals[place].name}")
        for one, tally in tallies.items():
            print(f"{what}, {stop} of {len(originals)}: {one}: {tally.told(stop)}", flush=True)
    for name in (*edits.EDITS, *edits.CHAINS):
        shares = (f"{one} {100 * tally.found[name] / len(originals):.0f}" for one, tally in tallies.items())
        print(f"{what}: {name:40s} {', '.join(shares)}", flush=True)


def told(ours: Engine, tallies: Mapping[str, Tally], what: str) -> None:
    """Print what our engine missed or found besides at its last query."""
    tally = tallies[ours.name]
    if tally.has_missed:
        print(f"  missed: {what}", flush=True)
    for one in tally.besides:
        print(f"  besides: {what}: {ours.explained(one)}", flush=True)


def edited(
    name: str, place: int, originals: Sequence[Path], beside: Sequence[int], seed: int
) -> Known | None:
    """An original after an edit, as it is described; others stand beside it where the edit wants some."""
    edit = {**edits.EDITS, **edits.CHAINS}[name]
    others = [edits.opened(originals[one]) for one in beside] if name in SHOWING_OTHERS else []
    rng = np.random.default_rng([seed, place, zlib.crc32(name.encode())])
    return described_bytes(jpeg(edit(edits.opened(originals[place]), rng, others)))


SHOWING_OTHERS = ("side by side", "collage 2x2", "beside another, logo, sent on")


class Tally:
    """What one engine found."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()
        self.wrong = self.alike = 0
        self.spent_s = 0.0
        self.has_missed, self.besides = False, set[Digest]()

    def count(
        self, engine: Engine, name: str, query: Known | None, wanted: set[Digest], allowed: set[Digest]
    ) -> None:
        """Ask the engine; count what it finds, and the time that it takes."""
        began = time.process_time()
        answer = engine.find(query) if query is not None else set()
        self.spent_s += time.process_time() - began
        self.has_missed, self.besides = not answer & wanted, answer - allowed
        self.found[name] += not self.has_missed
        self.alike += self.has_missed and bool(engine.forms & wanted)
        self.wrong += bool(self.besides)

    def told(self, asked_for: int) -> str:
        """All of it in one line."""
        both = len(edits.EDITS) + len(edits.CHAINS)
        single = sum(self.found[name] for name in edits.EDITS) / asked_for / len(edits.EDITS)
        chain = sum(self.found[name] for name in edits.CHAINS) / asked_for / len(edits.CHAINS)
        least, name = min((self.found[one] / asked_for, one) for one in edits.EDITS if one not in edits.EASED)
        eased = ", ".join(f"{one} {self.found[one] / asked_for:.1%}" for one in edits.EASED)
        return (
            f"{single:.2%} of {len(edits.EDITS)} edits, {chain:.2%} of {len(edits.CHAINS)} chains, "
            f"{self.found.total() / asked_for / both:.2%} of all; least {least:.1%} ({name}); {eased}; "
            f"something else besides for {self.wrong} of {asked_for * both:,}; "
            f"missed and told as a page made alike {self.alike}; "
            f"{1e3 * self.spent_s / asked_for / both:.0f} ms of processor time a query"
        )


def absent(
    engines: Sequence[Engine],
    away: Sequence[Path],
    shelf: Shelf,
    rng: np.random.Generator,
    asked: argparse.Namespace,
) -> None:
    """How often something is found for pictures that are not there."""
    held = {known.digest for known in engines[0].held}
    given = [(str(path), shelf.of(path.read_bytes())) for path in away]
    readable = [path for path, (_, known) in zip(away, given, strict=True) if known is not None]
    drawn_posts = screenshots(readable[: asked.posts], rng)
    given += [(f"post {number}", shelf.of(post)) for number, post in enumerate(drawn_posts)]
    given += [(f"page {number}", shelf.of(page)) for number, page in enumerate(pages(asked.posts, rng))]
    queries = [(name, known) for name, known in given if known is not None and known.digest not in held]
    queries = [queries[place] for place in rng.permutation(len(queries))]
    shelf.save()
    false: dict[str, Counter[str]] = defaultdict(Counter)
    kinds = Counter(_kind(name, asked) for name, _ in queries)
    judged = judged_pairs(asked.judged)
    alike = 0
    known_by = {known.digest: known for known in engines[0].held}
    for number, (name, known) in enumerate(queries):
        if number % 250 == 0:
            sums = {one: sum(counted.values()) for one, counted in false.items()}
            print(f"{number:,} of {len(queries):,} that are not there: {sums} false", flush=True)
        for engine in engines:
            answer = {one for one in engine.find(known) if not is_same(known, known_by[one])}
            answer = {one for one in answer if frozenset((Path(name).name, NAMES.get(one, ""))) not in judged}
            alike += bool(engine.forms)
            false[engine.name][_kind(name, asked)] += bool(answer)
            if answer and engine is engines[0]:
                print(f"  false: {name}: {engine.explained(min(answer))}", flush=True)
    print(f"{len(queries):,} pictures that are not there: {dict(kinds)}")
    print(f"for {alike:,} of them a page made alike was told, which is no match")
    for engine in engines:
        print(
            f"{engine.name}: {sum(false[engine.name].values())} false, {dict(false[engine.name])}", flush=True
        )


class Engine:
    """Something that finds pictures."""

    name = ""

    def __init__(self, held: Sequence[Known]) -> None:
        self.held = held
        self.forms: set[Digest] = set()
        """What the last answer called a page made alike, which is no match."""

    def find(self, query: Known) -> set[Digest]:
        """The pictures that it says the query is."""
        raise NotImplementedError

    def explained(self, digest: Digest) -> str:
        """Why."""
        return digest.hex[:12]


class Ours(Engine):
    """The engine of `take` and `find --like`."""

    name = "witnessmark"

    def __init__(self, held: Sequence[Known]) -> None:
        super().__init__(held)
        self.by_name = {known.digest: known for known in held}
        pictures = Pictures(Coded.of(finding_of(known)) for known in held)
        rows = [row(bytes.fromhex(known.digest.hex), Features.unpack(known.packed)) for known in held]
        began = time.process_time()
        index = FeatureIndex.build([np.concatenate(rows)])
        print(
            f"index of features: {time.process_time() - began:.1f} s, "
            f"{index.bytes_on_disk / len(index):,.0f} bytes a picture",
            flush=True,
        )
        self.likenesses = Likenesses(pictures, index, self._features)
        self.last: dict[Digest, Any] = {}

    def find(self, query: Known) -> set[Digest]:
        """What holds."""
        seen = Seen(query.digest, (finding_of(query),), Features.unpack(query.packed))
        self.last = {match.candidate: match for match in self.likenesses.match(seen)}
        self.forms = {one for one, match in self.last.items() if match.method == BY_FORM}
        return self.last.keys() - self.forms

    def explained(self, digest: Digest) -> str:
        """The reason that a person is shown."""
        return f"{NAMES.get(digest, '?')}: {self.last[digest].transform}; {self.last[digest].reason}"

    def _features(self, digest: Digest) -> Features | None:
        return Features.unpack(self.by_name[digest].packed)


class Codes(Engine):
    """HMA's rule."""

    name = "HMA's rule"

    def __init__(self, held: Sequence[Known]) -> None:
        coded = [(known.digest, Coded.of(finding_of(known))) for known in held]
        self.digests = [digest for digest, one in coded if one.quality >= QUALITY]
        codes = b"".join(one.codes[0] for _, one in coded if one.quality >= QUALITY)
        self.index = HashIndex.build(np.frombuffer(codes, np.uint8).reshape(-1, 32))
        super().__init__(held)

    def find(self, query: Known) -> set[Digest]:
        """What is within 31 bits."""
        coded = Coded.of(finding_of(query))
        if coded.quality < QUALITY:
            return set()
        found = self.index.search(np.frombuffer(coded.codes[0], np.uint8).reshape(1, 32), RADIUS)
        return {self.digests[place] for place in found.ids.tolist()}


class Phash(Engine):
    """imagehash."""

    name = "imagehash"

    def __init__(self, held: Sequence[Known]) -> None:
        super().__init__(held)
        self.codes = np.array([known.phash for known in held], np.uint64)

    def find(self, query: Known) -> set[Digest]:
        """What is within 8 of 64 bits."""
        near = np.bitwise_count(self.codes ^ np.uint64(query.phash)) <= PHASH_RADIUS
        return {self.held[place].digest for place in np.flatnonzero(near).tolist()}


class Faiss(Engine):
    """Nearest descriptors by FAISS, and votes."""

    name = "FAISS only"

    def __init__(self, held: Sequence[Known]) -> None:
        import faiss  # noqa: PLC0415 - a peer

        super().__init__(held)
        faiss.omp_set_num_threads(1)
        kept = [Features.unpack(known.packed).first(300) for known in held]
        self.owners = np.repeat(np.arange(len(kept)), [len(one) for one in kept])
        vectors = np.concatenate([one.levels for one in kept]).astype(np.float32)
        drawn_rows = np.random.default_rng(1).permutation(len(vectors))[:40_000]
        self.index = faiss.index_factory(128, "IVF256,PQ16")
        self.index.train(vectors[drawn_rows])
        self.index.add(vectors)
        self.index.nprobe = 2

    def find(self, query: Known) -> set[Digest]:
        """What has twelve of the nearest descriptors."""
        features = Features.unpack(query.packed).first(200)
        if not len(features):
            return set()
        _, near = self.index.search(features.levels.astype(np.float32), 1)
        votes = np.bincount(self.owners[near[near >= 0]], minlength=len(self.held))
        return {self.held[place].digest for place in np.flatnonzero(votes >= VOTES).tolist()}


NAMES: dict[Digest, str] = {}


def peers(held: Sequence[Known]) -> list[Engine]:
    """The peers that are installed; those that are not are said."""
    kinds: list[Callable[[Sequence[Known]], Engine]] = [Phash, Faiss]
    made = []
    for kind, module in zip(kinds, ("imagehash", "faiss"), strict=True):
        try:
            __import__(module)
        except ImportError:
            print(f"{module} is not installed and left out")
            continue
        made.append(kind(held))
    return made


class Shelf:
    """What is known of pictures by their bytes, kept in a file between runs."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.known: dict[str, Known | None] = {}
        self.new = 0
        if path is not None and path.is_file():
            written = pickle.loads(path.read_bytes())  # noqa: S301 - our own
            self.known = {name: one and Known(*one) for name, one in written.items()}

    def of(self, content: bytes) -> Known | None:
        """What is known of a picture; None if it cannot be decoded."""
        name = hashlib.sha256(content).hexdigest()
        if name not in self.known:
            self.known[name] = described_bytes(content)
            self.new += 1
            if self.new % 1000 == 0:
                print(f"  {self.new:,} pictures described", flush=True)
                self.save()
        return self.known[name]

    def save(self) -> None:
        """Write it down."""
        if self.path is not None and self.new:
            beside = self.path.with_suffix(".part")
            plain = {name: one and tuple(one) for name, one in self.known.items()}
            beside.write_bytes(pickle.dumps(plain))
            beside.replace(self.path)


def described_bytes(content: bytes) -> Known | None:
    """A picture as the product describes it, and as imagehash does."""
    digest = Digest.of(content)
    copy = Copy(digest, len(content), "image/png" if content.startswith(b"\x89PNG") else "image/jpeg")
    try:
        (finding,) = (one for one in Picture().examine(copy, io.BytesIO(content)) if one.property == CODE)
        features = described(io.BytesIO(content))
    except (WitnessmarkError, OSError, ValueError):
        return None
    return Known(digest, encode(finding), features.pack(), phash_of(features.small))


def phash_of(small: NDArray[np.uint8]) -> int:
    """The phash of imagehash, from the small copy that is kept with the features; 0 without it."""
    try:
        import imagehash  # noqa: PLC0415 - a peer
    except ImportError:
        return 0
    return int(str(imagehash.phash(Image.fromarray(small))), 16)


def finding_of(known: Known) -> Finding:
    """The finding with the codes."""
    finding = decode(known.finding)
    assert isinstance(finding, Finding)
    return finding


def is_same(one: Known, other: Known) -> bool:
    """Whether two files are one picture pixel by pixel, as small copies show it and larger ones of pages."""
    first, second = (Features.unpack(known.packed) for known in (one, other))
    pairs = ((first.small, second.small, 2), (first.detail, second.detail, 8))
    for ours, theirs, most in pairs:
        if ours is None or theirs is None:
            continue
        if ours.shape != theirs.shape or np.abs(ours.astype(int) - theirs).mean() > most:
            return False
    return (first.detail is None) == (second.detail is None)


def twins(ones: Iterable[Known], held: Sequence[Known]) -> dict[Digest, set[Digest]]:
    """For each picture those that public sets hold twice: the same code but for four bits."""
    codes = np.array([np.frombuffer(Coded.of(finding_of(known)).codes[0], np.uint8) for known in held])
    found = {}
    for one in ones:
        code = np.frombuffer(Coded.of(finding_of(one)).codes[0], np.uint8)
        near = np.flatnonzero(np.bitwise_count(codes ^ code).sum(axis=1) <= 4)
        found[one.digest] = {one.digest, *(held[place].digest for place in near.tolist())}
    return found


def drawn(folders: Sequence[Path], most: int, rng: np.random.Generator) -> list[Path]:
    """Pictures from folders, in an order drawn by chance; from each folder as many as from the others."""
    lists = []
    for folder in folders:
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
        lists.append([found[place] for place in rng.permutation(len(found))])
    chosen: list[Path] = []
    for place in range(max(map(len, lists), default=0)):
        chosen += [found[place] for found in lists if place < len(found)]
    for path in chosen[:most]:
        NAMES[Digest.of(path.read_bytes())] = path.name
    return chosen[:most]


def crops(paths: Sequence[Path], count: int, rng: np.random.Generator) -> Iterable[bytes]:
    """Quarters of pictures, to fill up."""
    for place in range(max(0, count)):
        yield jpeg(edits.cropped(edits.opened(paths[place % len(paths)]), rng, 0.75))


def screenshots(paths: Sequence[Path], rng: np.random.Generator) -> Iterable[bytes]:
    """Posts with pictures, all of one program."""
    for path in paths:
        with contextlib.suppress(OSError):  # public sets hold broken files
            yield jpeg(edits.post(edits.opened(path), rng))


def pages(count: int, rng: np.random.Generator) -> Iterable[bytes]:
    """Filled-in copies of one form."""
    for _ in range(count):
        yield jpeg(edits.form(rng))


def jpeg(image: Image.Image) -> bytes:
    """The picture as a file."""
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=85)
    return stream.getvalue()


def _kind(name: str, asked: argparse.Namespace) -> str:
    if name.startswith(("post ", "page ")):
        return f"drawn {name.split(maxsplit=1)[0]}s"
    folders = [one for one in (*asked.pages, *asked.absent) if Path(name).is_relative_to(one)]
    return str(folders[0]) if folders else "others"


def read_options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("originals", "documents", "distractors", "pages", "absent"):
        asked.add_argument(f"--{name}", type=Path, nargs="+", default=[])
    asked.add_argument("--count", type=int, default=60)
    asked.add_argument("--documents-count", type=int, default=20)
    asked.add_argument("--absent-count", type=int, default=2000)
    asked.add_argument("--posts", type=int, default=200)
    asked.add_argument("--least", type=int, default=10_000)
    asked.add_argument("--parts", nargs="+", default=["recall", "absent"])
    asked.add_argument("--cache", type=Path)
    asked.add_argument("--peers", type=Path)
    asked.add_argument("--judged", type=Path)
    asked.add_argument("--seed", type=int, default=7)
    return asked.parse_args()


if __name__ == "__main__":
    main()
