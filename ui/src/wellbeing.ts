// How much somebody has looked at today, and when a break would do good. It is theirs alone: it never leaves this
// browser, nothing of it is sent to the desk, and it is gone the next day or when they say so.

type Day = { day: string; looks: number; ms: number; told: number };

const OFTEN = 20; // looks between two prompts
const LONG_MS = 15 * 60 * 1000; // or so much time with pictures open

export function wellbeing(section: HTMLElement): void {
  const key = `looks of ${section.dataset["wellbeing"] ?? ""}`;
  const amount = section.querySelector<HTMLElement>("[data-looks]");
  const prompt = section.querySelector<HTMLElement>("[data-break]");
  const forget = section.querySelector<HTMLElement>("[data-forget]");
  const go = section.querySelector<HTMLElement>("[data-go-on]");
  const rest = section.querySelector<HTMLElement>("[data-rest]");
  if (!amount || !prompt || !forget || !go || !rest) return;
  const words = amount.dataset["words"] ?? "";
  let since = 0;

  function read(): Day {
    const day = new Date().toLocaleDateString("sv"); // 2031-05-09, by this machine's clock
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? "") as Partial<Day>;
      if (kept.day === day) return { day, looks: kept.looks ?? 0, ms: kept.ms ?? 0, told: kept.told ?? 0 };
    } catch {
      // nothing is kept, or not what we wrote
    }
    return { day, looks: 0, ms: 0, told: 0 };
  }

  function keep(one: Day): void {
    localStorage.setItem(key, JSON.stringify(one));
    show(one);
  }

  function show(one: Day): void {
    const filled: Record<string, number> = { count: one.looks, minutes: Math.round(one.ms / 60_000) };
    amount!.textContent = words.replace(/\{(\w+)\}/g, (_, name: string) => String(filled[name] ?? ""));
    section.hidden = one.looks === 0;
  }

  /** How many prompts so many looks, or so much time, are worth. */
  function due(one: Day): number {
    return Math.max(Math.floor(one.looks / OFTEN), Math.floor(one.ms / LONG_MS));
  }

  document.addEventListener("uncovered", () => {
    const now = read();
    now.looks += 1;
    since ||= performance.now();
    keep(now);
  });
  document.addEventListener("all-covered", () => {
    if (!since) return;
    const now = read();
    now.ms += performance.now() - since;
    since = 0;
    if (due(now) > now.told) {
      now.told = due(now);
      prompt.hidden = false;
    }
    keep(now);
  });
  go.addEventListener("click", () => (prompt.hidden = true));
  rest.addEventListener("click", () => {
    prompt.hidden = true;
    document.querySelector<HTMLElement>("[data-hide]")?.click();
  });
  forget.addEventListener("click", () => {
    localStorage.removeItem(key);
    prompt.hidden = true;
    show(read());
    document.querySelector<HTMLElement>("main")?.focus();
  });
  show(read());
}
