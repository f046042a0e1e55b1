"""embed.py libwask.so python.wasm FILE: CPython on PyPI's wasmtime is held at FILE, answered here, and goes on."""
import ctypes as c, os, sys, wasmtime

API = """wasmtime_linker_define_func_unchecked wasm_functype_new wasm_functype_delete wasm_valtype_new wasm_valtype_vec_new
    wasm_byte_vec_delete wasmtime_error_message wasmtime_error_delete wasmtime_caller_export_get wasmtime_caller_context
    wasmtime_context_get_data wasmtime_memory_data wasmtime_memory_data_size wasmtime_extern_delete wasmtime_trap_new""".split()

def struct(**fields):               # as in wask.h: the size first, later fields may be left out
    return type("struct", (c.Structure,), {"_fields_": [("size", c.c_size_t), *fields.items()]})

Need = struct(kind=c.c_char_p, act=c.c_char_p, access=c.c_char_p, path=c.c_char_p)
Question = struct(number=c.c_uint64, program=c.c_char_p, nneeds=c.c_size_t, needs=c.POINTER(Need))
Ask = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(Question), c.POINTER(struct(option=c.c_char_p)))
Options = struct(asker=c.c_int, ask=Ask)
RunOptions = struct(mode=c.c_int, program=c.c_char_p, module=c.c_char_p, argv=c.POINTER(c.c_char_p), env=c.c_void_p,
                    set_env=c.c_void_p, cwd=c.c_char_p, home=c.c_char_p, stdio=c.c_int * 3)

def ask(self, question, answer):    # the guest is inside its call meanwhile
    need = question[0].needs[0]
    print(f"held: {question[0].program.decode()} wants to {need.act.decode()} {need.path.decode()}: yes", flush=True)
    answer[0].option = b"run"

library, module, file = sys.argv[1:]
wask, opened, run, status, asking = c.CDLL(library), c.c_void_p(), c.c_void_p(), c.c_uint32(), Ask(ask)
argv = (c.c_char_p * 4)(b"python", b"-c", f"print(open({file!r}).read(), end='')".encode())
assert wask.wask_open(c.byref(Options(c.sizeof(Options), 1, asking)), c.byref(opened), None) == 0
assert wask.wask_run_new(opened, c.byref(RunOptions(c.sizeof(RunOptions), 1, b"python.wasm", argv=argv, stdio=(0, 1, 2),
                                                    cwd=os.getcwd().encode())), c.byref(run), None) == 0
engine = wasmtime.Engine()
linker, store = wasmtime.Linker(engine), wasmtime.Store(engine)
table = (c.c_size_t * 17)(8 * 17, 0, *(c.cast(getattr(wasmtime._ffi.dll, name), c.c_void_p).value for name in API))
assert wask.wask_wasmtime_define(linker.ptr(), c.byref(table), run, None, None) == 0
try:
    linker.instantiate(store, wasmtime.Module.from_file(engine, module)).exports(store)["_start"](store)
except wasmtime.WasmtimeError:      # also how proc_exit ends a guest
    assert wask.wask_run_exited(run, c.byref(status))
del store                           # before its run
wask.wask_run_free(run), wask.wask_close(opened)
sys.exit(status.value)
