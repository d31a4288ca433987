"""The campaign of cross-site scripting: every payload of the corpora through every place of foreign text.

Usage: python -m tests.campaigns.xss FOLDER [--work DIR] [--most N] [--minutes N]. FOLDER holds DOMPurify's
`expect.mjs` and H5SC's `items.js` and `payloads.js`; nothing of them is kept in this project. `xss_places`
makes the case. A real Chromium goes to every page that shows many payloads at once, without the pages'
content security policy, so that nothing but escaping is left, and again as a person would. Pages that show
one payload each (a claim, a statement, an answer to a question) are laid out by the dozen as frames of one
sheet without that policy, and some are gone to as they are. The brief, what browsers show of a package, and
the answers for programs are opened too. It ends with 1 if a script ran, a dialog or page opened by itself,
anything outside was asked for, or not all was looked at, and tells how many payloads were shown where.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from tests.browser.browsers import Served, Watched, served_case
from tests.campaigns.xss_places import MARK, Sown, called, made_case
from tests.servers.desks import ADA, PASSPHRASE
from tests.servers.doors import address_of

from witnessmark.desk.browsing import AUDITED
from witnessmark.model import Claim, Statement
from witnessmark.publish.sentences import visible
from witnessmark.publish.words import LANGUAGES
from witnessmark.web.api.table import CALLS
from witnessmark.web.endpoint import SECTIONS
from witnessmark.web.roles import Role
from witnessmark.web.tokens import LONGEST_LABEL, MOST_EACH, Scope

READER = Path(__file__).with_name("payloads.mjs")
ON_A_SHEET, GONE_TO = 24, 40
"""How many pages are frames of one sheet; every so many of them one is gone to as a person would."""


def payloads(folder: Path) -> list[str]:
    """Every payload of the corpora once, in one line."""
    ran = subprocess.run(["node", str(READER), str(folder)], capture_output=True, text=True, check=True)
    found = (" ".join(one.replace("\0", "").split()) for one in json.loads(ran.stdout))
    return list(dict.fromkeys(one for one in found if one))


@dataclass(slots=True)
class Campaign:
    """What was seen that may not be, and which payloads a browser was shown where."""

    served: Served
    sown: Sown
    ends: float
    faults: list[str] = field(default_factory=list)
    shown: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    told: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    pages: int = 0
    left: int = 0

    def visit(self, watched: Watched, addresses: Sequence[str], told: str) -> None:
        """Go to each page and open what is folded."""
        for number, address in enumerate(addresses):
            if time.monotonic() > self.ends:
                self.left += len(addresses) - number
                break
            watched.page.goto(address, wait_until="load")
            watched.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            watched.page.wait_for_timeout(50)
            for frame in watched.page.frames:
                self.note(frame.content())
            self.pages += 1
            self.judge(watched, f"{told}: {address[:120]}")
        self.tell(told)

    def tell(self, told: str) -> None:
        """How far it is."""
        print(f"{told}: {self.pages} pages, {self.left} left, {len(self.faults)} faults", flush=True)

    def note(self, content: str) -> None:
        """Remember which payloads stand in a document."""
        for place, number in MARK.findall(content):
            self.shown[place].add(int(number))

    def judge(self, watched: Watched, where: str) -> None:
        """Keep and tell what ran or asked outside."""
        found = [self.named(one) for one in watched.ran() if not _is_refusal(one)]
        watched.faults.clear()
        for one in found:
            print(f"{where}: {one[:300]}", flush=True)
        self.faults += [f"{where}: {one}" for one in found]

    def named(self, fault: str) -> str:
        """A fault with the payload that its number stands for."""
        said = fault.removeprefix("dialog ")
        names = (
            f"{fault} = payload {number} of {place}: {self.sown.payloads[number][:120]}"
            for place, stands in self.sown.stands.items()
            for number in stands
            if said == str(called(place, number))
        )
        return next(names, fault)

    def lay_out(self, watched: Watched, addresses: Sequence[str]) -> None:
        """Documents by the dozen as frames of one page without a policy: each is parsed, and may run."""
        cookie = watched.page.context.cookies()[0]
        headers = {"cookie": f"{cookie['name']}={cookie['value']}"}
        for start in range(0, len(addresses), ON_A_SHEET):
            some = addresses[start : start + ON_A_SHEET]
            if time.monotonic() > self.ends:
                self.left += len(addresses) - start
                break
            port = self.served.office.port
            documents = [_OURS.sub("", _fetched(port, path, headers)[1]) for path in some]
            watched.page.goto(f"{self.served.address}/account", wait_until="load")
            watched.page.evaluate(SHEET, documents)
            watched.page.wait_for_timeout(200)
            for frame in watched.page.frames[1:]:
                self.note(frame.content())
            self.pages += len(some)
            self.judge(watched, f"sheet from {some[0][:80]}")
        self.tell("sheets")

    def ask(self, watched: Watched) -> None:
        """Every call for programs: JSON and nothing else, also if a browser is led to it."""
        office = self.served.office
        secret, _ = office.tokens.make(ADA, "xss", tuple(Scope), 1)
        headers = {"authorization": f"Bearer {secret}"}
        watched.page.set_extra_http_headers(headers)
        for path in _calls(self.served):
            status, content, given = _fetched(office.port, path, headers)
            kind = given.get("content-type"), given.get("x-content-type-options")
            if status != 200 or kind != ("application/json", "nosniff") or not _is_json(content):
                self.faults.append(f"{path} answered {status} as {kind}")
                print(self.faults[-1], flush=True)
            for place, number in MARK.findall(content):
                self.told[place].add(int(number))
            watched.page.goto(self.served.address + path, wait_until="load")
            self.pages += 1
            self.judge(watched, path)
        self.tell("answers for programs")


_OURS = re.compile(r'<(?:link|script)\b[^<>]*"/static/[^<>]*>')
"""The desk's own scripts and styles, which frames of a sheet go without: they are on the other pages."""
SHEET = """documents => {
  document.body.replaceChildren(...documents.map(text => {
    const frame = document.createElement("iframe");
    frame.srcdoc = text;
    return frame;
  }));
}"""


def _is_refusal(fault: str) -> bool:
    return "the server responded with a status of 4" in fault


def _is_json(content: str) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return content.isascii()


def _fetched(port: int, path: str, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    channel = HTTPConnection("localhost", port, timeout=120)
    channel.request("GET", path, headers=headers)
    answer = channel.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    content = answer.read().decode("utf-8", "replace")
    channel.close()
    return answer.status, content, told


def _calls(served: Served) -> Iterator[str]:
    """Every call that only looks, and every part of its long lists."""
    for endpoint in CALLS:
        if endpoint.method != "GET" or endpoint.call is None:
            continue
        path = address_of(served.office, endpoint.path)
        if "from" not in endpoint.call.asks or endpoint.path.endswith("/log"):
            yield path + ("?words=z" if "words" in endpoint.call.asks else "")
            continue
        yield from (f"{path}?from={start}" for start in range(0, 500, 100))


def together(served: Served) -> Iterator[str]:
    """The pages that show many payloads at once."""
    case = served.office.desk.case
    yield from (path for _, path, _ in SECTIONS)
    exhibits = dict(case.exhibits())
    of_type: dict[str, list[str]] = defaultdict(list)
    for number, digest in exhibits.items():
        of_type[case.item(digest).original.media_type].append(number)
    yield from (f"/exhibits/{number}" for number in (next(iter(exhibits)), *of_type["image/jpeg"]))
    yield from (f"/exhibits/{number}/close" for number in of_type["image/jpeg"])
    yield from (f"/exhibits/{number}/replay" for number in of_type["text/html"])
    yield "/compare/{}/{}".format(*of_type["image/png"])
    yield from (f"/gallery?page={number}" for number in range(len(exhibits) // 60 + 1))
    yield from (f"/claims?from={start}" for start in range(0, len(served_claims(served)), 20))
    yield from (f"/claims/{number}" for number in range(1, len(served_claims(served)) // 50 + 2))
    yield from (f"/log?kind={kind}&from={start}" for kind in AUDITED for start in range(0, 400, 100))
    yield from (f"/log?from={start}" for start in range(99, 1_500, 100))
    yield from ("/brief/edit", "/brief/versions", "/brief/references?q=z", "/take", "/map", "/times")


def served_claims(served: Served) -> range:
    """The numbers of the claims."""
    return range(1, len(served.office.desk.case.find(Claim)) + 1)


def apart(served: Served, sown: Sown) -> Iterator[str]:
    """The pages that show one payload each: its claim, its statement, its text, and what asks with it."""
    case = served.office.desk.case
    yield from (f"/claims/{number}" for number in served_claims(served))
    yield from (f"/statements/{name.hex}" for name, _ in case.find(Statement))
    yield from (f"/exhibits/{number}" for number, _ in case.exhibits())
    for place, path in QUESTIONS.items():
        yield from (path.format(quote(text, safe="")) for _, text in sown.at(place, 200))


QUESTIONS = {
    "askedwords": "/gallery?words={}",
    "askedmap": "/map?of={}",
    "askedref": "/brief/references?q={}",
    "askedname": "/exhibits/{}",
}
"""What asks with a payload: the answer may show it."""


def people(served: Served, sown: Sown) -> None:
    """Accounts with names of all kinds, and tokens and kept searches of theirs."""
    for number, name in sown.at("account", 60):
        if name.isprintable():
            served.office.accounts.add(name, f"{PASSPHRASE} {number}", (Role.ANALYST,))
        else:
            sown.stands["account"].discard(number)


def kept(served: Served, sown: Sown, campaign: Campaign, watched: Sequence[Watched]) -> None:
    """Kept searches and tokens, as many at a time as one person may have."""
    office = served.office
    for place, most, page in (("search", 50, "/gallery"), ("token", MOST_EACH, "/account")):
        named = [(n, visible(text)) for n, text in sown.at(place, LONGEST_LABEL) if text.isprintable()]
        sown.stands[place] = {number for number, _ in named}
        for start in range(0, len(named), most):
            made = []
            for _, name in named[start : start + most]:
                if place == "search":
                    office.searches.keep(ADA, name, f"words={quote(name)}")
                else:
                    made.append(office.tokens.make(ADA, name, (Scope.READ,), 1)[1].name)
            for one in watched:
                campaign.visit(one, [served.address + page], place)
            for name in tuple(office.searches.of(ADA)):
                office.searches.forget(ADA, name)
            for name in made:
                office.tokens.revoke(name)


def written_out(served: Served, work: Path) -> list[str]:
    """The brief in every language, and what a package holds that a browser shows, as addresses of files."""
    for language in LANGUAGES:
        files, _ = served.office.desk.drafted_brief(language)
        for name, content in files.items():
            path = work / "drafts" / language / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    suffixes = (".html", ".svg", ".txt", ".xhtml", ".xml", ".json", ".md")
    found = [path for name in ("drafts", "package") for path in sorted((work / name).rglob("*"))]
    return [path.as_uri() for path in found if path.suffix in suffixes and "evidence" not in path.parts]


def drive(served: Served, sown: Sown, work: Path, minutes: float) -> Campaign:
    """The whole way, or as far as the time goes."""
    campaign = Campaign(served, sown, time.monotonic() + 60 * minutes)
    people(served, sown)
    trusting, person = (served.page("en", width=1280, scheme="light", trusting=one) for one in (True, False))
    many, single = list(dict.fromkeys(together(served))), list(apart(served, sown))
    print(f"{len(many)} pages of many payloads, {len(single)} of one each", flush=True)
    campaign.visit(trusting, [served.address + path for path in many], "without policy")
    campaign.visit(
        Watched(served.browser.new_context(bypass_csp=True).new_page()), written_out(served, work), "files"
    )
    kept(served, sown, campaign, (trusting, person))
    campaign.ask(served.page("en", width=1280, scheme="light", trusting=True))
    campaign.visit(person, [served.address + path for path in (*many, *single[::GONE_TO])], "as it is")
    campaign.lay_out(trusting, single)
    return campaign


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--work", type=Path, help="where the case is made, and stays")
    parser.add_argument("--most", type=int, default=10_000, help="how many payloads at most")
    parser.add_argument("--minutes", type=float, default=60, help="how long pages are gone to at most")
    wanted = parser.parse_args()
    said = payloads(wanted.corpus)[: wanted.most]
    print(f"{len(said)} payloads", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        work = wanted.work or Path(folder) / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        case, sown = made_case(work, said)
        print(f"{sum(map(len, sown.stands.values())):,} in {len(sown.stands)} places", flush=True)
        with served_case(case, Path(folder)) as served:
            campaign = drive(served, sown, work, wanted.minutes)
    pairs = 0
    for place, stands in sorted(sown.stands.items()):
        seen = campaign.shown[place] & stands
        pairs += len(seen)
        print(f"  {place}: {len(seen)} of {len(stands)} that it takes were shown")
    places = sum(bool(campaign.shown[place]) for place in sown.stands)
    print(
        f"{len(said)} payloads, {places} places, {pairs:,} of payload and place on {campaign.pages:,} pages"
    )
    answered = sum(len(campaign.told[place] & stands) for place, stands in sown.stands.items())
    print(f"{answered:,} pairs stood in answers for programs")
    print(f"{len(campaign.faults)} ran or asked outside; {campaign.left:,} pages were not gone to")
    return 1 if campaign.faults or campaign.left else 0


if __name__ == "__main__":
    sys.exit(main())
