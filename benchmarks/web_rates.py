"""How fast the gallery of a large case is, and how it stands beside Datasette with the same table.

    python benchmarks/web_rates.py [--items 100000] [--statements 10000] [--folder DIR] [--users 20]
                                   [--seconds 10] [--rounds 3] [--only NAME ...] [--datasette 'uvx datasette']

The case is made up with a fixed seed, half texts in three scripts, half small pictures, with statements on
500 claims by 1,000 speakers of whom three in ten pass on another's words. It is kept in --folder, so that a
second run finds it made. Beside the times stands how long the server's processor was at work an answer: on a
machine that others use, this is what can be compared. Both servers run on loopback, one process each. Users
go in a closed loop: each asks again as soon as it was answered, keeping its connection. Times are those from
asking to the last byte. Each view is asked for once before, and it is told how long that took: what is worked
out for all is worked out then. Datasette serves a table of the same items as a list of as many rows a page,
with its full-text search.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shlex
import sqlite3
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from argon2 import PasswordHasher
from tests.servers.desks import ADA, PASSPHRASE, office_of, serving_desk

from witnessmark.cli import run
from witnessmark.collect.files import FileCollector, lead_to
from witnessmark.desk import Desk
from witnessmark.desk.texts import READABLE
from witnessmark.examine.signature import media_type_of
from witnessmark.model import (
    Appearance,
    Claim,
    Digest,
    Event,
    Facts,
    Finding,
    Place,
    Range,
    Span,
    Stance,
    Statement,
    TextSpan,
    Topic,
    person,
)
from witnessmark.model.wire import digest_of
from witnessmark.ports import Sieve
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.web.accounts import Accounts
from witnessmark.web.gallery import PAGE

SEED, WORDS, BATCH, AT_ONCE = 20_241_119, 60, 500, 10_000
CLAIMS, SPEAKERS = 500, 1_000
PAGE_MS, SEARCH_MS = 150.0, 200.0
"""The bars: 95 of 100 first pages, and 95 of 100 searches, come within so many milliseconds."""
SCRIPTS = ("abcdefghiklmnoprstuvw", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "абвгдежзиклмнопрстуфхцчшэюя")
Ask = Callable[[int], str]


def main() -> None:
    """Print times and rates of both sides, interleaved, and their ratios."""
    options = read_options()
    print(f"{options.items:,} items, {options.users} users, {os.cpu_count()} cores, {platform.machine()}")
    case = made_case(options.folder, options.items)
    made_statements(options.folder, case, options.statements)
    table = made_table(options.folder, case)
    words = vocabulary()
    with serving_desk(case) as (office, address):
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        accounts = Accounts(options.folder / f"accounts-{os.getpid()}.json", quick)
        object.__setattr__(office, "accounts", accounts)
        cookie = f"{office.cookie}={office.admit(accounts.first(ADA, PASSPHRASE), 'bench', 'en')}"
        port = int(address.rpartition(":")[2])
        began = time.perf_counter()
        while not office.words.refresh():
            pass
        taken_s = time.perf_counter() - began
        print(f"words of the case checked, and read on where they were not read, in {taken_s:.1f} s")
        statements = [name.hex for name, _ in office.desk.case.find(Statement)[:2000]]
        ours = views(options, words, statements)
        theirs: dict[str, Ask] = {
            "first page": lambda _: f"/items/item?_size={PAGE}",
            "search": lambda n: f"/items/item?_size={PAGE}&_search={quote(words[n * 7919 % len(words)])}",
        }
        with datasette(options.datasette, table, options.folder) as their_port:
            for number in range(options.rounds):
                print(f"round {number + 1}")
                for name, ask in ours.items():
                    rate = judged(name, ask, port, cookie, options)
                    if name in theirs and their_port:
                        other = closed_loop(their_port, "127.0.0.1", "", theirs[name], options)
                        print(f"  ratio {rate / told('datasette', name, other):.1f}")


def views(options: argparse.Namespace, words: Sequence[str], statements: Sequence[str]) -> dict[str, Ask]:
    """What is asked of the desk, by name: the n-th address of each view."""
    ours: dict[str, Ask] = {
        "first page": lambda _: "/gallery",
        "kinds": lambda n: f"/gallery?kind={('picture', 'text', 'video')[n % 3]}",
        "any page": lambda n: f"/gallery?page={n * 7919 % (options.items // PAGE)}",
        "search": lambda n: f"/gallery?words={quote(words[n * 7919 % len(words)])}",
        "folded": lambda n: f"/gallery?fold=yes&page={n * 7919 % (options.items // PAGE)}",
        "all asked": lambda n: (
            f"/gallery?kind=text&lacks=rating&taken_from=2020-01-01&fold=yes"
            f"&words={quote(words[n * 104_729 % len(words)])}"
        ),
        "board": lambda _: "/",
        "claims": lambda n: f"/claims?from={n * 20 % CLAIMS}",
        "claim": lambda n: f"/claims/{n * 7919 % CLAIMS + 1}",
        "statement": lambda n: f"/statements/{statements[n % len(statements)]}",
        "numbers": lambda n: f"/numbers?from={n * 20 % CLAIMS}",
        "times": lambda _: "/times",
        "map": lambda _: "/map",
        "log": lambda n: f"/log?from={n * 7919 % options.items}",
        "audit": lambda n: f"/log?kind={('openings', 'doors')[n % 2]}",
        "exhibit": lambda n: f"/exhibits/E{n * 7919 % options.items + 1:05}",
        "compare": lambda _: "/compare",
        "people": lambda _: "/people",
        "releases": lambda _: "/releases",
        "review": lambda _: "/review",
        "brief": lambda _: "/brief",
        "editor": lambda _: "/brief/edit",
        "references": lambda n: f"/brief/references?q={quote(words[n * 7919 % len(words)])}",
        "versions": lambda _: "/brief/versions",
        "take": lambda _: "/take",
        "account": lambda _: "/account",
    }
    if not statements:
        del ours["statement"]
    return {name: ask for name, ask in ours.items() if name in (options.only or ours)}


def judged(name: str, ask: Ask, port: int, cookie: str, options: argparse.Namespace) -> float:
    """Ask the desk for a view once, then in the loop; its answers a second."""
    first_s, began_s = asked_once(port, cookie, ask(0)), time.process_time()
    times = closed_loop(port, "localhost", cookie, ask, options)
    worked_ms = (time.process_time() - began_s) * 1000 / len(times)
    rate = told("desk", name, times, SEARCH_MS if "words=" in ask(0) else PAGE_MS)
    load = os.getloadavg()[0]
    print(f"    processor {worked_ms:.1f} ms each; first {first_s:.2f} s; load {load:.1f}", flush=True)
    return rate


def told(who: str, what: str, times: Sequence[float], bar_ms: float | None = None) -> float:
    """Print what one side did, and whether it kept to a bar; its answers a second."""
    in_order = sorted(times)
    p95 = in_order[int(len(in_order) * 0.95)] * 1000
    rate = len(times) / _SECONDS[0]
    times_ms = f"p50 {statistics.median(times) * 1000:6.1f} ms  p95 {p95:6.1f} ms"
    kept = "" if bar_ms is None else f"  bar {bar_ms:.0f} ms: {'kept' if p95 <= bar_ms else 'missed'}"
    print(f"  {who:9} {what:10} {rate:7.0f}/s  {times_ms}{kept}", flush=True)
    return rate


_SECONDS = [10.0]


def asked_once(port: int, cookie: str, path: str) -> float:
    """How long one answer took, in seconds."""
    channel, began_s = HTTPConnection("127.0.0.1", port), time.perf_counter()
    channel.request("GET", path, headers={"host": f"localhost:{port}", "cookie": cookie})
    answer = channel.getresponse()
    answer.read()
    assert answer.status == 200, (answer.status, path)
    channel.close()
    return time.perf_counter() - began_s


def closed_loop(port: int, host: str, cookie: str, ask: Ask, options: argparse.Namespace) -> list[float]:
    """The times of all answers that the users got, each asking again as soon as it was answered."""
    _SECONDS[0] = options.seconds
    source = (
        "import os,sys,time,threading\nfrom http.client import HTTPConnection\n"
        "port,host,cookie,users,seconds=int(sys.argv[1]),sys.argv[2],sys.argv[3],int(sys.argv[4]),float(sys.argv[5])\n"
        "paths=sys.stdin.read().split('\\n')\ntimes=[];ends=time.perf_counter()+seconds\n"
        "def user(first):\n"
        "    channel=HTTPConnection('127.0.0.1',port);n=first\n"
        "    while time.perf_counter()<ends:\n"
        "        began=time.perf_counter()\n"
        "        headers={'host':f'{host}:{port}','cookie':cookie}\n"
        "        channel.request('GET',paths[n%len(paths)],headers=headers)\n"
        "        answer=channel.getresponse();body=answer.read()\n"
        "        assert answer.status==200,(answer.status,paths[n%len(paths)],body[:300])\n"
        "        times.append(time.perf_counter()-began);n+=users\n"
        "threading.excepthook=lambda what:(print(what.exc_value,file=sys.stderr),os._exit(1))\n"
        "threads=[threading.Thread(target=user,args=(n,)) for n in range(users)]\n"
        "[one.start() for one in threads];[one.join() for one in threads]\nprint(*times)\n"
    )
    paths = "\n".join(ask(number) for number in range(2000))
    loop = (str(options.users), str(options.seconds))
    words = [sys.executable, "-c", source, str(port), host, cookie, *loop]
    ran = subprocess.run(words, input=paths, capture_output=True, text=True, check=True)
    return [float(one) for one in ran.stdout.split()]


@contextmanager
def datasette(command: str, table: Path, folder: Path) -> Iterator[int | None]:
    """Datasette on the table, and its port; None if it is not to be had."""
    if not command:
        yield None
        return
    port = 8899
    words = [*shlex.split(command), "serve", str(table), "--port", str(port)]
    with (folder / "datasette.log").open("w") as log:
        served = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield port
        finally:
            served.terminate()
            served.wait()


def wait_for(port: int) -> None:
    """Until somebody answers there."""
    ends = time.monotonic() + 300
    while time.monotonic() < ends:
        try:
            channel = HTTPConnection("127.0.0.1", port, timeout=5)
            channel.request("GET", "/-/versions.json")
            said = channel.getresponse().read()[:300].decode()
        except OSError:
            time.sleep(0.5)
        else:
            print("datasette", said)
            return
    raise SystemExit("datasette did not start; its log lies in --folder")


def made_case(folder: Path, items: int) -> Path:
    """The case, made as far as it is not there; who interrupts this can go on later."""
    case = folder / "case"
    if not case.exists():
        folder.mkdir(parents=True, exist_ok=True)
        about = ("--name", "a large case", "--focus", "rates", "--as", ADA)
        run(["new", str(case), *about, "--keys", str(folder / "keys")])
        settings = f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n'
        (case / "witnessmark.toml").write_text(settings, "utf-8")
    office = office_of(case)
    office.desk.session.open()
    for first in range(0, items, AT_ONCE):
        done = folder / f"made-{first}"
        if not done.exists():
            write_files(folder / f"material-{first}", first, min(AT_ONCE, items - first))
            fill(office.desk, folder / f"material-{first}")
            done.touch()
            print(f"{first + AT_ONCE:,} made", flush=True)
    office.desk.sign()
    office.close()
    office.desk.close()
    return case


def fill(desk: Desk, material: Path) -> None:
    """Seal everything, and enter what a text's examination would: its readable text, here the file itself."""
    captures = FileCollector().collect(lead_to(material), material.parent)
    intake = Intake(desk.case, desk.custodian, "run", media_type_of)
    taken = [one.copy for one in intake.seal(captures) if isinstance(one, Taken)]
    texts = [one.digest for one in taken if one.media_type == "text/plain"]
    for start in range(0, len(texts), BATCH):
        with desk.case.transaction() as transaction:
            for digest in texts[start : start + BATCH]:
                transaction.append(desk.custodian.act("examine", used=(digest,)), [readable(desk, digest)])


def readable(desk: Desk, digest: Digest) -> Finding:
    """What the examination of a text would find."""
    with desk.case.open(digest) as stream:
        title = stream.readline().decode().strip()
    return Finding(digest, "bench", READABLE, Facts(text=digest, title=title), "made up for a benchmark")


def made_statements(folder: Path, case: Path, how_many: int) -> None:
    """Claims on one event and statements on them, two in a text, as far as they were not entered yet."""
    done = folder / f"stated-{how_many}"
    if done.exists() or not how_many:
        return
    office, chance, words = office_of(case), random.Random(SEED), vocabulary()  # noqa: S311 - no secret
    desk, began = office.desk, datetime(2024, 11, 19, 6, tzinfo=UTC)
    when, where = Span(began, began + timedelta(hours=2)), Place(17.3, 62.9, 500, "the hall")
    hall, topics = Event("hall", when, where), tuple(Topic)
    claims = [
        Claim(digest_of(hall), topics[n % len(topics)], f"{n} {words[n]} {words[n + 1]}")
        for n in range(CLAIMS)
    ]
    with desk.case.transaction() as transaction:
        transaction.append(desk.custodian.act("claim.entered"), [hall, *claims])
    made: list[Statement] = []
    texts = (one for one in desk.case.sift(Sieve(media=("text/plain",)), 0, how_many // 2) for _ in range(2))
    for number, one in enumerate(texts):
        with desk.case.open(one.digest) as stream:
            content = stream.read().decode()
        start = chance.randrange(len(content) - 60)
        span, relays = TextSpan(start, start + 50), chance.random() < 0.3 and made[-200:]
        source = chance.choice(relays) if relays else None
        made.append(
            Statement(
                speaker=f"{words[number % SPEAKERS]} {number % SPEAKERS}",
                claim=source.claim if source else digest_of(chance.choice(claims)),
                stance=Stance.REPORTS if source else chance.choice((Stance.ASSERTS, Stance.DENIES)),
                appearance=Appearance(one.digest, content[start : start + 50], one.digest, span),
                read_by=person(ADA),
                read_at=began,
                amount=Range(best=chance.randrange(100)),
                unit="people",
                relays=digest_of(source) if source else None,
                said_at=Span(began + timedelta(minutes=number)),
            )
        )
    for start in range(0, len(made), BATCH):
        with desk.case.transaction() as transaction:
            for statement in made[start : start + BATCH]:
                transaction.append(desk.custodian.act("statement.entered"), [statement])
    desk.sign()
    office.close()
    desk.close()
    done.touch()
    print(f"{len(made):,} statements on {len(claims)} claims made", flush=True)


def vocabulary() -> list[str]:
    """The words that texts are made of, those of each script in turn."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    return ["".join(chance.choices(SCRIPTS[n % 3], k=chance.randrange(4, 10))) for n in range(20_000)]


def write_files(folder: Path, first: int, items: int) -> None:
    """Texts, and pictures of one pixel that differ."""
    folder.mkdir(exist_ok=True)
    chance, words = random.Random(SEED + first), vocabulary()  # noqa: S311 - no secret
    by_script = [words[script::3] for script in range(3)]
    for number in range(first, first + items):
        if number % 2:
            (folder / f"{number}.png").write_bytes(pixel(number))
            continue
        mine = by_script[number // 2 % 3]
        title, text = (" ".join(chance.choices(mine, k=count)) for count in (6, WORDS))
        (folder / f"{number}.txt").write_text(f"{title}\n\n{text}.\n", "utf-8")


def pixel(number: int) -> bytes:
    """A picture of one pixel that says its number."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return len(content).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
    said = chunk(b"tEXt", b"Title\0" + str(number).encode())
    pixels, end = chunk(b"IDAT", zlib.compress(bytes(4))), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + said + pixels + end


def made_table(folder: Path, case: Path) -> Path:
    """The same items as a table with full-text search, for Datasette."""
    table = folder / "items.db"
    if table.is_file():
        return table
    office, half = office_of(case), folder / "items.half"
    half.unlink(missing_ok=True)
    made = sqlite3.connect(half)
    columns = (
        "number INTEGER PRIMARY KEY, exhibit TEXT, media_type TEXT, size INTEGER, digest TEXT, title TEXT"
    )
    made.execute(f"CREATE TABLE item ({columns}, said TEXT)")
    for place, (exhibit, digest) in enumerate(office.desk.case.exhibits()):
        original = office.desk.case.item(digest).original
        text = ""
        if original.media_type == "text/plain":
            with office.desk.case.open(digest) as stream:
                text = stream.read().decode()
        row = (place, exhibit, original.media_type, original.size, str(digest), text.partition("\n")[0], text)
        made.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    made.execute(
        "CREATE VIRTUAL TABLE item_fts USING fts5 (said, content = 'item', content_rowid = 'number')"
    )
    made.execute("INSERT INTO item_fts (item_fts) VALUES ('rebuild')")
    made.commit()
    made.close()
    half.rename(table)
    office.close()
    office.desk.close()
    return table


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the case is made, or was made before"
    )
    parser.add_argument("--statements", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="views by the names that are printed")
    parser.add_argument("--datasette", default="uvx datasette", help="how Datasette is called; empty without")
    return parser.parse_args()


if __name__ == "__main__":
    main()
