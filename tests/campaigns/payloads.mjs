// The payloads in corpora of cross-site scripting, as one JSON array: DOMPurify's and H5SC's own forms, or lines.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

const folder = process.argv[2];
const told = new Map();
for (const name of readdirSync(folder)) {
  const text = readFileSync(join(folder, name), "utf8");
  if (/\.m?js$/.test(name)) {
    const module = { exports: {} };
    runInNewContext(text.replace(/^export default/m, "module.exports ="), { module, exports: module.exports }, { timeout: 5000 });
    told.set(name, module.exports);
  } else told.set(name, text.split("\n"));
}
const templates = {};
for (const found of told.values()) {
  if (!Array.isArray(found)) Object.assign(templates, found);
}
const payloads = new Set();
for (const found of told.values()) {
  for (const one of Array.isArray(found) ? found : []) {
    const payload = typeof one === "string" ? one : (one.payload ?? one.data);
    if (typeof payload === "string" && payload.trim()) {
      payloads.add(payload.replace(/%(\w+)%/g, (all, name) => String(templates[name] ?? all)));
    }
  }
}
process.stdout.write(JSON.stringify([...payloads]));
