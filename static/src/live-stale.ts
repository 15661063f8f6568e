// Parts of a page that an event has put out of date, and that it doesn't hold itself: each is loaded once for however
// many events say so, and takes its place without moving what one is doing in it.
import htmx from "htmx.org";
import { localTimes } from "./forms";

const pause = 300; // ms: for more events of the same moment, and for this instance to follow a promotion
const waiting = new Map<string, string>(); // where each part is to be had

export function outOfDate(part: string, version: string, from: string): void {
  const target = document.querySelector<HTMLElement>(part);
  if (!target || (version !== "" && target.dataset["version"] === version) || waiting.has(part)) return;
  waiting.set(part, from);
  setTimeout(() => void load(part), pause);
}

async function load(part: string): Promise<void> {
  const from = waiting.get(part);
  waiting.delete(part);
  const target = document.querySelector<HTMLElement>(part);
  if (!target || from === undefined) return;
  try {
    await htmx.ajax("GET", from, { source: target, target, swap: "outerMorph", select: `#${target.id}` });
    localTimes();
  } catch {
    // The next event, or a reload, shows it.
  }
}
