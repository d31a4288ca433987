"""Video and sound: the container, its streams, how long they last and how they are coded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.model import Copy, Facts, Finding

_MOST_STREAMS = 64


class Recording:
    """Reads the headers of a recording with FFmpeg's libraries; no frame is decoded."""

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
        try:
            import av  # noqa: PLC0415 - heavy, and an extra
        except ImportError as error:
            raise UnavailableError("recordings need PyAV; pip install 'witnessmark[media]'") from error
        try:
            with av.open(untrusted, "r", metadata_errors="replace") as container:
                value = {
                    "container": container.format.name,
                    "duration_s": _seconds(container.duration, 1_000_000),
                    "bit_rate": container.bit_rate,
                    "tags": dict(container.metadata),
                    "streams": [_stream(stream) for stream in list(container.streams)[:_MOST_STREAMS]],
                }
        except av.FFmpegError as error:
            raise MalformedError(f"no recording that can be read: {error.strerror}") from error
        yield Finding(copy.digest, f"{self.name} {self.version}", "recording", Facts(value), self.limits)


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
