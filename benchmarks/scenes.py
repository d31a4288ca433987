"""Scenes: how many pairs that are called one place are one, and how much of each place is found together.

    python benchmarks/scenes.py FOLDER [--alone FOLDER ...] [--most N]

FOLDER holds one folder of overlapping photographs for each place; the folders of --alone hold photographs of
which no two show one place. Each picture is described as `take` does, each pair is compared as `scenes` does.
Beside it stands a peer that many desks use: cv2.Stitcher's rule of matching (ORB features, a homography, and
a confidence above 1) on the same pictures.

Public sets that were used (nothing of them is kept here): openMVG/ImageDataset_SceauxCastle,
mapillary/OpenSfM (lund, berlin), OpenStitching/stitching_tutorial (budapest, weir),
alicevision/dataset_monstree. Held out, its thresholds were not chosen on them: alicevision/dataset_buddha,
pierotofy/drone_dataset_brighton_beach, magicleap/SuperGluePretrainedNetwork (freiburg, phototourism by
place, scannet), cvg/Hierarchical-Localization (sacre_coeur), snavely/bundler_sfm (kermit, ET),
royshil/SfM-Toy-Library (crazyhorse).
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from witnessmark.examine.features import described
from witnessmark.match.scenes import two_views
from witnessmark.pixels.features import Features, opencv

KINDS = (".jpg", ".jpeg", ".png")
ORB_FEATURES, ORB_SIDE, STITCHED, LEAST_ORB = 1500, 1000, 1.0, 4


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("places", type=Path)
    arguments.add_argument("--alone", type=Path, nargs="*", default=())
    arguments.add_argument("--most", type=int, default=400, help="pictures of which no two show one place")
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
    labels = [place for _, place in pictures]
    _measured("witnessmark", labels, lambda i, j: _linked(features[i], features[j]))
    orb = [_orb(path) for path, _ in pictures]
    _measured("ORB and cv2's matching for stitching", labels, lambda i, j: _stitched(orb, i, j))


def _measured(name: str, labels: Sequence[str], linked: Callable[[int, int], bool]) -> None:
    started = time.process_time()
    pairs = list(combinations(range(len(labels)), 2))
    links = [pair for pair in pairs if linked(*pair)]
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


def _linked(one: Features | None, other: Features | None) -> bool:
    views = None if one is None or other is None else two_views(one, other)
    return views is not None and views.holds


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
