# alfisd: `make help` lists the targets.
#
# SAN=address,undefined (or thread) builds and tests an instrumented copy in a folder of its own.

# Flags of one's own go into CFLAGS, CXXFLAGS, CPPFLAGS, LDFLAGS and LDLIBS, by the environment or on the
# command line. They come behind the project's, and what differs from the last build is built anew.

comma    := ,
SAN      ?=
BUILD    := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
CC       ?= cc
CXX      ?= c++
PKG_CONFIG ?= pkg-config
PREFIX   ?= /usr/local
SYSCONFDIR ?= /etc
STATEDIR ?= /var/lib
DESTDIR  ?=
SECONDS  ?= 60
DURATION ?= 120
PEERS    ?= 20
ARCH     ?= s390x
JOBS     ?=
ONLY     ?=

PACKAGES := gcc g++ make pkg-config libevent-dev liblmdb-dev libsodium-dev libssl-dev libcbor-dev \
            libtomlplusplus-dev libsqlite3-dev libc-ares-dev zlib1g-dev libcmocka-dev \
            python3 python3-nacl python3-cbor2
packages := $(if $(PACKAGES),packages)
# Without these something is skipped or left out.
MORE     := libnghttp2-dev clang clang-format-14 musl-tools valgrind busybox git prometheus chromium zsh fish \
            build-essential debhelper dpkg-dev fakeroot unbound dnsmasq-base

# Whether the compiler takes these flags: asked, since a name says little.
accepts   = $(shell $(CC) -Werror $(1) -E -xc /dev/null >/dev/null 2>&1 && echo yes)
# What calls what, and each frame, beside each object, for tests/check_calls.py, which judges them. A large
# frame is no error here: instrumented, unoptimised and other compilers' frames are larger.
CALLS    := $(if $(SAN),,$(if $(call accepts,-fcallgraph-info=su),-fcallgraph-info=su))
# Warnings are errors where the project is worked on; in a tarball a newer compiler may know new ones.
WERROR   ?= $(if $(wildcard .git),-Werror)
WARN     := -Wall -Wextra $(WERROR) -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef \
            -Wformat=2 -Wvla
WARN_C   := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
OPT      := -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
# The same binary from any folder.
PLACELESS := '-ffile-prefix-map=$(CURDIR)=.'

# Where the libraries are is asked of pkg-config, module:library; what it does not know is -llibrary alone.
LIBS     := libevent_core:event_core libevent_openssl:event_openssl lmdb:lmdb libsodium:sodium \
            libssl:ssl libcrypto:crypto libcbor:cbor \
            sqlite3:sqlite3 libcares:cares zlib:z
CMOCKA   := cmocka:cmocka
# Built in when pkg-config knows it, with -DWITH_NAME; OPTIONAL= leaves it out. DNS over HTTPS needs HTTP/2.
OPTIONAL ?= libnghttp2
with     := $(foreach o,$(OPTIONAL),$(if $(filter yes,$(shell $(PKG_CONFIG) --exists $(o) 2>/dev/null && echo yes)),$(o)))
LIBS     += $(foreach o,$(with),$(o):$(o:lib%=%))
upper     = $(shell printf %s '$(1:lib%=%)' | tr a-z A-Z)
switches := $(foreach o,$(with),-DWITH_$(call upper,$(o)))
module    = $(word 1,$(subst :, ,$(l)))
libflags  = $(shell $(foreach l,$(1),$(PKG_CONFIG) --libs $(module) 2>/dev/null || echo -l$(word 2,$(subst :, ,$(l)));))
libplaces := $(shell $(foreach l,$(LIBS) $(CMOCKA),$(PKG_CONFIG) --cflags-only-I $(module) 2>/dev/null;))

# What the project needs, and the builder's own behind it.
own_cpp   = -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(switches) $(libplaces)
own_both  = $(OPT) $(PLACELESS) $(WARN) $(SANFLAGS) -fstack-protector-strong -pthread -MMD -MP
own_c     = -std=c11 $(own_both) $(WARN_C)
own_cxx   = -std=c++17 $(own_both)
compile_c = $(CC) $(own_cpp) $(CPPFLAGS) $(own_c) $(CFLAGS) $(LAST)
compile_cxx = $(CXX) $(own_cpp) $(CPPFLAGS) $(own_cxx) $(CXXFLAGS)
libs     := $(call libflags,$(LIBS)) -lstdc++ -lm
test_libs := $(call libflags,$(CMOCKA))
own_link  = $(SANFLAGS) -pthread
# One file is C++, and clang brings the sanitizers' part for it only when it links C++.
link_c    = $(if $(SAN),$(CXX),$(CC)) $(own_link) $(CFLAGS) $(LDFLAGS)
link_cxx  = $(CXX) $(own_link) $(CXXFLAGS) $(LDFLAGS)

FOLDERS  := base net config domain chain mine p2p sync dns http owner api web node cli
# Files that an optional library is for.
needs_libnghttp2 := dns/http2%.c dns/upstream_https%.c tests/unit/test_dns_http2%.c tests/unit/test_dns_https%.c \
            tests/fuzz/fuzz_dns_http2.c
left_out := $(foreach o,libnghttp2,$(if $(filter $(o),$(with)),,$(needs_$(o))))
SRC      := $(filter-out $(left_out),$(wildcard $(FOLDERS:%=%/*.c))) config/toml.cc
OBJ      := $(patsubst %,$(BUILD)/obj/%.o,$(basename $(SRC)))
LIB      := $(BUILD)/libalfisd.a
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/%,$(filter-out $(left_out),$(wildcard tests/unit/test_*.c)))
FUZZ     := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(filter-out $(left_out),$(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SAN := fuzzer-no-link,address,undefined
FUZZ_DIR := build-$(subst $(comma),-,$(FUZZ_SAN))
Q         = $(if $(V),,@echo '  $(@:$(BUILD)/%=%)';)
objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1)))

all: $(BUILD)/alfisd

$(BUILD)/alfisd: $(BUILD)/obj/cli/main.o $(LIB)
$(BUILD)/replay: $(call objects,tests/replay/*.c) $(LIB)
$(BUILD)/mkchain: $(call objects,tools/mkchain/*.c) $(LIB)
bench_objects := $(call objects,tests/bench/micro.c tests/bench/hash.c tests/bench/dns.c tests/bench/mine.c)
$(BUILD)/bench: $(bench_objects) $(LIB)
$(BUILD)/locks: $(call objects,tests/bench/locks.c tools/mkchain/keys.c tools/mkchain/maker.c) $(LIB)
$(BUILD)/growth: $(call objects,tests/bench/growth.c tools/mkchain/keys.c tools/mkchain/maker.c) $(LIB)
$(BUILD)/loop: $(call objects,tests/bench/loop*.c tools/mkchain/keys.c tools/mkchain/maker.c) $(LIB)
$(BUILD)/querier: $(call objects,tests/bench/querier.c)
$(BUILD)/stub: $(call objects,tests/bench/stub.c)
$(BUILD)/probe: $(call objects,tests/probe/*.c) $(LIB)
$(BUILD)/probe: libs += $(test_libs)
bench_programs := $(BUILD)/bench $(BUILD)/growth $(BUILD)/locks $(BUILD)/loop $(BUILD)/querier $(BUILD)/stub
$(BUILD)/alfisd $(BUILD)/replay $(BUILD)/mkchain $(bench_programs) $(BUILD)/probe:
	$(Q)$(link_c) -o $@ $^ $(libs) $(LDLIBS)

# As if the processor had no more than that: for ratios of tests/bench/mine.py.
$(BUILD)/obj/blakeout-%.o: chain/blakeout.c
	$(Q)$(compile_c) -DBLAKEOUT_ONE_WIDTH -march=$* -c -o $@ $<
$(BUILD)/bench-mine-%: $(BUILD)/obj/blakeout-%.o $(BUILD)/bench
	$(Q)$(link_c) -o $@ $< $(bench_objects) $(LIB) $(libs) $(LDLIBS)

# Faults from below, for LD_PRELOAD; glibc's own declarations are in its way.
$(BUILD)/preload.so: tests/faults/preload.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -U_FORTIFY_SOURCE -O2 -g $(WARN) -fPIC -shared -o $@ $<

# Tests of the sync engine make their own chains.
$(filter $(BUILD)/test_sync% $(BUILD)/test_announce% $(BUILD)/test_api% $(BUILD)/test_web% $(BUILD)/test_history $(BUILD)/test_jobs_sign%,$(UNIT)): $(call objects,tests/unit/sync_*.c tools/mkchain/keys.c tools/mkchain/maker.c)
$(filter $(BUILD)/test_announce%,$(UNIT)): $(call objects,tests/unit/announce_*.c)
$(BUILD)/test_two_loops: $(call objects,tests/unit/second_loop.c)
# Counts the slots that a walk over a map looks at.
$(BUILD)/test_linear: own_link += -Wl,--wrap=map_next
# Has the whole command line in it, and so the version.
$(BUILD)/test_config_sources: $(BUILD)/obj/node/version.o
$(BUILD)/test_%: $(BUILD)/obj/tests/unit/test_%.o $(LIB)
	$(Q)$(link_c) -o $@ $(filter %.o,$^) $(LIB) $(libs) $(LDLIBS) $(test_libs)

$(BUILD)/fuzz_replay: $(filter-out %/main.o,$(call objects,tests/replay/*.c))
$(BUILD)/fuzz_conn: $(call objects,tests/fuzz/conn_*.c)
$(BUILD)/fuzz_sync: $(call objects,tests/fuzz/sync_*.c tools/mkchain/keys.c tools/mkchain/maker.c)
$(BUILD)/fuzz_api_owner $(BUILD)/fuzz_own_form: $(call objects,tests/fuzz/owner_world.c tests/fuzz/sync_chains.c tools/mkchain/keys.c tools/mkchain/maker.c)

# A fuzz target has libFuzzer's main, or one that plays kept inputs.
FUZZ_MAIN := $(if $(findstring fuzzer,$(SAN)),-fsanitize=fuzzer,$(BUILD)/obj/tests/fuzz/replay.o)
$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(filter %.o,$(FUZZ_MAIN)) $(LIB)
	$(Q)$(link_cxx) -o $@ $(filter %.o,$^) $(filter -f%,$(FUZZ_MAIN)) $(LIB) $(libs) $(LDLIBS)

# Of two functions with one name the linker takes the first that it finds, and says nothing. (__x86…: the
# compiler's own for i386, in each file.)
NM ?= nm
$(LIB): $(filter-out $(BUILD)/obj/cli/main.o,$(OBJ))
	$(Q)rm -f $@ && $(AR) rcs $@ $^
	@twice=$$($(NM) -g --defined-only $@ | awk 'NF == 3 && $$2 ~ /[A-U]/ && $$3 !~ /^__x86/ && n[$$3]++ {print $$3}'); \
	test -z "$$twice" || { echo "defined in two files: $$twice"; rm -f $@; exit 1; }

$(OBJ): own_c += $(CALLS)

# The lanes of the hash are plain loops: the vectoriser makes them fast, whatever the builder's -O2 or -Os.
$(BUILD)/obj/chain/blakeout.o: LAST = $(if $(filter -O0 -Og,$(OPT) $(CFLAGS)),,-O3)
# Fuzzing finds its way elsewhere: in here it would only be slow.
$(BUILD)/obj/chain/blakeout.o: SANFLAGS := $(subst fuzzer-no-link$(comma),,$(SANFLAGS))

# Files whose text is what the objects were last built with: written when it is another, so that make sees
# their time. `make install` takes what is there: sudo does not hand on the builder's environment. Nor does
# `make check` to `make musl`, which has another compiler.
flags_now  := $(strip $(shell $(CC) --version 2>/dev/null | head -n 1) $(compile_c) $(compile_cxx) \
              $(link_c) $(libs) $(LDLIBS))
flags_now  := $(subst $(PLACELESS),,$(flags_now))
# The commit, by git or as `git archive` wrote it.
COMMIT     := $(shell tools/commit.sh)
commit_now := $(COMMIT)
paths_now  := $(SYSCONFDIR)
stamps     := $(if $(filter-out install musl,$(or $(MAKECMDGOALS),all)),flags commit) paths
stale      := $(foreach s,$(stamps),$(if $(findstring x$($(s)_now)x,x$(shell cat '$(BUILD)/$(s)' 2>/dev/null)x),,$(s)))
$(addprefix $(BUILD)/,$(stale)): FORCE
$(BUILD)/flags: export STAMP = $(flags_now)
$(BUILD)/commit: export STAMP = $(commit_now)
$(BUILD)/paths: export STAMP = $(paths_now)
$(BUILD)/flags $(BUILD)/commit $(BUILD)/paths:
	@mkdir -p $(@D) && printf '%s\n' "$$STAMP" >$@

# In main.o, which no test is linked with: else each commit would link them all anew.
$(BUILD)/obj/cli/main.o: $(BUILD)/commit
$(BUILD)/obj/cli/main.o: own_cpp += -DCOMMIT='"$(COMMIT)"'
# Names it, or has it from cli/commands.def.
with_paths := $(patsubst %.c,$(BUILD)/obj/%.o,$(shell grep -lE 'CONFIG_SYSTEM_FILE|include "cli/commands.def"' $(filter %.c,$(SRC))))
$(with_paths): $(BUILD)/paths
$(with_paths): own_cpp += -DSYSCONFDIR='"$(SYSCONFDIR)"'

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(packages)
	@mkdir -p $(@D)
	$(Q)$(compile_c) -c -o $@ $<

$(BUILD)/obj/%.o: %.cc $(BUILD)/flags | $(packages)
	@mkdir -p $(@D)
	$(Q)$(compile_cxx) -c -o $@ $<

# The fixed parts of the pages, as they are and compressed.
assets := $(BUILD)/gen/web/style_css.h $(BUILD)/gen/web/script_js.h
$(BUILD)/gen/web/%_css.h: web/%.css tools/asset.sh
	@mkdir -p $(@D)
	$(Q)tools/asset.sh $< $*_css > $@.part && mv $@.part $@
$(BUILD)/gen/web/%_js.h: web/%.js tools/asset.sh
	@mkdir -p $(@D)
	$(Q)tools/asset.sh $< $*_js > $@.part && mv $@.part $@
$(BUILD)/obj/web/asset.o: $(assets)
$(BUILD)/obj/web/asset.o: own_cpp += -I$(BUILD)/gen

# Debian's packages: installed when this may be done, else named; PACKAGES= leaves them alone.
packages:
	@tools/packages.sh $(PACKAGES)

deps:
	@tools/packages.sh $(PACKAGES) $(MORE)

# A fresh machine has no compiler and no pkg-config to ask for the flags. Then packages come first, and make
# reads this file again, since it includes one that is new: else the next make would find other flags, and
# build everything anew.
building := $(filter-out clean format help install uninstall packages deps,$(or $(MAKECMDGOALS),all))
looking  := $(findstring n,$(filter-out --%,$(firstword $(MAKEFLAGS))))$(findstring q,$(filter-out --%,$(firstword $(MAKEFLAGS))))
ifneq ($(and $(packages),$(building),$(if $(looking),,yes)),)
ifneq ($(shell for each in $(firstword $(CC)) $(firstword $(PKG_CONFIG)); do command -v $$each >/dev/null || echo no; done),)
-include $(BUILD)/packages
# When this fails it is said later, by the rule above.
$(BUILD)/packages:
	@tools/packages.sh $(PACKAGES) 2>/dev/null && mkdir -p $(@D) && touch $@
endif
endif

# The program by clang, which is as strict about frames as tests/check_calls.py.
clang:
	@$(MAKE) CC=clang CXX=clang++ SAN= BUILD=build-clang CALLS=-Wframe-larger-than=16384 build-clang/alfisd

# The program without the libraries that it can do without.
bare:
	@$(MAKE) OPTIONAL= SAN= BUILD=build-bare build-bare/alfisd

# Every file against musl's headers. No library is there for it: nothing is linked, and toml++ is not read.
MUSL_CC  ?= musl-gcc
MUSL     := $(patsubst %.c,$(BUILD)/musl/%.ok,$(filter %.c,$(SRC)))
musl: $(MUSL)
$(BUILD)/musl/%.ok: %.c $(BUILD)/flags $(BUILD)/musl/include $(assets)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(own_cpp) -I$(BUILD)/gen -isystem $(BUILD)/musl/include -std=c11 $(WARN) $(WARN_C) \
		-fsyntax-only -MMD -MP -MF $(@:.ok=.d) -MT $@ $< && touch $@
$(BUILD)/musl/include: tools/musl_headers.sh | $(packages)
	$(Q)tools/musl_headers.sh $@

demo: $(BUILD)/alfisd $(BUILD)/mkchain
	@python3 tools/demo/run.py $(BUILD)/alfisd $(BUILD)/mkchain $(if $(KEEP),--keep)

demo-owner: $(BUILD)/alfisd $(BUILD)/mkchain
	@python3 tools/demo/owner.py $(BUILD)/alfisd $(BUILD)/mkchain $(if $(KEEP),--keep)

run: $(BUILD)/alfisd
	$(BUILD)/alfisd run --config node.toml --data-dir data

# The programs of `make bench` are built, so that they stay true.
check: $(BUILD)/alfisd $(BUILD)/replay $(BUILD)/mkchain $(BUILD)/probe $(BUILD)/preload.so $(bench_programs) $(UNIT) $(FUZZ)
	python3 tests/check.py $(BUILD) $(if $(JOBS),-j $(JOBS)) $(addprefix --only ,$(ONLY))

# What several threads do at once, for SAN=thread: the sanitizer sees races that a test alone does not.
THREADED := test_two_loops test_loop_queue test_log_tail test_log_queue test_store_reader \
            test_crypto_memory test_verify test_api_events test_dns_threads test_search test_search_block test_keys_worker
check-threads: $(addprefix $(BUILD)/,$(THREADED))
	python3 tests/check.py $(BUILD) $(if $(JOBS),-j $(JOBS)) $(addprefix --only ,$(THREADED))

# What takes too long for every change: long forms of tests, and each mutant must be caught.
torture: check
	@set -e; for each in tests/torture/*; do echo "== $$each"; $$each $(BUILD); done
	python3 tools/demo/owner.py $(BUILD)/alfisd $(BUILD)/mkchain
	python3 tests/mutants/run.py --build $(BUILD)

# The generated documents, and pictures of a real run. (Figures of other documents say their command.)
docs: $(BUILD)/alfisd $(BUILD)/mkchain
	@tools/packages.sh chromium fonts-dejavu-core
	$(BUILD)/alfisd config-template >node.toml
	python3 tools/man5.py <node.toml >man/node.toml.5
	$(BUILD)/alfisd metrics-reference >docs/metrics.md
	$(BUILD)/alfisd api-reference >docs/api.md
	tools/commands.py $(BUILD)/alfisd
	tools/docs/terminal.py docs/demo.svg 'make demo' python3 tools/demo/run.py $(BUILD)/alfisd $(BUILD)/mkchain
	tools/docs/pages.py $(BUILD)/alfisd $(BUILD)/mkchain docs $(BUILD)/pictures
	PICTURES=$(abspath $(BUILD)/pictures) tests/program/run.py test_views_own.Pages test_views_login.LogIn

bench: $(BUILD)/alfisd $(BUILD)/mkchain $(bench_programs) $(BUILD)/preload.so $(BUILD)/test_dns_tls_bytes
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

# Another kind of machine: s390x (big-endian), arm64, armhf, mipsel or i386 (32 bits), under qemu-user.
emulated:
	tests/emulated/run.sh $(ARCH) "$(WORD)"

format:
	@clang-format-14 -i $(wildcard */*.[ch] tests/*/*.[ch] tools/*/*.[ch])

install: $(BUILD)/alfisd
	tools/install.sh $(BUILD)/alfisd "$(DESTDIR)" "$(PREFIX)" "$(SYSCONFDIR)" "$(STATEDIR)"

# Settings and data stay.
uninstall:
	tools/install.sh --remove "$(DESTDIR)" "$(PREFIX)" "$(SYSCONFDIR)" "$(STATEDIR)"

# The package of this commit's files, out of a clean copy of them.
deb:
	@tools/packages.sh $(PACKAGES) $(if $(PACKAGES),build-essential debhelper dpkg-dev fakeroot libnghttp2-dev)
	tools/deb.sh $(BUILD)

clean:
	rm -rf build build-*

help:
	@echo 'make           build/alfisd, release; packages that are missing are installed or named'
	@echo 'make deps      installs all that building, testing and documents can use'
	@echo 'make demo      a private network on loopback syncs, is cut and heals; under a minute'
	@echo 'make demo-owner   five nodes with keys of their own: names are mined, changed, signed, given away; some minutes'
	@echo 'make run       a node on the main network with node.toml, data in ./data'
	@echo 'make docs      node.toml, manual pages, lists and pictures, from this program and a real run'
	@echo 'make check     every test, side by side; ONLY="WORD…": what has a WORD in its name; JOBS=N'
	@echo 'make SAN=thread check-threads   the tests of what several threads do at once, for races'
	@echo 'make torture   every test and its long form, then every mutant of the rules and bounds: hours'
	@echo 'make bench     speed as ratios within one run'
	@echo 'make fuzz      SECONDS=60: every fuzz target for that long'
	@echo 'make soak      DURATION=120 PEERS=20: memory under churn, with a picture'
	@echo 'make analyze   static analysis: gcc, clang-tidy, cppcheck'
	@echo 'make clang, make musl   the program by clang; its source against musl'\''s headers'
	@echo 'make bare      the program without optional libraries, in build-bare; OPTIONAL= does so for any target'
	@echo 'make emulated  ARCH=s390x, arm64, armhf, mipsel or i386; WORD=: tests there, what has WORD in its name'
	@echo 'make install   DESTDIR=, PREFIX=/usr/local, SYSCONFDIR=/etc, STATEDIR=/var/lib; settings stay if they are there'
	@echo 'make uninstall removes what install put, with the same variables; settings and data stay'
	@echo 'make deb       a Debian package in build/deb'
	@echo 'make clean, make format'
	@echo
	@echo 'CC, CXX, CFLAGS, CXXFLAGS, CPPFLAGS, LDFLAGS   yours, behind those of the project'
	@echo 'WERROR=        warnings are no errors; V=1 shows commands; PACKAGES= installs nothing'
	@echo 'SAN=address,undefined or SAN=thread   the same targets, instrumented, in a folder of their own'

.PHONY: all packages deps clang bare musl FORCE docs demo demo-owner run check check-threads torture bench fuzz fuzz-targets soak analyze emulated format install uninstall deb clean help
.SECONDARY:
-include $(OBJ:.o=.d) $(MUSL:.ok=.d) $(wildcard $(BUILD)/obj/tests/*/*.d $(BUILD)/obj/tools/*/*.d)
