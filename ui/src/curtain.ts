// One key hides everything, also after the page is loaded again; what was uncovered is covered first.
import { coverAll } from "./uncover";

const KEPT = "curtain";

export function curtain(): void {
  const drawn = document.querySelector<HTMLElement>("[data-curtain]");
  const hide = document.querySelector<HTMLElement>("[data-hide]");
  const show = document.querySelector<HTMLElement>("[data-show]");
  if (!drawn || !hide || !show) return;
  const rest = [...document.body.children].filter((one): one is HTMLElement => one !== drawn);
  let before: Element | null = null;

  function set(isHidden: boolean): void {
    coverAll();
    if (isHidden && drawn!.hidden) before = document.activeElement;
    drawn!.hidden = !isHidden;
    for (const one of rest) one.inert = isHidden;
    if (isHidden) show!.focus();
    else if (before instanceof HTMLElement) before.focus();
    if (isHidden) sessionStorage.setItem(KEPT, "drawn");
    else sessionStorage.removeItem(KEPT);
  }

  hide.hidden = false;
  hide.addEventListener("click", () => set(true));
  show.addEventListener("click", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drawn.hidden) {
      event.preventDefault();
      set(true);
    }
  });
  if (sessionStorage.getItem(KEPT)) set(true);
}
