// node's own WASI, as an oracle that is given everything it is asked for:
//     node --no-warnings node-wasi.mjs '{"module": ..., "args": [...], "env": {...}, "preopens": {...}}'

import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const { module, args, env, preopens } = JSON.parse(process.argv[2]);
const wasi = new WASI({ version: "preview1", args, env, preopens, returnOnExit: true });
const compiled = await WebAssembly.compile(await readFile(module));
const instance = await WebAssembly.instantiate(compiled, wasi.getImportObject());
process.exitCode = wasi.start(instance);
