// Bundles the page's script and styles into static/dist, under names that hold their content's hash,
// and writes manifest.json, by which the program finds them.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { build } from "esbuild";

const out = "static/dist";
await mkdir(out, { recursive: true });
for (const old of await readdir(out)) {
  if (old !== ".gitkeep") await rm(`${out}/${old}`, { recursive: true });
}

const manifest = {};
const { metafile } = await build({
  entryPoints: ["static/src/app.ts", "static/src/app.css"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox120", "safari17.5"], // light-dark() and what else the styles need
  legalComments: "linked",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  outdir: out,
  metafile: true,
  logLevel: "warning",
});
for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (entryPoint) manifest[`${basename(entryPoint, extname(entryPoint))}${extname(file)}`] = basename(file);
}

// What browsers ask for besides: as it is, but for the hash.
for (const name of ["favicon.svg", "manifest.webmanifest"]) { // the second one names the first
  let content = await readFile(`static/src/${name}`, "utf8");
  for (const [plain, hashed] of Object.entries(manifest)) content = content.replaceAll(`/static/${plain}`, `/static/${hashed}`);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  await writeFile(`${out}/${hashed}`, content);
  manifest[name] = hashed;
}
await writeFile(`${out}/manifest.json`, JSON.stringify(manifest, null, 2));
