// The gallery as one list that scrolls: only the exhibits near the window are in the page, fetched by keys.
import { choosing } from "./choosing";
import { coverAgain, uncover } from "./uncover";

type Tile = {
  exhibit: string;
  kind: string;
  media_type: string;
  title: string | null;
  level: number;
  rated: boolean;
  has_cover: boolean;
  folded: number;
  unfold: string;
  is_open: boolean;
  is_behind: boolean;
};

const GAP = 12;
const NARROWEST = matchMedia("(max-width: 40rem)").matches ? 128 : 152;
const HEIGHT = 176;
const SPARE_ROWS = 4;
const AHEAD = 4; // pages that are fetched before they are scrolled to
const MOST = 500; // how many are chosen at once

export function gallery(list: HTMLElement): void {
  const total = Number(list.dataset["total"]);
  const size = Number(list.dataset["size"]);
  const places = (list.dataset["places"] ?? "").split(",").map(Number);
  const words = new Map((list.dataset["words"] ?? "").split("|").map((pair) => pair.split("=") as [string, string]));
  const pages = new Map<number, Promise<Tile[]>>();
  const passing = new Map<number, AbortController>(); // on their way, and not wanted any more once scrolled past
  const shown = new Map<number, HTMLLIElement>();
  const chosen = choosing(list);
  let from = -1; // the exhibit from which a range is chosen
  let columns = 1;
  let width = NARROWEST;
  let was = 0; // how far down it was drawn last
  let at = Number(list.dataset["at"] ?? Number(list.dataset["page"]) * size); // the exhibit that the keyboard is on

  function page(number: number): Promise<Tile[]> {
    let asked = pages.get(number);
    if (!asked) {
      const stop = new AbortController();
      passing.set(number, stop);
      const question = new URLSearchParams(list.dataset["question"]);
      question.set("from", String(places[number]));
      const how: RequestInit = { headers: { accept: "application/json" }, signal: stop.signal, priority: "high" };
      asked = fetch(`/gallery/tiles?${question}`, how).then((answer) => {
        if (!answer.ok) throw new Error(`${answer.status}`);
        return answer.json() as Promise<Tile[]>;
      });
      asked.catch(() => pages.delete(number)).finally(() => passing.delete(number));
      pages.set(number, asked);
    }
    return asked;
  }

  function measure(): void {
    const room = list.clientWidth;
    columns = Math.max(1, Math.floor((room + GAP) / (NARROWEST + GAP)));
    width = (room - GAP * (columns - 1)) / columns;
    list.style.blockSize = `${Math.ceil(total / columns) * (HEIGHT + GAP)}px`;
    for (const [index, item] of shown) put(index, item);
  }

  function put(index: number, item: HTMLLIElement): void {
    item.style.insetBlockStart = `${Math.floor(index / columns) * (HEIGHT + GAP)}px`;
    item.style.insetInlineStart = `${(index % columns) * (width + GAP)}px`;
    item.style.inlineSize = `${width}px`;
  }

  function draw(): void {
    const top = -list.getBoundingClientRect().top;
    const first = Math.max(0, (Math.floor(top / (HEIGHT + GAP)) - SPARE_ROWS) * columns);
    const rows = Math.ceil(innerHeight / (HEIGHT + GAP)) + 2 * SPARE_ROWS + 1;
    const last = Math.min(total, first + rows * columns);
    const focused = document.activeElement;
    for (const [index, item] of shown) {
      if ((index < first || index >= last) && !item.contains(focused)) {
        item.querySelector("img")?.removeAttribute("src"); // a cover on its way would hold up those in view
        item.remove();
        shown.delete(index);
      }
    }
    const [front, back] = [Math.floor(first / size), Math.floor(Math.max(0, last - 1) / size)];
    for (const [number, stop] of [...passing]) {
      if (number >= front - AHEAD && number <= back + AHEAD) continue;
      stop.abort();
      pages.delete(number);
      passing.delete(number);
    }
    for (let index = first; index < last; index += 1) if (!shown.has(index)) begin(index);
    const step = top < was ? -1 : 1;
    was = top;
    for (let ahead = 1; ahead <= AHEAD; ahead += 1) {
      const number = (step > 0 ? back : front) + step * ahead;
      if (number >= 0 && number < places.length) void page(number).catch(() => undefined);
    }
  }

  function begin(index: number): void {
    const item = document.createElement("li");
    item.setAttribute("aria-setsize", String(total));
    item.setAttribute("aria-posinset", String(index + 1));
    put(index, item);
    const after = [...shown].filter(([other]) => other > index).sort(([one], [other]) => one - other)[0];
    list.insertBefore(item, after ? after[1] : null);
    shown.set(index, item);
    page(Math.floor(index / size)).then((tiles) => {
      const tile = tiles[index % size];
      if (tile && shown.get(index) === item) fill(item, tile, index);
    }, () => item.classList.add("missing"));
  }

  function fill(item: HTMLLIElement, tile: Tile, index: number): void {
    const link = element("a", "tile");
    link.href = `/exhibits/${encodeURIComponent(tile.exhibit)}`;
    link.tabIndex = index === at ? 0 : -1;
    link.dataset["exhibit"] = tile.exhibit;
    const cover = element("span", tile.has_cover ? "cover" : "cover bare");
    if (tile.has_cover) {
      const image = element("img", "");
      image.alt = "";
      image.fetchPriority = "low";
      image.addEventListener("error", () => cover.replaceChildren(sign(tile)), { once: true });
      image.src = `/covers/${encodeURIComponent(tile.exhibit)}.jpg`;
      cover.append(image);
    } else cover.append(sign(tile));
    const number = element("span", "number");
    number.dir = "ltr";
    number.textContent = tile.exhibit;
    const kind = element("span", "kind");
    kind.textContent = words.get(tile.kind) ?? "";
    const label = element("span", "label");
    label.append(number, " ", kind);
    const level = element("span", `level level-${tile.level}`);
    if (tile.level) level.textContent = `${list.dataset["level"]} ${tile.level}${tile.rated ? "" : " ?"}`;
    link.append(cover, label, level);
    item.id = tile.exhibit;
    item.classList.toggle("behind", tile.is_behind);
    item.replaceChildren(link);
    if (tile.folded) item.append(more(tile));
    if (chosen) {
      item.append(chosen.box(tile.exhibit));
      item.classList.toggle("chosen-one", chosen.has(tile.exhibit));
    }
    if (index === at && moving) {
      moving = false;
      link.focus({ preventScroll: true });
    }
  }

  function sign(tile: Tile): HTMLElement {
    const written = element("span", "sign");
    written.dir = "auto";
    written.textContent = tile.title ?? tile.media_type;
    return written;
  }

  /** Choose everything from where a range began up to here, or turn one over. */
  function choose(index: number, isRange: boolean): void {
    const begin = isRange && from >= 0 ? from : index;
    if (!isRange || from < 0) from = index;
    const [first, last] = begin < index ? [begin, index] : [index, begin];
    for (let one = first; one <= Math.min(last, first + MOST - 1); one += 1) {
      const number = Math.floor(one / size);
      const asked = page(number);
      passing.delete(number); // wanted, wherever one scrolls
      void asked.then((tiles) => {
        const tile = tiles[one % size];
        if (tile && chosen) chosen.set(tile.exhibit, isRange || !chosen.has(tile.exhibit));
      }, () => undefined);
    }
  }

  /** The way to what is folded behind a tile, or back again. */
  function more(tile: Tile): HTMLElement {
    const link = element("a", "more");
    const words = list.dataset[tile.is_open ? "shut" : "copies"] ?? "";
    link.href = `/gallery?${tile.unfold}#${tile.exhibit}`;
    link.dataset["more"] = "";
    link.textContent = `${tile.is_open ? "\u2212" : "+"}${tile.folded}`;
    link.setAttribute("aria-label", `${words.replace("{count}", String(tile.folded))} (${tile.exhibit})`);
    return link;
  }

  let moving = "at" in list.dataset; // whoever unfolded something is still where they were

  function move(index: number): void {
    const to = Math.min(total - 1, Math.max(0, index));
    const before = shown.get(at)?.querySelector("a");
    if (before) before.tabIndex = -1;
    at = to;
    moving = true;
    const top = list.getBoundingClientRect().top + Math.floor(to / columns) * (HEIGHT + GAP);
    const bar = document.querySelector("header")?.getBoundingClientRect().bottom ?? 0;
    if (top < bar + GAP) scrollBy(0, top - bar - GAP);
    const bench = document.querySelector(".tagging.busy")?.getBoundingClientRect().top ?? innerHeight;
    const floor = Math.min(innerHeight, bench); // what has the focus is not hidden behind what is chosen
    if (top >= bar + GAP && top + HEIGHT > floor) scrollBy(0, top + HEIGHT - floor + GAP);
    draw();
    const link = shown.get(to)?.querySelector("a");
    if (link) {
      moving = false;
      link.tabIndex = 0;
      link.focus({ preventScroll: true });
    }
  }

  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const link = (event.target as Element).closest<HTMLElement>("a.tile");
    if (!link) return;
    if (event.key === "v" || event.key === "V") {
      const cover = link.querySelector<HTMLElement>(".cover");
      if (cover && !event.repeat) uncover(cover, link.dataset["exhibit"] ?? "");
      return;
    }
    if (event.key === "f" || event.key === "F") {
      link.parentElement?.querySelector<HTMLElement>("[data-more]")?.click();
      return;
    }
    if (chosen && (event.key === "x" || event.key === "X")) {
      choose(at, event.shiftKey);
      return;
    }
    const forward = document.dir === "rtl" ? -1 : 1;
    const steps: Record<string, number> = {
      ArrowRight: at + forward,
      ArrowLeft: at - forward,
      ArrowDown: at + columns,
      ArrowUp: at - columns,
      PageDown: at + columns * 3,
      PageUp: at - columns * 3,
      Home: 0,
      End: total - 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (chosen && event.shiftKey) {
      if (from < 0) choose(at, true);
      move(to);
      choose(at, true);
    } else move(to);
  }

  function onLetGo(event: Event): void {
    const cover = (event.target as Element).closest<HTMLElement>("a.tile")?.querySelector<HTMLElement>(".cover");
    if (cover) coverAgain(cover);
  }

  pages.set(Number(list.dataset["page"]), page(Number(list.dataset["page"])));
  list.replaceChildren();
  list.dataset["virtual"] = "";
  document.querySelector<HTMLElement>("[data-pager]")?.setAttribute("hidden", "");
  for (const help of document.querySelectorAll<HTMLElement>("[data-scripted]")) help.hidden = false;
  list.addEventListener("keydown", onKey);
  list.addEventListener("keyup", onLetGo);
  list.addEventListener("focusout", onLetGo);
  list.addEventListener("focusin", (event) => {
    const item = (event.target as Element).closest("li");
    for (const [index, one] of shown) if (one === item) at = index;
  });
  list.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    const item = box.closest("li");
    for (const [index, one] of shown) if (one === item) choose(index, event.shiftKey);
  });
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
  addEventListener("scroll", soon, { passive: true });
  new ResizeObserver(() => {
    measure();
    soon();
  }).observe(list.parentElement ?? list);
  measure();
  if (at) scrollTo(0, list.getBoundingClientRect().top + scrollY + Math.floor(at / columns) * (HEIGHT + GAP));
  draw();
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}
