# alfisd: `make help` lists the targets.
CC      ?= cc
CXX     ?= c++
SAN     ?=
comma   := ,
BUILD   := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))

PACKAGES := gcc g++ make pkg-config libevent-dev liblmdb-dev libsodium-dev libssl-dev libcbor-dev \
            libtomlplusplus-dev libsqlite3-dev zlib1g-dev
TEST_PACKAGES := libcmocka-dev python3 python3-nacl python3-cbor2 valgrind

WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wvla
WARNXX  := -Wall -Wextra -Werror -Wshadow
OPT     := -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
CPPFLAGS += -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
CFLAGS   = -std=c11 $(OPT) $(WARN) $(SANFLAGS) -fstack-protector-strong -pthread
CXXFLAGS = -std=c++17 $(OPT) $(WARNXX) $(SANFLAGS) -fstack-protector-strong
LDFLAGS += $(SANFLAGS) -pthread
LDLIBS   = -levent_core -llmdb -lsodium -lcrypto -lcbor -lsqlite3 -lz -lstdc++ -lm

FOLDERS := base config chain p2p node
SRC     := $(wildcard $(FOLDERS:%=%/*.c))
OBJ     := $(SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/config/toml.o
LIB_OBJ := $(filter-out $(BUILD)/obj/node/main.o,$(OBJ))
LIB     := $(BUILD)/libalfisd.a
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
REPLAY_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/replay/*.c))
MKCHAIN_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tools/mkchain/*.c))

all: $(BUILD)/alfisd

$(BUILD)/alfisd: $(BUILD)/obj/node/main.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(LIB_OBJ)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/replay: $(REPLAY_OBJ) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/mkchain: $(MKCHAIN_OBJ) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/test_%: $(BUILD)/obj/tests/unit/test_%.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# The lanes of the hash are written for the vectoriser.
$(BUILD)/obj/chain/blakeout.o: OPT := -O3 -g

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

clean:
	rm -rf build build-*

.PHONY: all clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
