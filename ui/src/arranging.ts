// A claim dragged onto another, or a statement onto a claim, fills in the form below, where the reason is written.
// Everything that can be dragged can be chosen there too.

export function arranging(table: HTMLTableElement): void {
  const form = document.querySelector<HTMLFormElement>("[data-arrange]");
  const what = form?.querySelector<HTMLSelectElement>("[name=what]");
  const to = form?.querySelector<HTMLSelectElement>("[name=to]");
  if (!form || !what || !to) return;
  let moves = "";
  table.classList.add("scripted");
  for (const help of form.parentElement!.querySelectorAll<HTMLElement>("[data-scripted]")) help.hidden = false;
  for (const one of table.querySelectorAll<HTMLElement>("[data-moves]")) one.draggable = true;

  table.addEventListener("dragstart", (event) => {
    const one = (event.target as Element).closest<HTMLElement>("[data-moves]");
    moves = one?.dataset["moves"] ?? "";
    if (!one || !event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", moves);
    if (one.closest("th")) one.closest("tr")!.classList.add("lifted");
  });
  table.addEventListener("dragover", (event) => {
    const row = target(event);
    mark(row);
    if (row) event.preventDefault();
  });
  table.addEventListener("drop", (event) => {
    const row = target(event);
    if (!row) return;
    event.preventDefault();
    what.value = moves;
    to.value = row.dataset["claim"]!;
    form.querySelector<HTMLTextAreaElement>("[name=reason]")!.focus();
  });
  table.addEventListener("dragend", () => {
    mark(null);
    table.querySelector(".lifted")?.classList.remove("lifted");
    moves = "";
  });

  /** The claim under the pointer, unless what is dragged counts there already. */
  function target(event: DragEvent): HTMLElement | null {
    const row = (event.target as Element).closest<HTMLElement>("tr[data-claim]");
    if (!moves || !row) return null;
    return row.querySelector(`[data-moves="${CSS.escape(moves)}"]`) ? null : row;
  }

  function mark(row: HTMLElement | null): void {
    for (const one of table.querySelectorAll(".under")) one.classList.toggle("under", one === row);
    row?.classList.add("under");
  }
}
