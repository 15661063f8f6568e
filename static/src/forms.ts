// Small things on any page: choices that apply at once, copying, passwords that can be seen.

export function startForms(): void {
  document.addEventListener("change", (e) => {
    if (e.target instanceof HTMLElement && e.target.matches("[data-autosubmit]")) e.target.closest("form")?.requestSubmit();
  });
  document.addEventListener("click", (e) => {
    const target = e.target instanceof Element ? e.target : null;
    const copy = target?.closest<HTMLElement>("[data-copy]");
    if (copy) void copyText(copy);
    const show = target?.closest<HTMLElement>("[data-show-password]");
    if (show) togglePassword(show);
  });
}

// copyText copies the text of the element that data-copy names, and says so on the button for a moment.
async function copyText(button: HTMLElement): Promise<void> {
  const source = document.querySelector(button.dataset["copy"] ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
  } catch {
    getSelection()?.selectAllChildren(source); // over plain http there is no clipboard: selected is half the way
    return;
  }
  const said = button.dataset["copied"];
  if (!said) return;
  const before = button.textContent;
  button.textContent = said;
  setTimeout(() => (button.textContent = before), 1500);
}

function togglePassword(button: HTMLElement): void {
  const field = document.querySelector<HTMLInputElement>(button.dataset["showPassword"] ?? "");
  if (!field) return;
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}
