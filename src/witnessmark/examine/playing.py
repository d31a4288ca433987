"""What of a recording is played and leafed through: a grey preview, a strip of frames, a frame, a waveform.

All of it is made anew in the locked room from decoded pictures and sound, with the masks of the time burned
in; no byte of the recording goes on. The preview is WebM of VP8 and Opus, which browsers play and which need
no licence; each frame keeps its time to the millisecond, so that it can be stepped through and marked.
"""

from __future__ import annotations

import array
import io
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO

from witnessmark.errors import MalformedError, UsageError
from witnessmark.examine import derive
from witnessmark.examine.derive import Wish
from witnessmark.examine.recording import ORIENTATIONS, decodable, with_recording
from witnessmark.pixels import raster

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

PLAYED, STRIP, FRAME, WAVES = (f"{__name__}:{name}" for name in ("played", "strip", "frame", "waves"))
WAVES_TYPE = "application/vnd.witnessmark.waves"
LONGEST_MS = 300_000
"""How much of a recording one preview shows; what follows is in another."""
PLAY_PX, TILE_PX, COLUMNS, TILES = 480, 160, 6, 24
CPU_S, WALL_S = 600, 1800
MOST_BYTES = 128 << 20
WAVE_COLUMNS = 1_200
_GROUP, _BITS, _SOUND_BITS, _SOUND_HZ = 12, 500_000, 48_000, 48_000
_TOLD_EVERY_S = 1.0
_WAVE_HZ, _WAVE_STEP = 8_000, 80
_LONGEST_WAVE_S = 6 * 3600
_MILLI = Fraction(1, 1000)
_SOUND_FRAME = 960

Parts = Iterator[tuple[Mapping[str, object], bytes]]


@dataclass(frozen=True, slots=True)
class _Masks:
    """What is hidden when: regions with the times between which they hold, if they have any."""

    wish: Wish
    times: tuple[tuple[int, int] | None, ...]

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> _Masks:
        plain = parameters.get("masks", ())
        times = tuple(None if "from_ms" not in one else (one["from_ms"], one["until_ms"]) for one in plain)
        return cls(Wish.from_plain({"masks": plain}), times)

    def at(self, at_ms: int, lasting_ms: int) -> Wish:
        """A wish with the masks that hold at some time while a frame is shown, or a millisecond beside it."""
        first, last = at_ms - 1, at_ms + lasting_ms + 1
        pairs = zip(self.wish.masks, self.times, strict=True)
        return Wish(
            masks=tuple(one for one, when in pairs if when is None or (first < when[1] and when[0] < last))
        )


def played(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """A preview that browsers play, from `from_ms` on: empty parts say how far it is, the last is all of it.

    `masks` as of `derive`, each between `from_ms` and `until_ms` if it says so. MalformedError if neither a
    frame nor sound can be read there.
    """
    start = _whole(parameters, "from_ms")
    making = _Preview(start, _Masks.of(parameters))
    # The container is read and written step by step: what is told on the way has to leave the room.
    yield from _each(untrusted, making.steps)
    yield making.facts(), making.stream.getvalue()


def strip(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """Frames from all over the recording as one JPEG, `grey` and blurred by `blur` if so wished."""
    masks = _Masks.of(parameters)
    wish = Wish.from_plain({name: parameters[name] for name in ("grey", "blur") if name in parameters})
    yield with_recording(untrusted, lambda container: _strip(container, masks, wish))


def frame(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """The frame that is shown at `at_ms`, upright in its colours, no larger than `max_px`."""
    at_ms, masks = _whole(parameters, "at_ms"), _Masks.of(parameters)
    looks = ("max_px", "grey", "blur")
    wish = Wish.from_plain({name: parameters[name] for name in looks if name in parameters})
    yield with_recording(untrusted, lambda container: _frame(container, at_ms, masks, wish))


def waves(untrusted: BinaryIO, parameters: Mapping[str, object]) -> Parts:
    """How loud the first sound track is from beginning to end: the lowest and highest value of each column.

    Two signed bytes a column; MalformedError if there is no sound that can be read.
    """
    del parameters
    yield with_recording(untrusted, _waves)


def warm() -> None:
    """Load what decodes and codes, before the room is locked behind a file."""
    derive.warm()
    try:
        import av  # noqa: PLC0415 - heavy, and an extra
        import numpy as np  # noqa: PLC0415 - heavy
    except ImportError:
        return
    stream = io.BytesIO()
    with av.open(stream, "w", format="webm") as out:
        coder = _picture_track(out, (32, 32))
        grey = av.VideoFrame.from_ndarray(np.full((48, 32), 128, np.uint8), format="yuv420p")
        grey.pts, grey.time_base = 0, _MILLI
        for packet in (*coder.encode(grey), *coder.encode()):
            out.mux(packet)


def _each(untrusted: BinaryIO, steps: Any) -> Parts:
    """What is told on the way through a recording, as it comes; MalformedError if FFmpeg cannot read it."""
    with_recording(untrusted, bool)  # whoever lacks the extra, or brings no recording, is told so there
    import av  # noqa: PLC0415 - heavy, and an extra

    untrusted.seek(0)
    try:
        with av.open(untrusted, "r", metadata_errors="replace") as opened:
            yield from steps(opened)
    except av.FFmpegError as error:
        raise MalformedError(f"it cannot be read to be played: {error.strerror}") from error


@dataclass(slots=True)
class _Preview:
    """One preview in the making."""

    start_ms: int
    masks: _Masks
    stream: io.BytesIO = field(default_factory=io.BytesIO)
    size: tuple[int, int] = (0, 0)
    upright: tuple[int, int] = (0, 0)
    times: list[int] = field(default_factory=list)
    heard_ms: int = 0
    has_sound: bool = False
    broken: int = 0
    is_whole: bool = True
    stopped: str = ""

    def facts(self) -> Mapping[str, object]:
        """What there is to say of it; MalformedError if nothing is in it."""
        if not self.times and not self.has_sound:
            raise MalformedError("there is neither a frame nor sound that can be played")
        until = max(self.heard_ms, self.times[-1] if self.times else 0)
        return {
            "media_type": "video/webm" if self.times else "audio/webm",
            "width": self.size[0],
            "height": self.size[1],
            "upright_width": self.upright[0],
            "upright_height": self.upright[1],
            "from_ms": self.start_ms,
            "until_ms": self.start_ms + until,
            "has_sound": self.has_sound,
            "is_last": self.is_whole,
            "broken_packets": self.broken,
            "times_ms": self.times,
            "stopped": self.stopped,
        }

    def steps(self, container: Any) -> Parts:
        """Go through the recording from the start of this preview to its end."""
        import av  # noqa: PLC0415 - heavy, and an extra

        tracks = _tracks(container)
        first_us = container.start_time or 0
        if self.start_ms:
            container.seek(first_us + self.start_ms * 1000)
        with av.open(self.stream, "w", format="webm") as out:
            tape = _Tape(out, self, first_us / 1_000_000, frozenset(one.type for one in tracks))
            told_s = time.monotonic()
            for one in self._decoded(container, tracks):
                tape.take(one)
                if tape.is_over or self.stream.tell() > MOST_BYTES:
                    self.is_whole = False
                    self.stopped = "" if tape.is_over else "the preview grew too large"
                    break
                if time.monotonic() - told_s > _TOLD_EVERY_S:
                    told_s = time.monotonic()
                    yield {"done_ms": tape.reached_ms}, b""
            tape.end()

    def _decoded(self, container: Any, tracks: Sequence[Any]) -> Iterator[Any]:
        """Frames and pieces of sound as they come; packets that cannot be decoded are counted."""
        import av  # noqa: PLC0415 - heavy, and an extra

        for packet in container.demux(tracks):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                self.broken += 1
            except av.EOFError:
                return


def _tracks(container: Any) -> list[Any]:
    """The tracks that are played; MalformedError if no decoder here knows one."""
    import av  # noqa: PLC0415 - heavy, and an extra

    seen, heard = container.streams.best("video"), container.streams.best("audio")
    if seen is not None and (seen.disposition & av.stream.Disposition.attached_pic):
        seen = None  # the cover of a record is no video
    tracks = [one for one in (seen, heard) if one is not None and one.codec_context is not None]
    if not tracks:
        raise MalformedError("there is neither a picture nor a sound track that a decoder here knows")
    return [decodable(one) if one is seen else one for one in tracks]


class _Tape:
    """What a preview is recorded on: frames in grey with their times, and sound."""

    def __init__(self, out: Any, making: _Preview, first_s: float, kinds: frozenset[str]) -> None:
        import av  # noqa: PLC0415 - heavy, and an extra

        self._out, self._making, self._first_s = out, making, first_s
        self._has_picture = "video" in kinds
        self._picture: Any = None
        self._sound: Any = None
        self._resampler: Any = None
        self._waiting: list[Any] = []
        if "audio" in kinds:
            self._sound = out.add_stream("libopus", rate=_SOUND_HZ)
            self._sound.layout, self._sound.bit_rate = "mono", _SOUND_BITS
            self._sound.time_base = Fraction(1, _SOUND_HZ)
            self._resampler = av.AudioResampler("s16", "mono", _SOUND_HZ, _SOUND_FRAME)
        self._heard = 0
        self.reached_ms = 0
        self.is_over = False
        """Whether what leads, the pictures if there are any, has reached the end of this preview."""

    def take(self, one: Any) -> None:
        """Record a frame or a piece of sound, if it belongs to this preview."""
        is_picture = hasattr(one, "width")
        if one.time is None:
            return
        at_ms = round((one.time - self._first_s) * 1000) - self._making.start_ms
        if at_ms >= LONGEST_MS:
            self.is_over = self.is_over or is_picture == self._has_picture
        elif at_ms >= 0:
            self.reached_ms = max(self.reached_ms, at_ms)
            (self._take_picture if is_picture else self._take_sound)(one, at_ms)

    def _take_picture(self, one: Any, at_ms: int) -> None:
        import av  # noqa: PLC0415 - heavy, and an extra
        import numpy as np  # noqa: PLC0415 - heavy

        making = self._making
        if making.times and at_ms <= making.times[-1]:
            return  # two frames of one millisecond are one
        orientation = ORIENTATIONS.get(round(one.rotation) % 360, 1)
        if self._picture is None:
            making.upright = (one.height, one.width) if orientation >= 5 else (one.width, one.height)
            scale = min(1, PLAY_PX / max(making.upright))
            making.size = _even(making.upright[0] * scale), _even(making.upright[1] * scale)
            self._picture = _picture_track(self._out, making.size)
        wide, high = making.size[::-1] if orientation >= 5 else making.size
        grey = _turned(
            one.reformat(width=wide, height=high, format="gray", threads=1).to_ndarray(), orientation
        )
        wish = making.masks.at(making.start_ms + at_ms, _lasting_ms(one, None))
        if wish.masks:
            grey = _masked(grey, wish, making.upright)
        layers = np.full((making.size[1] * 3 // 2, making.size[0]), 128, np.uint8)
        layers[: making.size[1]] = grey
        coded = av.VideoFrame.from_ndarray(layers, format="yuv420p")
        coded.pts, coded.time_base = at_ms, _MILLI
        making.times.append(at_ms)
        self._out.mux(self._picture.encode(coded))

    def _take_sound(self, one: Any, at_ms: int) -> None:
        making = self._making
        if not making.has_sound:
            self._heard = at_ms * _SOUND_HZ // 1000
        making.has_sound = True
        making.heard_ms = max(making.heard_ms, at_ms + round(1000 * one.samples / one.sample_rate))
        one.pts = None
        self._record(self._resampler.resample(one))

    def _record(self, pieces: Sequence[Any]) -> None:
        for piece in pieces:
            piece.pts, piece.time_base = self._heard, Fraction(1, _SOUND_HZ)
            self._heard += piece.samples
            packets = self._sound.encode(piece)
            if self._has_picture and self._picture is None:
                self._waiting += packets  # the file begins when all its tracks are known
            else:
                self._out.mux([*self._waiting, *packets])
                self._waiting = []

    def end(self) -> None:
        """Write what is still on the way."""
        if self._picture is not None:
            self._out.mux(self._picture.encode(None))
        if self._making.has_sound:
            self._record(self._resampler.resample(None))
            self._out.mux([*self._waiting, *self._sound.encode(None)])


def _picture_track(out: Any, size: tuple[int, int]) -> Any:
    track = out.add_stream("libvpx", rate=30)
    track.width, track.height, track.pix_fmt, track.bit_rate = *size, "yuv420p", _BITS
    track.options = {"deadline": "realtime", "cpu-used": "8", "threads": "1"}
    track.gop_size, track.thread_type = _GROUP, "NONE"
    track.codec_context.time_base = _MILLI
    return track


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _turned(grey: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    import numpy as np  # noqa: PLC0415 - heavy

    turns = {1: 0, 8: 1, 3: 2, 6: 3}[orientation]
    return np.ascontiguousarray(np.rot90(grey, turns))


def _masked(grey: NDArray[np.uint8], wish: Wish, upright: tuple[int, int]) -> NDArray[np.uint8]:
    import numpy as np  # noqa: PLC0415 - heavy
    from PIL import Image  # noqa: PLC0415 - heavy

    picture = Image.fromarray(grey).convert("RGB")
    derive.burn(picture, wish.masks, (picture.width / upright[0], picture.height / upright[1]))
    return np.asarray(picture.convert("L"))


def _upright(shown: Any, masks: _Masks, at_ms: int, lasting_ms: int) -> Image.Image:
    """A frame as a picture, upright and with the masks of its time burned in."""
    image = raster.upright(shown.to_image(), ORIENTATIONS.get(round(shown.rotation) % 360, 1))
    derive.burn(image, masks.at(at_ms, lasting_ms).masks)
    return image


def _lasting_ms(shown: Any, rate: Any) -> int:
    """For how long a frame is shown, as far as it or its track says so; a second if neither does."""
    if shown.duration and shown.time_base:
        return max(1, math.ceil(float(1000 * shown.duration * shown.time_base)))
    return max(1, math.ceil(1000 / float(rate))) if rate else 1000


def _looking(image: Image.Image, wish: Wish) -> Image.Image:
    """A picture grey and blurred, as far as that is wished."""
    from PIL import ImageFilter  # noqa: PLC0415 - heavy

    if wish.grey:
        image = image.convert("L")
    return image.filter(ImageFilter.GaussianBlur(wish.blur)) if wish.blur else image


def _strip(container: Any, masks: _Masks, wish: Wish) -> tuple[Mapping[str, object], bytes]:
    from PIL import Image  # noqa: PLC0415 - heavy

    tiles = list(_tiles(container, masks))
    if not tiles:
        raise MalformedError("no frame of the video can be decoded")
    wide = max(one.width for _, one in tiles)
    high = max(one.height for _, one in tiles)
    columns = min(COLUMNS, len(tiles))
    sheet = Image.new("RGB", (wide * columns, high * -(-len(tiles) // columns)))
    for place, (_, tile) in enumerate(tiles):
        whole = _looking(tile, wish)
        left, top = place % columns * wide, place // columns * high
        sheet.paste(whole, (left + (wide - whole.width) // 2, top + (high - whole.height) // 2))
    if wish.grey:
        sheet = sheet.convert("L")
    stream = io.BytesIO()
    sheet.save(stream, "JPEG", quality=82)
    facts = {
        "media_type": "image/jpeg",
        "width": sheet.width,
        "height": sheet.height,
        "tile_width": wide,
        "tile_height": high,
        "columns": columns,
        "times_ms": [at_ms for at_ms, _ in tiles],
    }
    return facts, stream.getvalue()


def _tiles(container: Any, masks: _Masks) -> Iterator[tuple[int, Image.Image]]:
    """Small frames from all over the recording, as far as it can be sought in."""
    import av  # noqa: PLC0415 - heavy, and an extra

    stream = container.streams.best("video")
    if stream is None:
        return
    stream = decodable(stream)
    length, first = container.duration or 0, container.start_time or 0
    before = -1
    for number in range(TILES if length else 1):
        try:
            if number:
                container.seek(first + length * number // TILES)
            shown = next(container.decode(stream))
        except (av.FFmpegError, StopIteration):
            continue
        at_ms = max(0, round((shown.time or 0) * 1000 - first / 1000))
        if at_ms <= before:
            continue  # the same keyframe once more
        before = at_ms
        image = _upright(shown, masks, at_ms, _lasting_ms(shown, stream.average_rate))
        image.thumbnail((TILE_PX, TILE_PX))
        yield at_ms, image


def _frame(container: Any, at_ms: int, masks: _Masks, wish: Wish) -> tuple[Mapping[str, object], bytes]:
    import av  # noqa: PLC0415 - heavy, and an extra

    stream = container.streams.best("video")
    if stream is None:
        raise MalformedError("a recording without pictures has no frames")
    stream, first_us = decodable(stream), container.start_time or 0
    if at_ms:
        container.seek(first_us + at_ms * 1000)
    best, following = None, None
    try:
        for shown in container.decode(stream):
            now_ms = max(0, round((shown.time or 0) * 1000 - first_us / 1000))
            if best is not None and now_ms > at_ms:
                following = now_ms
                break
            best = (now_ms, shown)
    except av.FFmpegError:
        pass  # what comes after it cannot be read; it can
    if best is None:
        raise MalformedError(f"no frame can be decoded at {at_ms / 1000:g} s")
    now_ms, shown = best
    lasting = round(1000 / float(stream.average_rate or 25))
    until_ms = max(now_ms + 1, following if following is not None else now_ms + lasting)
    image = _upright(shown, masks, now_ms, max(until_ms - now_ms, _lasting_ms(shown, stream.average_rate)))
    upright = image.size
    if wish.max_px is not None:
        image.thumbnail((wish.max_px, wish.max_px))
    image = _looking(image, wish)
    stream_out = io.BytesIO()
    image.save(stream_out, "JPEG", quality=90)
    facts = {
        "media_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
        "upright_width": upright[0],
        "upright_height": upright[1],
        "at_ms": now_ms,
        "until_ms": until_ms,
    }
    return facts, stream_out.getvalue()


def _waves(container: Any) -> tuple[Mapping[str, object], bytes]:
    import av  # noqa: PLC0415 - heavy, and an extra
    import numpy as np  # noqa: PLC0415 - heavy

    stream = container.streams.best("audio")
    if stream is None or stream.codec_context is None:
        raise MalformedError("there is no sound in it that a decoder here knows")
    resampler = av.AudioResampler("s16", "mono", _WAVE_HZ, _WAVE_STEP)
    lows, highs = array.array("h"), array.array("h")
    stopped = ""
    for packet in container.demux(stream):
        try:
            pieces = [piece for one in packet.decode() for piece in resampler.resample(_untimed(one))]
        except av.InvalidDataError:
            stopped = "some of it could not be decoded"
            continue
        for piece in pieces:
            samples = piece.to_ndarray()
            lows.append(int(samples.min()))
            highs.append(int(samples.max()))
        if len(lows) * _WAVE_STEP > _LONGEST_WAVE_S * _WAVE_HZ:
            stopped = f"more than {_LONGEST_WAVE_S} s are not drawn"
            break
    if not lows:
        raise MalformedError("no sound of it can be decoded")
    low, high = np.array(lows, np.int16), np.array(highs, np.int16)
    columns = min(WAVE_COLUMNS, len(low))
    starts = np.arange(columns) * len(low) // columns
    both = np.stack([np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)], axis=1)
    length_ms = len(lows) * _WAVE_STEP * 1000 // _WAVE_HZ
    facts = {"columns": columns, "duration_ms": length_ms, "stopped": stopped}
    return facts, (both // 256).astype(np.int8).tobytes()


def _untimed(one: Any) -> Any:
    one.pts = None
    return one


def _whole(parameters: Mapping[str, object], name: str) -> int:
    """A time in whole milliseconds, not below 0."""
    value = parameters.get(name, 0)
    if type(value) is not int or not 0 <= value <= 400 * 3600 * 1000:
        raise UsageError(f"{value!r} is no time in a recording")
    return value
