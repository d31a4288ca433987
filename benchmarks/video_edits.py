"""Edited copies of videos: how many are found again, and how wrong the times are.

    python benchmarks/video_edits.py FOLDER [--only WORD …] [--most-seconds 12] [--work FOLDER]

Every video of FOLDER that lasts six seconds and more is cut and edited by ffmpeg, and each copy is looked
up among all of them as `take` would. A copy is right if its video alone is found, with the segments that it
was cut from, in their order, mirrored only where it was, and every time within half a second. A segment that
is said to lie somewhere between two times, since the picture hardly changes, is right if the truth lies there
and its own beginning and end in the copy are within half a second; it then counts as found by a range, apart,
with how much of the video that range leaves open. What is not right is printed with what was found. `--only`
takes some edits, by a word in their names.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.examine import film as examining
from witnessmark.match.video.footage import Footage
from witnessmark.model import Digest
from witnessmark.pixels.film import Film

CODED = (
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-crf",
    "26",
    "-threads",
    "1",
    "-pix_fmt",
    "yuv420p",
    "-an",
)
LEAST_S, WITHIN_S = 6.0, 0.5
SEPIA = "colorchannelmixer=.393:.769:.189:0:.349:.686:.168:0:.272:.534:.131"
LOGO = "drawbox=x=iw*0.82:y=ih*0.05:w=iw*{side}:h=ih*{side}:color=white:t=fill"
CAPTION = (
    "drawbox=x=0:y=ih*0.85:w=iw:h=ih*0.15:color=black:t=fill,"
    "drawbox=x=iw*0.1:y=ih*0.89:w=iw*0.8:h=ih*0.03:color=white:t=fill,"
    "drawbox=x=iw*0.2:y=ih*0.94:w=iw*0.6:h=ih*0.03:color=white:t=fill"
)
ONE, CUT, TURNED_ROUND = ((0.2, 0.8),), ((0.1, 0.4), (0.6, 0.9)), ((0.55, 0.95), (0.1, 0.45))
EDITS: dict[str, tuple[Sequence[tuple[float, float]], str]] = {
    "re-coded, low quality": (ONE, "null"),
    "bars above and below": (ONE, "pad=iw:ceil(ih*2/3)*2:0:-1"),
    "bars at the sides": (ONE, "pad=ceil(iw*2/3)*2:ih:-1:0"),
    "bar above with writing": (
        ONE,
        "pad=iw:ceil(ih*0.6)*2:0:oh-ih,drawbox=x=iw*.1:y=ih*.04:w=iw*.6:h=ih*.06:color=white:t=fill",
    ),
    "logo of 2 %": (ONE, LOGO.format(side=0.142)),
    "logo of 5 %": (ONE, "drawbox=x=iw*0.03:y=ih*0.05:w=iw*0.224:h=ih*0.224:color=white:t=fill"),
    "caption over 15 %": (ONE, CAPTION),
    "sepia": (ONE, SEPIA),
    "grey, darker": (ONE, "hue=s=0,eq=brightness=-0.1"),
    "more contrast": (ONE, "eq=contrast=1.5"),
    "240 pixels wide": (ONE, "scale=240:-2"),
    "mirror": (ONE, "hflip"),
    "crop of 10 %": (ONE, "crop=iw*0.949:ih*0.949"),
    "crop of 20 %": (ONE, "crop=iw*0.894:ih*0.894"),
    "crop of 20 %, a corner": (ONE, "crop=iw*0.894:ih*0.894:0:0"),
    "crop of 36 %": (ONE, "crop=iw*0.8:ih*0.8"),
    "crop of 30 %, one side": (ONE, "crop=iw*0.7:ih:iw*0.15:0"),
    "crop to a square": (ONE, "crop=min(iw\\,ih):min(iw\\,ih)"),
    "mirror, crop of 10 %": (ONE, "hflip,crop=iw*0.949:ih*0.949"),
    "cut": (CUT, "null"),
    "cut, sepia, logo": (CUT, f"{SEPIA},{LOGO.format(side=0.142)}"),
    "cut, bars": (CUT, "pad=iw:ceil(ih*2/3)*2:0:-1"),
    "parts in turned order": (TURNED_ROUND, "null"),
    "parts in turned order, mirror": (TURNED_ROUND, "hflip"),
}


@dataclass(frozen=True, slots=True)
class Video:
    """A video of the folder, and how long it is."""

    path: Path
    digest: Digest
    film: Film
    length_s: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--most-seconds", type=float, default=12)
    parser.add_argument("--work", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = wanted.work or Path(name)
        videos = [video(path, work) for path in sorted(wanted.folder.iterdir())]
        videos = [one for one in videos if one.length_s >= LEAST_S]
        footage = Footage({one.digest: one.film for one in videos}.get)
        for one in videos:
            footage.add_film(one.digest, one.film)
        print(f"{len(videos)} videos, {sum(one.length_s for one in videos):.0f} s")
        each = {
            edit: [judged(one, edit, footage, work, wanted.most_seconds) for one in videos]
            for edit in EDITS
            if any(word in edit for word in wanted.only)
        }
    report(each)


def video(path: Path, work: Path) -> Video:
    length_s, film = read(path, work)
    return Video(path, Digest.of(path.name.encode()), film, length_s)


def read(path: Path, work: Path) -> tuple[float, Film]:
    """How long a video is, and its film; kept in the work folder, where it is read only once."""
    content = path.read_bytes()
    named = hashlib.sha256(content + examining.INSTRUMENT.encode()).hexdigest()
    kept, length = work / f"{named}.film", work / f"{named}.length"
    if not kept.exists():
        with path.open("rb") as stream:
            ((facts, packed),) = examining.film(stream, {examining.EVERY: 1e9})
        kept.write_bytes(packed)
        length.write_text(str(facts["read_until_s"]))
    return float(length.read_text()), Film.unpack(kept.read_bytes())


def parts_of(
    length_s: float, shares: Sequence[tuple[float, float]], most_s: float
) -> list[tuple[float, float]]:
    """The seconds of the original that a copy has, in the order of the copy; at most so many in each part."""
    parts = [(round(start * length_s, 2), round(end * length_s, 2)) for start, end in shares]
    return [(start, min(end, start + most_s / len(parts))) for start, end in parts]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a copy: its largest error in time, None where it is not found as it should be.

    `open_share` is how much of the video the widest range leaves open, 0 where times are told; `told` what
    was found.
    """

    error_s: float | None
    open_share: float
    told: str

    @property
    def is_right(self) -> bool:
        """Whether it was found with right times, or by a range that holds them."""
        return self.error_s is not None and self.error_s <= WITHIN_S


def judged(one: Video, edit: str, footage: Footage, work: Path, most_s: float) -> Judged:
    """What becomes of an edited copy."""
    shares, change = EDITS[edit]
    parts = parts_of(one.length_s, shares, most_s)
    told = f"{one.path.stem} {edit} {parts} {change} {CODED}"
    path = work / f"{hashlib.sha256(told.encode()).hexdigest()}.mp4"
    if not path.exists():
        made(one.path, path, parts, change)
    film = read(path, work)[1]
    found = footage.of_film(Digest.of(told.encode()), film)
    right = [match for match in found if match.candidate == one.digest]
    told = (
        f"{one.path.stem}: {[(str(match.candidate)[:10], match.reason) for match in found]} (true: {parts})"
    )
    if not right or len(found) > 1 or ("mirror" in right[0].transform) != ("mirror" in edit):
        return Judged(None, 0, told)
    segments = right[0].measured["segments"]
    ranges = [part["candidate_latest_s"] - part["candidate_earliest_s"] for part in segments if is_open(part)]
    share = min(1.0, max(ranges, default=0.0) / one.length_s)
    return Judged(error_of(segments, parts), share, told)


def made(original: Path, path: Path, parts: Sequence[tuple[float, float]], change: str) -> None:
    """A copy of some parts of a video, one after the other, changed by a filter of ffmpeg."""
    cut = ";".join(
        f"[0:v]trim={start}:{end},setpts=PTS-STARTPTS[p{number}]" for number, (start, end) in enumerate(parts)
    )
    joined = "".join(f"[p{number}]" for number in range(len(parts)))
    even = "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"
    graph = f"{cut};{joined}concat=n={len(parts)}:v=1,{change},{even}[v]"
    crf = ("-crf", "36") if change == "null" and len(parts) == 1 else ()
    words = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-i",
        original,
        "-filter_complex",
        graph,
        "-map",
        "[v]",
        *CODED,
        *crf,
    ]
    subprocess.run([*map(str, words), str(path)], check=True)


Segment = Mapping[str, float]


def is_open(segment: Segment) -> bool:
    """Whether a segment is said to lie somewhere between two times."""
    return "candidate_earliest_s" in segment


def error_of(segments: Sequence[Segment], parts: Sequence[tuple[float, float]]) -> float | None:
    """The largest error in time of segments; None if they are not those parts.

    Times in the copy count for all segments, those in the video where they are told; a range is wrong by as
    much as the truth lies outside of it.
    """
    at, worst = 0.0, 0.0
    for start, end in parts:
        query = at, at + end - start
        here = [one for one in segments if overlap(one, query) > WITHIN_S]
        if not here or (len(here) > 1 and not any(map(is_open, here))):
            return None
        edges = [query[0], *(one["query_to_s"] for one in here)]
        gaps = [abs(one["query_from_s"] - edge) for one, edge in zip(here, edges, strict=False)]
        is_whole = is_open(here[0]) and len(parts) > 1, is_open(here[-1]) and len(parts) > 1
        gaps[0] = max(0.0, here[0]["query_from_s"] - query[0]) if is_whole[0] else gaps[0]
        last = here[-1]["query_to_s"] - query[1]
        gaps.append(max(0.0, -last) if is_whole[1] else abs(last))
        worst = max(worst, *gaps, *(outside(one, query, start) for one in here))
        at = query[1]
    return worst


def overlap(segment: Segment, query: tuple[float, float]) -> float:
    """For how many seconds a segment is of a part of the copy."""
    return min(segment["query_to_s"], query[1]) - max(segment["query_from_s"], query[0])


def outside(segment: Segment, query: tuple[float, float], start: float) -> float:
    """By how much the times in the video are wrong that are told of a segment, `start` being the part's."""
    begins, ends = max(segment["query_from_s"], query[0]), min(segment["query_to_s"], query[1])
    moved = start - query[0]
    if is_open(segment):
        early = segment["candidate_earliest_s"] - (begins + moved)
        return max(0.0, early, ends + moved - segment["candidate_latest_s"])
    told = segment["candidate_from_s"], segment["candidate_to_s"]
    true = segment["query_from_s"] + moved, segment["query_to_s"] + moved
    return max(abs(a - b) for a, b in zip(told, true, strict=True))


def report(each: dict[str, list[Judged]]) -> None:
    """Each edit with its recall and its errors, then the sum."""
    for edit, results in each.items():
        known = [one.error_s for one in results if one.error_s is not None]
        right = [one for one in results if one.is_right]
        by_range = sum(one.open_share > 0 for one in right)
        worst = f"{max(known):.2f} s at most" if known else "-"
        print(
            f"{edit}: {len(right)} of {len(results)}, {by_range} of them by a range; error in time {worst}",
            flush=True,
        )
        for one in results:
            if not one.is_right:
                print(f"    {'not right' if one.error_s is None else f'{one.error_s:.2f} s'}: {one.told}")
    every = [one for results in each.values() for one in results]
    right = [one for one in every if one.is_right]
    errors = sorted(one.error_s for one in right if one.error_s is not None and not one.open_share)
    shares = sorted(one.open_share for one in right if one.open_share)
    print(f"right: {len(right)} of {len(every)} copies ({len(right) / max(1, len(every)):.1%})")
    if errors:
        print(
            f"  {len(errors)} with times; error {errors[len(errors) // 2]:.2f} s in the middle, "
            f"{errors[-1]:.2f} s at most"
        )
    if shares:
        print(
            f"  {len(shares)} by a range, that leaves {shares[len(shares) // 2]:.0%} of the video open in "
            f"the middle, {shares[-1]:.0%} at most"
        )


if __name__ == "__main__":
    main()
