// Build the front-end: static/src/<surface>/ → static/build/, minified, under names that carry a hash.
//
// An entry point is a file directly in a surface's folder: every .css, and main.js if there is one, otherwise
// every .js. What entries import lies in folders below, or has a name that begins with _. Templates ask for an
// entry by its logical name: the file's own (site.css), main.js by its surface's (admin/main.js is admin.js).
// What lies in a surface's folder icons/ is taken over as it is. manifest.json maps all these names to what was
// built; cms/web/assets.py reads it.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import zlib from "node:zlib";
import * as esbuild from "esbuild";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const SOURCES = path.join(ROOT, "static", "src");
const BUILD = path.join(ROOT, "static", "build");
const DAY_MS = 24 * 60 * 60 * 1000;
const COMPRESSIBLE = /\.(js|css|svg|json|map|txt)$/;

async function main() {
  const entries = await findEntries();
  const icons = await findIcons();
  const { outputFiles, metafile } = await bundle(entries);
  await mkdir(BUILD, { recursive: true });
  const kept = new Set(["manifest.json", ".made-from"]);
  for (const file of [...outputFiles, ...icons.values()]) {
    for (const name of await writeWithEncodings(file)) kept.add(name);
  }
  const built = { ...manifest(entries, metafile), ...Object.fromEntries([...icons].map(([name, icon]) => [name, icon.path])) };
  await writeWhole("manifest.json", JSON.stringify(built, null, 2) + "\n");
  await prune(kept);
}

/** Logical name → path of its source. */
async function findEntries() {
  const entries = new Map();
  for (const surface of await readdir(SOURCES, { withFileTypes: true }).catch(() => [])) {
    if (!surface.isDirectory()) continue;
    const files = (await readdir(path.join(SOURCES, surface.name))).filter((name) => !name.startsWith("_")).sort();
    const scripts = files.includes("main.js") ? ["main.js"] : files.filter((name) => name.endsWith(".js"));
    const styles = files.filter((name) => name.endsWith(".css"));
    for (const name of [...scripts, ...styles]) {
      const logical = name === "main.js" ? `${surface.name}.js` : name;
      if (entries.has(logical)) throw new Error(`two entry points are called ${logical}; rename one`);
      entries.set(logical, path.join(SOURCES, surface.name, name));
    }
  }
  return entries;
}

/** Logical name → what is written: its content, under a name that carries its hash. */
async function findIcons() {
  const icons = new Map();
  for (const surface of await readdir(SOURCES).catch(() => [])) {
    const folder = path.join(SOURCES, surface, "icons");
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const contents = await readFile(path.join(folder, name));
      const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
      icons.set(name, { path: name.replace(".", `-${hash}.`), contents });
    }
  }
  return icons;
}

function bundle(entries) {
  return esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [...entries].map(([logical, source]) => ({ in: source, out: path.parse(logical).name })),
    outdir: BUILD,
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    publicPath: "/static/build",
    bundle: true,
    minify: true,
    format: "esm", // loaded with <script type="module">; import() splits what only some pages need
    splitting: true,
    target: ["es2022", "chrome120", "firefox121", "safari17.2"], // the first with nesting in CSS
    loader: { ".svg": "file", ".png": "file", ".woff2": "file" },
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
}

function manifest(entries, metafile) {
  const builtFrom = new Map();
  for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint) builtFrom.set(path.resolve(ROOT, entryPoint), path.basename(output));
  }
  return Object.fromEntries([...entries].map(([logical, source]) => [logical, builtFrom.get(source)]).sort());
}

/** Write a built file with its .br and .gz where they are smaller; returns the names written. */
async function writeWithEncodings({ path: target, contents }) {
  const name = path.basename(target);
  const written = [name];
  await writeWhole(name, contents);
  if (!COMPRESSIBLE.test(name)) return written;
  const brotli = await promisify(zlib.brotliCompress)(contents);
  const gzip = await promisify(zlib.gzip)(contents, { level: 9 });
  for (const [suffix, encoded] of [[".br", brotli], [".gz", gzip]]) {
    if (encoded.length >= contents.length) continue;
    await writeWhole(name + suffix, encoded);
    written.push(name + suffix);
  }
  return written;
}

/** A running site may read the file at any moment: it sees the old one or the new one, never a part. */
async function writeWhole(name, contents) {
  const part = path.join(BUILD, `.${name}.part`);
  await writeFile(part, contents);
  await rename(part, path.join(BUILD, name));
}

/** Pages in readers' browsers still name the last build's files, so these stay for a day. */
async function prune(kept) {
  for (const name of await readdir(BUILD)) {
    if (kept.has(name)) continue;
    const file = path.join(BUILD, name);
    if (Date.now() - (await stat(file)).mtimeMs > DAY_MS) await rm(file, { recursive: true });
  }
}

await main();
