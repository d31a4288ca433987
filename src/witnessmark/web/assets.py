"""Assets: the style sheet, and the scripts that `make assets` builds from `ui/`.

Without the scripts the pages still work, by links and forms.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

STATIC = "static"
SCRIPT = "desk.js"
_BUILT = "built"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """A file that browsers may load, with its media type; None if there is none of that name."""
    found = _assets().get(name)
    if found is None:
        return None
    return found.read_bytes(), _TYPES[name[name.rfind(".") :]]


@cache
def script_names() -> tuple[str, ...]:
    """The script of every page, if it was built; it asks for the others where they are needed."""
    return tuple(name for name in _assets() if name == SCRIPT)


@cache
def _assets() -> dict[str, Traversable]:
    folder = files("witnessmark.web").joinpath(STATIC)
    built = folder.joinpath(_BUILT)
    places = [*folder.iterdir(), *(built.iterdir() if built.is_dir() else ())]
    return {one.name: one for one in places if one.is_file() and one.name[one.name.rfind(".") :] in _TYPES}
