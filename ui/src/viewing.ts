// The picture of one exhibit: hold the button, or V, to see it.
import { coverAgain, uncover } from "./uncover";

export function viewing(figure: HTMLElement): void {
  const cover = figure.querySelector<HTMLElement>(".cover");
  const form = figure.querySelector<HTMLFormElement>("[data-uncover]");
  const button = form?.querySelector("button");
  const exhibit = figure.dataset["viewing"];
  if (!cover || !form || !button || !exhibit) return;
  button.textContent = button.dataset["hold"] ?? "";
  button.type = "button";
  const show = () => uncover(cover, exhibit);
  const hide = () => coverAgain(cover);
  button.addEventListener("pointerdown", show);
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(end, hide);
  button.addEventListener("keydown", (event) => {
    if ([" ", "Enter", "v", "V"].includes(event.key)) {
      event.preventDefault();
      show();
    }
  });
  button.addEventListener("keyup", hide);
  form.addEventListener("submit", (event) => event.preventDefault());
}
