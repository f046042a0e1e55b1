// C guests with the newest wasi-libc, by the clang that is itself a wasm program:
//     node newest-clang.mjs MODULES INCLUDE.h... -- IN.c OUT.wasm [IN.c OUT.wasm]...
// One process for many, because its start takes seconds.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...words] = process.argv.slice(2);
const cut = words.indexOf("--");
const { runClang } = await import(pathToFileURL(`${modules}/node_modules/@yowasp/clang/gen/bundle.js`));
const headers = Object.fromEntries(words.slice(0, cut).map((h) => [basename(h), readFileSync(h, "utf8")]));

for (let i = cut + 1; i < words.length; i += 2) {
  const [from, to] = words.slice(i, i + 2);
  const source = basename(from);
  const files = { ...headers, [source]: readFileSync(from, "utf8") };
  try {
    const made = await runClang(["clang", "-O2", "-Wall", "-Wextra", source, "-o", "out.wasm"], files);
    writeFileSync(`${to}.tmp${process.pid}`, made["out.wasm"]);
    renameSync(`${to}.tmp${process.pid}`, to);
  } catch (error) {
    console.error(`${source}: ${error}`);
    process.exitCode = 1;
  }
}
