"""Three partly overlapping lists of invented people, and the truth about who is who on them.

The names are put together at random from common given names and from family names made of
places that do not exist, so that they are of nobody. Each list writes them in its own way:
the committee in loose Latin letters, the registry in another transliteration with family name
first, the clinic in Arabic letters. Ages are wrong by a year now and then, parts of names are
left out, some people stand twice on one list, and some people only look like one another.
"""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

from openpyxl import Workbook

CASE = Path(__file__).resolve().parent.parent
SEED = 20241119
POPULATION = 196
DAY = date(2024, 11, 19)

# (Arabic, spelling of the registry, loose spellings of the families)
GIVEN = (
    ("أحمد", "Ahmad", ("Ahmed", "Ahmad")),
    ("محمود", "Mahmud", ("Mahmoud", "Mahmood")),
    ("يوسف", "Yusuf", ("Youssef", "Yousef", "Yusef")),
    ("خالد", "Khalid", ("Khaled", "Khalid")),
    ("سليمان", "Sulayman", ("Suleiman", "Soliman", "Sleiman")),
    ("إبراهيم", "Ibrahim", ("Ibrahim", "Ebrahim")),
    ("عمر", "Umar", ("Omar", "Omer")),
    ("حسين", "Husayn", ("Hussein", "Hussain", "Husein")),
    ("طارق", "Tariq", ("Tarek", "Tariq")),
    ("ناصر", "Nasir", ("Nasser", "Naser")),
    ("سعيد", "Said", ("Saeed", "Said", "Sa'id")),
    ("كريم", "Karim", ("Kareem", "Karim")),
    ("جمال", "Jamal", ("Gamal", "Jamal")),
    ("ياسين", "Yasin", ("Yassin", "Yaseen")),
    ("عبد الله", "Abd Allah", ("Abdullah", "Abdallah", "Abdulla")),
    ("عبد الرحمن", "Abd al-Rahman", ("Abdulrahman", "Abdel Rahman", "Abd Elrahman")),
    ("عبد الكريم", "Abd al-Karim", ("Abdulkarim", "Abdel Karim")),
    ("بلال", "Bilal", ("Bilal", "Belal")),
    ("رامي", "Rami", ("Rami", "Ramy")),
    ("فارس", "Faris", ("Fares", "Faris")),
    ("زياد", "Ziyad", ("Ziad", "Zeyad")),
    ("مروان", "Marwan", ("Marwan", "Merwan")),
    ("وليد", "Walid", ("Waleed", "Walid")),
    ("هشام", "Hisham", ("Hesham", "Hisham")),
    ("أنس", "Anas", ("Anas", "Annas")),
    ("صالح", "Salih", ("Saleh", "Salih")),
    ("قاسم", "Qasim", ("Kassem", "Qasem", "Kasim")),
    ("مصطفى", "Mustafa", ("Mostafa", "Mustapha")),
    ("عدنان", "Adnan", ("Adnan",)),
    ("لؤي", "Luay", ("Loay", "Louai")),
    ("غسان", "Ghassan", ("Ghassan", "Gassan")),
    ("ثامر", "Thamir", ("Thamer", "Tamer")),
)
FAMILY = (
    ("الحلساني", "al-Halsani", ("Halsani", "Al Halsany", "Alhalsani")),
    ("القلماري", "al-Qalmari", ("Qelmari", "Al Kelmari")),
    ("الوسني", "al-Wasni", ("Wesni", "Al Wesny")),
    ("السميلي", "al-Sumayli", ("Sumeili", "Al Sumaily")),
    ("النادروي", "al-Nadirawi", ("Nadrawi", "Al Naderawi")),
    ("الطلموري", "al-Talmuri", ("Telmouri", "Al Talmoury")),
    ("البرشاني", "al-Barshani", ("Barshani", "Bershany")),
    ("الدرغوفي", "al-Darghufi", ("Darghoufi", "Al Dargufi")),
    ("المخروفي", "al-Makhrufi", ("Makhroufi", "Al Mekhrofy")),
    ("الزنكاوي", "al-Zankawi", ("Zankawi", "Zenkawy")),
    ("العرضوالي", "al-Ardawali", ("Arduwali", "Al Ardawaly")),
    ("الكسمراني", "al-Kasmarani", ("Kesmarani", "Al Kasmarany")),
    ("الشلوطي", "al-Shalluti", ("Shallouti", "Shaluty")),
    ("الهربيشي", "al-Harbishi", ("Harbishi", "Al Herbeeshi")),
)
TOWNS = (
    ("حلسان", "Halsan", ("Halsan", "Halsen")),
    ("قلمار", "Qalmar", ("Qelmar", "Kelmar")),
    ("تل وسن", "Tall Wasn", ("Tall Wesn", "Tal Wesn")),
    ("دار سميل", "Dar Sumayl", ("Dar Sumeil", "Dar Smeil")),
    ("برشان", "Barshan", ("Bershan", "Barshan")),
    ("شلوط", "Shallut", ("Shallout",)),
)
RANKS = ("private", "private", "private", "private", "corporal", "corporal", "sergeant", "lieutenant")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    id: str
    parts: tuple[int, int, int]
    family: int
    birth: date
    town: int

    @property
    def arabic(self) -> str:
        """The full name in Arabic letters."""
        return " ".join([*(GIVEN[part][0] for part in self.parts), FAMILY[self.family][0]])

    @property
    def latin(self) -> str:
        """The full name as the registry would write it."""
        return " ".join([*(GIVEN[part][1] for part in self.parts), FAMILY[self.family][1]])


def people(chance: random.Random) -> list[Person]:
    """The population: strangers, four pairs of brothers and three pairs of namesakes."""
    drawn: list[Person] = []
    names: set[tuple[object, ...]] = set()
    while len(drawn) < POPULATION - 7:
        parts = tuple(chance.sample(range(len(GIVEN)), 3))
        family = chance.randrange(len(FAMILY))
        if (parts, family) not in names:
            names.add((parts, family))
            drawn.append(_person(len(drawn), parts, family, chance))
    for elder in drawn[10:50:10]:  # brothers: other given name, the rest the same
        spare = [given for given in range(len(GIVEN)) if given not in elder.parts]
        parts = (chance.choice(spare), *elder.parts[1:])
        drawn.append(_person(len(drawn), parts, elder.family, chance, elder.town))
    for other in drawn[60:120:20]:  # namesakes: another generation
        namesake = _person(len(drawn), other.parts, other.family, chance)
        away = other.birth.year + (14 if other.birth.year < 1990 else -14)
        drawn.append(
            Person(namesake.id, other.parts, other.family, namesake.birth.replace(year=away), namesake.town)
        )
    return drawn


def _person(
    number: int, parts: tuple[int, ...], family: int, chance: random.Random, town: int | None = None
) -> Person:
    birth = DAY - timedelta(days=int(chance.triangular(18.2, 49, 23) * 365.25))
    if birth.month == 2 and birth.day == 29:
        birth += timedelta(days=1)
    place = chance.randrange(len(TOWNS)) if town is None else town
    return Person(f"N{number + 1:03d}", (parts[0], parts[1], parts[2]), family, birth, place)


def _age(person: Person, on: date) -> int:
    return on.year - person.birth.year - ((on.month, on.day) < (person.birth.month, person.birth.day))


def _told_age(person: Person, chance: random.Random) -> int | None:
    slip = chance.choices((0, 1, -1, 3, None), (78, 8, 8, 2, 4))[0]
    return None if slip is None else _age(person, DAY) + slip


def _kept_parts(person: Person, chance: random.Random, weights: tuple[int, int, int]) -> tuple[int, ...]:
    return person.parts[: chance.choices((1, 2, 3), weights)[0]]


def committee_row(person: Person, chance: random.Random) -> tuple[str, ...]:
    """As relatives tell a volunteer with a telephone."""
    words = [chance.choice(GIVEN[part][2]) for part in _kept_parts(person, chance, (15, 55, 30))]
    words.append(chance.choice(FAMILY[person.family][2]))
    name = " ".join(words)
    if chance.random() < 0.05:
        name = name.replace("ee", "i").replace("ou", "u")
    age = _told_age(person, chance)
    seen = DAY - timedelta(days=chance.choice((0, 1, 1, 1, 2, 3)))
    heard = f"{seen.day}/{seen.month}/{seen.year}" if chance.random() < 0.9 else ""
    return (name, "" if age is None else str(age), chance.choice(TOWNS[person.town][2]), heard)


def registry_row(person: Person, chance: random.Random) -> tuple[object, ...]:
    """As a clerk copies from a roll."""
    given = " ".join(GIVEN[part][1] for part in _kept_parts(person, chance, (5, 35, 60)))
    year: int | None = person.birth.year + chance.choices((0, 1, -1), (92, 4, 4))[0]
    if chance.random() < 0.03:
        year = None
    reported = datetime(2024, 11, chance.choice((20, 20, 21, 22, 25)))  # noqa: DTZ001 a spreadsheet's date
    return (
        FAMILY[person.family][1],
        given,
        year,
        chance.choice(RANKS),
        TOWNS[person.town][1],
        reported,
    )


def clinic_row(person: Person, chance: random.Random) -> tuple[str, ...]:
    """As a nurse writes down what people in the tents say."""
    words = [GIVEN[part][0] for part in _kept_parts(person, chance, (20, 50, 30))]
    words.append(FAMILY[person.family][0])
    name = " ".join(words)
    if chance.random() < 0.3:
        name = name.replace("أ", "ا").replace("إ", "ا").replace("ى", "ي").replace("ؤ", "و")
    if chance.random() < 0.15:
        name = name.replace("عبد ال", "عبدال")
    if chance.random() < 0.08:
        name = " ".join([*words[:-1], FAMILY[person.family][0].removeprefix("ال")])
    age = _told_age(person, chance)
    written = "" if age is None else str(age).translate(ARABIC_DIGITS)
    note = chance.choice(("", "", "", "جندي", "مجند", "أخوه في القائمة" if chance.random() < 0.2 else ""))
    return (name, written, TOWNS[person.town][0], note)


LISTS = {
    # name: (share of the better known half, share of the others, rows that stand twice, maker)
    "committee": (0.62, 0.44, 6, committee_row),
    "registry": (0.50, 0.36, 4, registry_row),
    "clinic": (0.36, 0.30, 3, clinic_row),
}


def build() -> None:
    """Write the three lists and the truth about them."""
    chance = random.Random(SEED)  # noqa: S311 reproducible fiction, not secrecy
    population = people(chance)
    known = {person.id for person in population if chance.random() < 0.5}
    rows: dict[str, list[tuple[tuple[object, ...], str]]] = {}
    for name, (share_known, share_other, twice, maker) in LISTS.items():
        share = {True: share_known, False: share_other}
        listed = [p for p in population if chance.random() < share[p.id in known]]
        entries = listed + chance.sample(listed, twice)
        chance.shuffle(entries)
        rows[name] = [(tuple(maker(person, chance)), person.id) for person in entries]
    _write_committee([row for row, _ in rows["committee"]])
    _write_registry([row for row, _ in rows["registry"]])
    _write_clinic([row for row, _ in rows["clinic"]])
    _write_truth(population, {name: [who for _, who in listed] for name, listed in rows.items()})


def _write_committee(rows: list[tuple[object, ...]]) -> None:
    path = CASE / "incoming/lists/families-committee.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("No", "Full name", "Age", "Home town", "Last heard from"))
        writer.writerows((number, *row) for number, row in enumerate(rows, 1))


def _write_registry(rows: list[tuple[object, ...]]) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Unaccounted for"
    sheet.append(("4th Coastal Battalion: soldiers unaccounted for (exercise case, all names invented)",))
    sheet.append(("Family name", "Given names", "Year of birth", "Rank", "District", "Reported"))
    for row in rows:
        sheet.append(row)
    for column, width in zip("ABCDEF", (18, 34, 14, 12, 14, 14), strict=True):
        sheet.column_dimensions[column].width = width
    moment = datetime(2024, 11, 28, 9, 0, tzinfo=UTC).replace(tzinfo=None)
    book.properties.creator = "Registry of the defence staff (invented)"
    book.properties.created = book.properties.modified = moment
    spool = io.BytesIO()
    book.save(spool)
    _write_reproducibly(spool, CASE / "incoming/lists/defence-registry.xlsx", moment)


def _write_reproducibly(spool: io.BytesIO, path: Path, moment: datetime) -> None:
    """The same workbook with fixed times in its zip members, so that a rebuild has the same bytes."""
    stamp = moment.timetuple()[:6]
    with zipfile.ZipFile(spool) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "docProps/core.xml":
                text = content.decode()
                start, rest = text.split("<dcterms:modified", 1)
                attributes, tail = rest.split(">", 1)
                content = (
                    f"{start}<dcterms:modified{attributes}>{moment.isoformat()}Z<{tail.split('<', 1)[1]}"
                ).encode()
            copy = zipfile.ZipInfo(member.filename, stamp)
            copy.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(copy, content)


def _write_clinic(rows: list[tuple[object, ...]]) -> None:
    path = CASE / "incoming/lists/clinic-tall-wesn.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(("العمر", "الاسم", "البلدة", "ملاحظات"))
        writer.writerows((row[1], row[0], row[2], row[3]) for row in rows)


def _write_truth(population: list[Person], listed: dict[str, list[str]]) -> None:
    files = {
        "committee": ("lists/families-committee.csv", 1),
        "registry": ("lists/defence-registry.xlsx", 2),
        "clinic": ("lists/clinic-tall-wesn.csv", 1),
    }
    on = {name: set(who) for name, who in listed.items()}
    patterns = Counter(tuple(int(p.id in on[name]) for name in listed) for p in population)
    truth = {
        "statement": "Every person on these lists is invented. Rows are counted from 1 below the header.",
        "population": POPULATION,
        "lists": {
            name: {
                "file": files[name][0],
                "header_rows": files[name][1],
                "rows": len(who),
                "persons": len(on[name]),
                "twice": sorted(person for person, times in Counter(who).items() if times > 1),
                "row_persons": who,
            }
            for name, who in listed.items()
        },
        "on_any_list": len(set.union(*on.values())),
        "overlaps": {f"{a}&{b}": len(on[a] & on[b]) for a, b in combinations(on, 2)}
        | {"&".join(on): len(set.intersection(*on.values()))},
        "patterns": [
            {**dict(zip(listed, pattern, strict=True)), "count": count}
            for pattern, count in sorted(patterns.items(), reverse=True)
        ],
        "brothers": [[population[10 * (n + 1)].id, population[POPULATION - 7 + n].id] for n in range(4)],
        "namesakes": [[population[60 + 20 * n].id, population[POPULATION - 3 + n].id] for n in range(3)],
        "persons": [
            {
                "id": person.id,
                "name_ar": person.arabic,
                "name": person.latin,
                "born": person.birth.isoformat(),
                "town": TOWNS[person.town][2][0],
            }
            for person in population
        ],
    }
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    (CASE / "truth/lists.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    build()
