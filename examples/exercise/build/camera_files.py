"""Camera files: how an exposure becomes a small JPEG with the metadata that its device writes."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from math import atan, cos, degrees, floor, hypot, log2, radians, sin, tan
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from shots import VARDA, VARDA_SLOW_MINUTES, Shot

COMMENT = b"Rendered picture of a fictional scene; Witnessmark exercise case. Nothing in it is real."
LIMIT = 112_000
QELMAR = (17.752, 62.478)
METRES_PER_DEGREE = 111_195.0


def position(shot: Shot) -> tuple[float, float]:
    """Latitude and longitude of the camera in truth."""
    site, camera = shot.scene.site, shot.scene.camera
    latitude = site.latitude + camera.z / METRES_PER_DEGREE
    return latitude, site.longitude + camera.x / (METRES_PER_DEGREE * cos(radians(site.latitude)))


def claimed_position(shot: Shot) -> tuple[float, float] | None:
    """What the file says about its place: a few metres off, elsewhere, or nothing."""
    if not shot.gps:
        return None
    if "gps-elsewhere" in shot.plants:
        return QELMAR
    latitude, longitude = position(shot)
    return latitude + 2.2e-5, longitude - 3.1e-5


def claimed_time(shot: Shot) -> datetime:
    """The local time that the file gives."""
    slow = VARDA_SLOW_MINUTES if "clock-slow" in shot.plants else 0
    return shot.scene.local_time - timedelta(minutes=slow)


def exif(shot: Shot) -> Image.Exif:
    """The metadata of the file, as its device (or the editor that it went through) wrote it."""
    tags = Image.Exif()
    if shot.device is None:
        for name, value in shot.exif.items():
            tags[{"Software": 0x0131}[name]] = value
        return tags
    device, when = shot.device, claimed_time(shot)
    stamp = when.strftime("%Y:%m:%d %H:%M:%S")
    tags[0x010F], tags[0x0110], tags[0x0131] = device["Make"], device["Model"], device["Software"]
    tags[0x0112] = 6 if "stored-turned" in shot.plants else 1
    tags[0x0132] = stamp
    inner = tags.get_ifd(0x8769)
    inner[0x9003] = inner[0x9004] = stamp
    if device is not VARDA:
        hours = shot.scene.site.offset_hours
        inner[0x9010] = inner[0x9011] = inner[0x9012] = f"{hours:+03.0f}:00"
    inner[0x829D] = IFDRational(round(device["FNumber"] * 10), 10)
    inner[0x829A] = IFDRational(1, _shutter(device["FNumber"], shot.scene.sun[1]))
    inner[0x8827] = 100
    inner[0x920A] = IFDRational(round(device["lens_mm"] * 10), 10)
    inner[0xA405] = focal_35mm(shot)
    inner[0xA002], inner[0xA003] = shot.scene.camera.width, shot.scene.camera.height
    place = claimed_position(shot)
    if place is not None:
        _add_gps(tags, place, shot)
    return tags


def _shutter(aperture: float, altitude: float) -> int:
    """One over the time that an open landscape under such a sun needs at ISO 100."""
    value = 15 + log2(max(sin(radians(altitude)), 0.1) / sin(radians(45)))
    fraction = 2**value / aperture**2
    return int(round(fraction, -2 if fraction > 400 else -1))


def focal_35mm(shot: Shot) -> int:
    """The focal length on 35 mm film with the same diagonal angle of view."""
    camera = shot.scene.camera
    half = tan(radians(camera.fov / 2)) * hypot(camera.width, camera.height) / camera.width
    return round(43.267 / 2 / tan(atan(half)))


def _add_gps(tags: Image.Exif, place: tuple[float, float], shot: Shot) -> None:
    gps = tags.get_ifd(0x8825)
    gps[1], gps[2] = "N", _sexagesimal(place[0])
    gps[3], gps[4] = "E", _sexagesimal(place[1])
    gps[5], gps[6] = b"\x00", IFDRational(round(10 * (11 + shot.scene.eye[1])), 10)
    gps[16], gps[17] = "T", IFDRational(round(shot.scene.camera.heading * 10 + 14) % 3600, 10)
    utc = claimed_time(shot) - timedelta(hours=shot.scene.site.offset_hours)
    gps[7] = tuple(IFDRational(part, 1) for part in (utc.hour, utc.minute, utc.second))
    gps[29] = utc.strftime("%Y:%m:%d")


def _sexagesimal(angle: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    whole = floor(angle)
    minutes = (angle - whole) * 60
    seconds = round((minutes - floor(minutes)) * 60 * 1000)
    return IFDRational(whole, 1), IFDRational(floor(minutes), 1), IFDRational(seconds, 1000)


def save(picture: Image.Image, path: Path, tags: Image.Exif | None = None, **wanted: Any) -> int:
    """Store as JPEG below the size limit, in the best quality that fits; the quality is the answer."""
    limit, quality = wanted.get("limit", LIMIT), wanted.get("quality", 84)
    while True:
        spool = io.BytesIO()
        options: dict[str, Any] = {
            "quality": quality,
            "optimize": True,
            "subsampling": "4:2:0",
            "comment": COMMENT,
        }
        if tags is not None:
            options["exif"] = tags
        picture.save(spool, "JPEG", **options)
        if spool.tell() <= limit:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(spool.getvalue())
            return int(quality)
        quality -= 2
        if quality < 30:
            raise ValueError(f"{path.name} does not fit into {limit} bytes")


def vertical_fov(shot: Shot) -> float:
    """The vertical field of view in degrees."""
    camera = shot.scene.camera
    return degrees(2 * atan(tan(radians(camera.fov / 2)) * camera.height / camera.width))
