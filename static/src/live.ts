// A page that is told what happens: one WebSocket brings fragments of HTML, each with the number of its event. The page is
// the truth and the socket only adds to it: after a loss it asks for what came after the last number that it has seen.
import { localTimes } from "./forms";
import { insert } from "./live-insert";

interface Message {
  event: string; // "hello", "pulse", "reload", or the event's kind
  seq: number;
  html?: string;
  said?: string;
}

const silence = 12_000; // ms without a word, of which the server sends one each 5 s: the connection is dead
const patience = 2_000; // ms of loss before the banner says so
const longestPause = 10_000; // ms between two tries
const saidEvery = 5_000; // ms between two sentences for who can't see the page
const freshKey = "cifra.live-fresh";
const signedOut = 1008; // the close code that means: don't come back

export function startLive(): void {
  const root = document.querySelector<HTMLElement>("[data-live]");
  if (root) new Live(root).start();
}

class Live {
  private seq: number;
  private socket: WebSocket | null = null;
  private tries = 0;
  private heard = Date.now(); // when something was last known to be current
  private lostAt = 0; // 0 while the connection stands
  private timer = 0;
  private banner: HTMLElement | null;
  private lastSaid = 0;

  constructor(private readonly root: HTMLElement) {
    this.seq = Number(root.dataset["seq"] ?? "-1");
    this.banner = root.querySelector<HTMLElement>(".connection-lost");
  }

  start(): void {
    this.root.querySelector("[data-retry]")?.addEventListener("click", () => this.retry());
    addEventListener("online", () => this.retry());
    addEventListener("pagehide", () => this.drop()); // so that a page that comes back from the browser's memory begins anew
    addEventListener("pageshow", (e) => {
      if (e.persisted) this.retry();
    });
    setInterval(() => this.watch(), 1000);
    this.sayFresh();
    this.light("connecting");
    this.connect();
  }

  private connect(): void {
    clearTimeout(this.timer);
    this.drop();
    const address = new URL(this.root.dataset["live"] ?? "", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.seq >= 0) address.searchParams.set("since", String(this.seq));
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("message", (e) => {
      if (socket === this.socket) this.receive(JSON.parse(String(e.data)) as Message);
    });
    socket.addEventListener("close", (e) => {
      if (socket === this.socket) this.lose(e.code);
    });
  }

  // drop lets go of the socket without a word.
  private drop(): void {
    const old = this.socket;
    this.socket = null;
    old?.close();
  }

  private receive(m: Message): void {
    this.heard = Date.now();
    if (m.event === "reload") {
      try {
        sessionStorage.setItem(freshKey, "1");
      } catch {
        // Storage may be forbidden; then the page is loaded afresh without saying why.
      }
      location.reload();
      return;
    }
    this.tries = 0;
    this.lostAt = 0;
    this.light("on");
    this.hide();
    const seen = m.seq <= this.seq;
    if (!seen) this.seq = m.seq;
    if (m.event === "hello" || m.event === "pulse" || seen) return;
    if (m.html) {
      insert(m.html);
      localTimes();
    }
    if (m.said) this.say(m.said);
    document.dispatchEvent(new CustomEvent("cifra:event", { detail: m }));
  }

  private lose(code: number): void {
    this.socket = null;
    this.lostAt ||= Date.now();
    this.light("off");
    if (code === signedOut) {
      this.show("ended");
      return;
    }
    // A little chance in it, so that not all pages come back in the same moment.
    const pause = Math.min(longestPause, 250 * 2 ** this.tries++) * (0.5 + Math.random() / 2);
    this.timer = window.setTimeout(() => this.connect(), pause);
  }

  // watch notices what no event tells: a connection that has gone quiet, and a loss that lasts.
  private watch(): void {
    const now = Date.now();
    if (this.socket && !this.lostAt && now - this.heard > silence) {
      this.drop();
      this.lose(1006);
    }
    if (this.lostAt && now - this.lostAt >= patience) this.show("lost");
  }

  private retry(): void {
    if (this.socket?.readyState === WebSocket.OPEN) return;
    this.tries = 0;
    this.connect();
  }

  private light(state: "connecting" | "on" | "off"): void {
    for (const light of document.querySelectorAll<HTMLElement>("[data-live-light]")) {
      light.dataset["state"] = state;
      const text = this.root.dataset[state] ?? "";
      if (light.textContent !== text) light.textContent = text;
    }
  }

  private show(why: "lost" | "ended"): void {
    if (!this.banner || this.banner.dataset["why"] === why) return;
    const text = (this.root.dataset[why] ?? "").replace("{time}", new Date(this.heard).toLocaleTimeString(document.documentElement.lang));
    this.fill(why, text);
  }

  private fill(why: string, text: string): void {
    if (!this.banner) return;
    this.banner.dataset["why"] = why;
    this.banner.querySelector("p")?.replaceChildren(text);
    this.banner.querySelector<HTMLElement>("[data-retry]")?.toggleAttribute("hidden", why !== "lost");
    this.banner.querySelector<HTMLElement>("a")?.toggleAttribute("hidden", why !== "ended");
    this.banner.hidden = false;
  }

  private hide(): void {
    if (!this.banner || this.banner.hidden || this.banner.dataset["why"] === "fresh") return;
    this.banner.hidden = true;
    delete this.banner.dataset["why"];
  }

  // sayFresh says that the page was loaded afresh, where it was, until it has been read.
  private sayFresh(): void {
    try {
      if (!sessionStorage.getItem(freshKey)) return;
      sessionStorage.removeItem(freshKey);
    } catch {
      return;
    }
    this.fill("fresh", this.root.dataset["fresh"] ?? "");
    setTimeout(() => {
      if (this.banner?.dataset["why"] !== "fresh") return;
      delete this.banner.dataset["why"];
      this.banner.hidden = true;
    }, 8000);
  }

  private say(sentence: string): void {
    const region = this.root.querySelector("#live-said");
    if (!region || Date.now() - this.lastSaid < saidEvery) return;
    this.lastSaid = Date.now();
    region.textContent = sentence;
  }
}
