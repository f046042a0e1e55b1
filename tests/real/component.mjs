// Makes wasm files that no compiler here makes: a WASI 0.2 component out of a
// preview1 command, or a core module out of its text form (wat).
//     node component.mjs MODULES component IN.wasm OUT.wasm
//     node component.mjs MODULES wat       IN.wat  OUT.wasm
// MODULES is what `tools/setup path modules` prints. The jco program itself is
// not used: it wants native add-ons; the wasm-tools inside it does not.

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, what, from, to] = process.argv.slice(2);
const packages = resolve(modules, "node_modules", "@bytecodealliance");
const tools = await import(pathToFileURL(`${packages}/jco-transpile/dist/wasm-tools.js`));

async function component(bytes) {
  const adapter = await readFile(`${packages}/jco/lib/wasi_snapshot_preview1.command.wasm`);
  return tools.componentNew(bytes, [["wasi_snapshot_preview1", adapter]]);
}

const makers = { component, wat: (bytes) => tools.parse(bytes.toString()) };
await writeFile(to, await makers[what](await readFile(from)));
