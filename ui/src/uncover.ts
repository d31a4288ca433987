// Seeing a picture as it is: only while somebody asks for it, and covered again at once when they stop.

type Seen = { path: string };

const known = new Map<string, Promise<HTMLImageElement>>();
const open = new Map<HTMLElement, () => void>();

/** Show the exhibit's picture in `cover` until `coverAgain`; the desk enters the look in its log. */
export function uncover(cover: HTMLElement, exhibit: string): void {
  const image = cover.querySelector("img");
  if (!image || open.has(cover)) return;
  const covered = image.src;
  open.set(cover, () => {
    image.src = covered;
    cover.classList.remove("open");
  });
  load(exhibit).then(
    (seen) => {
      if (!open.has(cover)) return; // let go before it came
      image.src = seen.src;
      cover.classList.add("open");
      document.dispatchEvent(new Event("uncovered"));
    },
    () => coverAgain(cover),
  );
}

/** Keep something open by means of its own until it is covered like all else; null if it is open already. */
export function holdOpen(element: HTMLElement, cover: () => void): (() => void) | null {
  if (open.has(element)) return null;
  open.set(element, cover);
  return () => coverAgain(element);
}

export function coverAgain(cover: HTMLElement): void {
  const shut = open.get(cover);
  open.delete(cover);
  shut?.();
  if (shut && !open.size) document.dispatchEvent(new Event("all-covered"));
}

export function coverAll(): void {
  if (!open.size) return;
  for (const cover of [...open.keys()]) coverAgain(cover);
  document.dispatchEvent(new Event("covered"));
}

function load(exhibit: string): Promise<HTMLImageElement> {
  const before = known.get(exhibit);
  if (before) return before;
  const asked = ask(exhibit);
  asked.catch(() => known.delete(exhibit));
  known.set(exhibit, asked);
  return asked;
}

function ask(exhibit: string): Promise<HTMLImageElement> {
  return picture(exhibit.startsWith("/") ? exhibit : `/exhibits/${encodeURIComponent(exhibit)}/uncovered`);
}

/** The picture that an address gives leave to see. */
export async function picture(address: string): Promise<HTMLImageElement> {
  const form = document.querySelector<HTMLElement>("[data-form]")?.dataset["form"] ?? "";
  const answer = await fetch(address, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({ form }),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const seen = (await answer.json()) as Seen;
  const image = new Image();
  image.src = seen.path;
  await image.decode();
  return image;
}

addEventListener("blur", coverAll);
document.addEventListener("visibilitychange", coverAll);
