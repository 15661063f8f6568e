// Small things on any page: copying, passwords that can be seen, times in the reader's own zone.

export function startForms(): void {
  localTimes();
  document.addEventListener("htmx:after:swap", localTimes);
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

// localTimes shows moments in the reader's zone; the server only knows UTC.
export function localTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-local-time]")) {
    time.removeAttribute("data-local-time");
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.textContent ?? "";
    time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
  }
}
