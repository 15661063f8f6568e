// Lists of which several rows can be chosen: one box chooses all that are shown.

export function startLists(): void {
  document.addEventListener("change", (e) => {
    const box = e.target instanceof HTMLInputElement ? e.target : null;
    const form = box?.form;
    if (!form) return;
    const all = form.querySelector<HTMLInputElement>("[data-check-all]");
    const rows = [...form.querySelectorAll<HTMLInputElement>('input[type="checkbox"][name="id"]')];
    if (!all || !rows.length) return;
    if (box === all) for (const row of rows) row.checked = all.checked;
    const chosen = rows.filter((row) => row.checked).length;
    all.checked = chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  });
}
