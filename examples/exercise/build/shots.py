"""The catalogue: which pictures there are, taken from where, when and by whom, in truth."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from depot import ROAD_X
from scenes import Camera, Scene, Thing
from terrain import Site

HALSAN = Site("halsan", 41, 17.3, 62.8, 4.0)
DUG = Site("halsan", 41, 17.3, 62.8, 4.0, trenches="open")
FILLED = Site("halsan", 41, 17.3, 62.8, 4.0, trenches="filled")
WESN = Site("tall-wesn", 77, 17.22, 62.86, 4.0, ridge=False)
SUMEIL = Site("dar-sumeil", 93, 16.9, 63.4, 4.0, ridge=False)

PHONE = {"Make": "Ostra", "Model": "Ostra K2", "Software": "K2 3.1.0", "FNumber": 1.8, "lens_mm": 4.7}
VARDA = {"Make": "VARDA", "Model": "VARDA DS-40", "Software": "Ver.1.02", "FNumber": 5.6, "lens_mm": 23.0}
HALDEN = {"Make": "Halden", "Model": "Halden M5", "Software": "M5 2.4", "FNumber": 8.0, "lens_mm": 35.0}
VARDA_SLOW_MINUTES = 67


@dataclass(frozen=True, slots=True)
class Shot:
    """One exposure, and what its file claims about it."""

    file: str
    scene: Scene
    device: dict[str, Any] | None
    group: str
    gps: bool = False
    plants: tuple[str, ...] = ()
    exif: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    folder: str = "incoming/pictures"


def _at(day: int, hour: int, minute: int, second: int = 0, month: int = 11, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 the site adds the offset


def _persons() -> tuple[tuple[Thing, ...], tuple[Thing, ...]]:
    """The people of the yard (D01 to D62), and those at the road (18 of the same and D63 to D68)."""
    chance = random.Random(5)  # noqa: S311 reproducible fiction
    line = [
        Thing(
            f"D{n + 1:02d}",
            "person",
            -33.6 + chance.uniform(-0.15, 0.25),
            -22 + n * 0.96,
            90 + chance.uniform(-18, 18),
            n + 1,
        )
        for n in range(34)
    ]
    block = [
        Thing(
            f"D{35 + row * 7 + column}",
            "person",
            -13.5 + column * 1.75 + chance.uniform(-0.35, 0.35),
            -11 + row * 2.6 + chance.uniform(-0.5, 0.5),
            180 + chance.uniform(-35, 35),
            35 + row * 7 + column,
        )
        for row in range(4)
        for column in range(7)
    ]
    numbers = [*range(11, 29), *range(63, 69)]
    chance.shuffle(numbers)
    roadside = [
        Thing(
            f"D{number:02d}",
            "person",
            78.2 + (place % 3) * 1.15 + chance.uniform(-0.3, 0.3),
            -35 + place * 1.12 + chance.uniform(-0.3, 0.3),
            80 + chance.uniform(-30, 30),
            number,
        )
        for place, number in enumerate(numbers)
    ]
    return tuple(line + block), tuple(roadside)


YARD, ROADSIDE = _persons()
TOWER = Thing("tower", "water tower", -150, 425)
POLES = tuple(Thing(f"pole{n:02d}", "pole", ROAD_X - 8, -240 + 40 * n, 90) for n in range(13))
LANDMARKS = (TOWER, *POLES)
CONVOY = tuple(
    Thing(f"lorry{n + 1}", "lorry", ROAD_X + 1.7, -60 + 15.4 * n + (n * 7 % 5) * 0.5, (n * 11 % 5) - 2, n)
    for n in range(7)
)
EXCAVATOR = Thing("excavator", "excavator", -14, -106.5, 205)
TANKER = Thing("tanker", "tanker", -7.5, -31.5, 70)
ODD_LORRY = Thing("lorry8", "lorry", 1.5, -35.5, 285, 1)


def _tents(
    prefix: str, count: int, columns: int, corner: tuple[float, float], step: tuple[float, float]
) -> tuple[Thing, ...]:
    (x, z), (dx, dz) = corner, step
    chance = random.Random(prefix)  # noqa: S311 reproducible fiction
    return tuple(
        Thing(
            f"{prefix}{n + 1}",
            "tent",
            x + (n % columns) * dx + chance.uniform(-0.5, 0.5),
            z + (n // columns) * dz + chance.uniform(-0.7, 0.7),
            chance.uniform(-9, 9) + 180,
            n,
        )
        for n in range(count)
    )


SUMEIL_TENTS = _tents("s-tent", 9, 9, (-27, 25), (6.6, 0))
SUMEIL_LORRIES = (
    Thing("s-lorry1", "lorry", -12, 11, 255, 1),
    Thing("s-lorry2", "lorry", 9.5, 12, 240, 2),
)
WESN_TENTS = _tents("w-tent", 24, 6, (-20, 14), (8.2, 12))


def _yard(n: int, z: float, heading: float, x: float, second: int) -> Scene:
    camera = Camera(x, z, heading, -1.5 + n * 0.4)
    return Scene(f"front-0{n + 2}", HALSAN, camera, _at(19, 10, 11 + n, second), (*YARD, *LANDMARKS))


SHOTS = (
    Shot(
        "halsan-front-01.jpg",
        Scene("front-01", HALSAN, Camera(93, -88, 341, 3.0, 46), _at(19, 7, 52, 11), (*LANDMARKS, *CONVOY)),
        PHONE, "road", gps=True,
    ),
    Shot(
        "halsan-front-02.jpg",
        Scene("front-02", HALSAN, Camera(99, -22.0, 268, 4.0),
              _at(19, 8, 20, 40), (*ROADSIDE, *LANDMARKS, *CONVOY)),
        PHONE, "road",
    ),
    Shot("halsan-front-03.jpg", _yard(1, -16.2, 268, -23.8, 9), PHONE, "yard", gps=True),
    Shot("halsan-front-04.jpg", _yard(2, -9.7, 273, -23.5, 2), PHONE, "yard"),
    Shot("halsan-front-05.jpg", _yard(3, -2.6, 266, -24.0, 15), PHONE, "yard"),
    Shot("halsan-front-06.jpg", _yard(4, 4.0, 271, -24.4, 31), PHONE, "yard", gps=True),
    Shot(
        "halsan-front-07.jpg",
        Scene("front-07", HALSAN, Camera(5, 11.6, 230, -11, 70, above=8.1),
              _at(19, 10, 21, 48), (*YARD, *LANDMARKS)),
        PHONE, "yard",
    ),
    Shot(
        "halsan-front-08.jpg",
        Scene("front-08", HALSAN, Camera(-10.5, -45.5, 24, 3.5, 58), _at(19, 10, 40, 5), LANDMARKS),
        PHONE, "gate", gps=True,
    ),
    Shot(
        "gate-from-east.jpg",
        Scene("gate-east", HALSAN, Camera(9.5, -47, 331, 2.5, 56, width=1280, height=853),
              _at(19, 10, 58, 20), (TANKER, *LANDMARKS)),
        VARDA, "gate", plants=("clock-slow",),
    ),
    Shot(
        "trenches-excavator.jpg",
        Scene("trenches", DUG, Camera(-47, -100, 112, -2.5, 56, 2.4, 1280, 853),
              _at(19, 13, 5, 44), (EXCAVATOR, *LANDMARKS)),
        VARDA, "trenches", plants=("clock-slow",),
    ),
    Shot(
        "trenches-tower.jpg",
        Scene("trenches-tower", DUG, Camera(-14, -158, 352, 0.5, 50, 2.6, 1280, 853),
              _at(19, 16, 20, 12), (EXCAVATOR, *LANDMARKS)),
        VARDA, "trenches", plants=("clock-slow",),
    ),
    Shot(
        "trench-tanker.jpg",
        Scene("trench-south", DUG, Camera(34, -82, 203, -1, 58, 2.3), _at(19, 15, 30, 50), LANDMARKS),
        None, "trenches", plants=("spliced",), exif={"Software": "Paintbox 3.2"},
        note="The tanker was copied from gate-from-east.jpg.",
    ),
    Shot(
        "gate-lorry.jpg",
        Scene("gate-lorry", HALSAN, Camera(-8.5, -52, 22, 0.5, 58), _at(19, 9, 5, 30), LANDMARKS),
        PHONE, "gate", plants=("impossible-shadow",),
        note="The lorry and its shadow are lit by a sun in the north-west; everything else is lit truly.",
    ),
    Shot(
        "depot-north.jpg",
        Scene("depot-north", HALSAN, Camera(-34, 62, 150, 3.0, 60), _at(19, 14, 40, 3), LANDMARKS),
        PHONE, "depot", gps=True, plants=("gps-elsewhere",),
    ),
    Shot(
        "NE_0412.jpg",
        Scene("ne-0412", FILLED, Camera(96, 62, 224, 2.0, 50, 1.7, 1280, 853), _at(22, 11, 5, 37), LANDMARKS),
        HALDEN, "depot", gps=True, plants=("credentials",),
    ),
    Shot(
        "NE_0431.jpg",
        Scene("ne-0431", WESN, Camera(-11, 0, 12, 1.0, 44, 1.7, 853, 1280), _at(22, 14, 20, 9), WESN_TENTS),
        HALDEN, "tall-wesn", gps=True, plants=("stored-turned",),
    ),
)  # fmt: skip

ARCHIVE = (
    Shot(
        "sumeil-0147.jpg",
        Scene("sumeil-0147", SUMEIL, Camera(-2, -13, 2, 2.0, 58, 1.7, 1280, 853), _at(14, 9, 26, 55, 3, 2017),
              (*SUMEIL_TENTS, *SUMEIL_LORRIES)),
        VARDA, "dar-sumeil", folder="archive",
    ),
    Shot(
        "sumeil-0151.jpg",
        Scene("sumeil-0151", SUMEIL, Camera(22, -5, 318, 2.0, 56, 1.7, 1280, 853),
              _at(14, 9, 41, 17, 3, 2017),
              (*SUMEIL_TENTS, *SUMEIL_LORRIES)),
        VARDA, "dar-sumeil", folder="archive",
    ),
    Shot(
        "halsan-2022-gate.jpg",
        Scene("halsan-2022", HALSAN, Camera(-2, -60, 357, 3.0, 56, 1.7, 1280, 853),
              _at(11, 15, 14, 2, 2, 2022),
              (*LANDMARKS, Thing("lorry9", "lorry", 16, -38, 205, 1))),
        VARDA, "gate", folder="archive",
    ),
    Shot(
        "tall-wesn-2023.jpg",
        Scene("wesn-2023", WESN, Camera(-26, -1, 28, 1.0, 58, 1.7, 1280, 853), _at(3, 8, 12, 30, 2, 2023),
              WESN_TENTS[:12]),
        HALDEN, "tall-wesn", folder="archive",
    ),
)  # fmt: skip

_GATE_LORRY = next(shot.scene for shot in SHOTS if shot.file == "gate-lorry.jpg")
FALSE_SUN = ((_GATE_LORRY.sun[0] + 180) % 360, _GATE_LORRY.sun[1])
FALSE_SCENE = replace(
    _GATE_LORRY, name="gate-lorry-false", things=(ODD_LORRY, *LANDMARKS), sun_override=FALSE_SUN
)
FALSE_BARE = replace(FALSE_SCENE, name="gate-lorry-bare", without=(ODD_LORRY.name,))
