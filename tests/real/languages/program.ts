// What an AssemblyScript program does: arguments and console through its shim, a file
// through the bindings beneath (its libraries open on descriptor 3, whatever it is called).
import { fd_close, fd_read, path_open, lookupflags, rights } from "@assemblyscript/wasi-shim/assembly/bindings/wasi_snapshot_preview1";

function readAll(name: string): string {
  const path = String.UTF8.encode(name);
  const fd = memory.data(4);
  let error = path_open(3, lookupflags.SYMLINK_FOLLOW, changetype<usize>(path), path.byteLength, 0, rights.FD_READ, 0, 0, fd);
  if (error) return "errno " + error.toString();
  const buffer = new ArrayBuffer(4096);
  const iov = memory.data(8), n = memory.data(4);
  store<u32>(iov, changetype<u32>(buffer));
  store<u32>(iov, 4096, 4);
  error = fd_read(load<u32>(fd), iov, 1, n);
  fd_close(load<u32>(fd));
  return error ? "errno " + error.toString() : String.UTF8.decodeUnsafe(changetype<usize>(buffer), load<u32>(n));
}

const args = process.argv.slice(1);
console.log("args: " + args.join(" "));
console.log("env: " + (process.env.has("GREETING") ? process.env.get("GREETING") : "unset"));
console.log("read: " + readAll("notes.txt"));
console.log("read beneath: " + readAll("data/deeper/b.txt"));
console.log("absent: " + readAll("none.txt"));
console.error("to standard error");
console.log("clock: " + (Date.now() > 1700000000000).toString());
console.log("random: " + (Math.random() < 1).toString());
process.exit(3);
