"""Render all pictures, forge some of them, write the files and the truth about each.

`python pictures.py` does everything; POV-Ray's results are kept in build/out and used again as
long as the scene is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import forge
import numpy as np
from camera_files import LIMIT, claimed_position, claimed_time, exif, focal_35mm, position, save, vertical_fov
from PIL import Image
from scenes import develop, render
from shots import (
    ARCHIVE,
    FALSE_BARE,
    FALSE_SCENE,
    FALSE_SUN,
    ODD_LORRY,
    SHOTS,
    TANKER,
    VARDA,
    VARDA_SLOW_MINUTES,
    Shot,
)

CASE = Path(__file__).resolve().parent.parent
STATEMENT = "Rendered by the Witnessmark developers; the scene, the place and the event are fictional."
SMALLEST = 40  # pixels in which a person must be seen to count as visible
TIGHT = {  # files that must stay smaller: one grows when it is signed, one travels in a letter
    "NE_0412.jpg": 92_000,
    "halsan-front-08.jpg": 80_000,
}
PLANTS = {
    "clock-slow": f"The camera's clock is {VARDA_SLOW_MINUTES} minutes slow; it writes no UTC offset.",
    "gps-elsewhere": "The GPS position in the file is the capital, some 60 km away.",
    "credentials": "Signed C2PA manifest of a test authority whose certificate is truth/c2pa-test-ca.pem.",
    "stored-turned": "Stored turned by 90 degrees with EXIF orientation 6; boxes here are upright.",
    "spliced": "A vehicle was copied in from another picture of the case.",
    "impossible-shadow": "One object and its shadow are lit by a sun that was not there.",
}
Truth = dict[str, Any]


def build() -> None:
    """Make every picture and write truth/pictures.json."""
    entries, kept = [], {}
    for number, shot in enumerate((*SHOTS, *ARCHIVE)):
        identities = render(shot.scene, identity=True)
        linear = render(shot.scene, identity=False)
        entry = _entry(shot, identities)
        if "impossible-shadow" in shot.plants:
            linear, odd = _relit(linear)
            entry["manipulations"] = [odd]
        picture = develop(linear, number)
        if "spliced" in shot.plants:
            picture, pasted = _spliced(picture)
            entry["manipulations"] = [pasted]
            entry["derived_from"] = [pasted.pop("derived")]
        path = CASE / shot.folder / shot.file
        stored = picture.transpose(Image.Transpose.ROTATE_90) if "stored-turned" in shot.plants else picture
        entry["jpeg_quality"] = save(stored, path, exif(shot), limit=TIGHT.get(shot.file, LIMIT))
        kept[shot.file] = path
        entries.append(entry)
    entries += list(_copies(kept))
    text = json.dumps({"statement": STATEMENT, "pictures": entries}, ensure_ascii=False, indent=1)
    (CASE / "truth/pictures.json").write_text(text + "\n", encoding="utf-8")
    _write_people(entries)


def _entry(shot: Shot, identities: np.ndarray) -> Truth:
    scene, camera = shot.scene, shot.scene.camera
    azimuth, altitude = scene.sun
    latitude, longitude = position(shot)
    claimed = claimed_position(shot)
    entry: Truth = {
        "file": f"{shot.folder.split('/')[-1]}/{shot.file}",
        "statement": STATEMENT,
        "size": [camera.width, camera.height],
        "scene": shot.group,
        "site": {"name": scene.site.name, "latitude": scene.site.latitude, "longitude": scene.site.longitude},
        "taken": {"local": scene.moment.isoformat(), "utc": _utc(scene.moment)},
        "sun": {"azimuth": round(azimuth, 3), "altitude": round(altitude, 3)},
        "camera": {
            "east_m": camera.x,
            "north_m": camera.z,
            "above_ground_m": camera.above,
            "latitude": round(latitude, 7),
            "longitude": round(longitude, 7),
            "heading": camera.heading,
            "pitch": camera.pitch,
            "fov_horizontal": camera.fov,
            "fov_vertical": round(vertical_fov(shot), 3),
        },
        "claims": {
            "device": None if shot.device is None else shot.device["Model"],
            "time": None if shot.device is None else claimed_time(shot).isoformat(),
            "utc_offset": None if shot.device in (None, VARDA) else "+04:00",
            "position": None if claimed is None else [round(value, 6) for value in claimed],
            "focal_35mm": None if shot.device is None else focal_35mm(shot),
        },
        "planted": {plant: PLANTS[plant] for plant in shot.plants},
        "manipulations": [],
        "derived_from": [],
        "things": _seen(shot, identities, persons=False),
        "persons": _seen(shot, identities, persons=True),
    }
    if shot.note:
        entry["note"] = shot.note
    return entry


def _utc(moment: Any) -> str:
    return (moment - moment.utcoffset()).replace(tzinfo=None).isoformat() + "Z"


def _seen(shot: Shot, identities: np.ndarray, *, persons: bool) -> list[Truth]:
    found = []
    height, width = identities.shape
    for number, thing in enumerate(shot.scene.things, 1):
        mask = identities == number
        pixels = int(mask.sum())
        if (thing.kind == "person") != persons or pixels < SMALLEST:
            continue
        x, y, wide, high = box = forge.box_of(mask)
        cut = x == 0 or y == 0 or x + wide == width or y + high == height
        entry: Truth = {"id": thing.name, "box": box, "pixels": pixels, "cut_by_frame": cut}
        if not persons:
            entry["kind"] = thing.kind
        found.append(entry)
    return found


def _relit(linear: np.ndarray) -> tuple[np.ndarray, Truth]:
    identities = render(FALSE_SCENE, identity=True)
    marked = identities == FALSE_SCENE.things.index(ODD_LORRY) + 1
    lit, bare = render(FALSE_SCENE, identity=False), render(FALSE_BARE, identity=False)
    picture, mask, shadow = forge.relight(linear, lit, bare, marked)
    return picture, {
        "kind": "object and shadow from another sun",
        "mask": _store_mask(mask, "gate-lorry"),
        "box": forge.box_of(mask),
        "object_box": forge.box_of(marked),
        "shadow_box": forge.box_of(shadow),
        "false_sun": {"azimuth": round(FALSE_SUN[0], 3), "altitude": round(FALSE_SUN[1], 3)},
    }


def _spliced(base: Image.Image) -> tuple[Image.Image, Truth]:
    shot = next(one for one in SHOTS if one.file == "gate-from-east.jpg")
    marked = render(shot.scene, identity=True) == shot.scene.things.index(TANKER) + 1
    source = Image.open(CASE / shot.folder / shot.file).convert("RGB")
    worn = CASE / "build/out/trench-base.jpg"
    base.save(worn, quality=86)
    base = Image.open(worn).convert("RGB")
    picture, mask, truth = forge.splice(base, source, marked, 0.93, (520, 452))
    return picture, {
        "kind": "splice",
        "object": TANKER.name,
        "mask": _store_mask(mask, "trench-tanker"),
        "box": forge.box_of(mask),
        "derived": {"file": f"pictures/{shot.file}", "transform": ["cut", "resize", "paste"], **truth},
    }


def _store_mask(mask: np.ndarray, name: str) -> str:
    path = CASE / f"truth/masks/{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).convert("1").save(path, optimize=True)
    return f"masks/{name}.png"


COPIES = (
    ("halsan-front-09.jpg", "sumeil-0147.jpg", forge.recycle, 78),
    ("pebble-88093.jpg", "halsan-front-03.jpg", lambda picture: forge.platform_copy(picture, 1024), 58),
    ("IMG-20241120-WA0031.jpg", "halsan-front-01.jpg", forge.forwarded, 62),
    ("Screenshot_20241120-203144.jpg", "halsan-front-07.jpg", forge.screenshot, 74),
)


def _copies(kept: dict[str, Path]) -> Iterable[Truth]:
    for name, source, make, quality in COPIES:
        picture, truth = make(Image.open(kept[source]).convert("RGB"))
        stored = save(picture, CASE / "incoming/pictures" / name, quality=quality)
        extra = {
            key: truth.pop(key) for key in ("caption", "caption_box", "panel_box", "words") if key in truth
        }
        entry: Truth = {
            "file": f"pictures/{name}",
            "statement": STATEMENT,
            "size": list(picture.size),
            "scene": None,
            "claims": {
                "device": None,
                "time": None,
                "utc_offset": None,
                "position": None,
                "focal_35mm": None,
            },
            "planted": {},
            "manipulations": [],
            "derived_from": [{"file": f"{kept[source].parent.name}/{source}", **truth}],
            "things": [],
            "persons": [],
            "jpeg_quality": stored,
            **extra,
        }
        if name == "halsan-front-09.jpg":
            entry["planted"] = {
                "recycled": "A mirrored, cropped and captioned picture from the archive of 2017."
            }
            entry["manipulations"] = [{"kind": "caption", "box": extra["caption_box"]}]
        yield entry


def _write_people(entries: list[Truth]) -> None:
    """Who can be seen in how many pictures: what a count without double counting may reach."""
    sightings: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        for person in entry["persons"]:
            sightings.setdefault(entry["scene"], {}).setdefault(person["id"], []).append(entry["file"])
    everybody = sorted({person for scene in sightings.values() for person in scene})
    most = max((len(entry["persons"]) for entry in entries), default=0)
    truth = {
        "statement": "The people are dolls. 'D11' is the same doll wherever it stands.",
        "true_victims": 196,
        "claimed": 640,
        "counted_by_tally_room": [110, 130],
        "naive_sum": sum(len(entry["persons"]) for entry in entries),
        "most_in_one_picture": most,
        "distinct_by_scene": {scene: len(persons) for scene, persons in sightings.items()},
        "distinct_in_all": len(everybody),
        "floor_without_judgement": max((len(persons) for persons in sightings.values()), default=0),
        "why": "Yard and road may not be added: 18 of the 24 men at the road stand in the yard later. "
        "A provable minimum is therefore at most the larger scene; it may not exceed distinct_in_all.",
        "sightings": sightings,
    }
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (CASE / "truth/people.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    build()
