"""The brief as it would be written now, in a frame from the other host where nothing runs."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from witnessmark.errors import UsageError
from witnessmark.publish.words import LANGUAGES as BRIEFS
from witnessmark.web.drawing import draw
from witnessmark.web.gate import COLLECTED
from witnessmark.web.office import Visit


def brief(visit: Visit) -> Response:
    """The brief, and every rule that it breaks; that of a large case is written beside, as the page says."""
    language = visit.asked("in") or "en"
    if language not in visit.office.drafts:
        raise UsageError("no brief is made in that language")
    draft = visit.office.drafted(language, lambda: visit.desk.drafted_brief(language))
    spoken: dict[str, Any] = {"spoken": language, "spoken_all": tuple(BRIEFS)}
    if draft is None:
        return draw(visit, "brief.html", frame="", faults=(), **spoken)
    files, faults = draft
    token = visit.office.sessions.grant(visit.required, "brief", None, language)
    visit.required.drafts[language] = files
    frame = f"http://{COLLECTED}:{visit.office.port}/kept/{token}/brief.html"
    return draw(visit, "brief.html", frame=frame, faults=faults, **spoken)
