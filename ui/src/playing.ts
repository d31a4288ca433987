// A recording: its frames and its sound, covered and silent until asked; stepped through, and marked at moments.
import { type Kept, lineOf, outlineOf, sendMarks } from "./marking";
import { coverAgain, holdOpen, picture } from "./uncover";

type Told = { seen: string; mark: Mark; trouble?: string; advice?: string };
type Mark = Kept & { start_ms: number | null; end_ms: number | null; clock: string | null };
type Far = { state: string; done_ms: number; trouble: string };

const JUMP_MS = 5_000;
const LOOK_MS = 1_000;

/** The frames of a video on one sheet: covered until asked, and each a way to its time. */
export function strips(strip: HTMLElement): void {
  const form = strip.querySelector("form");
  const button = form?.querySelector("button");
  if (!form || !button) return;
  const asked = button.textContent ?? "";
  const images = [...strip.querySelectorAll("image")];
  const covered = images[0]?.getAttribute("href") ?? "";
  let isOpen = false;

  function cover(): void {
    isOpen = false;
    button!.textContent = asked;
    strip.classList.remove("open");
    for (const image of images) image.setAttribute("href", covered);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isOpen) {
      coverAgain(strip);
      return;
    }
    if (!holdOpen(strip, cover)) return;
    isOpen = true;
    button.textContent = button.dataset["coverWord"] ?? "";
    picture(form.getAttribute("action") ?? "").then(
      (seen) => {
        if (!isOpen) return;
        for (const image of images) image.setAttribute("href", seen.src);
        strip.classList.add("open");
        document.dispatchEvent(new Event("uncovered"));
      },
      () => coverAgain(strip),
    );
  });
}

export function playing(bench: HTMLElement): void {
  const waiting = bench.querySelector<HTMLElement>("[data-preparing]");
  if (waiting) prepare(bench, waiting);
  const media = bench.querySelector<HTMLMediaElement>("[data-media]");
  const near = bench.querySelector<HTMLElement>("[data-near]");
  if (media && near) play(bench, media, near);
}

/** Ask for a preview, and how far it is until it is there. */
function prepare(bench: HTMLElement, waiting: HTMLElement): void {
  const form = waiting.querySelector("form");
  const bar = waiting.querySelector("progress");
  const said = waiting.querySelector<HTMLElement>("[data-done]");
  if (!form || !bar || !said) return;
  const action = form.getAttribute("action") ?? "";
  const length = Number(bench.dataset["length"] ?? 300_000);

  async function look(): Promise<void> {
    const answer = await fetch(action, { headers: { accept: "application/json" } });
    const far = (await answer.json()) as Far;
    if (far.state === "ready" || far.state === "over" || far.state === "wrong") {
      location.reload();
      return;
    }
    bar!.hidden = false;
    bar!.value = Math.min(99, (100 * far.done_ms) / length);
    said!.textContent = (bench.dataset["wordsDone"] ?? "").replace("{done}", clock(far.done_ms));
    setTimeout(() => void look(), LOOK_MS);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button")!.disabled = true;
    const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    fetch(action, { method: "POST", headers: { accept: "application/json" }, body: fields }).then(
      async (answer) => {
        if (answer.ok) {
          await look();
          return;
        }
        const told = (await answer.json()) as Told;
        said!.textContent = [told.trouble, told.advice].filter(Boolean).join(". ");
        form.querySelector("button")!.disabled = false;
      },
      () => location.reload(),
    );
  });
  if ("going" in form.dataset) {
    form.hidden = true;
    waiting.querySelector("[data-again]")?.parentElement?.remove();
    void look();
  }
}

function play(bench: HTMLElement, media: HTMLMediaElement, near: HTMLElement): void {
  const find = <T extends Element>(name: string) => bench.querySelector<T>(`[data-${name}]`);
  const exhibit = bench.dataset["play"] ?? "";
  const from = Number(bench.dataset["from"]);
  const until = Number(bench.dataset["until"]);
  const times = (bench.dataset["times"] ?? "").split(" ").filter(Boolean).map(Number);
  const [width, height] = (bench.dataset["size"] ?? "").split(" ").map(Number) as [number, number];
  const opener = find<HTMLButtonElement>("open");
  const position = find<HTMLInputElement>("position");
  const said = find<HTMLElement>("said");
  const form = find<HTMLFormElement>("mark-form");
  const marks = find<SVGSVGElement>("marks");
  const draft = find<SVGPathElement>("draft");
  const hand = find<HTMLElement>("hand");
  const region = form?.querySelector<HTMLInputElement>("[name=region]") ?? null;
  const moment = form?.querySelector<HTMLInputElement>("[name=moment]") ?? null;
  if (!opener || !position || !said || media.hasAttribute("src")) return;
  const asked = opener.textContent ?? "";
  let isOpen = false;
  let now = Math.min(Math.max(Number(bench.dataset["at"]), from), until);

  find<HTMLElement>("controls")!.hidden = false;
  find<HTMLElement>("timing")!.hidden = false;
  find<HTMLElement>("plain")?.setAttribute("hidden", "");
  near.classList.add("scripted");
  if (width && height) {
    near.style.aspectRatio = `${width} / ${height}`;
    near.style.maxInlineSize = `calc(70vh * ${width / height})`;
  }
  if (hand) hand.hidden = false;
  media.muted = true;

  // --- seen and heard only while it is asked for

  opener.addEventListener("click", () => (isOpen ? coverAgain(near) : void open()));

  async function open(): Promise<void> {
    if (!holdOpen(near, cover)) return;
    isOpen = true;
    opener!.textContent = opener!.dataset["coverWord"] ?? "";
    try {
      const answer = await fetch(`/exhibits/${encodeURIComponent(exhibit)}/play?at=${from}`, {
        method: "POST",
        headers: { accept: "application/json" },
        body: new URLSearchParams({ form: document.querySelector<HTMLElement>("[data-form]")?.dataset["form"] ?? "" }),
      });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const told = (await answer.json()) as { path: string };
      if (!isOpen) return;
      media.src = told.path;
      media.load();
      await new Promise((done, failed) => {
        media.addEventListener("loadeddata", done, { once: true });
        media.addEventListener("error", failed, { once: true });
      });
      if (!isOpen) return;
      seek(now);
      near.classList.add("open");
      document.dispatchEvent(new Event("uncovered"));
    } catch {
      coverAgain(near);
    }
  }

  function cover(): void {
    isOpen = false;
    opener!.textContent = asked;
    near.classList.remove("open");
    media.pause();
    sound(false);
    media.removeAttribute("src");
    media.load();
    const image = near.querySelector<HTMLImageElement>("[data-cover]");
    if (image) image.src = `/exhibits/${encodeURIComponent(exhibit)}/frames/${start(frame())}.jpg`;
    draw();
  }

  function sound(isOn: boolean): void {
    const button = bench.querySelector<HTMLElement>("[data-do=sound]");
    media.muted = !isOn;
    if (!button) return;
    button.dataset["onWord"] ??= button.textContent ?? "";
    button.textContent = (isOn ? button.dataset["offWord"] : button.dataset["onWord"]) ?? "";
    button.setAttribute("aria-pressed", String(isOn));
  }

  // --- where it is, to the frame

  /** The number of the frame that is shown now; -1 without frames. */
  function frame(): number {
    let low = -1;
    let high = times.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (times[middle]! <= now - from) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, times.length ? 0 : -1);
  }

  const start = (number: number) => (number < 0 ? Math.round(now) : from + times[number]!);
  const end = (number: number) => (number < 0 ? Math.round(now) + 1 : from + (times[number + 1] ?? until - from + 40));

  function seek(to: number): void {
    now = Math.min(Math.max(to, from), until);
    // into the middle of the frame, so that it is shown however its time is rounded
    const number = frame();
    const inside = number < 0 ? now : Math.max(now, Math.min((start(number) + end(number)) / 2, start(number) + 8));
    if (isOpen && media.readyState > 0) media.currentTime = Math.max(0, (inside - from) / 1000);
    draw();
  }

  function step(by: number): void {
    media.pause();
    const number = frame();
    if (number < 0) seek(now + by * 40);
    else seek(start(Math.min(Math.max(number + by, 0), times.length - 1)));
  }

  function draw(): void {
    const number = frame();
    position!.value = String(Math.round(now));
    position!.setAttribute("aria-valuetext", clock(now));
    find<HTMLElement>("clock")!.textContent = clock(number < 0 ? now : start(number));
    const told = find<HTMLElement>("frame");
    const words = bench.dataset["wordsFrame"] ?? "";
    if (told && number >= 0) told.textContent = words.replace("{number}", String(number + 1)).replace("{count}", String(times.length));
    find<HTMLAnchorElement>("closely")?.setAttribute("href", `/exhibits/${encodeURIComponent(exhibit)}/close?at=${start(number)}`);
    const waves = find<SVGSVGElement>("waves");
    const line = waves?.querySelector("[data-now]");
    if (waves && line) {
      const x = String((now / Number(waves.dataset["waves"])) * waves.viewBox.baseVal.width);
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
    }
    for (const one of bench.querySelectorAll<HTMLElement>("[data-listed]")) {
      const [first, last] = [one.dataset["start"], one.dataset["end"]];
      const isNow = first === undefined || (Number(first) < end(number) && start(number) < Number(last));
      one.classList.toggle("now", isNow && first !== undefined);
      const drawn = marks?.querySelector(`[data-mark="${CSS.escape(one.dataset["listed"] ?? "")}"]`);
      drawn?.classList.toggle("gone", !isNow);
    }
  }

  media.addEventListener("timeupdate", follow);
  media.addEventListener("playing", () => requestAnimationFrame(tick));

  function follow(): void {
    if (!isOpen || media.seeking || media.paused) return;
    now = from + media.currentTime * 1000;
    draw();
  }

  function tick(): void {
    if (media.paused || !isOpen) return;
    follow();
    requestAnimationFrame(tick);
  }

  position.addEventListener("input", () => seek(Number(position.value)));
  find<HTMLInputElement>("slow")?.addEventListener("change", (event) => {
    media.playbackRate = media.defaultPlaybackRate = (event.target as HTMLInputElement).checked ? 0.5 : 1;
  });

  const deeds: Record<string, () => void> = {
    toggle: () => {
      if (!isOpen) return;
      if (media.paused) void media.play();
      else {
        media.pause();
        seek(now);
      }
    },
    back: () => seek(now - JUMP_MS),
    on: () => seek(now + JUMP_MS),
    "frame-back": () => step(-1),
    "frame-on": () => step(1),
    sound: () => isOpen && sound(media.muted),
    from: () => setEnds(start(frame()), null),
    until: () => setEnds(null, end(frame())),
  };
  for (const button of bench.querySelectorAll<HTMLElement>("[data-do]")) {
    button.addEventListener("click", () => deeds[button.dataset["do"] ?? ""]?.());
  }

  for (const link of bench.querySelectorAll<HTMLElement>("[data-to]")) leads(link);

  function leads(link: HTMLElement): void {
    link.addEventListener("click", (event) => {
      const to = Number(link.dataset["to"]);
      if (to < from || to > until) return; // in another part: the link goes there
      event.preventDefault();
      media.pause();
      seek(to);
      near.scrollIntoView({ block: "nearest" });
    });
  }

  // --- a mark of one's own

  function setEnds(first: number | null, last: number | null): void {
    if (!moment) return;
    const [before, after] = moment.value.split("-").map((one) => one.trim());
    moment.value = `${first === null ? before || clock(start(frame())) : clock(first)}-${last === null ? after || clock(end(frame())) : clock(last)}`;
  }

  let corner: [number, number] | null = null;

  function point(event: PointerEvent): [number, number] {
    const box = hand!.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.x) / box.width) * width);
    const y = Math.round(((event.clientY - box.y) / box.height) * height);
    return [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
  }

  hand?.classList.toggle("draws", Boolean(region));
  hand?.addEventListener("pointerdown", (event) => {
    if (event.button || !region || !isOpen) return;
    media.pause();
    seek(now);
    corner = point(event);
    hand.setPointerCapture(event.pointerId);
  });
  hand?.addEventListener("pointermove", (event) => {
    if (corner) draft?.setAttribute("d", box(corner, point(event)));
  });
  hand?.addEventListener("pointerup", (event) => {
    const [first, last] = [corner, point(event)];
    corner = null;
    if (!first || !region || first[0] === last[0] || first[1] === last[1]) {
      draft?.setAttribute("d", "");
      return;
    }
    const [left, top] = [Math.min(first[0], last[0]), Math.min(first[1], last[1])];
    region.value = [left, top, Math.abs(first[0] - last[0]), Math.abs(first[1] - last[1])].join(",");
    if (moment && !moment.value) setEnds(start(frame()), end(frame()));
    form?.querySelector<HTMLElement>("[name=text]")?.focus();
  });

  if (form) {
    sendMarks<Told>(form, find<HTMLElement>("trouble")!, (told) => {
      put(told.mark);
      draft?.setAttribute("d", "");
      said!.textContent = bench.dataset["wordsKept"] ?? "";
      draw();
    });
  }

  function put(mark: Mark): void {
    const item = lineOf(mark, form, linkTo(mark));
    if (mark.start_ms !== null && mark.end_ms !== null) {
      item.dataset["start"] = String(mark.start_ms);
      item.dataset["end"] = String(mark.end_ms);
    }
    find<HTMLElement>("list")!.append(item);
    find("no-marks")?.remove();
    const outline = outlineOf(mark);
    if (outline) marks?.insertBefore(outline, draft);
  }

  function linkTo(mark: Mark): HTMLAnchorElement | null {
    if (mark.start_ms === null) return null;
    const link = document.createElement("a");
    link.className = "clock";
    link.dir = "ltr";
    link.href = `/exhibits/${encodeURIComponent(exhibit)}/play?at=${mark.start_ms}`;
    link.dataset["to"] = String(mark.start_ms);
    link.textContent = mark.clock;
    leads(link);
    return link;
  }

  draw();
}

function box([x, y]: [number, number], [to, down]: [number, number]): string {
  return `M${x} ${y} L${to} ${y} L${to} ${down} L${x} ${down}Z`;
}

/** A time since the beginning, to the millisecond. */
export function clock(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  const pad = (number: number, places = 2) => String(number).padStart(places, "0");
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, Math.floor(whole / 1000) % 60];
  const rest = `${pad(seconds)}.${pad(whole % 1000, 3)}`;
  return hours ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}
