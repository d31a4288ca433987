"""The frames of a video as codes with their times, made in the locked room, as a packed working copy.

Every frame is decoded as long as the processor time for that lasts; from there on about one in a second,
which is cheap where the video has a frame each second that stands for itself (a keyframe). What was read up
to where is in the facts, and why it was not more.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.examine.recording import ORIENTATIONS, decodable, require_small, with_recording

if TYPE_CHECKING:
    from witnessmark.pixels.film import Box, Grey, Seen

PROPERTY, INSTRUMENT = "film", "film 3"
MEDIA_TYPE = "application/vnd.witnessmark.film"
TASK = f"{__name__}:film"
EVERY = "every_frame_cpu_s"
"""The parameter that says how much processor time is given to looking at every frame."""
CPU_S, WALL_S, EVERY_CPU_S = 420, 1200, 120
LIMITS = (
    "Codes of how frames look as a whole, with their times since the recording's beginning. Two near frames "
    "look alike; plain and black ones say nothing. Brightness alone is coded. Only the first video stream "
    "is looked at, and only as far as is said."
)
_SPARE_CPU_S, _SPARE_WALL_S = 10, 120
_MOST_SECONDS, _MOST_FRAMES, _MOST_VIEWS = 200_000, 400_000, 600_000
_SHORT_S = 1.25
"""Where keyframes follow one another within this time, the frames between them need not be decoded."""
_MOST_HELD = 512
_PROBES, _MOST_PROBED, _MOST_PROBED_PX = 8, 400, 96_000_000
"""How many frames are asked for bars; how much is decoded for them where there are few keyframes."""
_HARDLY_BITS, _AGAIN_MS = 6, 500
_SCENE_BITS, _SCENE_MS, _VIEWS_MS = 64, 240, 240
"""A frame so far from the one before and from the last one among the seconds begins a new scene, and is
among them too, unless it follows at once; frames that have their views are at least so far apart."""
_CUT_OFF_S = 2.0
_ROW_BYTES = 40
_LAYERED = ("yuv420p", "yuv422p", "yuv444p", "yuv440p", "nv12", "nv21", "gray")
_LAYERED_FULL = ("yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p")
_FULL_RANGE = 2


def film(
    untrusted: BinaryIO, parameters: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], bytes]]:
    """One part: what was read of the video, up to where and why not further, and its packed codes.

    MalformedError if no frame can be read; a recording without any video stream has an empty film.
    """
    every_cpu_s = float(str(parameters.get(EVERY, EVERY_CPU_S)))
    box = with_recording(untrusted, _content)
    untrusted.seek(0)
    yield with_recording(untrusted, lambda container: _read(container, box, every_cpu_s))


def warm() -> None:
    """Load what decodes and codes, before the room is locked behind a file."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels import film as coding  # noqa: PLC0415 - heavy

    try:
        import av  # noqa: F401, PLC0415 - heavy, and an extra
    except ImportError:
        return
    coding.coded(np.zeros((64, 64), np.uint8), 1, is_full_range=True)


def _content(container: Any) -> Box:
    """What is inside the bars, by some keyframes spread over the recording."""
    from witnessmark.pixels.film import content_of  # noqa: PLC0415 - heavy

    stream = _stream(container)
    if stream is None:
        return 0, 0, 0, 0
    seen = list(_spread(container, stream))
    return content_of(seen) if seen else (0, 0, 0, 0)


def _spread(container: Any, stream: Any) -> Iterator[Grey]:
    """A few frames from all over the recording, as far as it can be sought in.

    Where keyframes are so far apart that hardly any are met by that, also some of the first frames.
    """
    length, first = container.duration or 0, container.start_time or 0
    seen: dict[float | None, Grey] = {}
    for number in range(_PROBES):
        at = first + length * number // _PROBES if length and number else None
        seen |= {shown: luma.copy() for shown, luma in _from(container, stream, at, 1)}
    yield from seen.values()
    if 0 < len(seen) < _PROBES // 2:
        most = min(_MOST_PROBED, _MOST_PROBED_PX // next(iter(seen.values())).size)
        until_s = min(length / 1_000_000, most / float(stream.average_rate or 25))
        last_s = -until_s
        for shown, luma in _from(container, stream, first, most):
            if shown is not None and shown - last_s >= until_s / _PROBES and shown not in seen:
                last_s = shown
                yield luma.copy()


def _from(container: Any, stream: Any, at: int | None, most: int) -> Iterator[tuple[float | None, Grey]]:
    """When the next frames are shown, and their brightness, from the keyframe before a time on."""
    import av  # noqa: PLC0415 - heavy, and an extra

    try:
        if at is not None:
            container.seek(at)
        for frame in islice(container.decode(stream), most):
            yield frame.time, _luma(frame)[0]
    except (av.FFmpegError, RefusedError):
        return


def _read(container: Any, box: Box, every_cpu_s: float) -> tuple[Mapping[str, object], bytes]:
    """The facts and the packed codes."""
    import numpy as np  # noqa: PLC0415 - heavy

    from witnessmark.pixels.film import ROW, Film  # noqa: PLC0415 - heavy

    stream = _stream(container)
    reading = _Reading(container, stream, box, every_cpu_s)
    if stream is not None:
        reading.read()
    lists = (np.frombuffer(rows, ROW) for rows in (reading.seconds, reading.frames))
    return reading.facts(), Film(*reading.upright, reading.box, *lists).pack()


@dataclass(slots=True)
class _Reading:
    """One way through a recording."""

    container: Any
    stream: Any
    box: Box
    every_cpu_s: float
    begun_s: float = field(default_factory=time.monotonic)
    begun_cpu_s: float = field(default_factory=time.process_time)
    size: tuple[int, int] = (0, 0)
    orientation: int = 1
    seconds: bytearray = field(default_factory=bytearray)
    frames: bytearray = field(default_factory=bytearray)
    """Rows as in `pixels.film.ROW`, one after the other."""
    entered: int = 0
    """How many seconds have a frame in the list."""
    decoded: int = 0
    broken: int = 0
    until_ms: int = 0
    every_until_ms: int = 0
    stopped: str = ""
    is_every: bool = True
    last: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The time and the code of the last frame that was entered, for each part of it."""
    last_second: tuple[int, int] = (-1, 0)
    """The same of the last one among the seconds."""
    last_views_ms: int = -_VIEWS_MS
    views: int = 0
    """How many rows of views there are."""

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the upright frames."""
        return self.size[::-1] if self.orientation >= 5 else self.size

    def facts(self) -> Mapping[str, object]:
        """What there is to say of the reading."""
        length = self.container.duration
        length_s = None if length is None else round(length / 1_000_000, 3)
        until_s = self.until_ms / 1000
        if not self.stopped and length_s is not None and self.decoded and until_s < length_s - _CUT_OFF_S:
            self.stopped = "no more frames came, although the recording says that it is longer"
        known = {
            "duration_s": length_s,
            "content": None if self.box[2:] == self.size else list(self.box),
            "broken_packets": self.broken or None,
            "stopped": self.stopped or None,
        }
        return {
            "upright_width": self.upright[0],
            "upright_height": self.upright[1],
            "frames": self.decoded,
            "seconds": self.entered,
            "read_until_s": until_s,
            "every_frame_until_s": self.every_until_ms / 1000,
            "complete": not self.stopped,
            **{name: value for name, value in known.items() if value is not None},
        }

    def read(self) -> None:
        """Go through the frames until they end or a limit is met; MalformedError if there is none."""
        for frame, luma, is_full_range in self._lumas():
            at_ms = self._time_of(frame)
            if self._is_over():
                break
            if not self.decoded:
                self.size = luma.shape[1], luma.shape[0]
                self.orientation = ORIENTATIONS.get(round(frame.rotation) % 360, 1)
            self._enter(luma, at_ms, is_full_range=is_full_range)
            spent_s = time.process_time() - self.begun_cpu_s
            self.is_every = self.is_every and spent_s < self.every_cpu_s
        if not self.decoded:
            raise MalformedError(self.stopped or "no frame of the video can be decoded")

    def _enter(self, luma: Grey, at_ms: int, *, is_full_range: bool) -> None:
        """Code a frame, if it is the first of its second or every frame is coded."""
        from witnessmark.pixels.film import CONTENT, WHOLE, coded  # noqa: PLC0415 - heavy

        self.decoded += 1
        is_next = at_ms // 1000 != self.last_second[0] // 1000
        self.until_ms = max(self.until_ms, at_ms)
        if self.is_every:
            self.every_until_ms = self.until_ms
        if not (is_next or self.is_every):
            return
        x, y, width, height = self.box
        parts = [(WHOLE, coded(luma, self.orientation, is_full_range=is_full_range))]
        if (luma.shape[1], luma.shape[0]) == self.size and self.box[2:] not in (self.size, (0, 0)):
            inner = luma[y : y + height, x : x + width]
            parts.append((CONTENT, coded(inner, self.orientation, is_full_range=is_full_range)))
        self.entered += is_next
        self._keep(parts, at_ms, is_searched=is_next or self._is_scene(*parts[-1], at_ms))

    def _keep(self, parts: list[tuple[int, Seen]], at_ms: int, *, is_searched: bool) -> None:
        """Enter what is to be entered of a frame; the views are those of its last part."""
        new = [one for one in parts if self._is_new(one[0], at_ms, int.from_bytes(one[1].code))]
        is_viewed = is_searched or (bool(new) and at_ms - self.last_views_ms >= _VIEWS_MS)
        views = parts[-1][1].views(at_ms) if is_viewed and self.views < _MOST_VIEWS else b""
        if is_viewed:
            self.last_views_ms = at_ms
        if is_searched:
            self.last_second = at_ms, int.from_bytes(parts[-1][1].code)
            self.seconds += b"".join(seen.row(part, at_ms) for part, seen in parts) + views
            self.views += len(views) // _ROW_BYTES
        if len(self.frames) < _MOST_FRAMES * _ROW_BYTES:
            self.frames += b"".join(seen.row(part, at_ms) for part, seen in new) + views
            self.views += len(views) // _ROW_BYTES

    def _is_scene(self, part: int, seen: Seen, at_ms: int) -> bool:
        """Whether a frame looks quite unlike the one before, and unlike the last one that is searched by."""
        code, (searched_ms, searched) = int.from_bytes(seen.code), self.last_second
        others = (searched, self.last.get(part, (0, code))[1])
        is_apart = all((code ^ one).bit_count() > _SCENE_BITS for one in others)
        return is_apart and at_ms - searched_ms >= _SCENE_MS

    def _is_new(self, part: int, at_ms: int, code: int) -> bool:
        """Whether a frame differs from the last one that was entered, or that was a while ago."""
        before_ms, before = self.last.get(part, (-_AGAIN_MS, code))
        if 0 <= at_ms - before_ms < _AGAIN_MS and (code ^ before).bit_count() <= _HARDLY_BITS:
            return False
        self.last[part] = at_ms, code
        return True

    def _lumas(self) -> Iterator[tuple[Any, Grey, bool]]:
        """The frames with their brightness; packets that cannot be decoded are counted."""
        import av  # noqa: PLC0415 - heavy, and an extra

        coder = self.stream.codec_context
        packets = self._packets()
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                coder.skip_frame = "DEFAULT" if self.is_every else "NONREF"
                for frame in coder.decode(packet):
                    yield frame, *_luma(frame)
            except av.InvalidDataError:
                self.broken += 1
            except av.EOFError:
                return
            except (av.FFmpegError, RefusedError) as error:
                self.stopped = f"what follows cannot be read: {getattr(error, 'strerror', None) or error}"
                return

    def _packets(self) -> Iterator[Any]:
        """The packets to be decoded: unless every frame is wanted, none between keyframes that are near."""
        held: list[Any] = []
        is_long, start_s = True, 0.0
        for packet in self.container.demux(self.stream):
            is_end = packet.size == 0
            if self.is_every or is_end or packet.is_keyframe:
                yield from held if self.is_every else held[:1]
                held.clear()
                is_long = self.is_every or is_end
                start_s = _shown_at(packet, start_s)
            if not is_long:
                held.append(packet)
                is_long = abs(_shown_at(packet, start_s) - start_s) > _SHORT_S or len(held) > _MOST_HELD
                if not is_long:
                    continue
                yield from held
                held.clear()
                continue
            yield packet

    def _time_of(self, frame: Any) -> int:
        """When it is shown, in ms since the recording's beginning; a guess where that is not said."""
        from witnessmark.pixels.film import LATEST_MS  # noqa: PLC0415 - heavy

        first_s = (self.container.start_time or 0) / 1_000_000
        at_ms = -1 if frame.time is None else round((frame.time - first_s) * 1000)
        if 0 <= at_ms <= LATEST_MS:
            return at_ms
        following = self.until_ms + round(1000 / float(self.stream.average_rate or 25))
        return min(following, LATEST_MS) if self.decoded else 0

    def _is_over(self) -> bool:
        """Whether a limit is met; then it is said which."""
        allowed_s = resource.getrlimit(resource.RLIMIT_CPU)[0]
        is_bounded = allowed_s != resource.RLIM_INFINITY
        if is_bounded and time.process_time() > max(allowed_s / 2, allowed_s - _SPARE_CPU_S):
            self.stopped = "the processor time that one video may take was used up"
        elif time.monotonic() - self.begun_s > WALL_S - _SPARE_WALL_S:
            self.stopped = "the time that one video may take was used up"
        elif self.entered >= _MOST_SECONDS:
            self.stopped = f"more than {_MOST_SECONDS} codes are not kept"
        return bool(self.stopped)


def _stream(container: Any) -> Any:
    """The video stream that is looked at; None if there is none. The errors of `decodable`."""
    stream = container.streams.best("video")
    return None if stream is None else decodable(stream)


def _luma(frame: Any) -> tuple[Grey, bool]:
    """The brightness of a frame as it is stored, and whether it goes from 0 to 255."""
    import numpy as np  # noqa: PLC0415 - heavy

    require_small(frame.width, frame.height)
    stored = frame.format.name
    is_full_range = stored in _LAYERED_FULL or int(frame.color_range) == _FULL_RANGE or stored == "gray"
    if stored not in _LAYERED + _LAYERED_FULL:
        frame, is_full_range = frame.reformat(format="gray"), True
    plane = frame.planes[0]
    lines = np.frombuffer(plane, np.uint8)[: plane.line_size * frame.height]
    return lines.reshape(frame.height, plane.line_size)[:, : frame.width], is_full_range


def _shown_at(packet: Any, otherwise: float) -> float:
    at = packet.pts if packet.pts is not None else packet.dts
    return otherwise if at is None else float(at * packet.time_base)
