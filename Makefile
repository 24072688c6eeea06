# alfisd: `make help` lists the targets.
#
# SAN=address,undefined (or thread) builds and tests an instrumented copy in a folder of its own.

comma    := ,
SAN      ?=
BUILD    := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
CC       ?= cc
CXX      ?= c++
PREFIX   ?= /usr/local
DESTDIR  ?=
SECONDS  ?= 60
DURATION ?= 120
PEERS    ?= 20
ARCH     ?= s390x

PACKAGES := gcc g++ make pkg-config libevent-dev liblmdb-dev libsodium-dev libssl-dev libcbor-dev \
            libtomlplusplus-dev libsqlite3-dev libc-ares-dev zlib1g-dev libcmocka-dev \
            python3 python3-nacl python3-cbor2

WARN     := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef \
            -Wformat=2 -Wvla
WARN_C   := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
# No function of the program takes more stack than this; what calls what lies beside each object, for
# tests/check_calls.py. Instrumented frames are larger.
STACK    := $(if $(SAN),,$(if $(findstring clang,$(CC)),-Wframe-larger-than=16384,-Wstack-usage=16384 -fcallgraph-info=su))
OPT      := -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
# The same binary from any folder.
PLACELESS := -ffile-prefix-map=$(CURDIR)=.
COMMON    = $(OPT) $(PLACELESS) $(WARN) $(SANFLAGS) -fstack-protector-strong -pthread -MMD -MP
CPPFLAGS += -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
CFLAGS    = -std=c11 $(COMMON) $(WARN_C)
CXXFLAGS  = -std=c++17 $(COMMON)
LDFLAGS  += $(SANFLAGS) -pthread
LDLIBS    = -levent_core -llmdb -lsodium -lcrypto -lcbor -lsqlite3 -lcares -lz -lstdc++ -lm

SRC      := $(wildcard base/*.c config/*.c chain/*.c p2p/*.c node/*.c) config/toml.cc
OBJ      := $(patsubst %,$(BUILD)/obj/%.o,$(basename $(SRC)))
LIB      := $(BUILD)/libalfisd.a
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
FUZZ     := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SAN := fuzzer-no-link,address,undefined
FUZZ_DIR := build-$(subst $(comma),-,$(FUZZ_SAN))
Q         = $(if $(V),,@echo '  $(@:$(BUILD)/%=%)';)
objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1)))

all: $(BUILD)/alfisd

$(BUILD)/alfisd: $(BUILD)/obj/node/main.o $(LIB)
$(BUILD)/replay: $(call objects,tests/replay/*.c) $(LIB)
$(BUILD)/mkchain: $(call objects,tools/mkchain/*.c) $(LIB)
$(BUILD)/bench: $(call objects,tests/bench/micro.c tests/bench/hash.c) $(LIB)
$(BUILD)/growth: $(call objects,tests/bench/growth.c tools/mkchain/keys.c tools/mkchain/maker.c) $(LIB)
$(BUILD)/probe: $(call objects,tests/probe/*.c) $(LIB)
$(BUILD)/probe: LDLIBS += -lcmocka
$(BUILD)/alfisd $(BUILD)/replay $(BUILD)/mkchain $(BUILD)/bench $(BUILD)/growth $(BUILD)/probe:
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Faults from below, for LD_PRELOAD; glibc's own declarations are in its way.
$(BUILD)/preload.so: tests/faults/preload.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -U_FORTIFY_SOURCE -O2 -g $(WARN) -fPIC -shared -o $@ $<

# Tests of the sync engine make their own chains.
$(filter $(BUILD)/test_sync%,$(UNIT)): $(call objects,tests/unit/sync_*.c tools/mkchain/keys.c tools/mkchain/maker.c)
# Counts the slots that a walk over a map looks at.
$(BUILD)/test_linear: LDFLAGS += -Wl,--wrap=map_next
$(BUILD)/test_%: $(BUILD)/obj/tests/unit/test_%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LDLIBS) -lcmocka

$(BUILD)/fuzz_replay: $(filter-out %/main.o,$(call objects,tests/replay/*.c))
$(BUILD)/fuzz_conn: $(call objects,tests/fuzz/conn_*.c)
$(BUILD)/fuzz_sync: $(call objects,tests/fuzz/sync_*.c tools/mkchain/keys.c tools/mkchain/maker.c)

# A fuzz target has libFuzzer's main, or one that plays kept inputs.
FUZZ_MAIN := $(if $(findstring fuzzer,$(SAN)),-fsanitize=fuzzer,$(BUILD)/obj/tests/fuzz/replay.o)
$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(filter %.o,$(FUZZ_MAIN)) $(LIB)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter -f%,$(FUZZ_MAIN)) $(LIB) $(LDLIBS)

$(LIB): $(filter-out $(BUILD)/obj/node/main.o,$(OBJ))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OBJ): CFLAGS += $(STACK)

# The lanes of the hash are plain loops: the vectoriser makes them fast.
$(BUILD)/obj/chain/blakeout.o: OPT := -O3 -g
# Fuzzing finds its way elsewhere: in here it would only be slow.
$(BUILD)/obj/chain/blakeout.o: SANFLAGS := $(subst fuzzer-no-link$(comma),,$(SANFLAGS))

$(BUILD)/obj/%.o: %.c | packages
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/obj/%.o: %.cc | packages
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c -o $@ $<

# The status page as an array of bytes.
$(BUILD)/gen/node/page_html.h: node/page.html
	@mkdir -p $(@D)
	$(Q){ echo 'static const unsigned char page_html[] = {'; \
	od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g'; echo '};'; } > $@
$(BUILD)/obj/node/page.o: $(BUILD)/gen/node/page_html.h
$(BUILD)/obj/node/page.o: CPPFLAGS += -I$(BUILD)/gen

# Debian's packages: installed when this may be done, else named.
packages:
	@tools/packages.sh $(PACKAGES)

demo: $(BUILD)/alfisd $(BUILD)/mkchain
	@python3 tools/demo/run.py $(BUILD)/alfisd $(BUILD)/mkchain $(if $(KEEP),--keep)

run: $(BUILD)/alfisd
	$(BUILD)/alfisd run --config node.toml --data-dir data

check: $(BUILD)/alfisd $(BUILD)/replay $(BUILD)/mkchain $(BUILD)/probe $(BUILD)/preload.so $(UNIT) $(FUZZ)
	python3 tests/check.py $(BUILD)

# What takes too long for every change: long forms of tests, and each mutant must be caught.
torture: check
	@set -e; for each in tests/torture/*; do echo "== $$each"; $$each $(BUILD); done
	python3 tests/mutants/run.py --build $(BUILD)

# The generated documents, and pictures of a real run. (Figures of other documents say their command.)
docs: $(BUILD)/alfisd $(BUILD)/mkchain
	@tools/packages.sh chromium fonts-dejavu-core
	$(BUILD)/alfisd config-template >node.toml
	python3 tools/man5.py <node.toml >man/node.toml.5
	$(BUILD)/alfisd metrics-reference >docs/metrics.md
	tools/docs/terminal.py docs/demo.svg 'make demo' python3 tools/demo/run.py $(BUILD)/alfisd $(BUILD)/mkchain
	tools/docs/pages.py $(BUILD)/alfisd $(BUILD)/mkchain docs

bench: $(BUILD)/alfisd $(BUILD)/bench $(BUILD)/growth
	/usr/bin/python3 tests/bench/bench.py $(BUILD)

# One libFuzzer target after the other, each for SECONDS, on its corpus.
fuzz:
	@tools/packages.sh clang-14 libclang-rt-14-dev
	$(MAKE) CC=clang-14 CXX=clang++-14 SAN=$(FUZZ_SAN) fuzz-targets
	tests/fuzz/run.sh $(SECONDS) $(FUZZ_DIR) $(notdir $(FUZZ))

fuzz-targets: $(FUZZ)

soak: $(BUILD)/alfisd $(BUILD)/mkchain
	/usr/bin/python3 tests/program/soak.py --duration $(DURATION) --peers $(PEERS) --svg $(BUILD)/soak.svg

# What several analysers find in the source, all of it; the no-recursion rule is in make check too.
analyze: $(BUILD)/alfisd
	@tools/packages.sh cppcheck clang-tidy-14
	tools/analyze.sh
	python3 tests/check_calls.py $(BUILD)

# Another kind of machine: s390x (big-endian), armhf, mipsel or i386 (32 bits), under qemu-user.
emulated:
	tests/emulated/run.sh $(ARCH) "$(WORD)"

format:
	@clang-format-14 -i $(wildcard */*.[ch] tests/*/*.[ch] tools/*/*.[ch])

install: $(BUILD)/alfisd
	tools/install.sh $(BUILD)/alfisd "$(DESTDIR)" "$(PREFIX)"

# The package of this commit's files, out of a clean copy of them.
deb:
	@tools/packages.sh debhelper dpkg-dev fakeroot
	tools/deb.sh $(BUILD)

clean:
	rm -rf build build-*

help:
	@echo 'make           build/alfisd, release'
	@echo 'make demo      a private network on loopback syncs, is cut and heals; under a minute'
	@echo 'make check     every test'
	@echo 'make torture   every test and its long form, then every mutant of the rules and bounds: hours'
	@echo 'make run       a node on the main network with node.toml, data in ./data'
	@echo 'make docs      node.toml, manual pages, lists and pictures, from this program and a real run'
	@echo 'make bench     speed as ratios within one run'
	@echo 'make fuzz      SECONDS=60: every fuzz target for that long'
	@echo 'make soak      DURATION=120 PEERS=20: memory under churn, with a picture'
	@echo 'make analyze   static analysis: gcc, clang-tidy, cppcheck'
	@echo 'make emulated  ARCH=s390x, armhf, mipsel or i386; WORD=: tests there, what has WORD in its name'
	@echo 'make install   DESTDIR=, PREFIX=/usr/local; settings to /etc/alfisd unless they are there'
	@echo 'make deb       a Debian package in build/deb'
	@echo 'make clean, make format'
	@echo 'SAN=address,undefined or SAN=thread: the same, instrumented, in its own folder; V=1 shows commands'

.PHONY: all packages docs demo run check torture bench fuzz fuzz-targets soak analyze emulated format install deb clean help
.SECONDARY:
-include $(OBJ:.o=.d) $(wildcard $(BUILD)/obj/tests/*/*.d $(BUILD)/obj/tools/*/*.d)
