/** The form of a mark: it shows what its sort needs, and what is put on record leaves the page where it is. */

const SVG = "http://www.w3.org/2000/svg";
const CLEARED = ["region", "text", "count", "moment"];

interface Refused {
  trouble?: string;
  advice?: string;
}

/** Let a form of a mark be sent from where one is; `kept` is handed what the desk answered. */
export function sendMarks<Told extends { seen: string }>(
  form: HTMLFormElement,
  trouble: HTMLElement,
  kept: (told: Told) => void,
): void {
  const sort = form.querySelector<HTMLSelectElement>("[name=sort]");
  const fit = () => {
    for (const part of form.querySelectorAll<HTMLElement>("[data-for]")) {
      part.hidden = !(part.dataset["for"] ?? "").split(" ").includes(sort?.value ?? "");
    }
  };
  sort?.addEventListener("change", fit);
  fit();

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });

  async function send(): Promise<void> {
    const button = form.querySelector<HTMLButtonElement>("button.main")!;
    button.disabled = true;
    trouble.hidden = true;
    try {
      const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      const answer = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body: fields });
      const told = (await answer.json()) as Told & Refused;
      if (!answer.ok) throw new Error([told.trouble, told.advice].filter(Boolean).join(". "));
      form.querySelector<HTMLInputElement>("[name=seen]")!.value = told.seen;
      for (const name of CLEARED) {
        const field = form.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]:not([type=hidden])`);
        if (field) field.value = "";
      }
      kept(told);
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : "";
      trouble.hidden = false;
    } finally {
      button.disabled = false;
    }
  }
}

/** A mark as the desk tells of it, on a picture or a recording. */
export type Kept = { name: string; sort: string; text: string; amount: string | null; by: string; points: [number, number][] };

/** The line that a kept mark gets in the list; `more` stands between its words and who made it. */
export function lineOf(mark: Kept, form: HTMLFormElement | null, more: HTMLElement | null = null): HTMLLIElement {
  const item = document.createElement("li");
  item.dataset["listed"] = mark.name;
  const tag = document.createElement("span");
  tag.className = `tag tag-${mark.sort}`;
  const sorts = form?.querySelector<HTMLSelectElement>("[name=sort]")?.options ?? [];
  tag.textContent = [...sorts].find((one) => one.value === mark.sort)?.text ?? mark.sort;
  const text = document.createElement("bdi");
  text.dir = "auto";
  text.textContent = [mark.amount, mark.text].filter(Boolean).join(" ");
  const by = document.createElement("span");
  by.className = "aside";
  by.textContent = mark.by;
  item.append(tag, " ", text, " ");
  if (more) item.append(more, " ");
  item.append(by);
  return item;
}

/** The outline of a kept mark, as it is drawn over what it is on; null for a mark of the whole. */
export function outlineOf(mark: Kept): SVGGElement | null {
  if (!mark.points.length) return null;
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", `mark mark-${mark.sort}`);
  group.setAttribute("data-mark", mark.name);
  group.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", path(mark.points));
  return group;
}

/** Corners as a closed line; a single one as a point. */
export function path(points: [number, number][]): string {
  return `M${points.map((one) => one.join(" ")).join(" L")}${points.length > 1 ? "Z" : " h0"}`;
}
