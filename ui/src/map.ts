// Places and times, linked: whichever is picked, all that belongs to it is marked in both; and the map zooms and pans.

type View = [number, number, number, number];

const WORLD: View = [-180, -130, 360, 225];
const NEAREST = 0.004; // degrees across, some 400 metres
const KM_OF_A_DEGREE = 111.32;
const STEP = 0.12; // of what is in view, for one press of an arrow
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function linked(section: HTMLElement): void {
  const things = [...section.querySelectorAll<HTMLElement | SVGElement>("[data-of]")];
  const said = section.querySelector<HTMLElement>("[data-picked]");
  const none = section.querySelector<HTMLElement>("[data-none]");
  const times = section.querySelector<HTMLElement>("[data-times]");
  const map = section.querySelector<SVGSVGElement>("[data-map]");
  const atlas = map && section.querySelector<HTMLElement>("[data-atlas]");
  const chart = map && atlas ? charted(map, atlas, section) : null;

  section.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLElement | SVGElement>("[data-pick], .spot, [data-none]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (chart?.wasDragged()) return;
    pick(link.dataset["pick"] ?? link.dataset["of"] ?? "");
  });

  function pick(own: string): void {
    const of = new Set<string>();
    for (const one of things) if (one.dataset["of"] === own) for (const name of withOf(one)) of.add(name);
    const marked = things.filter((one) => {
      const name = one.dataset["of"] ?? "";
      return name === own || of.has(name) || withOf(one).includes(own);
    });
    for (const one of things) one.classList.toggle("picked", own !== "" && marked.includes(one));
    for (const link of section.querySelectorAll<HTMLElement | SVGElement>("[data-pick], .spot")) {
      if (own !== "" && (link.dataset["pick"] ?? link.dataset["of"]) === own) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    none?.toggleAttribute("hidden", own === "");
    tell(own === "" ? [] : marked, own);
    history.replaceState(null, "", own === "" ? "/map" : `/map?of=${encodeURIComponent(own)}`);
    chart?.show(marked.filter((one) => one.matches(".spot")));
    const first = marked.find((one) => one.matches("[data-time]"));
    if (times && first instanceof HTMLElement && !times.contains(document.activeElement)) {
      times.scrollTop += first.getBoundingClientRect().top - times.getBoundingClientRect().top - 8;
    }
  }

  function tell(marked: Element[], own: string): void {
    if (!said) return;
    const count = (what: string) => String(marked.filter((one) => one.matches(what)).length);
    const words = (own === "" ? said.dataset["nothing"] : said.dataset["picked"]) ?? "";
    said.textContent = words.replace("{places}", count("[data-place]")).replace("{times}", count("[data-time]"));
  }
}

function withOf(one: HTMLElement | SVGElement): string[] {
  return (one.dataset["with"] ?? "").split(" ").filter(Boolean);
}

/** The map in its frame: moved by pointer and by keys, with signs that stay as large as they are. */
function charted(map: SVGSVGElement, atlas: HTMLElement, section: HTMLElement) {
  const read = (text: string | null | undefined) => (text ?? "").split(" ").map(Number) as View;
  const sized = [...map.querySelectorAll<SVGGElement>("[data-sized]")];
  const scale = map.querySelector<SVGGElement>("[data-scale]");
  const tight = read(map.dataset["tight"]);
  let view = read(map.getAttribute("viewBox"));
  let middle: [number, number] | null = null; // of what was picked: it is zoomed about
  let from: { x: number; y: number; view: View } | null = null;
  let isDragged = false;

  for (const help of section.querySelectorAll<HTMLElement>("[data-scripted]")) help.hidden = false;
  atlas.classList.add("held");

  function look([x, y, wide]: View): void {
    const width = Math.min(WORLD[2], Math.max(NEAREST, wide));
    const height = (width * WORLD[3]) / WORLD[2];
    // zoomed about the middle of what was asked for, and never off the map
    const left = within(x + (wide - width) / 2, WORLD[0], WORLD[0] + WORLD[2] - width);
    const top = within(y + ((wide - width) * WORLD[3]) / WORLD[2] / 2, -180, 180 - height);
    view = [left, top, width, height];
    draw();
  }

  function draw(): void {
    map.setAttribute("viewBox", view.join(" "));
    const pixel = view[2] / (map.clientWidth || 720);
    if (scale) {
      scale.dataset["sized"] = `${view[0] + 14 * pixel} ${view[1] + view[3] - 14 * pixel}`;
      measure(pixel);
    }
    for (const one of sized) {
      one.setAttribute("transform", `translate(${one.dataset["sized"]}) scale(${pixel})`);
      if (one === scale) continue;
      const isFar = read(one.dataset["sized"])[0] - view[0] > view[2] * 0.6;
      const label = one.querySelector("text");
      label?.setAttribute("x", isFar ? "-13" : "13");
      label?.setAttribute("text-anchor", isFar ? "end" : "start");
    }
  }

  function measure(pixel: number): void {
    const degree = KM_OF_A_DEGREE / Math.cosh(((view[1] + view[3] / 2) * Math.PI) / 180);
    const most = 150 * pixel * degree;
    const round = 10 ** Math.floor(Math.log10(most));
    const told = ([5, 2, 1].find((times) => times * round <= most) ?? 1) * round;
    scale!.querySelector("path")?.setAttribute("d", `M0-6V0H${(told / degree / pixel).toFixed(1)}V-6`);
    const words = told >= 1 ? `${told} km` : `${Math.round(told * 1000)} m`;
    scale!.querySelector("text")!.textContent = words;
  }

  /** Where in the view the picked places are, if they are in it: else its middle. */
  function meant(): [number, number] {
    if (!middle) return [0.5, 0.5];
    const at: [number, number] = [(middle[0] - view[0]) / view[2], (middle[1] - view[1]) / view[3]];
    return at.every((one) => one >= 0 && one <= 1) ? at : [0.5, 0.5];
  }

  function zoom(by: number, [at, down] = meant()): void {
    const wide = Math.min(WORLD[2], Math.max(NEAREST, view[2] / by));
    const high = (wide * WORLD[3]) / WORLD[2];
    look([view[0] + (view[2] - wide) * at, view[1] + (view[3] - high) * down, wide, high]);
  }

  function move(right: number, down: number): void {
    look([view[0] + right * view[2], view[1] + down * view[3], view[2], view[3]]);
  }

  for (const button of section.querySelectorAll<HTMLElement>("[data-zoom]")) {
    const how = button.dataset["zoom"];
    button.addEventListener("click", () => {
      if (how === "tight") look(tight);
      else if (how === "world") look(WORLD);
      else zoom(how === "in" ? 2 : 0.5);
    });
  }
  atlas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) move(arrow[0] * STEP, arrow[1] * STEP);
    else if (event.key === "+" || event.key === "=") zoom(1.5);
    else if (event.key === "-") zoom(1 / 1.5);
    else if (event.key === "0") look(WORLD);
    else return;
    event.preventDefault();
  });
  map.addEventListener("pointerdown", (event) => {
    isDragged = false;
    if (event.button === 0 && event.pointerType !== "touch") from = { x: event.clientX, y: event.clientY, view: [...view] };
  });
  map.addEventListener("pointermove", (event) => {
    if (!from) return;
    const pixel = from.view[2] / map.clientWidth;
    const [right, down] = [event.clientX - from.x, event.clientY - from.y];
    if (!isDragged && Math.hypot(right, down) < 4) return;
    if (!isDragged) map.setPointerCapture(event.pointerId);
    isDragged = true;
    look([from.view[0] - right * pixel, from.view[1] - down * pixel, view[2], view[3]]);
  });
  for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, () => (from = null));
  map.addEventListener("dragstart", (event) => event.preventDefault());
  map.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !atlas.contains(document.activeElement)) return; // the page scrolls until the map is meant
      event.preventDefault();
      const box = map.getBoundingClientRect();
      zoom(event.deltaY < 0 ? 1.25 : 0.8, [(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height]);
    },
    { passive: false },
  );
  new ResizeObserver(draw).observe(map);

  return {
    wasDragged: () => isDragged,
    /** Move to the places if one of them is out of view. */
    show(spots: Element[]): void {
      const at = spots.map((one) => read(one.querySelector<SVGGElement>("[data-sized]")?.dataset["sized"]));
      middle = null;
      if (!at.length) return;
      const isOut = at.some(([x, y]) => x < view[0] || x > view[0] + view[2] || y < view[1] || y > view[1] + view[3]);
      const [left, right] = [Math.min(...at.map(([x]) => x)), Math.max(...at.map(([x]) => x))];
      const [top, bottom] = [Math.min(...at.map(([, y]) => y)), Math.max(...at.map(([, y]) => y))];
      middle = [(left + right) / 2, (top + bottom) / 2];
      if (!isOut) return;
      const wide = Math.max(view[2], (right - left) * 1.3, ((bottom - top) * 1.3 * WORLD[2]) / WORLD[3]);
      look([(left + right - wide) / 2, (top + bottom) / 2 - (wide * WORLD[3]) / WORLD[2] / 2, wide, 0]);
    },
  };
}

function within(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
