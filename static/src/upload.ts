// Files come by choosing, dropping, pasting or the camera. What was done last is what is sent: files, or the drawing.
import type { Pad } from "./pad-page";
import { shrink } from "./shrink";

export function startUpload(form: HTMLFormElement, pad: Pad | null): void {
  const input = form.querySelector<HTMLInputElement>("#file");
  if (!input) return;
  const camera = form.querySelector<HTMLInputElement>("#camera");
  const drop = document.querySelector<HTMLElement>("#drop");

  // Chosen files are sent at once, made smaller first where they are photographs.
  async function send(files: Iterable<File>): Promise<void> {
    const chosen = [...files];
    if (!chosen.length || !input) return;
    form.setAttribute("aria-busy", "true");
    put(input, await Promise.all(chosen.map(shrink)));
    form.requestSubmit();
  }

  input.addEventListener("change", () => void send(input.files ?? []));
  camera?.addEventListener("change", () => {
    void send(camera.files ?? []);
  });

  document.addEventListener("paste", (e) => {
    const files = [...(e.clipboardData?.files ?? [])];
    if (!files.length) return;
    e.preventDefault();
    void send(files);
  });

  // dragenter and dragleave come for every element on the way: only the count tells when the pointer has left.
  let depth = 0;
  const over = (on: boolean): void => {
    if (drop) drop.hidden = !on;
  };
  const hasFiles = (e: DragEvent): boolean => !!e.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (e) => {
    if (hasFiles(e)) over(++depth > 0);
  });
  document.addEventListener("dragleave", (e) => {
    if (hasFiles(e)) over(--depth > 0);
  });
  document.addEventListener("dragover", (e) => {
    if (hasFiles(e)) e.preventDefault();
  });
  document.addEventListener("drop", (e) => {
    depth = 0;
    over(false);
    if (!hasFiles(e)) return;
    e.preventDefault();
    void send(e.dataTransfer?.files ?? []);
  });

  // Before htmx reads the form: without files, the drawing is the file. An example needs neither.
  form.addEventListener(
    "submit",
    (e) => {
      const isExample = e.submitter instanceof HTMLButtonElement && e.submitter.name === "example";
      if (isExample) put(input, []);
      else if (!input.files?.length && pad && !pad.drawing.isEmpty) put(input, [pad.drawing.file()]);
    },
    { capture: true },
  );
  // Afterwards the next thing that is done counts.
  document.addEventListener("htmx:before:request", (e) => busy(e, true));
  document.addEventListener("htmx:finally:request", (e) => busy(e, false));

  function busy(e: Event, on: boolean): void {
    if (!(e.target instanceof Node) || !form.contains(e.target) || !input) return;
    form.toggleAttribute("data-busy", on);
    if (on) form.setAttribute("aria-busy", "true");
    else {
      form.removeAttribute("aria-busy");
      put(input, []);
      if (camera) camera.value = "";
    }
  }
}

function put(input: HTMLInputElement, files: File[]): void {
  const transfer = new DataTransfer();
  for (const f of files) transfer.items.add(f);
  input.files = transfer.files;
}
