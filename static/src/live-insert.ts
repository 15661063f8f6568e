// Where a fragment belongs: into the list that data-live-into names, else in the place of the element with its id.
// A list with data-live-hold doesn't move under who reads it: what comes waits behind the button that data-live-waiting
// marks until it is pressed.
import htmx from "htmx.org";
import { outOfDate } from "./live-stale";

const waiting = new Map<Element, Element[]>();

// insert puts a fragment's elements where they belong. An element that is on the page already is replaced, never doubled.
export function insert(html: string): void {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of [...template.content.children]) {
    if (element instanceof HTMLElement && element.dataset["liveStale"]) {
      outOfDate(element.dataset["liveStale"], element.dataset["liveVersion"] ?? "", element.dataset["liveFrom"] ?? "");
      continue;
    }
    const into = element.getAttribute("data-live-into");
    const old = element.id ? document.getElementById(element.id) : null;
    if (old) put(element, () => old.replaceWith(element));
    else if (into && !replaceWaiting(element)) add(element, document.querySelector(into));
  }
}

function put(element: Element, how: () => void): void {
  how();
  htmx.process(element);
}

// add puts an element at the start of a list, or has it wait.
function add(element: Element, list: Element | null): void {
  if (!list) return;
  if (!holds(list)) {
    put(element, () => list.prepend(element));
    trim(list);
    return;
  }
  waiting.set(list, [element, ...(waiting.get(list) ?? [])]);
  tell(list);
}

function replaceWaiting(element: Element): boolean {
  for (const elements of waiting.values()) {
    const at = elements.findIndex((e) => e.id !== "" && e.id === element.id);
    if (at >= 0) {
      elements[at] = element;
      return true;
    }
  }
  return false;
}

// holds reports whether a list is being read: it was paused, the pointer or the focus is in it, or the page is scrolled.
function holds(list: Element): boolean {
  if (!list.hasAttribute("data-live-hold")) return false;
  return list.hasAttribute("data-paused") || list.matches(":hover") || list.contains(document.activeElement) || list.getBoundingClientRect().top < 0;
}

function trim(list: Element): void {
  const most = Number(list.getAttribute("data-live-most") ?? "100");
  while (list.children.length > most) list.lastElementChild?.remove();
}

function tell(list: Element): void {
  const button = document.querySelector<HTMLElement>(`[data-live-waiting="#${list.id}"]`);
  if (!button) return;
  const n = waiting.get(list)?.length ?? 0;
  button.hidden = n === 0;
  button.textContent = (button.dataset["text"] ?? "{n}").replace("{n}", String(n));
}

// startInsert has the buttons show what waits, and pause a list.
export function startInsert(): void {
  document.addEventListener("click", (e) => {
    const target = e.target instanceof Element ? e.target : null;
    const show = target?.closest<HTMLElement>("[data-live-waiting]");
    if (show) showWaiting(document.querySelector(show.dataset["liveWaiting"] ?? ""));
    const pause = target?.closest<HTMLElement>("[data-live-pause]");
    const list = pause && document.querySelector(pause.dataset["livePause"] ?? "");
    if (!pause || !list) return;
    const paused = list.toggleAttribute("data-paused");
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) showWaiting(list);
  });
}

function showWaiting(list: Element | null): void {
  if (!list) return;
  for (const element of [...(waiting.get(list) ?? [])].reverse()) put(element, () => list.prepend(element));
  waiting.delete(list);
  trim(list);
  tell(list);
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}
