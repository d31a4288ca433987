// One picture from close: zoom and pan by OpenSeadragon, and marks drawn over it by pointer or by keys.
import OpenSeadragon from "openseadragon";
import { type Kept, lineOf, outlineOf, path, sendMarks } from "./marking";
import { coverAgain, holdOpen, picture } from "./uncover";

type Point = [number, number];
type Told = { seen: string; mark: Mark };
type Mark = Kept & { region: string | null };

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.01; // of what is in view, for one press of an arrow
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function close(bench: HTMLElement): void {
  const find = <T extends HTMLElement>(name: string) => bench.querySelector<T>(`[data-${name}]`);
  const near = find("near");
  const glass = find("glass");
  const hand = find("hand");
  const marks = bench.querySelector<SVGSVGElement>("[data-marks]");
  const opener = find<HTMLButtonElement>("open");
  const said = find("said");
  const exhibit = bench.dataset["close"];
  const [width, height] = (bench.dataset["size"] ?? "").split(" ").map(Number);
  if (!near || !glass || !hand || !marks || !opener || !said || !exhibit || !width || !height) return;
  const form = find<HTMLFormElement>("mark-form");
  const region = form?.querySelector<HTMLInputElement>("[name=region]") ?? null;
  const draft = marks.appendChild(document.createElementNS(SVG, "path"));
  const cross = marks.appendChild(document.createElementNS(SVG, "path"));
  draft.setAttribute("class", "draft");
  cross.setAttribute("class", "cross");
  const asked = opener.textContent ?? "";
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let viewer: OpenSeadragon.Viewer | null = null;
  let isOpen = false;
  let corners: Point[] = [];
  let at: Point = [width / 2, height / 2];
  let isDragging = false;

  near.style.aspectRatio = `${width} / ${height}`;
  near.style.maxInlineSize = `calc(78vh * ${width / height})`;
  near.classList.add("scripted");
  find("controls")!.hidden = false;
  hand.hidden = false;
  find("plain")?.setAttribute("hidden", "");
  for (const help of bench.querySelectorAll<HTMLElement>("[data-scripted]")) help.hidden = false;

  // --- the picture, uncovered until it is covered again

  opener.addEventListener("click", () => (isOpen ? coverAgain(near) : open()));

  function open(): void {
    const leave = holdOpen(near!, cover);
    if (!leave) return;
    isOpen = true;
    opener!.textContent = opener!.dataset["coverWord"] ?? "";
    picture(bench.dataset["address"] ?? `/exhibits/${encodeURIComponent(exhibit!)}/close`).then(
      (seen) => {
        if (!isOpen) return;
        viewer ??= made(glass!);
        viewer.addOnceHandler("open", () => {
          near!.classList.add("open");
          document.dispatchEvent(new Event("uncovered"));
        });
        viewer.open({ tileSource: { type: "image", url: seen.src } });
      },
      () => coverAgain(near!),
    );
  }

  function cover(): void {
    isOpen = false;
    opener!.textContent = asked;
    near!.classList.remove("open");
    viewer?.close();
    show(0, 0, width!, height!);
  }

  function made(element: HTMLElement): OpenSeadragon.Viewer {
    // It would put a style of its own into the page, which no script may here, unless it finds one of that name.
    const style = document.createElementNS(null, "style");
    style.setAttribute("data-openseadragon-mobile-css", "");
    document.head.append(style);
    const one = OpenSeadragon({
      element,
      drawer: "canvas",
      showNavigationControl: false,
      preserveOverlays: true, // it would clear them with markup, which no script may set here
      tabIndex: -1,
      animationTime: isStill ? 0 : 0.3,
      maxZoomPixelRatio: 12,
      visibilityRatio: 1,
      gestureSettingsMouse: { clickToZoom: false },
      gestureSettingsTouch: { clickToZoom: false },
    } as OpenSeadragon.Options);
    one.addHandler("update-viewport", () => {
      const item = one.world.getItemAt(0);
      if (!item || !isOpen) return;
      const seen = item.viewportToImageRectangle(one.viewport.getBounds(true));
      const scale = width! / item.getContentSize().x;
      show(seen.x * scale, seen.y * scale, seen.width * scale, seen.height * scale);
    });
    return one;
  }

  /** What of the picture is in view, in its upright pixels: marks are drawn in the same. */
  function show(x: number, y: number, wide: number, high: number): void {
    marks!.setAttribute("viewBox", `${x} ${y} ${wide} ${high}`);
  }

  function inView(): DOMRect {
    const box = marks!.viewBox.baseVal;
    return new DOMRect(box.x, box.y, box.width, box.height);
  }

  function zoom(by: number): void {
    if (viewer && isOpen) viewer.viewport.zoomBy(by).applyConstraints();
  }

  function home(): void {
    if (viewer && isOpen) viewer.viewport.goHome();
  }

  function goTo(points: Point[]): void {
    const item = viewer?.world.getItemAt(0);
    if (!viewer || !item || !isOpen) return;
    const scale = item.getContentSize().x / width!;
    const [left, top, right, bottom] = bounds(points).map((one) => one * scale) as [number, number, number, number];
    const side = Math.max(right - left, bottom - top, 80);
    const around = new OpenSeadragon.Rect((left + right) / 2 - side, (top + bottom) / 2 - side, 2 * side, 2 * side);
    viewer.viewport.fitBounds(item.imageToViewportRectangle(around)).applyConstraints();
  }

  for (const button of bench.querySelectorAll<HTMLElement>("[data-zoom]")) {
    const how = button.dataset["zoom"];
    button.addEventListener("click", () => (how === "home" ? home() : zoom(how === "in" ? 1.5 : 1 / 1.5)));
  }

  // --- drawing, by pointer or by keys, into the field that is sent

  const tool = () => bench.querySelector<HTMLInputElement>("[name=tool]:checked")?.value ?? "move";

  for (const one of bench.querySelectorAll<HTMLInputElement>("[name=tool]")) one.addEventListener("change", begin);

  function begin(): void {
    const isDrawn = tool() !== "move";
    hand!.classList.toggle("draws", isDrawn);
    corners = [];
    const view = inView();
    if (at[0] < view.left || at[0] > view.right || at[1] < view.top || at[1] > view.bottom) {
      at = [view.x + view.width / 2, view.y + view.height / 2];
    }
    redraw();
  }

  function point(event: PointerEvent): Point {
    const box = hand!.getBoundingClientRect();
    const view = inView();
    return inside([
      view.x + ((event.clientX - box.x) / box.width) * view.width,
      view.y + ((event.clientY - box.y) / box.height) * view.height,
    ]);
  }

  function inside([x, y]: Point): Point {
    return [Math.round(Math.min(width!, Math.max(0, x))), Math.round(Math.min(height!, Math.max(0, y)))];
  }

  hand.addEventListener("pointerdown", (event) => {
    if (event.button || tool() === "move") return;
    at = point(event);
    if (tool() === "box") {
      corners = [at];
      isDragging = true;
      hand.setPointerCapture(event.pointerId);
    } else corner();
  });
  hand.addEventListener("pointermove", (event) => {
    if (tool() === "move") return;
    at = point(event);
    redraw();
  });
  hand.addEventListener("pointerup", (event) => {
    if (!isDragging) return;
    isDragging = false;
    at = point(event);
    if (apart(corners[0], at)) corner();
  });
  hand.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.25 : 0.8);
    },
    { passive: false },
  );
  hand.addEventListener("dblclick", () => finish());

  /** A corner where the cross is; the second of a box and the only one of a point end the drawing. */
  function corner(): void {
    const last = corners.at(-1);
    if (tool() === "polygon" && last && !apart(last, at)) {
      finish();
      return;
    }
    if (tool() === "point") corners = [];
    if (tool() === "box" && (corners.length > 1 || (corners[0] && !apart(corners[0], at)))) corners = [];
    corners.push(at);
    tell(bench.dataset["wordsCorner"] ?? "", { count: corners.length });
    if (tool() === "point" || (tool() === "box" && corners.length === 2)) finish();
    else redraw();
  }

  function finish(): void {
    const points = outline();
    if (!region || points.length < (tool() === "polygon" ? 3 : 1)) return;
    region.value = written(tool(), points);
    corners = [];
    redraw();
    region.form?.querySelector<HTMLElement>("[name=sort]")?.focus();
  }

  function outline(): Point[] {
    if (tool() !== "box") return corners;
    const [first] = corners;
    if (!first) return [];
    const [left, top, right, bottom] = bounds([first, corners[1] ?? at]);
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  }

  region?.addEventListener("input", redraw);

  function redraw(): void {
    const isDrawn = tool() !== "move";
    const open = isDrawn && corners.length ? [...outline(), ...(tool() === "polygon" ? [at] : [])] : [];
    const kept = open.length ? open : read(region?.value ?? "");
    draft.setAttribute("d", kept.length ? path(kept) : "");
    const view = inView();
    const arm = view.width / 40;
    cross.setAttribute("d", isDrawn ? `M${at[0] - arm} ${at[1]}h${2 * arm}M${at[0]} ${at[1] - arm}v${2 * arm}` : "");
  }

  hand.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const view = inView();
    const step = Math.max(1, Math.round(view.width * STEP * (event.shiftKey ? 10 : 1)));
    const by = ARROWS[event.key];
    const isDrawn = tool() !== "move";
    if (by && isDrawn) {
      at = inside([at[0] + by[0] * step, at[1] + by[1] * step]);
      if (at[0] < view.left || at[0] > view.right || at[1] < view.top || at[1] > view.bottom) pan(by, view.width / 4);
      tell(bench.dataset["wordsStart"] ?? "", { x: at[0], y: at[1] });
      redraw();
    } else if (by) pan(by, step * 5);
    else if (event.key === "+" || event.key === "=") zoom(1.5);
    else if (event.key === "-") zoom(1 / 1.5);
    else if (event.key === "0") home();
    else if (event.key === "Enter" && isDrawn) corner();
    else if (event.key === "Backspace" && isDrawn) {
      corners.pop();
      redraw();
    } else return;
    event.preventDefault();
  });

  function pan(by: [number, number], pixels: number): void {
    const item = viewer?.world.getItemAt(0);
    if (!viewer || !item || !isOpen) return;
    const part = pixels / width!;
    viewer.viewport.panBy(new OpenSeadragon.Point(by[0] * part, by[1] * part)).applyConstraints();
  }

  function tell(words: string, filled: Record<string, number>): void {
    said!.textContent = words.replace(/\{(\w+)\}/g, (_, name: string) => String(filled[name] ?? ""));
  }

  // --- what is on record

  for (const button of bench.querySelectorAll<HTMLButtonElement>("[data-show-mark]")) listed(button);

  function listed(button: HTMLButtonElement): void {
    const drawn = marks!.querySelector<SVGGElement>(`[data-mark="${CSS.escape(button.dataset["showMark"] ?? "")}"]`);
    if (!drawn) return;
    button.hidden = false;
    const light = (isLit: boolean) => drawn.classList.toggle("lit", isLit);
    for (const name of ["focus", "pointerenter"]) button.addEventListener(name, () => light(true));
    for (const name of ["blur", "pointerleave"]) button.addEventListener(name, () => light(false));
    button.addEventListener("click", () => {
      const box = drawn.getBBox();
      goTo([[box.x, box.y], [box.x + box.width, box.y + box.height]]);
    });
  }

  if (form) {
    sendMarks<Told>(form, find<HTMLElement>("trouble")!, (told) => {
      put(told.mark);
      redraw();
      said!.textContent = bench.dataset["wordsKept"] ?? "";
    });
  }

  function put(mark: Mark): void {
    find("list")!.append(lineOf(mark, form));
    find("no-marks")?.remove();
    const outline = outlineOf(mark);
    if (outline) marks!.insertBefore(outline, draft);
  }
}

function apart(one: Point | undefined, other: Point): boolean {
  return !one || one[0] !== other[0] || one[1] !== other[1];
}

function bounds(points: Point[]): [number, number, number, number] {
  const across = points.map(([x]) => x);
  const down = points.map(([, y]) => y);
  return [Math.min(...across), Math.min(...down), Math.max(...across), Math.max(...down)];
}

/** A region as the form takes it: x,y,width,height for a box, corners for everything else. */
function written(tool: string, points: Point[]): string {
  if (tool !== "box") return points.map((one) => one.join(",")).join(" ");
  const [left, top, right, bottom] = bounds(points);
  return [left, top, right - left, bottom - top].join(",");
}

function read(words: string): Point[] {
  const groups = words.trim().split(/\s+/).map((one) => one.split(",").map(Number));
  if (groups.some((one) => one.some(Number.isNaN))) return [];
  const [first] = groups;
  if (groups.length === 1 && first?.length === 4) {
    const [x, y, wide, high] = first as [number, number, number, number];
    return [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]];
  }
  return groups.every((one) => one.length === 2) ? (groups as Point[]) : [];
}
