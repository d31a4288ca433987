"""The ground: one height function for each site, sampled near and far, and a painted overlay.

Axes are POV-Ray's: x east, y up, z north, in metres, the origin in the middle of the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

NEAR, NEAR_STEP = 300, 0.5
FAR, FAR_STEP = 4000, 10.0
LOWEST, SPAN = -20.0, 260.0
TRENCHES = ((-34.0, -118.0, 62.0), (-30.0, -134.0, 58.0), (44.0, -126.0, 20.0))  # west end x, z, length
Grid = np.ndarray


@dataclass(frozen=True, slots=True)
class Site:
    """A place: its seed, and what has been done to its ground."""

    name: str
    seed: int
    latitude: float
    longitude: float
    offset_hours: float
    ridge: bool = True
    trenches: str = "none"  # none, open, filled

    def heights(self, x: Grid, z: Grid) -> Grid:
        """Height of the ground at the points."""
        ground = (
            2.6 * _noise(x, z, 110, self.seed)
            + 0.9 * _noise(x, z, 37, self.seed + 1)
            + 0.22 * _noise(x, z, 9, self.seed + 2)
            + 0.07 * _noise(x, z, 2.3, self.seed + 3)
        )
        built = _inside(x, 62, 20) * _inside(z, 46, 25)
        road = _inside(x - 72, 6, 7)
        level = np.clip(built + road, 0, 1) if self.ridge else 0.85
        ground = ground * (1 - level) + level * 0.05 * _noise(x, z, 2.3, self.seed + 3)
        distance = np.hypot(x, z)
        hills = np.clip((distance - 900) / 2600, 0, 1) ** 1.5 * 170
        ground = ground + hills * (0.35 + 0.65 * _noise(x, z, 900, self.seed + 4) ** 2)
        if self.ridge:
            crest = 430 + 45 * _noise(x, z * 0, 260, self.seed + 5)
            ground = ground + (30 + 14 * _noise(x, z, 170, self.seed + 6)) * np.exp(
                -(((z - crest) / 95) ** 2)
            )
        return ground + self._earthworks(x, z)

    def height(self, x: float, z: float) -> float:
        """Height of the ground at one point, as the rendered surface has it."""
        return float(self.heights(np.array([x]), np.array([z]))[0])

    def _earthworks(self, x: Grid, z: Grid) -> Grid:
        moved = np.zeros_like(x)
        if self.trenches == "none":
            return moved
        for west, south, length in TRENCHES:
            along = _inside(x - west - length / 2, length / 2 - 1.5, 1.5)
            across = z - south + 0.5 * _noise(x, z, 7, self.seed + 8)
            rough = 1 + 0.45 * _noise(x, z, 2.8, self.seed + 7) + 0.2 * _noise(x, z, 1.1, self.seed + 9)
            if self.trenches == "open":
                moved = moved - along * 2.3 * _inside(across, 1.4, 0.9)
                moved = moved + along * 1.7 * rough * np.exp(-(((across - 5.2) / 1.7) ** 2))
            else:
                moved = moved + along * 0.8 * rough * np.exp(-(((across - 1) / 2.8) ** 4))
        return moved


def write_ground(site: Site, folder: Path) -> None:
    """Store the near and far height fields and the overlay of tracks and fresh earth."""
    for name, reach, step in (("near", NEAR, NEAR_STEP), ("far", FAR, FAR_STEP)):
        axis = np.arange(-reach, reach + step / 2, step)
        x, z = np.meshgrid(axis, axis[::-1])
        height = site.heights(x, z)
        if name == "far":
            sunk = (np.abs(x) < NEAR - step) & (np.abs(z) < NEAR - step)
            height = height - 3.0 * sunk
        levels = np.clip((height - LOWEST) / SPAN * 65535, 0, 65535).astype(np.uint16)
        Image.fromarray(levels).save(folder / f"{name}.png")
    _overlay(site).save(folder / "overlay.png")


def _overlay(site: Site) -> Image.Image:
    """Colour over the sand: tracks, trodden places, fresh earth; transparent elsewhere."""
    scale = 4
    size = NEAR * 2 * scale
    paint = Image.new("RGBA", (size, size), (120, 98, 74, 0))
    pen = ImageDraw.Draw(paint)
    chance = np.random.default_rng(site.seed)

    def pixel(x: float, z: float) -> tuple[float, float]:
        return ((x + NEAR) * scale, (NEAR - z) * scale)

    def trail(points: list[tuple[float, float]], width: float, colour: tuple[int, ...]) -> None:
        pen.line([pixel(*p) for p in points], fill=colour, width=max(1, round(width * scale)), joint="curve")

    if site.ridge:
        for side in (-0.9, 0.9):
            for bend in range(4):
                start = chance.uniform(-6, 6)
                trail(
                    [
                        (68, start - 62 + side),
                        (40, -58 + side + bend),
                        (14, -48 + side),
                        (side, -30),
                        (side, -5),
                    ],
                    0.45,
                    (104, 84, 63, 110),
                )
            trail([(12 + side, -48), (30 + side, -80), (22 + side, -108)], 0.5, (104, 84, 63, 120))
        for _ in range(260):
            x, z = chance.normal(0, 16), chance.normal(-6, 10)
            reach = chance.uniform(0.4, 1.8)
            tone = int(chance.integers(-18, 18))
            box = [pixel(x - reach, z + reach * 0.6), pixel(x + reach, z - reach * 0.6)]
            pen.ellipse([*box[0], *box[1]], fill=(128 + tone, 106 + tone, 82 + tone, 46))
    paint = paint.filter(ImageFilter.GaussianBlur(0.8))
    if site.trenches != "none":
        paint = _fresh_earth(site, paint)
    return paint


def _fresh_earth(site: Site, paint: Image.Image) -> Image.Image:
    scale = paint.width / (2 * NEAR)
    axis = (np.arange(paint.width) + 0.5) / scale - NEAR
    x, z = np.meshgrid(axis, axis[::-1])
    near = np.zeros_like(x)
    for west, south, length in TRENCHES:
        along = _inside(x - west - length / 2, length / 2, 2.0)
        across = z - south - 2.4 + 1.2 * _noise(x, z, 6, site.seed + 10)
        near = np.maximum(near, along * _inside(across, 4.2, 2.0))
    mottled = np.clip(0.85 + 0.15 * _noise(x, z, 0.9, site.seed + 11), 0, 1)
    earth = np.stack([near * 0 + c for c in (121, 84, 58)], axis=-1)
    layer = np.dstack([earth, near * mottled * 215]).astype(np.uint8)
    return Image.alpha_composite(paint, Image.fromarray(layer, "RGBA"))


def _inside(distance: Grid, half: float, soft: float) -> Grid:
    """1 within half a width, 0 beyond the soft edge."""
    edge = np.clip((half + soft - np.abs(distance)) / soft, 0, 1)
    return edge * edge * (3 - 2 * edge)


def _noise(x: Grid, z: Grid, scale: float, seed: int) -> Grid:
    """Value noise between -1 and 1 with features of the scale given."""
    u, v = x / scale, z / scale
    column, row = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    fu, fv = u - column, v - row
    fu, fv = fu * fu * fu * (fu * (fu * 6 - 15) + 10), fv * fv * fv * (fv * (fv * 6 - 15) + 10)
    corner = [_lattice(column + i, row + j, seed) for i, j in ((0, 0), (1, 0), (0, 1), (1, 1))]
    low = corner[0] * (1 - fu) + corner[1] * fu
    high = corner[2] * (1 - fu) + corner[3] * fu
    return low * (1 - fv) + high * fv


def _lattice(column: Grid, row: Grid, seed: int) -> Grid:
    mixed = (column * 374761393 + row * 668265263 + seed * 2147483647) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 16)) * 2246822519) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 15)) / 0xFFFFFFFF * 2 - 1
