"""The brief as it would be written now, in a frame from the other host where nothing runs."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.errors import UsageError
from witnessmark.publish.words import LANGUAGES as BRIEFS
from witnessmark.web.drawing import draw
from witnessmark.web.gate import COLLECTED
from witnessmark.web.office import Visit


def brief(visit: Visit) -> Response:
    """The brief, and every rule that it breaks."""
    language = visit.asked("in") or "en"
    if language not in visit.office.drafts:
        raise UsageError("no brief is made in that language")
    files, faults = visit.office.drafts[language].now(lambda: visit.desk.drafted_brief(language))
    token = visit.office.sessions.grant(visit.required, "brief", None, language)
    visit.required.drafts[language] = files
    frame = f"http://{COLLECTED}:{visit.office.port}/kept/{token}/brief.html"
    return draw(visit, "brief.html", frame=frame, faults=faults, spoken=language, spoken_all=tuple(BRIEFS))
