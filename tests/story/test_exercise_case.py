"""The exercise case keeps its word: what lies in the files is what its truth says."""

from __future__ import annotations

import csv
import email
import io
import json
import mailbox
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from email.message import Message
from email.policy import default
from itertools import combinations, pairwise
from math import asin, atan2, cos, degrees, radians, sin
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import trafilatura
from openpyxl import load_workbook
from PIL import Image, ImageOps

from witnessmark.model import Purpose, Qualifier, Stance, Status, Topic

CASE = Path(__file__).resolve().parents[2] / "examples/exercise"
INCOMING = CASE / "incoming"
Entry = dict[str, Any]


def _lines(name: str) -> list[Entry]:
    return [json.loads(line) for line in (CASE / name).read_text("utf-8").splitlines()]


def _truth(name: str) -> Any:
    return json.loads((CASE / "truth" / name).read_text("utf-8"))


def _pictures() -> list[Entry]:
    return cast("list[Entry]", _truth("pictures.json")["pictures"])


def _path(file: str) -> Path:
    return CASE / file if file.startswith("archive/") else INCOMING / file


def _upright(file: str) -> Image.Image:
    with Image.open(_path(file)) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


# --- texts


def _readable(file: str) -> str:
    """The readable text of a file by general means, not by the product's."""
    path = INCOMING / file
    match path.suffix:
        case ".html":
            return trafilatura.extract(path.read_text("utf-8")) or ""
        case ".txt":
            return path.read_text("utf-8")
        case ".mbox":
            messages = mailbox.mbox(path, create=False)
            try:
                return "\n".join(_body(message.as_bytes(), "text/plain") for message in messages)
            finally:
                messages.close()
        case ".eml":
            return _body(path.read_bytes(), "text/plain")
        case _:
            return trafilatura.extract(_body(path.read_bytes(), "text/html")) or ""


def _body(raw: bytes, kind: str) -> str:
    parts: list[Message] = list(email.message_from_bytes(raw).walk())
    wanted = next(part for part in parts if part.get_content_type() == kind)
    payload = wanted.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8").replace("\r\n", "\n")


def test_every_quote_stands_verbatim_and_once_in_its_text() -> None:
    texts = {entry["file"]: _readable(entry["file"]) for entry in _lines("truth/texts.jsonl")}
    for statement in _lines("truth/statements.jsonl"):
        assert texts[statement["file"]].count(statement["quote"]) == 1, statement["id"]
    for number in _lines("truth/numbers.jsonl"):
        assert texts[number["file"]].count(number["quote"]) == 1, number["quote"]


def test_statements_use_the_words_of_the_house_and_relay_only_what_came_before() -> None:
    claims = {line["id"]: line["topic"] for line in _lines("sidecar/claims.jsonl") if line["kind"] == "claim"}
    for name in ("truth/statements.jsonl", "sidecar/statements.jsonl"):
        seen: set[str] = set()
        for statement in _lines(name):
            assert statement["relays"] is None or statement["relays"] in seen
            assert statement["id"] not in seen
            seen.add(statement["id"])
            assert Stance(statement["stance"])
            assert claims[statement["claim"]] == Topic(statement["topic"])
            if statement["amount"]:
                assert Qualifier(statement["amount"]["qualifier"])
    stances = {statement["stance"] for statement in _lines("truth/statements.jsonl")}
    assert stances == set(Stance)


def test_the_reader_of_the_desk_missed_some_statements_and_invented_none() -> None:
    truth = {statement["id"]: statement for statement in _lines("truth/statements.jsonl")}
    read = _lines("sidecar/statements.jsonl")
    assert 0 < len(truth) - len(read) < 10
    for statement in read:
        del statement["author"]
        assert statement.items() <= truth[statement["id"]].items()


def test_every_statement_belongs_to_one_lineage_and_a_relay_to_that_of_its_origin() -> None:
    lineages = {line["lineage"]: set(line["statements"]) for line in _lines("truth/lineages.jsonl")}
    statements = {statement["id"]: statement for statement in _lines("truth/statements.jsonl")}
    assert set.union(*lineages.values()) == set(statements)
    assert sum(map(len, lineages.values())) == len(statements)
    for statement in statements.values():
        assert statement["id"] in lineages[statement["lineage"]]
        if statement["relays"]:
            assert statements[statement["relays"]]["lineage"] == statement["lineage"]


def test_assessments_rest_on_statements_that_the_desk_has_read() -> None:
    read = {statement["id"] for statement in _lines("sidecar/statements.jsonl")}
    claims = {line["id"] for line in _lines("sidecar/claims.jsonl") if line["kind"] == "claim"}
    assessments = [line for line in _lines("sidecar/assessments.jsonl") if line["kind"] == "assessment"]
    assert len(assessments) >= 8
    for assessment in assessments:
        assert assessment["claim"] in claims
        assert set(assessment["rests_on"]) <= read
        assert Status(assessment["status"])
        assert assessment["reasons"]


def test_the_letter_carries_the_very_bytes_of_a_picture_of_the_case() -> None:
    raw = (INCOMING / "texts/03-dry-season-letter.eml").read_bytes()
    message = email.message_from_bytes(raw, policy=default)
    (attached,) = list(message.iter_attachments())
    assert attached.get_content() == (INCOMING / "pictures/halsan-front-08.jpg").read_bytes()


# --- lists


def _rows(name: str, entry: Entry) -> list[tuple[Any, ...]]:
    path = INCOMING / entry["file"]
    if path.suffix == ".xlsx":
        with closing(load_workbook(path, read_only=True)) as book:
            return list(book.worksheets[0].iter_rows(values_only=True))[entry["header_rows"] :]
    text = path.read_text("utf-8-sig")
    delimiter = ";" if name == "clinic" else ","
    return [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)][entry["header_rows"] :]


def test_each_list_has_the_rows_and_the_doubles_that_its_truth_counts() -> None:
    for name, entry in _truth("lists.json")["lists"].items():
        assert len(_rows(name, entry)) == entry["rows"] == len(entry["row_persons"])
        times = Counter(entry["row_persons"])
        assert sorted(person for person, count in times.items() if count > 1) == entry["twice"]
        assert len(times) == entry["persons"]


def test_overlaps_and_patterns_follow_from_who_stands_in_which_row() -> None:
    truth = _truth("lists.json")
    on = {name: set(entry["row_persons"]) for name, entry in truth["lists"].items()}
    for one, other in combinations(on, 2):
        assert len(on[one] & on[other]) == truth["overlaps"][f"{one}&{other}"] > 0
    assert len(set.union(*on.values())) == truth["on_any_list"] < truth["population"]
    persons = {person["id"] for person in truth["persons"]}
    assert len(persons) == truth["population"] == sum(pattern["count"] for pattern in truth["patterns"])
    for pattern in truth["patterns"]:
        there = [person for person in persons if all((person in on[name]) == pattern[name] for name in on)]
        assert len(there) == pattern["count"]


def test_a_name_is_seldom_written_alike_on_two_lists() -> None:
    truth = _truth("lists.json")
    spelled: dict[str, list[str]] = {}
    for name in ("committee", "registry"):
        entry = truth["lists"][name]
        for row, person in zip(_rows(name, entry), entry["row_persons"], strict=True):
            words = f"{row[1]}" if name == "committee" else f"{row[1]} {row[0]}"
            spelled.setdefault(person, []).append(words)
    on_both = set(truth["lists"]["committee"]["row_persons"]) & set(truth["lists"]["registry"]["row_persons"])
    alike = sum(len(set(spelled[person])) == 1 for person in on_both)
    assert alike < 0.2 * len(on_both)


# --- pictures


def test_pictures_are_small_readable_jpegs_of_the_stated_size_with_names_of_their_own() -> None:
    pictures = _pictures()
    for picture in pictures:
        path = _path(picture["file"])
        assert path.stat().st_size <= 120_000, path
        with Image.open(path) as opened:
            assert opened.format == "JPEG"
            opened.load()
        assert list(_upright(picture["file"]).size) == picture["size"]
        assert "fictional" in picture["statement"]
        assert b"Nothing in it is real" in path.read_bytes()
    files = [*(INCOMING / "pictures").iterdir(), *(CASE / "archive").glob("*.jpg")]
    assert {path.name for path in files} == {Path(picture["file"]).name for picture in pictures}
    assert len(files) == len(pictures)
    assert len([one for one in pictures if one["file"].startswith("pictures/")]) >= 18


def test_no_file_is_heavy_and_no_private_key_lies_about() -> None:
    files = [path for path in CASE.rglob("*") if path.is_file() and not path.is_relative_to(CASE / "build")]
    for path in files:
        content = path.read_bytes()
        assert len(content) <= 120_000, path
        assert b"PRIVATE KEY" not in content
    assert sum(path.stat().st_size for path in files) < 3_500_000


def test_boxes_lie_inside_their_pictures() -> None:
    for picture in _pictures():
        width, height = picture["size"]
        boxes = [one["box"] for one in (*picture["things"], *picture["persons"], *picture["manipulations"])]
        for x, y, wide, high in boxes:
            assert 0 <= x < x + wide <= width
            assert 0 <= y < y + high <= height


def test_metadata_agrees_with_the_truth_except_where_something_was_planted() -> None:
    for picture in _pictures():
        with Image.open(_path(picture["file"])) as opened:
            exif = opened.getexif()
        inner, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
        claims = picture["claims"]
        if claims["device"] is None:
            assert 0x9003 not in inner
            assert not gps
            continue
        assert exif[0x0110] == claims["device"]
        told = datetime.strptime(inner[0x9003], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 cameras write none
        assert told.isoformat() == claims["time"]
        assert inner.get(0x9011) == claims["utc_offset"]
        slow = told - datetime.fromisoformat(picture["taken"]["local"]).replace(tzinfo=None)
        assert slow == (timedelta(minutes=-67) if "clock-slow" in picture["planted"] else timedelta())
        assert bool(gps) == (claims["position"] is not None)
        if gps:
            _check_position(picture, gps)


def _check_position(picture: Entry, gps: dict[int, Any]) -> None:
    latitude, longitude = (float(d + m / 60 + s / 3600) for d, m, s in (gps[2], gps[4]))
    north = (latitude - picture["camera"]["latitude"]) * 111_195
    east = (longitude - picture["camera"]["longitude"]) * 111_195 * cos(radians(latitude))
    away = (north**2 + east**2) ** 0.5
    if "gps-elsewhere" in picture["planted"]:
        assert 50_000 < away < 70_000
    else:
        assert away < 10


def test_the_sun_stands_where_independent_formulas_put_it() -> None:
    for picture in _pictures():
        if "sun" not in picture:
            continue
        moment = datetime.fromisoformat(picture["taken"]["utc"])
        azimuth, altitude = _almanac(moment, picture["site"]["latitude"], picture["site"]["longitude"])
        assert abs(altitude - picture["sun"]["altitude"]) < 0.1, picture["file"]
        assert abs((azimuth - picture["sun"]["azimuth"] + 180) % 360 - 180) < 0.1, picture["file"]
        assert picture["sun"]["altitude"] > 5


def _almanac(moment: datetime, latitude: float, longitude: float) -> tuple[float, float]:
    """The Astronomical Almanac's low-precision sun, in equatorial coordinates and sidereal time."""
    days = (moment - datetime.fromisoformat("2000-01-01T12:00:00+00:00")) / timedelta(days=1)
    anomaly = radians(357.528 + 0.9856003 * days)
    longitude_of_sun = radians(280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    tilt = radians(23.439 - 0.0000004 * days)
    ascension = atan2(cos(tilt) * sin(longitude_of_sun), cos(longitude_of_sun))
    declination = asin(sin(tilt) * sin(longitude_of_sun))
    sidereal = radians((280.46062 + 360.98564737 * days + longitude) % 360)
    hour, north = sidereal - ascension, radians(latitude)
    altitude = degrees(asin(sin(north) * sin(declination) + cos(north) * cos(declination) * cos(hour)))
    azimuth = degrees(
        atan2(
            -cos(declination) * sin(hour),
            sin(declination) * cos(north) - cos(declination) * sin(north) * cos(hour),
        )
    )
    lift = 1.02 / np.tan(radians(altitude + 10.3 / (altitude + 5.11))) / 60
    return azimuth % 360, altitude + float(lift)


def test_the_impossible_shadow_points_towards_the_sun_of_its_time() -> None:
    picture = next(one for one in _pictures() if "impossible-shadow" in one["planted"])
    (odd,) = picture["manipulations"]
    assert abs((odd["false_sun"]["azimuth"] - picture["sun"]["azimuth"]) % 360 - 180) < 0.01
    assert odd["shadow_box"][2] > 40
    middle = odd["shadow_box"][0] + odd["shadow_box"][2] / 2
    assert middle > odd["object_box"][0] + odd["object_box"][2] / 2, "the sun is to the right, and so is it"


def _likeness(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    return float(np.corrcoef(one[where], other[where])[0, 1])


def _mapped(source: Image.Image, matrix: list[list[float]], size: tuple[int, int]) -> np.ndarray:
    """The source seen through a matrix that leads from pixels of the result to pixels of the source."""
    (a, b, c), (d, e, f), _ = matrix
    coefficients = (a, b, c + 0.5 - 0.5 * (a + b), d, e, f + 0.5 - 0.5 * (d + e))
    result = source.transform(size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    return np.asarray(result.convert("L"), float)


def test_a_copy_is_its_original_seen_through_the_stored_matrix() -> None:
    copies = [one for one in _pictures() if any("here_to_original" in d for d in one["derived_from"])]
    assert len(copies) >= 4
    for copy in copies:
        (origin,) = copy["derived_from"]
        picture = _upright(copy["file"])
        seen = _mapped(_upright(origin["file"]), origin["here_to_original"], picture.size)
        x, y, wide, high = copy.get("panel_box", (0, 0, *picture.size))
        where = np.zeros(seen.shape, bool)
        where[y + 4 : y + high - 100, x + 4 : x + wide - 4] = True
        where[:120, -260:] = False  # a sticker
        assert _likeness(np.asarray(picture.convert("L"), float), seen, where) > 0.96, copy["file"]


def test_the_recycled_picture_is_mirrored_and_its_original_lies_in_the_archive() -> None:
    picture = next(one for one in _pictures() if "recycled" in one["planted"])
    (origin,) = picture["derived_from"]
    matrix = np.array(origin["here_to_original"])
    assert origin["file"].startswith("archive/")
    assert np.linalg.det(matrix[:2, :2]) < 0
    older = next(one for one in _pictures() if one["file"] == origin["file"])
    assert older["taken"]["utc"].startswith("2017")


def test_the_spliced_vehicle_is_that_of_the_other_picture_and_the_mask_covers_it() -> None:
    picture = next(one for one in _pictures() if "spliced" in one["planted"])
    (pasted,) = picture["manipulations"]
    (origin,) = picture["derived_from"]
    with Image.open(CASE / "truth" / pasted["mask"]) as stored:
        mask = np.asarray(stored.convert("1"))
    backwards = np.linalg.inv(np.array(origin["source_to_here"])).tolist()
    here = _upright(picture["file"])
    seen = _mapped(_upright(origin["file"]), backwards, here.size)
    assert list(mask.shape[::-1]) == picture["size"]
    assert mask.sum() > 5_000
    assert _likeness(np.asarray(here.convert("L"), float), seen, mask) > 0.97
    ys, xs = np.nonzero(mask)
    assert [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1] == pasted["box"]


def test_the_credentials_read_back_valid_and_trusted_once_the_authority_is_known() -> None:
    c2pa = pytest.importorskip("c2pa", reason="c2pa-python is not installed (extra c2pa)")
    picture = next(one for one in _pictures() if "credentials" in one["planted"])
    anchors = (CASE / "truth/c2pa-test-ca.pem").read_text("ascii")
    offline = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    for settings, state in ((offline, "Valid"), (offline | {"trust": {"user_anchors": anchors}}, "Trusted")):
        with _path(picture["file"]).open("rb") as stream:
            context = c2pa.Context(c2pa.Settings.from_dict(settings))
            with c2pa.Reader("image/jpeg", stream, context=context) as reader:
                report = json.loads(reader.json())
        assert report["validation_state"] == state


# --- people on pictures, and what the desk marked


def test_the_counts_of_people_follow_from_who_is_seen_where() -> None:
    truth = _truth("people.json")
    pictures = [one for one in _pictures() if one["persons"]]
    seen = {one["file"]: {person["id"] for person in one["persons"]} for one in pictures}
    assert truth["naive_sum"] == sum(map(len, seen.values()))
    assert truth["most_in_one_picture"] == max(map(len, seen.values()))
    assert truth["distinct_in_all"] == len(set.union(*seen.values()))
    by_scene: dict[str, set[str]] = {}
    for one in pictures:
        by_scene.setdefault(one["scene"], set()).update(seen[one["file"]])
    assert truth["distinct_by_scene"] == {scene: len(persons) for scene, persons in by_scene.items()}
    assert truth["floor_without_judgement"] == max(map(len, by_scene.values()))
    assert truth["floor_without_judgement"] < truth["distinct_in_all"] < truth["naive_sum"]


def test_neighbouring_pictures_of_the_line_share_some_people_and_not_all() -> None:
    seen = {one["file"]: {person["id"] for person in one["persons"]} for one in _pictures()}
    line = [seen[f"pictures/halsan-front-0{number}.jpg"] for number in range(3, 7)]
    for one, other in pairwise(line):
        assert 2 <= len(one & other) < min(len(one), len(other))


def test_marks_of_people_lie_on_the_things_that_they_mean() -> None:
    boxes = {one["file"]: [person["box"] for person in one["persons"]] for one in _pictures()}
    for mark in _lines("sidecar/marks.jsonl"):
        x, y = mark["selector"]["x"], mark["selector"]["y"]
        near = any(
            left - 8 <= x <= left + wide + 8 and top - 8 <= y <= top + high + 8
            for left, top, wide, high in boxes[mark["exhibit_file"]]
        )
        assert near, mark


def test_observations_name_known_pictures_and_purposes_and_stay_inside_the_frame() -> None:
    sizes = {one["file"]: one["size"] for one in _pictures()}
    entries = _lines("sidecar/observations.jsonl")
    rated = {entry["exhibit_file"] for entry in entries if entry.get("kind") == "rating"}
    assert rated >= set(sizes)
    observations = [entry for entry in entries if entry.get("kind") != "rating"]
    for observation in observations:
        width, height = sizes[observation["exhibit_file"]]
        assert Purpose(observation["body"]["purpose"])
        selector = observation["selector"]
        if selector and selector["type"] == "FragmentSelector":
            x, y, wide, high = map(int, selector["value"].removeprefix("xywh=pixel:").split(","))
            assert 0 <= x < x + wide <= width
            assert 0 <= y < y + high <= height
    assert {observation["body"]["purpose"] for observation in observations} == set(Purpose)


def test_leads_point_at_files_that_are_there() -> None:
    with (INCOMING / "leads.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            assert (INCOMING / row["Material"]).is_file()
            assert row["Legal ground"]
