// Choosing several tiles of the gallery; what is chosen stays so when it scrolls out of sight.

export type Chosen = {
  has(exhibit: string): boolean;
  /** Choose an exhibit, or choose it no longer. */
  set(exhibit: string, chosen: boolean): void;
  box(exhibit: string): HTMLElement;
};

/** The choice of a gallery, or null for those who only look. */
export function choosing(list: HTMLElement): Chosen | null {
  const form = document.querySelector<HTMLFormElement>("[data-tagging]");
  const word = list.dataset["choose"];
  if (!form || word === undefined) return null;
  const chosen = new Set<string>();
  const told = form.querySelector<HTMLElement>("[data-chosen]");
  const none = form.querySelector<HTMLElement>("[data-choose-none]");
  const written = form.querySelector<HTMLInputElement>("[name=exhibits]");
  const sort = form.querySelector<HTMLSelectElement>("[name=sort]");
  const help = told?.textContent ?? "";

  function tell(): void {
    if (written) written.value = [...chosen].join(" ");
    if (told) told.textContent = chosen.size ? (told.dataset["chosen"] ?? "").replace("{count}", String(chosen.size)) : help;
    if (none) none.hidden = !chosen.size;
    form?.classList.toggle("busy", chosen.size > 0);
  }

  function show(exhibit: string): void {
    const item = document.getElementById(exhibit);
    item?.classList.toggle("chosen-one", chosen.has(exhibit));
    const box = item?.querySelector<HTMLInputElement>(".pick input");
    if (box) box.checked = chosen.has(exhibit);
  }

  function set(exhibit: string, isChosen: boolean): void {
    if (isChosen) chosen.add(exhibit);
    else chosen.delete(exhibit);
    show(exhibit);
    tell();
  }

  function box(exhibit: string): HTMLElement {
    const label = document.createElement("label");
    label.className = "pick";
    const input = document.createElement("input");
    input.type = "checkbox";
    input.tabIndex = -1; // by keyboard it is X on the tile
    input.checked = chosen.has(exhibit);
    input.setAttribute("aria-label", `${word} ${exhibit}`);
    label.append(input);
    return label;
  }

  const fit = () => {
    const isLevel = sort?.value === "level";
    for (const one of form.querySelectorAll<HTMLElement>("[data-of-level]")) one.hidden = !isLevel;
    for (const one of form.querySelectorAll<HTMLElement>("[data-of-label]")) one.hidden = isLevel;
  };
  sort?.addEventListener("change", fit);
  none?.addEventListener("click", () => {
    for (const exhibit of [...chosen]) set(exhibit, false);
    list.querySelector<HTMLElement>("a.tile[tabindex='0']")?.focus();
  });
  addEventListener("pageshow", () => {
    for (const exhibit of [...chosen]) set(exhibit, false); // coming back, nothing is chosen unseen
    fit();
  });
  fit();
  return { has: (exhibit) => chosen.has(exhibit), set, box };
}
