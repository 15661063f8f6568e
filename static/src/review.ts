// Reviewing with keys: j and k go through the rows, y and n decide, a digit accepts that one, u takes the last decision
// back. It can be switched off, and keys that are typed into a field are the field's.
const setting = "cifra.review-keys";

export function startReview(): void {
  const list = document.querySelector<HTMLElement>("[data-review]");
  const choice = document.querySelector<HTMLInputElement>("[data-review-keys]");
  if (!list || !choice) return;
  let last = ""; // the id of the row that was decided last

  try {
    choice.checked = localStorage.getItem(setting) !== "off";
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
  choice.addEventListener("change", () => {
    try {
      localStorage.setItem(setting, choice.checked ? "on" : "off");
    } catch {
      // as above
    }
  });

  const rows = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[data-review-row]")];
  const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>("[data-review-row]") ?? null;

  function go(step: number): void {
    const all = rows();
    const now = current();
    const at = now ? all.indexOf(now) + step : step > 0 ? 0 : all.length - 1;
    const row = all[Math.min(all.length - 1, Math.max(0, at))];
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  function decide(row: HTMLElement, decision: string, label?: string): void {
    const button = row.querySelector<HTMLButtonElement>(`button[value="${decision}"]`);
    const select = row.querySelector<HTMLSelectElement>("select[name=label]");
    if (!button) return;
    if (label !== undefined && select) select.value = label;
    last = row.id;
    const all = rows();
    const next = all[all.indexOf(row) + 1] ?? row;
    const id = next.id;
    button.form?.requestSubmit(button);
    // The row is replaced when the answer comes; the focus is on the next one by then.
    if (next !== row && decision !== "reopen") document.getElementById(id)?.focus();
  }

  document.addEventListener("keydown", (e) => {
    if (!choice.checked || e.ctrlKey || e.altKey || e.metaKey || isField(e.target)) return;
    const row = current();
    if (e.key === "j") go(1);
    else if (e.key === "k") go(-1);
    else if (e.key === "u") {
      const decided = document.getElementById(last);
      if (decided) decide(decided, "reopen");
    } else if (row && e.key === "y") decide(row, "accept");
    else if (row && e.key === "n") decide(row, "reject");
    else if (row && /^[0-9]$/.test(e.key)) decide(row, "accept", e.key);
    else return;
    e.preventDefault();
  });
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])");
}
