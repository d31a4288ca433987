// Single keys: an element with data-key is pressed, or taken to if one can write in it. They can be switched off.

const KEPT = "no single keys";

export function keys(): void {
  const marked = document.querySelectorAll<HTMLElement>("[data-key]");
  if (!marked.length) return;
  const off = document.querySelector<HTMLInputElement>("[data-keys]");
  for (const help of document.querySelectorAll<HTMLElement>("[data-scripted]")) help.hidden = false;
  if (off) {
    off.checked = !localStorage.getItem(KEPT);
    off.addEventListener("change", () => {
      if (off.checked) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, "yes");
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || localStorage.getItem(KEPT)) return;
    if (isWritten(event.target as Element) || document.querySelector("main")?.inert) return;
    for (const one of marked) {
      if (one.dataset["key"] !== event.key.toLowerCase() || one.hidden) continue;
      event.preventDefault();
      if (isWritten(one)) one.focus();
      else one.click();
      return;
    }
  });
  for (const written of document.querySelectorAll<HTMLInputElement>("#new_claim")) {
    written.addEventListener("input", () => {
      const choice = document.querySelector<HTMLInputElement>("[data-new]");
      if (choice) choice.checked = true;
    });
  }
}

/** Whether letters go into an element when it has the focus. */
function isWritten(one: Element): boolean {
  return one.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])");
}
