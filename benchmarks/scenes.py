"""Scenes: how many pairs that are called one place are one, and how much of each place is found together.

    python benchmarks/scenes.py FOLDER [--alone FOLDER ...] [--most N]

FOLDER holds one folder of overlapping photographs for each place; the folders of --alone hold photographs of
which no two show one place. Each picture is described as `take` does, each pair is compared as `scenes` does:
at a glance, then more closely. That takes long: `--apart N` looks closely only at N pairs of different
places, chosen by chance, and at those of one place that are not together by then.
Beside it stands a peer that many desks use: cv2.Stitcher's rule of matching (ORB features, a homography, and
a confidence above 1) on the same pictures.

Public sets that were used (nothing of them is kept here): openMVG/ImageDataset_SceauxCastle,
mapillary/OpenSfM (lund, berlin), OpenStitching/stitching_tutorial (budapest, weir),
alicevision/dataset_monstree. Held out, its thresholds were not chosen on them: alicevision/dataset_buddha,
pierotofy/drone_dataset_brighton_beach, magicleap/SuperGluePretrainedNetwork (freiburg, phototourism by
place, scannet), cvg/Hierarchical-Localization (sacre_coeur), snavely/bundler_sfm (kermit, ET),
royshil/SfM-Toy-Library (crazyhorse); the closer look was chosen on these. Held out from that too:
facebookresearch/vggsfm (british_museum, cake, kitchen, statue), naver/mast3r (NLE_tower),
ImageStitching/Image-Stitching (CMU0, NSH, uav, zijing, classroom, citi), mihaidusmanu/d2-net (three pairs),
Parskatt/RoMa (toronto), cvg/LightGlue (DSC), linrl3/Image-Stitching-OpenCV.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from witnessmark.examine import spots as fine
from witnessmark.examine.features import described
from witnessmark.match.scenes import closer_views, may_show_one_place, two_views
from witnessmark.pixels.features import Features, opencv
from witnessmark.pixels.spots import Spots

KINDS = (".jpg", ".jpeg", ".png")
ORB_FEATURES, ORB_SIDE, STITCHED, LEAST_ORB = 1500, 1000, 1.0, 4


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("places", type=Path)
    arguments.add_argument("--alone", type=Path, nargs="*", default=())
    arguments.add_argument("--most", type=int, default=400, help="pictures of which no two show one place")
    arguments.add_argument("--apart", type=int, help="pairs of different places that are looked at closely")
    arguments.add_argument("--peer", action="store_true", help="run the peer too, which takes long")
    given = arguments.parse_args()
    pictures = [(path, folder.name) for folder in sorted(given.places.iterdir()) for path in _in(folder)]
    alone = [path for folder in given.alone for path in _in(folder)]
    pictures += [(path, f"alone {path}") for path in alone[:: max(1, len(alone) // given.most)]]
    places = {place for _, place in pictures if not place.startswith("alone")}
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one used")
    print(f"{len(pictures)} pictures, {len(places)} places, {len(alone[: given.most])} alone at most")

    started = time.process_time()
    features = [_described(path) for path, _ in pictures]
    print(f"described: {1e3 * (time.process_time() - started) / len(pictures):.0f} ms a picture")
    started = time.process_time()
    spots = [_spotted(path) for path, _ in pictures]
    print(f"spots found: {1e3 * (time.process_time() - started) / len(pictures):.0f} ms a picture")
    labels = [place for _, place in pictures]
    _measure(labels, features, spots, given.apart)
    if given.peer:
        orb = [_orb(path) for path, _ in pictures]
        pairs = list(combinations(range(len(labels)), 2))
        _measured(
            "ORB and cv2's matching for stitching",
            labels,
            lambda: [pair for pair in pairs if _stitched(orb, *pair)],
        )


Links = list[tuple[int, int]]


def _measure(
    labels: Sequence[str],
    features: Sequence[Features | None],
    spots: Sequence[Spots | None],
    most_apart: int | None,
) -> None:
    links, left = _linked(features)
    _measured("witnessmark, at a glance", labels, lambda: links)
    if most_apart is not None:
        heads = _heads(len(labels), links)
        one_place = [(i, j) for i, j in left if labels[i] == labels[j] and heads[i] != heads[j]]
        apart = [(i, j) for i, j in left if labels[i] != labels[j]]
        left = one_place + random.Random(1).sample(apart, min(most_apart, len(apart)))  # noqa: S311
    _measured("witnessmark", labels, lambda: links + _closer(left, spots))


def _measured(name: str, labels: Sequence[str], linked: Callable[[], Links]) -> None:
    started = time.process_time()
    pairs = list(combinations(range(len(labels)), 2))
    links = linked()
    spent = 1e3 * (time.process_time() - started) / len(pairs)
    heads = _heads(len(labels), links)
    right = sum(labels[i] == labels[j] for i, j in links)
    together = [(i, j) for i, j in pairs if heads[i] == heads[j]]
    truly = [(i, j) for i, j in pairs if labels[i] == labels[j]]
    found = sum(heads[i] == heads[j] for i, j in truly)
    sound = sum(labels[i] == labels[j] for i, j in together)
    print(f"{name}: {spent:.1f} ms a pair, {len(links)} links in {len(pairs):,} pairs")
    print(f"  pair precision {right / max(1, len(links)):.4f} ({len(links) - right} false links)")
    for i, j in links:
        if labels[i] != labels[j]:
            print(f"    false: {labels[i]} and {labels[j]}")
    whole, recall = sound / max(1, len(together)), found / max(1, len(truly))
    print(f"  group precision {whole:.4f}, group recall {recall:.4f}")
    for place in sorted(set(labels)):
        here = [i for i, label in enumerate(labels) if label == place]
        if len(here) > 1:
            largest = max(sum(heads[i] == heads[j] for j in here) for i in here)
            print(f"  {place}: {largest} of {len(here)} together")


def _heads(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    heads = list(range(count))
    for one, other in links:
        old, new = heads[one], heads[other]
        if old != new:
            heads = [new if head == old else head for head in heads]
    return heads


def _linked(features: Sequence[Features | None]) -> tuple[Links, Links]:
    """What is linked at a glance, and which pairs are left for a closer look."""
    links: Links = []
    left: Links = []
    for there, other in enumerate(features):
        for here, one in enumerate(features[:there]):
            if one is None or other is None:
                continue
            views = two_views(other, one)
            if views is not None and views.holds:
                links.append((here, there))
            elif may_show_one_place(one, other):
                left.append((here, there))
    return links, left


def _closer(left: Links, spots: Sequence[Spots | None]) -> Links:
    """Which of the pairs that are left are linked at the closer look."""
    links: Links = []
    most = [0, 0]
    for here, there in left:
        ours, theirs = spots[there], spots[here]
        views = None if ours is None or theirs is None else closer_views(ours, theirs)
        if views is not None and views.holds:
            links.append((here, there))
        elif views is not None:
            most = [max(most[0], views.inliers), max(most[1], views.on_a_plane)]
    print(f"closer look: {len(links)} of {len(left):,} pairs are linked;")
    print(f"  of the others at most {most[0]} spots agree, and {most[1]} lie on a plane")
    return links


def _spotted(path: Path) -> Spots | None:
    try:
        with path.open("rb") as stream:
            return fine.described(stream)
    except Exception as error:  # noqa: BLE001 - foreign sets hold odd files
        print(f"  no spots: {path.name}: {error}")
        return None


def _described(path: Path) -> Features | None:
    try:
        with path.open("rb") as stream:
            return described(stream)
    except Exception as error:  # noqa: BLE001 - foreign sets hold odd files
        print(f"  not described: {path.name}: {error}")
        return None


def _orb(path: Path) -> Any:
    cv2: Any = opencv()
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        return None
    scale = min(1.0, ORB_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.detail.computeImageFeatures2(cv2.ORB_create(ORB_FEATURES), small)


def _stitched(orb: Sequence[Any], i: int, j: int) -> bool:
    cv2: Any = opencv()
    if any(one is None or len(one.keypoints) < LEAST_ORB for one in (orb[i], orb[j])):
        return False
    found = cv2.detail_BestOf2NearestMatcher(False, 0.3).apply(orb[i], orb[j])
    return bool(found.confidence > STITCHED)


def _in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS)


if __name__ == "__main__":
    main()
