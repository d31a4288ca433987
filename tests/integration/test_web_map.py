"""The map in the browser: which places of a case are told to whom."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from markupsafe import escape
from tests.servers.desks import HOSTILE
from tests.servers.doors import came_in

from witnessmark.web.office import Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_positions_are_told_to_those_who_work_with_the_material_alone(office: Office) -> None:
    analyst, viewer = (came_in(office, role)[0].get("/map").text for role in (Role.ANALYST, Role.VIEWER))
    assert "17.30000, 62.80000" in analyst
    assert "± 40 m" in analyst
    assert "± 500 m" in analyst
    assert analyst.count('class="spot ') == 2
    for told in ("17.3", "62.8", "62.9", 'class="spot ', "viewBox"):
        assert told not in viewer
    assert viewer.count("withheld") == 2
    assert analyst.count("data-place") == viewer.count("data-place") + 1 == 3
    for page in (analyst, viewer):
        assert str(escape(HOSTILE[2])) in page, "the name of the event's place"
        assert str(escape(HOSTILE[3])) in page, "a place that somebody named in words"


def test_what_is_picked_in_the_address_is_marked_without_script(office: Office) -> None:
    client, _ = came_in(office, Role.ANALYST)
    assert 'class="picked"' not in client.get("/map").text
    numbers = [number for number, _ in office.desk.case.exhibits()]
    page = client.get(f"/map?of={numbers[0]}").text
    assert 'aria-current="true"' in page
    assert f'class="picked" data-of="{numbers[0]}"' in page
    assert client.get("/map", params={"of": HOSTILE[1]}).status_code == 200
