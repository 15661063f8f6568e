// The live guess: what the model makes of the drawing so far, a moment after each stroke.
import type { Pad } from "./pad-page";

const pause = 150; // ms after the last stroke
const setting = "cifra.live-guess";

export function startGuess(form: HTMLFormElement, pad: Pad): void {
  const choice = form.querySelector<HTMLInputElement>("[data-live-guess]");
  let timer = 0;
  let under: AbortController | null = null;

  function stop(): void {
    clearTimeout(timer);
    under?.abort();
    under = null;
  }
  function show(html: string): void {
    const target = document.querySelector("#guess");
    if (target) target.outerHTML = html;
  }
  function empty(): void {
    document.querySelector("#guess")?.replaceChildren();
  }

  async function ask(): Promise<void> {
    under = new AbortController();
    const { signal } = under;
    const body = new FormData();
    body.set("file", pad.drawing.file());
    body.set("api", String(new FormData(form).get("api") ?? "v2"));
    try {
      const answer = await fetch("/guess", { method: "POST", body, signal, headers: { "HX-Request": "true", Accept: "text/html" } });
      const html = await answer.text();
      if (answer.ok && !signal.aborted) show(html);
      else if (!signal.aborted) empty();
    } catch {
      if (!signal.aborted) empty(); // no network: a guess is no promise
    }
  }

  try {
    if (choice && localStorage.getItem(setting) === "off") choice.checked = false;
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
  choice?.addEventListener("change", () => {
    try {
      localStorage.setItem(setting, choice.checked ? "on" : "off");
    } catch {
      // as above
    }
    stop();
    if (choice.checked && !pad.drawing.isEmpty) void ask();
    else empty();
  });

  pad.onStroke(stop);
  pad.onChange(() => {
    stop();
    if (pad.drawing.isEmpty) empty();
    else if (!choice || choice.checked) timer = window.setTimeout(() => void ask(), pause);
  });
}
