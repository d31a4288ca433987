"""What people of the desk marked on the pictures, made from the truth with a human hand's errors.

`sidecar/observations.jsonl` is what goes into the brief; `sidecar/marks.jsonl` has one mark for each
person seen, as a count without double counting needs them.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

CASE = Path(__file__).resolve().parent.parent
ADA, LIOR = "Ada Verrin", "Lior Tamsen"
Entry = dict[str, Any]

THINGS = {
    "lorry": "lorry, two axles, flat cab, canvas over hoops, spare wheel behind the cab",
    "tanker": "tank lorry, blue cab, light tank with a red stripe",
    "excavator": "yellow tracked excavator",
    "water tower": "water tower on six legs on the ridge",
}
TANKER_WORDS = "tank lorry, blue cab; its edges are softer than the berm, and it is lit from the left"
SHADOW_WORDS = (
    "this shadow falls to the right and towards the camera; those of hut and wall fall the other way"
)
CAPTION_WORDS = "caption burned in: HALSAN 19 NOV, and the same in Arabic"
CLOTHING_WORDS = "civilian shirt, trousers of a uniform"
ATTACHED = ("halsan-depot-gate.jpg", "IMG_20241120.jpg")  # they come out of the saved page and the mailbox
COUNTS = {  # picture: what a person wrote down beside the marks
    "pictures/halsan-front-02.jpg": (22, 24, 26, "men standing between road and camera, some hide others"),
    "pictures/halsan-front-03.jpg": (13, 13, 14, "men in a line along the wall, one half cut off"),
    "pictures/halsan-front-04.jpg": (12, 13, 14, "men in a line along the wall"),
    "pictures/halsan-front-05.jpg": (12, 13, 14, "men in a line along the wall"),
    "pictures/halsan-front-06.jpg": (13, 13, 14, "men in a line along the wall"),
    "pictures/halsan-front-07.jpg": (
        55,
        60,
        64,
        "men in a loose block and along the west wall, seen from the roof",
    ),
}


def build() -> None:
    """Write both sidecars."""
    pictures = json.loads((CASE / "truth/pictures.json").read_text(encoding="utf-8"))["pictures"]
    by_file = {picture["file"]: picture for picture in pictures}
    chance = random.Random(1911)  # noqa: S311 reproducible fiction
    observed = [*_equipment(by_file, chance), *_counts(by_file), *_notes(by_file), *_masks(by_file)]
    observed += _ratings(pictures)
    _write("sidecar/observations.jsonl", observed)
    _write("sidecar/marks.jsonl", list(_marks(by_file, chance)))


def _write(name: str, entries: list[Entry]) -> None:
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    (CASE / name).write_text(text, encoding="utf-8")


def _entry(file: str, selector: Entry | None, body: Entry, author: str) -> Entry:
    return {"exhibit_file": file, "selector": selector, "body": body, "author": author}


def box(x: float, y: float, width: float, height: float) -> Entry:
    """A box as a media fragment."""
    value = f"xywh=pixel:{x:.0f},{y:.0f},{width:.0f},{height:.0f}"
    return {"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/", "value": value}


def polygon(points: list[tuple[float, float]]) -> Entry:
    """A polygon as SVG."""
    text = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><polygon points="{text}"/></svg>'
    return {"type": "SvgSelector", "value": drawing}


def _by_hand(found: list[int], size: list[int], chance: random.Random) -> tuple[int, int, int, int]:
    """The box as a person would draw it: a few pixels off, inside the picture."""
    x, y, width, height = found
    left, top = max(0, x + chance.randint(-4, 2)), max(0, y + chance.randint(-4, 2))
    right = min(size[0], x + width + chance.randint(-2, 5))
    bottom = min(size[1], y + height + chance.randint(-2, 5))
    return left, top, right - left, bottom - top


def _equipment(pictures: dict[str, Entry], chance: random.Random) -> list[Entry]:
    found = []
    for file in (
        "halsan-front-01.jpg",
        "halsan-front-02.jpg",
        "trenches-excavator.jpg",
        "gate-from-east.jpg",
    ):
        picture = pictures[f"pictures/{file}"]
        big = [one for one in picture["things"] if one["kind"] in THINGS and one["pixels"] > 2500]
        for thing in sorted(big, key=lambda one: -one["pixels"])[:3]:
            drawn = box(*_by_hand(thing["box"], picture["size"], chance))
            purpose = "place" if thing["kind"] == "water tower" else "equipment"
            body = {"purpose": purpose, "value": THINGS[thing["kind"]]}
            found.append(_entry(picture["file"], drawn, body, ADA))
    return found


def _counts(pictures: dict[str, Entry]) -> list[Entry]:
    found = []
    for file, (low, best, high, words) in COUNTS.items():
        boxes = [person["box"] for person in pictures[file]["persons"]]
        left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
        right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
        around = polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
        body = {"purpose": "count", "value": words, "count": {"low": low, "best": best, "high": high}}
        found.append(_entry(file, around, body, ADA))
    return found


def _masks(pictures: dict[str, Entry]) -> list[Entry]:
    """A solid strip over the heads: nobody's face belongs in a brief, not even a doll's."""
    found = []
    for number in range(2, 7):
        file = f"pictures/halsan-front-0{number}.jpg"
        boxes = [person["box"] for person in pictures[file]["persons"]]
        left, right = min(b[0] for b in boxes), max(b[0] + b[2] for b in boxes)
        top, low = min(b[1] for b in boxes), max(b[1] + b[3] * 0.2 for b in boxes)
        body = {"purpose": "mask", "value": "heads of detained men"}
        found.append(_entry(file, box(left, top, right - left, low - top), body, LIOR))
    return found


def _notes(pictures: dict[str, Entry]) -> list[Entry]:
    tanker = pictures["pictures/trench-tanker.jpg"]["manipulations"][0]
    odd = pictures["pictures/gate-lorry.jpg"]["manipulations"][0]
    caption = pictures["pictures/halsan-front-09.jpg"]["caption_box"]
    tower = next(one for one in pictures["pictures/trenches-tower.jpg"]["things"] if one["id"] == "tower")
    front = pictures["pictures/halsan-front-03.jpg"]["persons"]
    x, y, width, height = odd["shadow_box"]
    shadow = polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    gate: Entry = {"type": "PointSelector", "x": 640, "y": 400}
    table: list[tuple[str, Entry | None, str, str, str]] = [
        ("trench-tanker.jpg", box(*tanker["box"]), "equipment", TANKER_WORDS, ADA),
        ("gate-lorry.jpg", box(*odd["object_box"]), "equipment", THINGS["lorry"], ADA),
        ("gate-lorry.jpg", shadow, "note", SHADOW_WORDS, LIOR),
        ("halsan-front-09.jpg", box(*caption), "note", CAPTION_WORDS, ADA),
        (
            "trenches-tower.jpg",
            box(*tower["box"]),
            "place",
            "water tower on the ridge north of the depot",
            ADA,
        ),
        ("trenches-tower.jpg", None, "note", "two long trenches with fresh berms beside them", ADA),
        ("halsan-front-08.jpg", gate, "place", "gate of the depot; DEPOT 3 is painted beside it", ADA),
        ("halsan-front-03.jpg", box(*front[len(front) // 2]["box"]), "clothing", CLOTHING_WORDS, ADA),
        ("NE_0412.jpg", None, "note", "depot from the north-east three days later; nobody in sight", ADA),
    ]
    return [
        _entry(f"pictures/{file}", selector, {"purpose": purpose, "value": words}, author)
        for file, selector, purpose, words, author in table
    ]


def _ratings(pictures: list[Entry]) -> list[Entry]:
    """How graphic each picture is: nothing worse than detained men is to be seen in any."""
    with_people = set(COUNTS)
    with_people |= {
        picture["file"]
        for picture in pictures
        if any(origin["file"] in COUNTS for origin in picture["derived_from"])
    }
    levels = {picture["file"]: int(picture["file"] in with_people) for picture in pictures}
    levels |= dict.fromkeys(ATTACHED, 0)
    return [
        {"kind": "rating", "exhibit_file": file, "level": level, "author": LIOR}
        for file, level in levels.items()
    ]


def _marks(pictures: dict[str, Entry], chance: random.Random) -> list[Entry]:
    """One point on the chest of each person that a careful observer finds; a few are overlooked."""
    found = []
    for file in COUNTS:
        for person in pictures[file]["persons"]:
            if person["pixels"] < 90 or chance.random() < 0.03:
                continue
            x, y, width, height = person["box"]
            point = {
                "type": "PointSelector",
                "x": round(x + width / 2 + chance.gauss(0, 2), 1),
                "y": round(y + height * 0.3 + chance.gauss(0, 2), 1),
            }
            body = {"purpose": "count", "value": "person", "count": {"low": 1, "best": 1, "high": 1}}
            found.append(_entry(file, point, body, ADA))
    return found


if __name__ == "__main__":
    build()
