/** The form of a mark: it shows what its sort needs, and what is put on record leaves the page where it is. */

const CLEARED = ["region", "text", "count", "moment"];

interface Refused {
  trouble?: string;
  advice?: string;
}

/** Let a form of a mark be sent from where one is; `kept` is handed what the desk answered. */
export function sendMarks<Told extends { seen: string }>(
  form: HTMLFormElement,
  trouble: HTMLElement,
  kept: (told: Told) => void,
): void {
  const sort = form.querySelector<HTMLSelectElement>("[name=sort]");
  const fit = () => {
    for (const part of form.querySelectorAll<HTMLElement>("[data-for]")) {
      part.hidden = !(part.dataset["for"] ?? "").split(" ").includes(sort?.value ?? "");
    }
  };
  sort?.addEventListener("change", fit);
  fit();

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });

  async function send(): Promise<void> {
    const button = form.querySelector<HTMLButtonElement>("button.main")!;
    button.disabled = true;
    trouble.hidden = true;
    try {
      const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      const answer = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body: fields });
      const told = (await answer.json()) as Told & Refused;
      if (!answer.ok) throw new Error([told.trouble, told.advice].filter(Boolean).join(". "));
      form.querySelector<HTMLInputElement>("[name=seen]")!.value = told.seen;
      for (const name of CLEARED) {
        const field = form.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]:not([type=hidden])`);
        if (field) field.value = "";
      }
      kept(told);
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : "";
      trouble.hidden = false;
    } finally {
      button.disabled = false;
    }
  }
}
