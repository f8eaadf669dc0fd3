// `make vendor`: copy the few files of other people's that our pages serve, with their licences.
// kit/tests/test_vendor.py compares the manifest.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = "twinhood/kit/static/vendor";
const wanted = {
  "htmx.org": ["dist/htmx.min.js", "LICENSE"],
};

execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { stdio: "inherit" });
rmSync(root, { recursive: true, force: true });
for (const [name, files] of Object.entries(wanted)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const folder = join(root, `${name.replace(/\.org$/, "")}-${version}`);
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(`node_modules/${name}/${file}`, join(folder, file.split("/").pop()));
}

const filesUnder = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? filesUnder(path) : [path];
});
const lines = filesUnder(root).sort().map((path) => {
  const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
  return `${digest}  ${relative(root, path)}`;
});
writeFileSync(join(root, "MANIFEST.sha256"), lines.join("\n") + "\n");
