// What a sentence of the brief rests on is looked up beside the text, and put in where the writing stands.

interface Found {
  name: string;
  kind: string;
  says: string;
  address: string;
}

export function editing(form: HTMLFormElement): void {
  const picking = document.querySelector<HTMLFormElement>("[data-picking]");
  const list = document.querySelector<HTMLElement>("[data-picks]");
  const status = document.querySelector<HTMLElement>("[data-picked]");
  if (!picking || !list || !status) return;
  let into = form.querySelector<HTMLTextAreaElement>("details[open] textarea") ?? form.querySelector("textarea");
  let asked = 0;
  let waits = 0;

  const goes = document.querySelector<HTMLElement>("[data-into]");

  /** Where somebody writes or points is where a name goes; a field that Tab only passes is not. */
  function writes(event: Event): void {
    if (event instanceof KeyboardEvent && (event.key === "Tab" || event.key === "Shift")) return;
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    into = event.target;
    tell();
  }

  function tell(): void {
    if (!goes || !into) return;
    goes.querySelector("b")!.textContent = into.closest("section")?.querySelector("h2")?.textContent ?? "";
    goes.hidden = false;
  }

  for (const kind of ["input", "pointerdown", "keydown"]) form.addEventListener(kind, writes);
  form.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.key !== "/") return;
    event.preventDefault();
    picking.querySelector<HTMLInputElement>("input[type=search]")!.focus();
  });
  tell();
  picking.addEventListener("submit", (event) => {
    event.preventDefault();
    void look();
  });
  picking.addEventListener("input", () => {
    window.clearTimeout(waits);
    waits = window.setTimeout(() => void look(), 250);
  });

  async function look(): Promise<void> {
    const ticket = ++asked;
    const question = new URLSearchParams([...new FormData(picking!)].map(([name, value]) => [name, String(value)]));
    const answer = await fetch(`/brief/references?${question}`, { headers: { accept: "application/json" } });
    if (ticket !== asked) return;
    const found = answer.ok ? ((await answer.json()) as Found[]) : [];
    status!.textContent = found.length ? "" : (picking!.dataset["none"] ?? "");
    list!.replaceChildren(...found.map(drawn));
  }

  function drawn(one: Found): HTMLLIElement {
    const line = document.createElement("li");
    const put = document.createElement("button");
    put.type = "button";
    put.className = "quiet";
    put.textContent = picking!.dataset["insert"] ?? "";
    put.setAttribute("aria-label", `${put.textContent} ${one.name}`);
    put.addEventListener("click", () => insert(`{${one.name}}`));
    const name = document.createElement("code");
    name.dir = "ltr";
    name.textContent = one.name;
    const says = document.createElement("bdi");
    says.textContent = one.says;
    line.append(put, " ", name, " ", says);
    return line;
  }

  /** Put a name at the end of the line where the writing stands: there a sentence says what it rests on. */
  function insert(name: string): void {
    if (!into) return;
    const fold = into.closest("details");
    if (fold) fold.open = true;
    const text = into.value;
    const next = text.indexOf("\n", into.selectionStart);
    const end = next < 0 ? text.length : next;
    const before = text.slice(0, end).trimEnd();
    into.value = `${before}${before && !before.endsWith("\n") ? " " : ""}${name}${text.slice(end)}`;
    into.focus();
    into.selectionStart = into.selectionEnd = into.value.length - (text.length - end);
  }
}
