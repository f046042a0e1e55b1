/*
 * sniff.c - what a file that should be a module is, by its first bytes alone.
 *
 * The engine's own message on a file that is no module speaks of magic numbers;
 * here is what a person can use. What passes may still be damaged: the engine says.
 */
#include "engine/sniff.h"

#include "base/limits.h"

static const struct { mode_t type; const char *is; } types[] = {
	{ S_IFDIR,  "it is a directory: name the .wasm file in it" },
	{ S_IFIFO,  "it is a pipe: a module must be a file, so save it to one first" },
	{ S_IFSOCK, "it is a socket: a module must be a file" },
	{ S_IFCHR,  "it is a device: a module must be a file" },
	{ S_IFBLK,  "it is a device: a module must be a file" },
};

bool sniff_file(const struct stat *st, struct buf *error)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if ((st->st_mode & S_IFMT) == types[i].type) {
			buf_str(error, types[i].is);
			return false;
		}
	}
	if (st->st_size == 0) {
		buf_str(error, "it is empty: build or fetch it again");
		return false;
	}
	if (st->st_size > LIMIT_MODULE) {
		buf_print(error, "it is too large: %lld bytes, and a module may have %d", (long long)st->st_size, LIMIT_MODULE);
		return false;
	}
	return true;
}

/* The first bytes that something else than a module begins with. */
static const struct { struct text start; const char *is; } starts[] = {
	{ { "\0asm", 4 }, "it is WebAssembly of another version than 1: build it for wasm32-wasip1" },
	{ { "\x7f" "ELF\2\1\1\xc8", 8 }, "it is a module that wasmtime compiled: give the .wasm that it was made of; wask keeps compiled code by itself" },
	{ { "\x7f" "ELF", 4 }, "it is a native program: build it for wasm32-wasip1" },
	{ { "\x1f\x8b", 2 }, "it is compressed: unpack it with gunzip" },
	{ { "PK\3\4", 4 }, "it is a zip archive: unpack it" },
	{ { "#!", 2 }, "it is a script, not a module" },
};

static bool is_text_format(struct text bytes)
{
	size_t i = 0;

	while (i < bytes.len && memchr(" \t\r\n", bytes.at[i], 4))
		i++;
	return i < bytes.len && (bytes.at[i] == '(' || text_starts(text_from(bytes, i), TEXT(";;")));
}

bool sniff_bytes(struct text bytes, struct buf *error)
{
	static const struct text module = { "\0asm\1\0\0\0", 8 };

	if (text_starts(bytes, module))
		return true;
	if (bytes.len < module.len && text_starts(module, bytes)) {
		buf_print(error, "it is cut short after %zu bytes: build or fetch it again", bytes.len);
		return false;
	}
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		if (text_starts(bytes, starts[i].start)) {
			buf_str(error, starts[i].is);
			return false;
		}
	}
	buf_str(error, is_text_format(bytes)
		? "it is WebAssembly in text form: convert it with wat2wasm or wasm-tools parse"
		: "it is not a WebAssembly module");
	return false;
}
