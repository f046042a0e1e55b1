# wask - run a WebAssembly program that owns nothing and may ask.
#
#   make            build/wask, build/libwask.a, build/libwask.so
#   make demo       the main job, on real modules
#   make check      every test; also CC=clang-14, SAN=1 (ASan and UBSan)
#   make fuzz       random file calls beside the kernel, for a minute each; also SAN=1
#   make bench      beside its peers and the native build, to bench/RESULTS.md
#   make install    PREFIX=/usr/local DESTDIR=
#   make dist       build/dist/wask-VERSION-linux-ARCH.tar.gz: runs on any Linux of its kind
#
# What is not here (packages, engine, npm modules, peers) tools/setup installs, builds
# and fetches once, outside the checkout, in $WASK_BUILD.

comma   := ,
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
PREFIX  ?= /usr/local
VERSION := $(shell sed -n 's/.*WASK_VERSION "\(.*\)".*/\1/p' include/wask.h)
B       := build$(if $(SAN),-san)$(if $(findstring clang,$(CC)),-clang)
Q       := $(if $(V),,@)

SANITIZE := -fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DWASK_DEBUG
WARN    := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wvla -Werror
ENGINE  := $(shell tools/setup path engine)
CPPFLAGS += -D_GNU_SOURCE -Isrc -Iinclude -isystem $(ENGINE)/include -include base/banned.h
CFLAGS  ?= -O2 -g
OPTIONS := -std=c11 $(WARN) -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections $(if $(SAN),$(SANITIZE))
LINK    := $(if $(SAN),$(SANITIZE))
STATIC  := $(if $(SAN),-no-pie,-static $(if $(findstring clang,$(CC)),,-no-pie)) -Wl,--gc-sections
LIBS    := -ljansson -lutf8proc -lnettle
ENGINE_LIBS := $(ENGINE)/libwasmtime.a -lpthread -ldl -lm

FLOORS  := base cap authority policy ask judge names wasi engine api
OBJ     := $(patsubst %.c,$B/%.o,$(wildcard $(FLOORS:%=src/%/*.c)))
CLI_OBJ := $(patsubst %.c,$B/%.o,$(wildcard src/cli/*.c))
TESTS   := $(patsubst %.c,$B/%,$(wildcard tests/unit/*.c tests/decisions/*.c tests/tty/*.c))

all: $B/wask $B/libwask.a $B/libwask.so

# Built once, outside the checkout; whatever includes its headers waits for it.
$(ENGINE)/libwasmtime.a:
	tools/setup packages build
	tools/setup engine

$B/%.o: %.c | $(ENGINE)/libwasmtime.a
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$Q$(CC) $(CPPFLAGS) $(CFLAGS) $(OPTIONS) -MMD -MP -c $< -o $@

# Only wask_* leaves the archive: everything else is made local.
$B/libwask.o: $(OBJ)
	$Q$(LD) -r -o $@ $^
	$Qobjcopy --wildcard --keep-global-symbol='wask_*' $@

$B/libwask.a: $B/libwask.o
	@echo "  AR    $@"
	$Qrm -f $@ && $(AR) rcs $@ $<

$B/libwask.so: $(OBJ)
	@echo "  LD    $@"
	$Q$(CC) $(LINK) -shared -Wl,-soname,libwask.so.0 -o $@ $^ $(LIBS)

$B/wask: $(CLI_OBJ) $B/libwask.a $(ENGINE)/libwasmtime.a
	@echo "  LD    $@"
	$Q$(CC) $(LINK) $(STATIC) -o $@ $(CLI_OBJ) $B/libwask.a $(LIBS) $(ENGINE_LIBS)

# Tests in C see the inside: they link the objects, not the archive.
$B/tests/%: tests/%.c $(OBJ)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$Q$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(OPTIONS) -MMD -MP -o $@ $< $(OBJ) $(LIBS)

tests: all $(TESTS)

check:
	tools/setup packages build
	tools/setup packages test
	tools/setup modules
	tools/setup languages
	tools/setup peers
	$(MAKE) tests $(if $(SAN),,dist)
	tests/run $B

fuzz: $B/wask
	tools/setup packages test
	WASK_B=$B tests/fuzz/sequences.py

demo:
	tools/setup packages build
	tools/setup demo-modules
	$(MAKE) $B/wask
	@tools/demo $B/wask "$$(tools/setup path demo-modules)"

bench: $B/wask
	tools/setup packages test
	-tools/setup packages bench
	tools/setup modules
	bench/run $B

# What a user of the program gets, beneath TO: program, manual, what shells complete.
define install_program
	install -d $(addprefix $1/,bin share/man/man1 share/man/man7 share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d)
	install $B/wask $1/bin/wask
	install -m 644 $(wildcard man/*.1) $1/share/man/man1
	install -m 644 $(wildcard man/*.7) $1/share/man/man7
	$B/wask completions bash > $1/share/bash-completion/completions/wask
	$B/wask completions zsh > $1/share/zsh/site-functions/_wask
	$B/wask completions fish > $1/share/fish/vendor_completions.d/wask.fish
endef

install: all
	$(call install_program,$(DESTDIR)$(PREFIX))
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,include lib/pkgconfig)
	install -m 644 include/wask.h include/wask-wasmtime.h $(DESTDIR)$(PREFIX)/include
	install -m 644 $B/libwask.a $(DESTDIR)$(PREFIX)/lib
	install $B/libwask.so $(DESTDIR)$(PREFIX)/lib/libwask.so.0
	ln -sf libwask.so.0 $(DESTDIR)$(PREFIX)/lib/libwask.so
	printf 'prefix=%s\n\nName: wask\nDescription: run a WebAssembly program that owns nothing and may ask\nVersion: %s\nCflags: -I$${prefix}/include\nLibs: -L$${prefix}/lib -lwask\nLibs.private: %s\n' \
		'$(PREFIX)' '$(VERSION)' '$(LIBS)' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/wask.pc

DIST := wask-$(VERSION)-linux-$(shell uname -m)

dist: $B/wask
	@rm -rf $B/dist && mkdir -p $B/dist
	$(call install_program,$B/dist/$(DIST))
	strip $B/dist/$(DIST)/bin/wask
	cp LICENSE README.md SECURITY.md $B/dist/$(DIST)/
	tools/third-party > $B/dist/$(DIST)/THIRD-PARTY
	tar -C $B/dist --sort=name --owner=0 --group=0 --numeric-owner -czf $B/dist/$(DIST).tar.gz $(DIST)
	@rm -rf $B/dist/$(DIST) && ls -l $B/dist/$(DIST).tar.gz

clean:
	rm -rf build build-*

-include $(shell find $B -name '*.d' 2>/dev/null)
.PHONY: all tests check fuzz demo bench install dist clean
