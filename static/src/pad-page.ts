// The pad on the page: pointers, keys and buttons change a drawing, and the canvas shows it.
import { Drawing, type Point } from "./drawing";

const defaultWidth = 1 / 14; // of the side, as a felt pen writes on a square of paper
const keyStep = 1 / 56; // of the side for each press of an arrow key

export interface Pad {
  readonly drawing: Drawing;
  onChange(listener: () => void): void; // after each stroke, undo, redo and clear
  onStroke(listener: () => void): void; // when a stroke begins
}

export function startPad(form: HTMLFormElement): Pad | null {
  const canvas = form.querySelector<HTMLCanvasElement>("[data-pad] canvas");
  const context = canvas?.getContext("2d");
  if (!canvas || !context) return null;
  const drawing = new Drawing();
  const changed: (() => void)[] = [];
  const began: (() => void)[] = [];
  const width = form.querySelector<HTMLInputElement>("[data-pad-width]");
  const penWidth = (): number => (width ? Number(width.value) / Number(width.dataset["base"] ?? 280) : defaultWidth);
  let cursor: Point | null = null; // the keyboard's pen, while the pad has the focus by key
  let pointer: number | null = null; // the pointer that draws

  const button = (name: string): HTMLButtonElement | null => form.querySelector(`[data-pad-${name}]`);

  function show(): void {
    if (!canvas || !context) return;
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
    const style = getComputedStyle(canvas);
    context.clearRect(0, 0, size, size);
    drawing.paint(context, size, style.color);
    if (cursor) {
      context.strokeStyle = style.getPropertyValue("--accent") || style.color;
      context.lineWidth = 2 * devicePixelRatio;
      context.beginPath();
      context.arc(cursor.x * size, cursor.y * size, (penWidth() * size) / 2, 0, 2 * Math.PI);
      context.stroke();
    }
    for (const [name, can] of [["undo", drawing.canUndo], ["redo", drawing.canRedo], ["clear", !drawing.isEmpty]] as const) {
      const b = button(name);
      if (b) b.disabled = !can;
    }
    canvas.parentElement?.toggleAttribute("data-empty", drawing.isEmpty);
  }

  function change(act: () => void): void {
    act();
    show();
    for (const listener of changed) listener();
  }

  function at(e: PointerEvent): Point {
    const r = canvas!.getBoundingClientRect();
    return { x: (e.clientX - r.left) / r.width, y: (e.clientY - r.top) / r.height };
  }

  canvas.addEventListener("pointerdown", (e) => {
    if (pointer !== null || (e.pointerType === "mouse" && e.button !== 0)) return;
    pointer = e.pointerId;
    canvas.setPointerCapture(e.pointerId);
    cursor = null;
    drawing.begin(at(e), penWidth());
    for (const listener of began) listener();
    show();
  });
  canvas.addEventListener("pointermove", (e) => {
    if (e.pointerId !== pointer) return;
    const all = e.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [e]) drawing.extend(at(one));
    show();
  });
  canvas.addEventListener("pointerup", (e) => {
    if (e.pointerId !== pointer) return;
    pointer = null;
    change(() => drawing.end());
  });
  canvas.addEventListener("pointercancel", (e) => {
    if (e.pointerId !== pointer) return;
    pointer = null;
    change(() => drawing.cancel());
  });

  canvas.addEventListener("keydown", (e) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (move && !e.ctrlKey && !e.altKey && !e.metaKey) {
      e.preventDefault();
      const speed = e.shiftKey ? 4 * keyStep : keyStep;
      const from = cursor ?? { x: 0.5, y: 0.5 };
      cursor = { x: clamp(from.x + move[0]! * speed), y: clamp(from.y + move[1]! * speed) };
      if (drawing.isDrawing) drawing.extend(cursor);
      show();
    } else if (e.key === " ") {
      e.preventDefault();
      cursor ??= { x: 0.5, y: 0.5 };
      if (drawing.isDrawing) change(() => drawing.end());
      else {
        drawing.begin(cursor, penWidth());
        for (const listener of began) listener();
        show();
      }
    } else if (e.key === "Escape") {
      cursor = null;
      if (drawing.isDrawing) change(() => drawing.end());
      else show();
    } else if (e.key === "Enter" && !drawing.isEmpty) {
      e.preventDefault();
      if (drawing.isDrawing) change(() => drawing.end());
      form.requestSubmit();
    }
  });
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) cursor ??= { x: 0.5, y: 0.5 };
    show();
  });
  canvas.addEventListener("blur", () => {
    cursor = null;
    if (drawing.isDrawing) change(() => drawing.end());
    else show();
  });

  button("undo")?.addEventListener("click", () => change(() => drawing.undo()));
  button("redo")?.addEventListener("click", () => change(() => drawing.redo()));
  button("clear")?.addEventListener("click", () => change(() => drawing.clear()));
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.key.toLowerCase() !== "z" || isTyping(e.target)) return;
    e.preventDefault();
    change(() => (e.shiftKey ? drawing.redo() : drawing.undo()));
  });
  new ResizeObserver(show).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
  return { drawing, onChange: (l) => changed.push(l), onStroke: (l) => began.push(l) };
}

function clamp(v: number): number {
  return Math.min(1, Math.max(0, v));
}

// isTyping reports whether keys belong to a field where undo means something of its own.
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("textarea, [contenteditable], input:not([type=range]):not([type=checkbox]):not([type=radio])");
}
