"""Video and sound: the container, its streams, how long they last and how they are coded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar

from witnessmark.errors import MalformedError, RefusedError, UnavailableError
from witnessmark.model import Copy, Facts, Finding
from witnessmark.pixels.raster import MOST_PIXELS, Raster

_MOST_STREAMS = 64
ORIENTATIONS = {0: 1, 90: 8, 180: 3, 270: 6}
"""Degrees counter-clockwise, as a container says them, in EXIF's numbers."""

_SAID = {
    "InvalidDataError": "broken, incomplete, or no recording",
    "EOFError": "cut off before anything could be read",
    "MemoryError": "built so that it would take more memory than it may",
    "PermissionError": "one that asks for other files",
}
"""What FFmpeg's errors mean, by the names that PyAV gives them."""

_Result = TypeVar("_Result")


class Recording:
    """Reads the headers of a recording with FFmpeg's libraries; no frame is decoded for them."""

    name = "recording"
    version = "1"
    limits = (
        "Durations and rates are what the container says of itself; nothing was played. What it shows or "
        "whether it was cut is not told."
    )

    def accepts(self, copy: Copy) -> bool:
        """Whether the bytes are video or sound."""
        return copy.media_type.startswith(("video/", "audio/")) and copy.media_type != "audio/midi"

    def examine(self, copy: Copy, untrusted: BinaryIO) -> Iterator[Finding]:
        """The container and its streams."""
        value = with_recording(untrusted, _headers)
        yield Finding(copy.digest, f"{self.name} {self.version}", "recording", Facts(value), self.limits)


def first_frame(untrusted: BinaryIO) -> Raster:
    """The first frame that can be decoded, and how it has to be turned."""
    return with_recording(untrusted, _first)


def with_recording(untrusted: BinaryIO, use: Callable[[Any], _Result]) -> _Result:
    """What `use` gets out of the recording; MalformedError if FFmpeg cannot read it."""
    try:
        import av  # noqa: PLC0415 - heavy, and an extra
    except ImportError as error:
        raise UnavailableError("recordings need PyAV; pip install 'witnessmark[media]'") from error
    try:
        with av.open(untrusted, "r", metadata_errors="replace") as container:
            return use(container)
    except av.FFmpegError as error:
        said = _SAID.get(type(error).__name__, f"of a kind that FFmpeg cannot read ({error.strerror})")
        raise MalformedError(f"no recording that can be read: it is {said}") from error


def decodable(stream: Any) -> Any:
    """The video stream, ready to be decoded; MalformedError without a decoder, RefusedError if too large."""
    coder = stream.codec_context
    if coder is None:
        raise MalformedError("a recording whose pictures no decoder here knows")
    require_small(coder.width, coder.height)
    stream.thread_type = "NONE"
    return stream


def require_small(width: int, height: int) -> None:
    """RefusedError if frames of this size are too large to be decoded."""
    if width * height > MOST_PIXELS:
        raise RefusedError(f"frames of {width} × {height} pixels are not decoded")


def _first(container: Any) -> Raster:
    if not container.streams.video:
        raise MalformedError("a recording without pictures")
    for frame in container.decode(decodable(container.streams.video[0])):
        return Raster(frame.to_image(), ORIENTATIONS.get(round(frame.rotation) % 360, 1), complete=True)
    raise MalformedError("a recording without a frame")


def _headers(container: Any) -> dict[str, object]:
    return {
        "container": container.format.name,
        "duration_s": _seconds(container.duration, 1_000_000),
        "bit_rate": container.bit_rate,
        "tags": dict(container.metadata),
        "streams": [_stream(stream) for stream in list(container.streams)[:_MOST_STREAMS]],
    }


def _stream(stream: Any) -> dict[str, object]:
    coder = stream.codec_context
    value: dict[str, object] = {
        "kind": stream.type,
        "codec": coder.name if coder is not None else None,
        "duration_s": None if stream.time_base is None else _seconds(stream.duration, 1 / stream.time_base),
        "frames": stream.frames,
        "tags": dict(stream.metadata),
    }
    if stream.type == "video" and coder is not None:
        rate = stream.average_rate
        value |= {"width": coder.width, "height": coder.height, "rate": None if rate is None else str(rate)}
    if stream.type == "audio" and coder is not None:
        value |= {"sample_rate": coder.sample_rate, "channels": coder.channels}
    return {name: part for name, part in value.items() if part is not None}


def _seconds(ticks: int | None, per_second: Any) -> float | None:
    return None if ticks is None else round(float(ticks / per_second), 3)
