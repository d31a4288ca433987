// While a page is open and in sight: who else is at the desk, and whether something changed since it was drawn.
// All text comes as text and stays text.

interface State {
  changed: string[];
  here: { name: string; page: string }[];
}

export function live(main: HTMLElement): void {
  const news = document.querySelector<HTMLElement>("[data-news]");
  const others = document.querySelector<HTMLElement>("[data-here]");
  if (!news || !others) return;
  let source: EventSource | null = null;

  function named(name: string): HTMLElement {
    const made = document.createElement("bdi");
    made.textContent = name;
    return made;
  }

  function tell(state: State): void {
    const by = news!.querySelector<HTMLElement>("[data-by]")!;
    by.replaceChildren(...state.changed.flatMap((name, place) => (place ? [" · ", named(name)] : [named(name)])));
    news!.firstElementChild!.toggleAttribute("hidden", state.changed.length === 0);
    others!.replaceChildren(
      ...state.here.map((one) => {
        const line = document.createElement("li");
        line.append(named(one.name), ` ${one.page}`);
        return line;
      }),
    );
    others!.parentElement!.hidden = state.here.length === 0;
  }

  function open(): void {
    if (source || document.hidden) return;
    const asked = new URLSearchParams({ at: location.pathname, since: main.dataset["since"] ?? "" });
    source = new EventSource(`/live?${asked}`);
    source.addEventListener("state", (event) => tell(JSON.parse((event as MessageEvent<string>).data) as State));
    source.addEventListener("left", close);
  }

  function close(): void {
    source?.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();
}
