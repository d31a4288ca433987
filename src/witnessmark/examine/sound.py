"""The sound of a recording as Chromaprint's fingerprint, made by fpcalc in the locked room.

A number of 32 bits for each eighth of a second, near for sound that is heard alike. It is kept as it comes:
whole numbers of four bytes, the lowest byte first.
"""

from __future__ import annotations

import array
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from witnessmark.confine import waiting
from witnessmark.errors import MalformedError

PROPERTY, INSTRUMENT = "sound", "sound 1"
MEDIA_TYPE = "application/vnd.witnessmark.chromaprint"
TASK = f"{__name__}:sound"
PROGRAMS = ("fpcalc",)
LIMITS = (
    "What is heard, coarsely: the same sound after coding, cutting and some noise has a near fingerprint, "
    "not at another speed or pitch, nor under other sound. Silence and steady tones say nothing. Only the "
    "first sound track is looked at, and only as far as is said."
)
CPU_S, WALL_S = 300, 900
STEP_S = 4096 // 3 / 11025
"""From one number to the next."""
_MOST_S = 6 * 3600
_COMMAND = ("fpcalc", "-raw", "-json", "-length", str(_MOST_S), "/proc/self/fd/0")
_NO_SOUND = "Could not find any audio stream"
_TOO_SHORT = "Empty fingerprint"
_CUT_OFF_S = 5.0
_ENDED = {
    signal.SIGXCPU: "fpcalc used up its processor time on it",
    signal.SIGKILL: "fpcalc was ended by the system (memory or time used up)",
}


def sound(
    untrusted: BinaryIO, parameters: Mapping[str, object]
) -> Iterator[tuple[Mapping[str, object], bytes]]:
    """One part: how much sound was read, and its fingerprint; MalformedError if it cannot be read.

    A recording without sound, or with less than about three seconds of it, has an empty fingerprint.
    """
    del parameters
    ran = waiting.run(_COMMAND, untrusted.fileno())
    errors = ran.errors.decode("utf-8", "replace")
    if ran.code < 0:
        raise MalformedError(_ENDED.get(signal.Signals(-ran.code), f"fpcalc crashed (signal {-ran.code})"))
    if _NO_SOUND in errors or _TOO_SHORT in errors:
        yield {"count": 0, "complete": True, "has_sound": _NO_SOUND not in errors}, b""
        return
    try:
        told = json.loads(ran.answer)
        numbers = array.array("I", told["fingerprint"])
        length_s = float(told["duration"])
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise MalformedError(f"fpcalc gave no fingerprint: {_last_line(errors)}") from error
    read_s = len(numbers) * STEP_S
    is_complete = read_s > length_s - _CUT_OFF_S
    if sys.byteorder == "big":
        numbers.byteswap()
    facts: dict[str, object] = {
        "count": len(numbers),
        "duration_s": length_s,
        "read_until_s": round(min(length_s, read_s), 1),
        "complete": is_complete,
        "has_sound": True,
    }
    if not is_complete:
        is_long = length_s > _MOST_S
        facts["stopped"] = f"more than {_MOST_S} s are not read" if is_long else _last_line(errors)
    yield facts, numbers.tobytes()


def _last_line(errors: str) -> str:
    lines = [line.strip().removeprefix("ERROR: ") for line in errors.split("\n")]
    return next((line for line in reversed(lines) if line), "it said nothing")
