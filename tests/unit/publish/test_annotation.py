from __future__ import annotations

import json
from base64 import urlsafe_b64decode

import pytest

from witnessmark.desk.sidecar import Line, moment_of, region_of
from witnessmark.model import Digest, Moment, Observation, Purpose, Region, Shape, person
from witnessmark.model.wire import digest_of
from witnessmark.publish.annotation import PURPOSES, address, annotation, annotation_page
from witnessmark.publish.dossier import Dossier

MOTIVATIONS = {
    *("assessing", "bookmarking", "classifying", "commenting", "describing", "editing", "highlighting"),
    *("identifying", "linking", "moderating", "questioning", "replying", "tagging"),
}


def test_every_purpose_has_a_motivation_of_the_standard() -> None:
    assert set(PURPOSES) == set(Purpose)
    assert set(PURPOSES.values()) <= MOTIVATIONS


def test_an_address_holds_the_whole_digest() -> None:
    digest = Digest.of(b"gate")
    scheme, _, coded = address(digest).partition(";")
    assert scheme == "ni:///sha-256"
    assert urlsafe_b64decode(coded + "=").hex() == digest.hex


@pytest.mark.parametrize(
    ("region", "kind", "value"),
    [
        (Region(Shape.BOX, ((10.0, 20.0), (40.0, 60.0))), "FragmentSelector", "xywh=pixel:10,20,30,40"),
        (
            Region(Shape.BOX, ((10.5, 20.0), (40.0, 60.0))),
            "SvgSelector",
            '<polygon points="10.5,20.0 40.0,20.0 40.0,60.0 10.5,60.0"/>',
        ),
        (
            Region(Shape.POLYGON, ((0.0, 0.0), (5.0, 0.0), (5.0, 5.0))),
            "SvgSelector",
            '<polygon points="0.0,0.0 5.0,0.0 5.0,5.0"/>',
        ),
        (Region(Shape.POINT, ((7.0, 9.0),)), "SvgSelector", '<circle cx="7.0" cy="9.0" r="1"/>'),
    ],
)
def test_a_region_becomes_a_selector_of_the_standard(
    region: Region, kind: str, value: str, dossier: Dossier
) -> None:
    first = dossier.observations[0]
    marked = Observation(first.about, Purpose.PLACE, person("wren"), first.observed_at, "a tower", region)
    selector = annotation(marked)["target"]["selector"]
    assert selector["type"] == kind
    assert value in selector["value"]


def test_the_page_holds_every_observation_bound_to_its_bytes(dossier: Dossier) -> None:
    page = json.loads(annotation_page(dossier.observations[::-1]))
    assert page["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert [one["id"] for one in page["items"]] == [address(digest_of(one)) for one in dossier.observations]
    assert {one["target"]["source"] for one in page["items"]} == {address(dossier.observations[0].about)}


def test_a_count_stays_a_range(dossier: Dossier) -> None:
    (count,) = (one for one in dossier.observations if one.purpose is Purpose.COUNT)
    values = [body["value"] for body in annotation(count)["body"]]
    assert values == ["count", "3–4", "people lying on the ground"]


BOX = Region(Shape.BOX, ((10.0, 20.0), (40.0, 60.0)))
CORNER = Region(Shape.POLYGON, ((0.0, 0.0), (5.0, 0.0), (5.0, 5.0)))


@pytest.mark.parametrize(
    ("region", "value", "refined"),
    [
        (None, "t=12.48,12.52", None),
        (BOX, "t=12.48,12.52&xywh=pixel:10,20,30,40", None),
        (CORNER, "t=12.48,12.52", "SvgSelector"),
    ],
)
def test_a_moment_becomes_a_fragment_of_the_standard_and_comes_back(
    region: Region | None, value: str, refined: str | None, dossier: Dossier
) -> None:
    first, moment = dossier.observations[0], Moment(12_480, 12_520)
    marked = Observation(
        first.about, Purpose.NOTE, person("wren"), first.observed_at, "a cart", region, None, moment
    )
    selector = annotation(marked)["target"]["selector"]
    assert (selector["type"], selector["value"]) == ("FragmentSelector", value)
    assert selector.get("refinedBy", {}).get("type") == refined
    line = Line("a test", {})
    assert moment_of(line, selector) == moment
    assert region_of(line, selector) == region
