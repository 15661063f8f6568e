// A drawing: strokes in a unit square, with undo and redo. It knows no page.

export interface Point {
  x: number; // 0 left to 1 right
  y: number; // 0 top to 1 bottom
}

export interface Stroke {
  points: Point[];
  width: number; // share of the side
}

export class Drawing {
  private past: Stroke[][] = [[]];
  private now = 0;
  private current: Stroke | null = null;

  get strokes(): readonly Stroke[] {
    const done = this.past[this.now] ?? [];
    return this.current ? [...done, this.current] : done;
  }
  get isEmpty(): boolean {
    return this.strokes.length === 0;
  }
  get canUndo(): boolean {
    return this.now > 0;
  }
  get canRedo(): boolean {
    return this.now < this.past.length - 1;
  }
  get isDrawing(): boolean {
    return this.current !== null;
  }

  begin(p: Point, width: number): void {
    this.current = { points: [p], width };
  }
  extend(p: Point): void {
    this.current?.points.push(p);
  }
  end(): void {
    if (!this.current) return;
    const next = this.strokes.slice();
    this.current = null;
    this.push(next);
  }
  cancel(): void {
    this.current = null;
  }
  clear(): void {
    this.current = null;
    if (!this.isEmpty) this.push([]);
  }
  undo(): void {
    if (this.canUndo) this.now--;
  }
  redo(): void {
    if (this.canRedo) this.now++;
  }

  private push(next: Stroke[]): void {
    this.past = [...this.past.slice(0, this.now + 1), next];
    this.now = this.past.length - 1;
  }

  // paint draws the strokes onto a square of the given size. Curves run through the middles between points, so that
  // a quick hand leaves no corners.
  paint(c: CanvasRenderingContext2D, size: number, ink: string): void {
    c.lineCap = "round";
    c.lineJoin = "round";
    c.strokeStyle = ink;
    for (const s of this.strokes) {
      const [first, ...rest] = s.points;
      if (!first) continue;
      c.lineWidth = s.width * size;
      c.beginPath();
      c.moveTo(first.x * size, first.y * size);
      let from = first;
      for (const p of rest) {
        c.quadraticCurveTo(from.x * size, from.y * size, ((from.x + p.x) / 2) * size, ((from.y + p.y) / 2) * size);
        from = p;
      }
      c.lineTo(from.x * size, from.y * size);
      c.stroke();
    }
  }

  // file returns the drawing as a PNG, black on white, at once: a form that is being sent can't wait.
  file(): File {
    const size = 384; // what the server works with: more pixels would only be averaged away
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const c = canvas.getContext("2d");
    if (c) {
      c.fillStyle = "#fff";
      c.fillRect(0, 0, size, size);
      this.paint(c, size, "#000");
    }
    const bytes = atob(canvas.toDataURL("image/png").split(",")[1] ?? "");
    return new File([Uint8Array.from(bytes, (b) => b.charCodeAt(0))], "drawing.png", { type: "image/png" });
  }
}
