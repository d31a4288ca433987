"""What is built at the sites: the walled Halsan depot, its road, the stones and bushes around."""

from __future__ import annotations

import random

import numpy as np
from props import Coat, Pose, box, bush, cylinder
from terrain import Site

WALL = 3.1
ROAD_X = 72.0


def compound(coat: Coat) -> str:
    """The walls, the gate, the warehouse and what lies about in the yard."""
    return "".join(
        f"union {{ {chr(10).join(parts)} }}\n"
        for parts in (_walls(coat), _gate(coat), _warehouse(coat), _hut(coat), _clutter(coat), _writing(coat))
    )


def _walls(coat: Coat) -> list[str]:
    block, cap = coat("block"), coat("plaster")
    runs = (
        ("-35.3,-1,-25.3", f"-3.4,{WALL},-25"),
        ("3.4,-1,-25.3", f"35.3,{WALL},-25"),
        ("-35.3,-1,25", f"35.3,{WALL},25.3"),
        ("-35.3,-1,-25", f"-35,{WALL},25"),
        ("35,-1,-25", f"35.3,{WALL},25"),
    )
    parts = [box(low, high, block) for low, high in runs]
    for low, high in runs:
        x0, _, z0 = (float(v) for v in low.split(","))
        x1, _, z1 = (float(v) for v in high.split(","))
        parts.append(box(f"{x0 - 0.06},{WALL},{z0 - 0.06}", f"{x1 + 0.06},{WALL + 0.14},{z1 + 0.06}", cap))
    pillars = [(x, z, 0.22, 0.32, 0.02) for x in range(-31, 35, 6) for z in (-25.15, 25.15) if abs(x) > 4]
    pillars += [(x, z, 0.32, 0.22, 0.02) for z in range(-19, 24, 6) for x in (-35.15, 35.15)]
    pillars += [(x, z, 0.6, 0.6, 0.9) for x in (-35.15, 35.15) for z in (-25.15, 25.15)]
    parts += [
        box(f"{x - wide},-1,{z - deep}", f"{x + wide},{WALL + over},{z + deep}", cap)
        for x, z, wide, deep, over in pillars
    ]
    return parts


def _gate(coat: Coat) -> list[str]:
    cap, leaf = coat("plaster"), coat("gate")
    parts = [box(f"{x - 0.45},-1,-25.6", f"{x + 0.45},{WALL + 1.1},-24.7", cap) for x in (-3.4, 3.4)]
    parts.append(box("-3.9,4.15,-25.5", "3.9,4.75,-24.8", cap))
    for side, swing in ((-1, 0), (1, 62)):
        bars = [box("0,0.15,-0.05", "2.95,2.9,0.05", leaf)]
        bars += [box(f"{x},0.1,-0.09", f"{x + 0.09},2.95,0.09", leaf) for x in (0, 0.95, 1.9, 2.86)]
        spin = f"rotate y*{swing} " if side == 1 else ""
        flip = "" if side == -1 else "scale <-1,1,1> "
        parts.append(f"union {{ {' '.join(bars)} {flip}{spin}translate <{side * 2.95},0,-25.15> }}")
    return parts


def _warehouse(coat: Coat) -> list[str]:
    wall, dark, door, white = coat("plaster"), coat("glass"), coat("door"), coat("white")
    parts = [
        box("-20,-1,12", "20,6,22", wall),
        box("-20.3,6,11.7", "20.3,6.35,22.3", coat("block")),
        box("-20.1,6.3,11.9", "20.1,6.9,12.15", wall),
        box("-20.1,6.3,21.85", "20.1,6.9,22.1", wall),
        box("-19.8,0.0,11.5", "19.8,0.35,12", coat("block")),
    ]
    for x in (-16, -11, -6, 6, 11, 16):
        parts += [
            box(f"{x - 0.8},3.4,11.93", f"{x + 0.8},4.8,12.1", dark),
            box(f"{x - 0.95},3.2,11.85", f"{x + 0.95},3.4,12.1", white),
            box(f"{x - 0.04},3.4,11.9", f"{x + 0.04},4.8,12.1", white),
        ]
    for x in (-13.5, 0, 13.5):
        parts += [
            box(f"{x - 1.5},0.3,11.94", f"{x + 1.5},3.0,12.1", door),
            box(f"{x - 1.7},3.0,11.7", f"{x + 1.7},3.15,12.1", coat("block")),
        ]
    parts += [cylinder(f"{x},0,11.85", f"{x},6.3,11.85", 0.07, coat("steel")) for x in (-19.5, -3, 9, 19.5)]
    return parts


def _hut(coat: Coat) -> list[str]:
    return [
        box("8,-1,-32", "11.2,2.6,-28.6", coat("plaster")),
        box("7.7,2.6,-32.3", "11.5,2.85,-28.3", coat("steel")),
        box("8.7,0.1,-32.05", "9.7,2.1,-31.9", coat("door")),
        box("10.1,1.1,-32.05", "10.9,1.9,-31.9", coat("glass")),
        box("7.9,1.1,-30.8", "8.05,1.9,-29.8", coat("glass")),
    ]


def _clutter(coat: Coat) -> list[str]:
    chance = random.Random(7)  # noqa: S311 reproducible fiction
    parts = []
    for spot_x, spot_z, count in ((24, 6, 16), (29, -18, 9), (-27, 20, 10)):
        for _ in range(count):
            x, z = spot_x + chance.uniform(-2.6, 2.6), spot_z + chance.uniform(-2.2, 2.2)
            skin = coat(chance.choice(("blue", "stripe", "steel", "army")))
            parts.append(cylinder(f"{x:.2f},0,{z:.2f}", f"{x:.2f},0.9,{z:.2f}", 0.3, skin))
    for _ in range(26):
        x, z = chance.uniform(17, 23), chance.uniform(-8, -2)
        turn, size = chance.uniform(0, 90), chance.uniform(0.35, 0.75)
        parts.append(
            f"box {{ <-{size:.2f},0,-{size:.2f}>,<{size:.2f},{size * 1.3:.2f},{size:.2f}> {coat('door')} "
            f"rotate y*{turn:.1f} translate <{x:.2f},0,{z:.2f}> }}"
        )
    return parts


def _writing(coat: Coat) -> list[str]:
    """Numbers, letters and posters on the walls: texture that two pictures can share."""
    chance = random.Random(11)  # noqa: S311 reproducible fiction
    west = [
        (
            f"W{n + 1}",
            f"rotate y*-90 translate <-34.97,{1.9 + chance.uniform(-0.2, 0.2):.2f},{-22 + n * 4.4:.2f}>",
            0.75,
        )
        for n in range(11)
    ]
    south = [
        (words, f"translate <{x},{y},-25.34>", size)
        for words, x, y, size in (
            ("DEPOT 3", -12.5, 1.7, 1.0),
            ("4 C BN", 12.3, 1.5, 0.9),
            ("NO ENTRY", 5.2, 1.9, 0.5),
            ("K7", -18.4, 1.1, 0.8),
            ("19", -27.5, 1.4, 0.9),
            ("HAL", 21.0, 1.2, 0.9),
            ("R2", 29.0, 1.6, 0.8),
        )
    ]
    north = [("SALT DEPOT HALSAN", "translate <-6.8,5.05,11.92>", 1.25)]
    parts = [
        f'text {{ ttf "timrom.ttf" "{words}" 0.03, 0 scale <{size},{size},1> '
        f"{place} {coat('paint' + str(n % 2))} }}"
        for n, (words, place, size) in enumerate(west + south + north)
    ]
    for _ in range(26):
        x, y = chance.uniform(-33, 33), chance.uniform(0.7, 1.9)
        if abs(x) > 5:
            skin = coat(f"poster{chance.randrange(2)}")
            turn = chance.uniform(-4, 4)
            size = f"<{chance.uniform(0.3, 0.6):.2f},{chance.uniform(0.4, 0.8):.2f},0.02>"
            parts.append(f"box {{ 0,{size} {skin} rotate z*{turn:.1f} translate <{x:.2f},{y:.2f},-25.33> }}")
    for _ in range(30):
        z, y = chance.uniform(-24, 23), chance.uniform(0.5, 2.2)
        skin = coat(chance.choice(("poster0", "poster1", "paint0", "paint1", "white", "door")))
        size = f"<0.02,{chance.uniform(0.15, 0.7):.2f},{chance.uniform(0.15, 0.6):.2f}>"
        parts.append(
            f"box {{ 0,{size} {skin} rotate x*{chance.uniform(-8, 8):.1f} "
            f"translate <-34.99,{y:.2f},{z:.2f}> }}"
        )
    return parts


def road(coat: Coat) -> str:
    """The road past the depot with a worn line along its middle."""
    parts = [box(f"{ROAD_X - 3.6},-1,-300", f"{ROAD_X + 3.6},0.13,300", coat("asphalt"))]
    parts += [
        box(f"{ROAD_X - 0.07},0.1,{z}", f"{ROAD_X + 0.07},0.137,{z + 2.5}", coat("line"))
        for z in range(-298, 296, 8)
    ]
    return f"union {{ {chr(10).join(parts)} }}\n"


def scatter(site: Site, coat: Coat, x0: float, z0: float) -> str:
    """Stones and thorn bushes, fixed in the world; none on the road or before the lens (x0, z0)."""
    chance = np.random.default_rng(site.seed + 50)
    count = 7000
    x, z = chance.uniform(-130, 130, count), chance.uniform(-190, 150, count)
    size = np.clip(chance.lognormal(-3.0, 0.6, count), 0.015, 0.4)
    y = site.heights(x, z)
    shape = chance.uniform(0.6, 1.3, (count, 3))
    parts = []
    stone = coat("stone")
    for n in range(count):
        in_yard = abs(x[n]) < 36 and abs(z[n]) < 26
        if site.ridge and (abs(x[n] - ROAD_X) < 4.5 or (in_yard and size[n] > 0.05)):
            continue
        a, b, c = size[n] * shape[n] * (1.0, 0.65, 1.0)
        parts.append(
            f"sphere {{ 0,1 scale <{a:.3f},{b:.3f},{c:.3f}> rotate y*{n % 360} "
            f"translate <{x[n]:.2f},{y[n] + b * 0.25:.3f},{z[n]:.2f}> {stone} }}"
        )
    out = [f"union {{ {chr(10).join(parts)} }}\n"]
    out += [f"#declare Bush{kind} = union {{ {chr(10).join(bush(coat, kind))} }}\n" for kind in range(5)]
    for n in range(420):
        bx, bz = chance.uniform(-180, 180), chance.uniform(-200, 240)
        apart = site.ridge and (abs(bx - ROAD_X) < 6 or (abs(bx) < 44 and -60 < bz < 30))
        if (
            apart
            or np.hypot(bx - x0, bz - z0) < 9
            or (site.trenches != "none" and abs(bx) < 70 and -150 < bz < -100)
        ):
            continue
        pose = Pose(bx, site.height(bx, bz) - 0.03, bz, chance.uniform(0, 360))
        scale = chance.uniform(0.7, 2.0)
        out.append(pose.wrap([f"object {{ Bush{n % 5} }}"], scale))
    return "".join(out)
