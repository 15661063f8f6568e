// The cache lab: while a question takes longer than the eye, its time runs; chips fill the field beside them.

const patience = 100; // ms; nothing moves for what is quicker

export function startLab(): void {
  startCountdown();
  startShow();
  document.addEventListener("click", (e) => {
    const chip = e.target instanceof Element ? e.target.closest<HTMLElement>("[data-fill]") : null;
    const field = chip && document.querySelector<HTMLInputElement>(chip.dataset["fill"] ?? "");
    if (field) field.value = chip.dataset["value"] ?? "";
  });
  document.addEventListener("htmx:before:request", (e) => asking(e.target));
  document.addEventListener("htmx:finally:request", () => stop());
}

let timer = 0;
let frame = 0;

// asking shows in the element that data-asks names that a question is under way.
function asking(from: EventTarget | null): void {
  const asker = from instanceof Element ? from.closest<HTMLElement>("[data-asks]") : null;
  const place = asker && document.querySelector<HTMLElement>(asker.dataset["asks"] ?? "");
  if (!place) return;
  stop();
  const began = performance.now();
  timer = window.setTimeout(() => {
    place.setAttribute("aria-busy", "true");
    const box = place.querySelector<HTMLElement>("[data-asking]");
    if (!box) return;
    box.hidden = false;
    const words = box.querySelector<HTMLElement>("[data-timer]");
    const bar = box.querySelector<SVGRectElement>("[data-timer-bar]");
    const full = Number(bar?.dataset["full"] ?? 1000);
    const lang = document.documentElement.lang;
    const format = new Intl.NumberFormat(lang, { style: "unit", unit: "second", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const show = (): void => {
      const ms = performance.now() - began;
      if (words) words.textContent = format.format(ms / 1000);
      bar?.setAttribute("width", `${Math.min(100, (100 * ms) / full)}%`);
      frame = requestAnimationFrame(show);
    };
    show();
  }, patience);
}

function stop(): void {
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  for (const place of document.querySelectorAll("[aria-busy][id]:has([data-asking])")) {
    place.removeAttribute("aria-busy");
    const box = place.querySelector<HTMLElement>("[data-asking]");
    if (box) box.hidden = true;
  }
}

// startCountdown moves on what is left of entries, by the server's clock: a laptop's own may be wrong, or have slept.
export function startCountdown(): void {
  const tick = (): void => {
    for (const place of document.querySelectorAll<HTMLElement>("[data-ends-in]")) ending(place);
    for (const place of document.querySelectorAll<HTMLElement>("[data-server-now]")) {
      const server = Date.parse(place.dataset["serverNow"] ?? "");
      if (!place.dataset["offset"]) place.dataset["offset"] = String(server - Date.now());
      const now = Date.now() + Number(place.dataset["offset"]);
      for (const meter of place.querySelectorAll<HTMLMeterElement>("meter[data-expires]")) {
        const left = Math.max(0, Date.parse(meter.dataset["expires"] ?? "") - now);
        meter.value = left;
        const words = meter.parentElement?.querySelector("[data-left]");
        if (words) words.textContent = span(left);
      }
    }
  };
  tick();
  setInterval(tick, 1000);
}

// ending counts down what ends by itself, and takes it away then.
function ending(place: HTMLElement): void {
  if (!place.dataset["ends"]) place.dataset["ends"] = String(performance.now() + Number(place.dataset["endsIn"]));
  const left = Number(place.dataset["ends"]) - performance.now();
  if (left <= 0) place.remove();
  const words = place.querySelector<HTMLElement>("[data-text]");
  if (words) words.textContent = (words.dataset["text"] ?? "").replace("{span}", span(left));
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [value, unit] = seconds < 120 ? [seconds, "second"] : seconds < 7200 ? [Math.floor(seconds / 60), "minute"] : [Math.floor(seconds / 3600), "hour"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: unit as string, unitDisplay: "short" }).format(value as number);
}

// startShow lets the presenter's keys press what they name: the arrows and Esc.
export function startShow(): void {
  if (!document.querySelector("#show")) return;
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("#show[aria-busy]")) return;
    const key = { PageDown: "ArrowRight", PageUp: "ArrowLeft" }[e.key] ?? e.key;
    const target = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return;
    e.preventDefault();
    target.click();
  });
}
