// Two pictures: side by side, or the one laid over the other by the map that was found, with slider, blink and difference.
import { coverAgain, uncover } from "./uncover";

const BLINK_MS = 700; // slower than three flashes a second by far

export function compare(section: HTMLElement): void {
  const find = <T extends HTMLElement>(name: string) => section.querySelector<T>(`[data-${name}]`);
  const controls = find("controls");
  const two = find("two");
  const room = find("stage-room");
  const stage = find("stage");
  const over = find("over");
  const clip = find("clip");
  const both = find<HTMLButtonElement>("uncover-both");
  const blink = find<HTMLButtonElement>("blink");
  if (!controls || !two || !room || !stage || !over || !clip || !both || !blink) return;
  const far = section.querySelector<HTMLInputElement>("[data-slider] input");
  const matrix = numbers(section.dataset["matrix"]);
  const sizes = numbers(section.dataset["sizes"]);
  const covers = [...section.querySelectorAll<HTMLElement>(".cover[data-exhibit]")];
  let timer = 0;

  controls.hidden = false;
  find("plain")?.setAttribute("hidden", "");
  for (const mode of controls.querySelectorAll<HTMLInputElement>("[name=mode]")) {
    if (matrix.length !== 6 && mode.value !== "side_by_side") mode.disabled = true;
    mode.addEventListener("change", () => show(mode.value));
  }

  function show(mode: string): void {
    const isLaid = mode !== "side_by_side";
    two!.hidden = isLaid;
    room!.hidden = !isLaid;
    stop();
    stage!.dataset["mode"] = mode;
    clip!.hidden = false;
    find("slider")!.hidden = mode !== "slider";
    find("blinker")!.hidden = mode !== "blink";
    lay();
    slide();
  }

  /** Put the first picture where the map says that it lies on the second, at the size of the stage. */
  function lay(): void {
    const [width, height, otherWidth, otherHeight] = sizes;
    const [a, b, c, d, e, f] = matrix;
    if (!width || !height || !otherWidth || !otherHeight || f === undefined) return;
    stage!.style.aspectRatio = `${otherWidth} / ${otherHeight}`;
    const scale = stage!.clientWidth / otherWidth;
    over!.style.inlineSize = `${width}px`;
    over!.style.blockSize = `${height}px`;
    over!.style.transform = `scale(${scale}) matrix(${a}, ${d}, ${b}, ${e}, ${c}, ${f})`;
  }

  function slide(): void {
    const part = stage!.dataset["mode"] === "slider" ? 100 - Number(far?.value ?? 50) : 0;
    clip!.style.clipPath = part ? `inset(0 ${part}% 0 0)` : "";
  }

  function turn(): void {
    clip!.hidden = !clip!.hidden;
  }

  function stop(): void {
    clearInterval(timer);
    timer = 0;
    blink!.setAttribute("aria-pressed", "false");
  }

  far?.addEventListener("input", slide);
  find("switch")?.addEventListener("click", () => {
    stop();
    turn();
  });
  blink.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
  blink.addEventListener("click", () => {
    if (timer) return stop();
    timer = window.setInterval(turn, BLINK_MS);
    blink.setAttribute("aria-pressed", "true");
  });
  find<HTMLInputElement>("points")?.addEventListener("change", (event) => {
    two.classList.toggle("pointless", !(event.target as HTMLInputElement).checked);
  });

  const asked = both.textContent ?? "";
  let isOpen = false;
  function open(wanted: boolean): void {
    isOpen = wanted;
    for (const cover of covers) {
      if (wanted) uncover(cover, cover.dataset["exhibit"] ?? "");
      else coverAgain(cover);
    }
    both!.textContent = wanted ? (both!.dataset["coverWord"] ?? "") : asked;
  }
  both.addEventListener("click", () => open(!isOpen));
  document.addEventListener("covered", () => open(false));
  new ResizeObserver(lay).observe(room);
}

function numbers(text: string | undefined): number[] {
  return (text ?? "").split(" ").filter(Boolean).map(Number);
}
