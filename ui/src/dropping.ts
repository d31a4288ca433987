// Files that are dropped on the page go into the form's own field; what is sent is the form.

export function dropping(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("input[type=file]");
  const told = form.querySelector<HTMLElement>("[data-sending]");
  if (!field) return;
  for (const help of form.querySelectorAll<HTMLElement>("[data-scripted]")) help.hidden = false;
  const over = (isOver: boolean) => document.body.classList.toggle("dropping", isOver);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  addEventListener("drop", (event) => {
    event.preventDefault(); // else the browser would leave the desk for the file
    over(false);
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    field.files = files;
    field.focus();
  });
  form.addEventListener("submit", () => {
    if (told) told.textContent = told.dataset["sending"] ?? "";
  });
}
