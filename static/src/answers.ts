// After an answer came it is brought into view, where it isn't. What it says is told by the page's status region.

export function startAnswers(): void {
  document.addEventListener("htmx:after:swap", () => {
    const answer = document.querySelector<HTMLElement>("#answer");
    if (!answer) return;
    const { top } = answer.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.6) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      answer.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
    }
  });
}
