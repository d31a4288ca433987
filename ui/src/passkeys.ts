// Passkeys: what the desk asks of a device goes to the browser, and what the device answers into the form.

type Options = PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;

/** A form whose answer a device gives; it stays hidden where the browser knows no passkeys. */
export function passkey(form: HTMLFormElement): void {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;
  form.hidden = false;
  for (const help of document.querySelectorAll<HTMLElement>("[data-unscripted]")) help.hidden = true;
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button?.getAttribute("aria-busy")) return;
    button?.setAttribute("aria-busy", "true");
    answer(form)
      .then((given) => {
        const field = form.elements.namedItem("answer") as HTMLInputElement;
        field.value = JSON.stringify(given);
        form.submit();
      })
      .catch((error: unknown) => {
        const trouble = form.querySelector<HTMLElement>("[role=alert]");
        if (!trouble) return;
        trouble.textContent = error instanceof Refused ? error.message : (form.dataset["trouble"] ?? "");
        trouble.hidden = false;
      })
      .finally(() => button?.removeAttribute("aria-busy"));
  });
}

/** What the desk said no to, in its own words. */
class Refused extends Error {}

async function answer(form: HTMLFormElement): Promise<unknown> {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  const told = await fetch(form.dataset["passkey"] ?? "", {
    method: "POST",
    headers: { accept: "application/json" },
    body: fields,
  });
  const options = (await told.json()) as Options & { trouble?: string; advice?: string };
  if (!told.ok) throw new Refused(options.trouble ?? "");
  const made = options.user
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  if (!(made instanceof PublicKeyCredential)) throw new Error("nothing came");
  return made.toJSON();
}
