"""The things that stand in the scenes, as POV-Ray text: plain, schematic, nobody's likeness.

Each thing is written through a `Coat`: the visible pass gives it textures, the identity pass one
flat colour, from which the pixel boxes of the truth are read.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

Coat = Callable[[str], str]
Part = str


def painted(name: str) -> str:
    """The texture of that name, as the visible pass uses it."""
    return f"texture {{ T_{name} }}"


def unseen(_name: str) -> str:
    """The coat of everything that carries no identity: black."""
    return "texture { pigment { rgb 0 } finish { emission 0 ambient 0 diffuse 0 } }"


def flat(number: int) -> Coat:
    """A coat that paints everything in one colour which stands for `number` (1 to 4095)."""
    red, green = number // 64, number % 64
    colour = f"<{(red * 4 + 2) / 255:.6f},{(green * 4 + 2) / 255:.6f},1>"
    texture = f"texture {{ pigment {{ rgb {colour} }} finish {{ emission 1 ambient 0 diffuse 0 }} }}"
    return lambda _name: texture


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a thing stands (x, height, z) and its heading in degrees from north."""

    x: float
    y: float
    z: float
    heading: float = 0.0

    def wrap(self, parts: list[Part], scale: float = 1.0) -> str:
        """The parts as one object in this pose; parts look towards +z before."""
        body = "\n".join(parts)
        return (
            f"union {{ {body} scale {scale:.4f} rotate y*{self.heading:.2f} "
            f"translate <{self.x:.3f},{self.y:.3f},{self.z:.3f}> }}\n"
        )


def box(low: str, high: str, texture: str) -> Part:
    return f"box {{ <{low}>,<{high}> {texture} }}"


def cylinder(start: str, end: str, radius: float, texture: str) -> Part:
    return f"cylinder {{ <{start}>,<{end}>,{radius} {texture} }}"


def cone(start: str, radius: float, end: str, tip: float, texture: str) -> Part:
    return f"cone {{ <{start}>,{radius},<{end}>,{tip} {texture} }}"


def rounded(low: tuple[float, ...], high: tuple[float, ...], edge: float, texture: str) -> Part:
    """A box with rounded edges."""
    a = ",".join(str(v) for v in low)
    b = ",".join(str(v) for v in high)
    return f"object {{ Round_Box(<{a}>,<{b}>,{edge},0) {texture} }}"


TORSO = (
    "sphere_sweep { cubic_spline 6, <0,0.7,0>,0.17 <0,0.92,0>,0.175 <0,1.12,0>,0.165 <0,1.32,0>,0.19 "
    "<0,1.42,0>,0.13 <0,1.6,0>,0.05 scale <1.08,1,0.72>"
)


def figure(coat: Coat, seed: int) -> tuple[list[Part], float]:
    """A standing doll of wood and cloth without a face, and its scale."""
    chance = random.Random(seed)  # noqa: S311 reproducible fiction
    shirt, trousers = coat(f"shirt{chance.randrange(12)}"), coat(f"cloth{chance.randrange(5)}")
    wood = coat("wood")
    spread = chance.uniform(0.08, 0.13)
    parts = [
        cone(f"{-spread},0.05,0", 0.06, "-0.09,0.86,0", 0.105, trousers),
        cone(f"{spread},0.05,0", 0.06, "0.09,0.86,0", 0.105, trousers),
        f"sphere {{ 0,1 scale <0.07,0.05,0.14> translate <{-spread},0.05,0.04> {coat('sole')} }}",
        f"sphere {{ 0,1 scale <0.07,0.05,0.14> translate <{spread},0.05,0.04> {coat('sole')} }}",
        f"sphere {{ 0,1 scale <0.19,0.15,0.14> translate <0,0.92,0> {trousers} }}",
        f"{TORSO} {shirt} }}",
        cylinder("0,1.38,0", "0,1.54,0.01", 0.052, wood),
        f"sphere {{ 0,1 scale <0.092,0.125,0.108> translate <0,1.62,0.015> {wood} }}",
    ]
    lean = chance.uniform(0.03, 0.09)
    for side in (-1, 1):
        swing = chance.uniform(-0.08, 0.12)
        elbow = f"{side * (0.25 + lean)},1.12,{swing * 0.4:.3f}"
        hand = f"{side * (0.24 + lean * 0.8):.3f},0.86,{swing + 0.05:.3f}"
        parts += [
            f"sphere {{ <{side * 0.2},1.38,0>,0.075 {shirt} }}",
            cone(f"{side * 0.2},1.38,0", 0.068, elbow, 0.052, shirt),
            f"sphere {{ <{elbow}>,0.052 {shirt} }}",
            cone(elbow, 0.05, hand, 0.038, shirt if chance.random() < 0.6 else wood),
            f"sphere {{ <{hand}>,0.05 {wood} }}",
        ]
    if chance.random() < 0.35:
        parts.append(f"sphere {{ 0,1 scale <0.1,0.075,0.12> translate <0,1.69,0.005> {coat('cap')} }}")
    return parts, chance.uniform(0.94, 1.06)


def _wheel(x: float, z: float, coat: Coat, radius: float = 0.52) -> list[Part]:
    inner, outer = x - 0.14, x + 0.14
    return [
        f"torus {{ {radius - 0.13},0.15 rotate z*90 translate <{x},{radius},{z}> {coat('rubber')} }}",
        cylinder(f"{inner},{radius},{z}", f"{outer},{radius},{z}", radius - 0.12, coat("rubber")),
        cylinder(f"{inner - 0.03},{radius},{z}", f"{outer + 0.03},{radius},{z}", 0.2, coat("army")),
    ]


def _cab(coat: Coat, paint: str) -> list[Part]:
    army, glass = coat(paint), coat("glass")
    return [
        rounded((-1.2, 0.75, 1.55), (1.2, 1.75, 3.35), 0.08, army),
        rounded((-1.15, 1.6, 1.55), (1.15, 2.72, 3.12), 0.12, army),
        box("-1.0,1.85,3.06", "-0.05,2.5,3.14", glass),
        box("0.05,1.85,3.06", "1.0,2.5,3.14", glass),
        box("-1.17,1.85,2.2", "1.17,2.45,2.95", glass),
        box("-0.75,0.95,3.3", "0.75,1.5,3.39", coat("dark")),
        box("-1.25,0.62,3.3", "1.25,0.88,3.5", coat("steel")),
        cylinder("-0.98,1.2,3.3", "-0.98,1.2,3.4", 0.14, coat("lamp")),
        cylinder("0.98,1.2,3.3", "0.98,1.2,3.4", 0.14, coat("lamp")),
        cylinder("0,1.9,1.32", "0,1.9,1.52", 0.5, coat("rubber")),
        box("-0.5,0.55,-3.4", "0.5,0.85,3.2", coat("dark")),
        cylinder("-1.1,0.72,0.55", "-1.1,0.72,1.3", 0.22, coat("steel")),
    ]


CANVAS = (
    "difference { union { box { <-1.18,1.5,-3.46>,<1.18,2.35,1.16> } "
    "cylinder { <0,0,-3.46>,<0,0,1.16>,1.18 scale <1,0.5,1> translate y*2.35 } } "
    "box { <-1.1,1.3,-3.6>,<1.1,2.3,1.0> }"
)


def lorry(coat: Coat, seed: int = 0) -> list[Part]:
    """A two-axle cargo lorry with canvas over hoops, the spare wheel behind the cab."""
    parts = _cab(coat, "army")
    canvas = coat(f"canvas{seed % 3}")
    for z in (-2.1, 2.4):
        parts += _wheel(-1.02, z, coat) + _wheel(1.02, z, coat)
    parts += [
        box("-1.22,0.95,-3.5", "1.22,1.08,1.2", coat("army")),
        box("-1.22,1.08,-3.5", "-1.16,1.55,1.2", coat("army")),
        box("1.16,1.08,-3.5", "1.22,1.55,1.2", coat("army")),
        box("-1.22,1.08,1.14", "1.22,1.6,1.2", coat("army")),
        box("-1.22,1.08,-3.5", "1.22,1.55,-3.44", coat("army")),
        f"{CANVAS} {canvas} }}",
    ]
    parts += [
        f"intersection {{ torus {{ 1.19,0.035 rotate x*90 scale <1,0.5,1> }} "
        f"box {{ <-2,0,-1>,<2,2,1> }} translate <0,2.35,{-3.4 + hoop * 1.13:.2f}> {canvas} }}"
        for hoop in range(5)
    ]
    return parts


def tanker(coat: Coat, _seed: int = 0) -> list[Part]:
    """The same chassis with a tank on it, in another colour."""
    parts = _cab(coat, "blue")
    for z in (-2.1, 2.4):
        parts += _wheel(-1.02, z, coat) + _wheel(1.02, z, coat)
    tank = coat("tank")
    parts += [
        f"cylinder {{ <0,0,-3.4>,<0,0,1.1>,1 scale <1.18,0.78,1> translate y*1.9 {tank} }}",
        f"sphere {{ 0,1 scale <1.18,0.78,0.25> translate <0,1.9,-3.4> {tank} }}",
        f"sphere {{ 0,1 scale <1.18,0.78,0.25> translate <0,1.9,1.1> {tank} }}",
        cylinder("0,2.5,-1.1", "0,2.85,-1.1", 0.34, coat("steel")),
        box("-1.2,1.02,-3.4", "1.2,1.18,1.1", coat("dark")),
        box("-1.195,1.75,-3.3", "1.195,1.98,1.0", coat("stripe")),
    ]
    return parts


BOOM = "sphere_sweep { linear_spline 3 <0.35,1.5,0.8>,0.24 <0.35,3.9,2.6>,0.2 <0.35,3.2,5.0>,0.15"
BUCKET = "difference { box { <-0.2,0.35,5.2>,<0.9,1.2,6.1> } box { <-0.1,0.45,5.0>,<0.8,1.3,5.9> }"


def excavator(coat: Coat, _seed: int = 0) -> list[Part]:
    """A yellow machine on tracks with its arm half out."""
    yellow, dark = coat("yellow"), coat("dark")
    parts = [
        rounded((side - 0.27, 0, -1.9), (side + 0.27, 0.85, 1.9), 0.25, coat("rubber"))
        for side in (-1.05, 1.05)
    ]
    parts += [
        box("-0.8,0.35,-1.1", "0.8,0.95,1.1", dark),
        rounded((-1.2, 0.95, -2.1), (1.2, 1.95, 0.9), 0.15, yellow),
        rounded((-1.2, 1.7, -0.5), (-0.15, 2.95, 1.15), 0.12, yellow),
        box("-1.24,2.0,-0.3", "-0.1,2.7,1.2", coat("glass")),
        f"{BOOM} {yellow} }}",
        f"sphere_sweep {{ linear_spline 2 <0.35,3.5,4.7>,0.16 <0.35,1.1,5.7>,0.12 {yellow} }}",
        f"{BUCKET} {coat('steel')} }}",
        cylinder("0.62,2.4,1.4", "0.62,3.7,2.4", 0.07, coat("steel")),
        cylinder("-0.9,1.9,-1.6", "-0.9,2.4,-1.6", 0.08, dark),
    ]
    return parts


def tent(coat: Coat, seed: int = 0) -> list[Part]:
    """A ridge tent with a darker door flap and guy lines."""
    cloth, upright = coat(f"tent{seed % 4}"), "rotate x*-90 scale <1,1,-1>"
    parts = [
        f"prism {{ -3,3,4 <-2.1,0>,<2.1,0>,<0,2.3>,<-2.1,0> {upright} {cloth} }}",
        f"prism {{ 2.99,3.02,4 <-0.7,0>,<0.7,0>,<0,1.8>,<-0.7,0> {upright} {coat('dark')} }}",
        box("-2.3,0,-3", "-1.9,0.22,3", cloth),
        box("1.9,0,-3", "2.3,0.22,3", cloth),
    ]
    parts += [
        cylinder(f"{side * 1.5},0.8,{z}", f"{side * 3.3},0,{z * 1.05}", 0.018, coat("rope"))
        for z in (-3, 0, 3)
        for side in (-1, 1)
    ]
    parts += [cylinder(f"0,0,{z * 1.005}", f"0,2.45,{z * 1.005}", 0.04, coat("pole")) for z in (-3, 3)]
    return parts


def pole(coat: Coat, _seed: int = 0) -> list[Part]:
    """A wooden line pole with a cross-arm."""
    wood = coat("pole")
    parts = [cone("0,-0.3,0", 0.15, "0,8.2,0", 0.1, wood), box("-1.1,7.5,-0.06", "1.1,7.64,0.06", wood)]
    parts += [cylinder(f"{x},7.64,0", f"{x},7.86,0", 0.05, coat("insulator")) for x in (-1.0, -0.5, 0.5, 1.0)]
    return parts


def water_tower(coat: Coat, _seed: int = 0) -> list[Part]:
    """The landmark on the ridge: six legs, a drum, a pointed roof, a ladder and a painted band."""
    concrete, band = coat("tower"), coat("band")
    parts = [
        cone("0,15,0", 2.6, "0,16.6,0", 5.2, concrete),
        cylinder("0,16.6,0", "0,22.4,0", 5.2, concrete),
        cylinder("0,18.8,0", "0,20.2,0", 5.24, band),
        cone("0,22.4,0", 5.5, "0,24.6,0", 0.3, coat("roof")),
        cylinder("0,-2,0", "0,15.5,0", 1.1, concrete),
        cylinder("0,24.5,0", "0,29,0", 0.12, coat("steel")),
    ]
    for leg in range(6):
        spin = f"rotate y*{leg * 60}"
        parts.append(f"cone {{ <4.6,-2,0>,0.55,<2.9,15.4,0>,0.42 {concrete} {spin} }}")
        parts.append(f"cylinder {{ <3.9,6,0>,<1.95,6,3.37>,0.18 {concrete} {spin} }}")
    return parts


def bush(coat: Coat, seed: int = 0) -> list[Part]:
    """A dry thorn bush: a fan of thin stalks."""
    chance = random.Random(seed)  # noqa: S311 reproducible fiction
    twig = coat(f"twig{seed % 2}")
    parts = []
    for _ in range(34):
        x, z = chance.gauss(0, 0.3), chance.gauss(0, 0.3)
        parts.append(
            cone(
                f"{x * 0.15:.3f},0,{z * 0.15:.3f}",
                0.016,
                f"{x:.3f},{chance.uniform(0.2, 0.6):.3f},{z:.3f}",
                0.004,
                twig,
            )
        )
        parts.append(
            f"sphere {{ <{x * 0.8:.3f},{chance.uniform(0.15, 0.45):.3f},{z * 0.8:.3f}>,"
            f"{chance.uniform(0.02, 0.05):.3f} {twig} }}"
        )
    return parts
