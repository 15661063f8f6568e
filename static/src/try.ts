// The API's page sends its calls itself, as who is signed in here.

export function startTry(): void {
  document.addEventListener("submit", (e) => {
    const form = e.target instanceof HTMLFormElement ? e.target : null;
    if (!form?.dataset["try"]) return;
    e.preventDefault();
    void send(form);
  });
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

// request makes of the form's fields what is sent.
function request(form: HTMLFormElement): { url: string; init: RequestInit } {
  let path = form.dataset["path"] ?? "";
  const query = new URLSearchParams();
  const headers = new Headers({ Accept: "application/json" });
  const init: RequestInit = { method: form.dataset["try"] ?? "GET", headers, redirect: "manual" };
  for (const field of form.querySelectorAll<Field>("[data-in]")) {
    const value = field.value;
    switch (field.dataset["in"]) {
      case "path":
        path = path.replace(`{${field.name}}`, encodeURIComponent(value));
        break;
      case "query":
        if (value) query.set(field.name, value);
        break;
      case "header":
        if (value) headers.set(field.name, value);
        break;
      case "form":
        init.body = new FormData(form);
        break;
      case "body":
        headers.set("Content-Type", "application/json");
        init.body = value;
        break;
    }
  }
  const search = query.toString();
  return { url: search ? `${path}?${search}` : path, init };
}

async function send(form: HTMLFormElement): Promise<void> {
  const place = form.querySelector<HTMLElement>(".try-answer");
  const status = place?.querySelector<HTMLElement>("[data-status]");
  const code = place?.querySelector("code");
  const button = form.querySelector("button");
  const headers = place?.querySelector<HTMLElement>("[data-headers]");
  if (!place || !status || !headers || !code || !button) return;
  button.disabled = true;
  const began = performance.now();
  try {
    const { url, init } = request(form);
    const answer = await fetch(url, init);
    const took = Math.round(performance.now() - began);
    status.textContent = `${answer.status} ${answer.statusText} · ${took} ms`;
    headers.textContent = fields(answer);
    code.textContent = await readable(answer, form.dataset["bytes"] ?? "");
  } catch {
    status.textContent = form.dataset["failed"] ?? "";
    headers.textContent = "";
    code.textContent = "";
  }
  const pre = code.closest("pre");
  if (pre) pre.hidden = code.textContent === "";
  place.hidden = false;
  button.disabled = false;
}

// told are the fields of an answer that say where it came from, and what is left to ask.
const told = ["Cache-Status", "Age", "ETag", "RateLimit", "Retry-After", "Server-Timing", "X-Response-Time", "X-Request-Id"];

function fields(answer: Response): string {
  return told
    .filter((name) => answer.headers.has(name))
    .map((name) => `${name}: ${answer.headers.get(name)}`)
    .join("\n");
}

const shown = 20_000; // characters

// readable is an answer's body as people read it: JSON with its lines, other texts as they are, of files the size.
async function readable(answer: Response, bytes: string): Promise<string> {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (/zip|octet-stream|image\//.test(kind)) {
    const size = (await answer.arrayBuffer()).byteLength;
    return `${kind}, ${size.toLocaleString(document.documentElement.lang)} ${bytes}`;
  }
  const text = await answer.text();
  if (!kind.includes("json")) return text.slice(0, shown);
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, shown);
  } catch {
    return text.slice(0, shown);
  }
}
