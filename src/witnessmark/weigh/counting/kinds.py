"""What a mark counts, by the observer's first word for it: people, bodies, vehicles, or just that word."""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "bodies": "body bodies corpse corpses dead remains skull skulls",
    "people": "person persons people man men woman women child children boy boys girl girls prisoner"
    " prisoners captive captives detainee detainees soldier soldiers civilian civilians fighter fighters"
    " guard guards figure figures head heads",
    "vehicles": "vehicle vehicles car cars lorry lorries truck trucks pickup pickups bus buses tank tanks van"
    " vans ambulance ambulances motorcycle motorcycles excavator excavators",
    "graves": "grave graves trench trenches pit pits mound mounds",
}
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")


def kind_of(text: str) -> str:
    """What is counted: the first word that names a kind decides; else all that was written, or `things`."""
    folded = text.casefold()
    found = next((_KIND_OF[word] for word in _WORD.findall(folded) if word in _KIND_OF), None)
    return found or " ".join(folded.split()) or "things"
