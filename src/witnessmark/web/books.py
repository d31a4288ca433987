"""Books: what the desk in the browser keeps beside the keys of a case, each a file of JSON.

Only its owner may read it, and what was written is on the disk before anybody is told that it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from witnessmark.errors import IntegrityError, RefusedError
from witnessmark.preserve.keys import write_durably

T = TypeVar("T")


def read_book(path: Path, parse: Callable[[Any], T], *, without: str, advice: str) -> T | None:
    """What `parse` makes of a book; None if there is none yet.

    RefusedError if it cannot be read, IntegrityError if it is damaged: `without` says what that keeps from
    being done, `advice` what to do about it.
    """
    try:
        return parse(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IntegrityError(f"{path} is damaged, so {without}", advice=advice) from error


def write_book(path: Path, content: object) -> None:
    """Write a book, whole or not at all, and past a power cut."""
    write_durably(path, json.dumps(content, ensure_ascii=False, indent=1).encode())
