// The list of pages is wider than a phone in some languages: the entry of this page is brought into sight.
export function startNav(): void {
  const nav = document.querySelector<HTMLElement>(".top nav");
  const here = nav?.querySelector<HTMLElement>("[aria-current]");
  if (!nav || !here) return;
  const [outer, inner] = [nav.getBoundingClientRect(), here.getBoundingClientRect()];
  if (inner.right > outer.right) nav.scrollLeft += inner.right - outer.right;
}
