// What can be taken back for some seconds is gone after them.
export function startFeedback(): void {
  watch();
  document.addEventListener("htmx:after:swap", watch);
}

function watch(): void {
  for (const form of document.querySelectorAll<HTMLElement>("[data-gone-in]")) {
    const seconds = Number(form.dataset["goneIn"]);
    form.removeAttribute("data-gone-in");
    setTimeout(() => form.remove(), seconds * 1000);
  }
}
