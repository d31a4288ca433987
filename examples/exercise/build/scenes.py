"""A scene: a site, what stands on it, a camera and a sun; written for POV-Ray and rendered twice.

The visible pass is a linear 16-bit picture that `develop` turns into a photograph. The identity
pass paints every named thing in a flat colour of its own, so that boxes and masks in the truth are
the pixels in which the thing is really seen.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from math import cos, degrees, radians, sin, tan
from pathlib import Path

import depot
import numpy as np
import props
from PIL import Image, ImageFilter
from props import Coat, Pose
from sun import sun_position
from terrain import Site, write_ground

BUILD = Path(__file__).resolve().parent
OUT = BUILD / "out"


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the picture is taken from: position, heading, pitch and horizontal field of view in degrees."""

    x: float
    z: float
    heading: float
    pitch: float = 0.0
    fov: float = 67.0
    above: float = 1.65
    width: int = 1280
    height: int = 960

    def project(self, point: np.ndarray, eye: np.ndarray) -> np.ndarray:
        """Pixel of a point in the world, x to the right and y down; NaN behind the camera."""
        h, p = radians(self.heading), radians(self.pitch)
        forward = np.array([sin(h) * cos(p), sin(p), cos(h) * cos(p)])
        right = np.array([cos(h), 0.0, -sin(h)])
        up = np.cross(forward, right)
        across, high, deep = ((point - eye) @ axis for axis in (right, up, forward))
        if deep <= 0:
            return np.array([np.nan, np.nan])
        scale = self.width / 2 / tan(radians(self.fov / 2))
        return np.array([self.width / 2 + scale * across / deep, self.height / 2 - scale * high / deep])


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name in the truth: what it is, and where it stands."""

    name: str
    kind: str
    x: float
    z: float
    heading: float = 0.0
    seed: int = 0
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one picture shows."""

    name: str
    site: Site
    camera: Camera
    local_time: datetime
    things: tuple[Thing, ...] = ()
    sun_override: tuple[float, float] | None = None
    haze_m: float = 2600.0
    without: tuple[str, ...] = field(default=())

    @property
    def moment(self) -> datetime:
        """The time of the picture with the offset of the site."""
        return self.local_time.replace(tzinfo=timezone(timedelta(hours=self.site.offset_hours)))

    @property
    def sun(self) -> tuple[float, float]:
        """Azimuth and apparent altitude that light this scene."""
        true = sun_position(self.moment, self.site.latitude, self.site.longitude)
        return self.sun_override or true

    @property
    def eye(self) -> np.ndarray:
        """The position of the camera in the world."""
        ground = self.site.height(self.camera.x, self.camera.z)
        return np.array([self.camera.x, ground + self.camera.above, self.camera.z])


KINDS = {
    "lorry": props.lorry,
    "tanker": props.tanker,
    "excavator": props.excavator,
    "tent": props.tent,
    "pole": props.pole,
    "water tower": props.water_tower,
}


def render(scene: Scene, *, identity: bool) -> np.ndarray:
    """The linear picture of the scene, or its map of identity numbers (0: nothing named)."""
    work = OUT / scene.name
    work.mkdir(parents=True, exist_ok=True)
    kind = "identity" if identity else "visible"
    source, target = work / f"{kind}.pov", work / f"{kind}.ppm"
    written = _pov(scene, identity)
    fresh = target.exists() and source.exists() and source.read_text(encoding="utf-8") == written
    if not fresh:
        source.write_text(written, encoding="utf-8")
        target.unlink(missing_ok=True)
        _povray(scene, source, target, identity)
    pixels = _read16(target)
    if not identity:
        return pixels
    red, green = (np.rint((pixels[..., n] * 255 - 2) / 4).astype(int) for n in (0, 1))
    return np.where(pixels[..., 2] > 0.5, red * 64 + green, 0)


def _povray(scene: Scene, source: Path, target: Path, identity: bool) -> None:
    work = source.parent
    ground = OUT / f"ground-{scene.site.name}-{scene.site.trenches}"
    if not (ground / "overlay.png").exists():
        ground.mkdir(parents=True, exist_ok=True)
        write_ground(scene.site, ground)
    quality = ["-A", "+Q1"] if identity else ["+A0.2", "+AM1", "+R2", "+Q9"]
    size = [f"+W{scene.camera.width}", f"+H{scene.camera.height}"]
    files = [f"+I{source.name}", f"+O{target.name}", "+FP16", "File_Gamma=1.0", f"+L{ground}", f"+L{BUILD}"]
    command = ["nice", "-n", "10", "povray", *files, *size, "-D", "-GA", "+WT2", *quality]
    run = subprocess.run(command, cwd=work, check=False, capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(f"povray could not render {source}: {run.stderr[-900:]}")


def _read16(path: Path) -> np.ndarray:
    """A 16-bit RGB picture as numbers from 0 to 1 (Pillow reads only 8 of the 16 bits)."""
    found = re.match(rb"(P6\s+(?:#[^\n]*\n)*\s*\d+\s+\d+\s+65535\s)(.*)", path.read_bytes(), re.DOTALL)
    if found is None:
        raise ValueError(f"{path} is not a 16-bit colour picture")
    header, body = found.groups()
    width, height = (int(word) for word in re.sub(rb"#[^\n]*\n", b"", header).split()[1:3])
    return np.frombuffer(body, ">u2").reshape(height, width, 3) / 65535.0


def _pov(scene: Scene, identity: bool) -> str:
    plain: Coat = props.unseen if identity else props.painted
    parts = [_head(scene, identity), _ground(identity)]
    if scene.site.ridge:
        parts += [depot.compound(plain), depot.road(plain)]
    if not identity:
        parts.append(depot.scatter(scene.site, plain, scene.camera.x, scene.camera.z))
    for number, thing in enumerate(scene.things, 1):
        if thing.name not in scene.without:
            parts.append(place(scene, thing, props.flat(number) if identity else props.painted))
    return "\n".join(parts)


def place(scene: Scene, thing: Thing, coat: Coat) -> str:
    """One thing standing on the ground of the scene."""
    ground = scene.site.height(thing.x, thing.z)
    if scene.site.ridge and abs(thing.x - depot.ROAD_X) < 3.6 and thing.kind != "pole":
        ground = 0.13
    pose = Pose(thing.x, ground + thing.lift, thing.z, thing.heading)
    if thing.kind == "person":
        parts, scale = props.figure(coat, thing.seed)
        return pose.wrap(parts, scale)
    return pose.wrap(KINDS[thing.kind](coat, thing.seed))


def _head(scene: Scene, identity: bool) -> str:
    camera, (azimuth, altitude) = scene.camera, scene.sun
    a, e = radians(azimuth), radians(altitude)
    towards = f"<{sin(a) * cos(e) * 1e5:.1f},{sin(e) * 1e5:.1f},{cos(a) * cos(e) * 1e5:.1f}>"
    warmth = min(1.0, max(0.0, (altitude - 6) / 34))
    colour = f"<{1.0:.3f},{0.80 + 0.15 * warmth:.3f},{0.56 + 0.30 * warmth:.3f}>"
    strength = 1.55 + 0.65 * warmth
    x, y, z = scene.eye
    view = (
        f"camera {{ perspective location 0 direction z up y right x*{camera.width / camera.height:.6f} "
        f"angle {camera.fov:.4f} rotate <{-camera.pitch:.4f},{camera.heading:.4f},0> "
        f"translate <{x:.4f},{y:.4f},{z:.4f}> }}"
    )
    spread = 1e5 * tan(radians(0.55))
    radiosity = (
        "radiosity { pretrace_start 0.08 pretrace_end 0.02 count 24 nearest_count 6 error_bound 1.4 "
        "recursion_limit 1 low_error_factor 0.7 gray_threshold 0.3 minimum_reuse 0.02 brightness 1.1 }"
    )
    if identity:
        return f'#version 3.7;\nglobal_settings {{ assumed_gamma 1.0 }}\n#include "surfaces.inc"\n{view}'
    clouds = f"scale <1.1,0.16,1.1> translate {scene.local_time.hour}*x"
    veil = "[0.78 rgbt <0.86,0.86,0.86,0.45>] [1 rgbt <0.9,0.9,0.9,0.15>]"
    return f"""#version 3.7;
global_settings {{ assumed_gamma 1.0 max_trace_level 6
  {radiosity} }}
#default {{ finish {{ ambient 0 diffuse 0.8 }} }}
#include "surfaces.inc"
{view}
light_source {{ {towards} rgb {colour}*{strength:.3f} parallel point_at 0
  area_light x*{spread:.1f}, y*{spread:.1f}, 4, 4 adaptive 0 jitter circular orient }}
sky_sphere {{
  pigment {{ gradient y color_map {{ [0 rgb <0.66,0.63,0.57>] [0.07 rgb <0.50,0.56,0.62>]
    [0.25 rgb <0.24,0.37,0.57>] [0.7 rgb <0.10,0.22,0.46>] [1 rgb <0.07,0.17,0.40>] }} }}
  pigment {{ bozo turbulence 0.75 octaves 7 lambda 2.3 omega 0.55 {clouds}
    color_map {{ [0 rgbt <1,1,1,1>] [0.56 rgbt <1,1,1,1>] {veil} }} }}
}}
fog {{ fog_type 2 fog_offset 30 fog_alt 12 distance {scene.haze_m} rgb <0.60,0.59,0.56> }}
"""


def _ground(identity: bool) -> str:
    if identity:
        near = far = "pigment { rgb 0 } finish { emission 0 ambient 0 diffuse 0 }"
    else:
        near = """texture { pigment { P_sand } normal { N_sand } finish { F_sand } }
  texture { pigment { image_map { png "overlay.png" once interpolate 2 } rotate x*90 scale <600,1,600>
    translate <-300,0,-300> } normal { N_sand } finish { F_sand } }"""
        far = "texture { T_far }"
    return f"""
height_field {{ png "near.png" gamma 1.0 smooth scale <600,260,600> translate <-300,-20,-300> {near} }}
height_field {{ png "far.png" gamma 1.0 smooth scale <8000,260,8000> translate <-4000,-20,-4000> {far} }}
"""


def develop(linear: np.ndarray, seed: int, exposure: float = 1.0, grain: float = 0.9) -> Image.Image:
    """A photograph of a linear picture: exposure, a gentle shoulder, falling corners, grain."""
    height, width, _ = linear.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = linear * (1 - 0.16 * ((x**2 + y**2) / 2))[..., None]
    grey = light.mean(axis=2)
    level = (np.percentile(grey, 96) + 1.15 * np.percentile(grey[height // 2 :], 85)) / 2
    light = light * exposure * 0.80 / max(level, 1e-6)
    light = light / (1 + np.maximum(light - 0.55, 0) * 0.55)
    grey = light @ np.array([0.21, 0.72, 0.07])
    light = np.clip(grey[..., None] + 0.72 * (light - grey[..., None]), 0, None)
    encoded = np.where(
        light <= 0.0031308, light * 12.92, 1.055 * np.clip(light, 0, None) ** (1 / 2.4) - 0.055
    )
    picture = Image.fromarray((np.clip(encoded, 0, 1) * 255).astype(np.uint8))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.45)), float)
    noise = np.random.default_rng(seed).normal(0, grain, (height, width, 1))
    return Image.fromarray(np.clip(soft + noise, 0, 255).astype(np.uint8))


def bearing(x: float, z: float) -> float:
    """The compass direction of a ground vector, in degrees."""
    return degrees(np.arctan2(x, z)) % 360
