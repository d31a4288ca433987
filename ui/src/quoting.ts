// Words chosen in a text go into the form that quotes them; it opens when some are chosen. What it asks of a
// new claim is there once one is chosen.
const LEAST = 3;

export function quoting(form: HTMLFormElement): void {
  const text = document.getElementById(form.dataset["quoting"] ?? "");
  const words = form.querySelector<HTMLTextAreaElement>("[name=words]");
  const opens = form.closest("details");
  if (!text || !words || !opens) return;
  const take = () => {
    const chosen = document.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.anchorNode || !chosen.focusNode) return;
    if (!text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)) return;
    const said = chosen.toString().trim();
    if (said.length < LEAST) return;
    words.value = said;
    opens.open = true;
  };
  const claim = form.querySelector<HTMLSelectElement>("[name=claim]");
  const anew = form.querySelector<HTMLElement>("fieldset");
  const ask = () => {
    if (anew) anew.hidden = claim?.value !== "new";
  };
  claim?.addEventListener("change", ask);
  ask();
  text.addEventListener("pointerup", take);
  text.addEventListener("keyup", take);
}
