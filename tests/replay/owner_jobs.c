/* Plays `job` lines: which own keys may sign or heal (protocol.md 10.3). */
#include <stdio.h>

#include "base/hex.h"
#include "base/json.h"
#include "owner/turn.h"
#include "tests/replay/tables_owner.h"

enum { OWN_MAX = 256 };

static unsigned read_keys(struct slice line, const char *key, uint8_t (*to)[KEY_SIZE])
{
	struct slice array, raw;
	size_t at = 0, n;
	unsigned count = 0;

	if (!json_find(line, key, &array))
		return 0;
	while (count < OWN_MAX && json_element(array, &at, &raw))
		count += raw.n > 2 &&
			 hex_decode(slice_of(raw.p + 1, raw.n - 2), to[count], KEY_SIZE, &n) &&
			 n == KEY_SIZE;
	return count;
}

static bool has(const uint8_t (*keys)[KEY_SIZE], unsigned n, const uint8_t *key)
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(keys[i], key, KEY_SIZE) == 0)
			return true;
	return false;
}

void owner_job(struct owner_play *o, struct slice line)
{
	static const char *const kinds[] = {
		[TURN_NONE] = "none", [TURN_SIGNING] = "signing", [TURN_HEALING] = "healing"};
	uint8_t own[OWN_MAX][KEY_SIZE], set[OWN_MAX][KEY_SIZE];
	unsigned n = read_keys(line, "set", set);
	struct turn_ask ask = {.keys = (const uint8_t(*)[KEY_SIZE])own,
		.n = read_keys(line, "keys", own),
		.now = script_number(line, "now"),
		.max_height = (uint64_t)script_number(line, "max_height"),
		.wait = (int64_t)params_mainnet.signing_wait};
	struct turn t;
	char missing[2 * KEY_SIZE + 1] = "";

	turn_of(chain_view(o->s.chain), &ask, &t);
	if (!script_is(line, "job", kinds[t.kind]))
		script_differ(&o->s, "job", "another", kinds[t.kind]);
	for (unsigned i = 0; i < t.n; i++)
		if (!has((const uint8_t(*)[KEY_SIZE])set, n, own[t.key[i]]))
			hex_upper(slice_of(own[t.key[i]], KEY_SIZE), missing);
	if (missing[0])
		script_differ(&o->s, "set", "without it", missing);
	if (t.n != n)
		script_differ(&o->s, "set", "another size", t.n > n ? "more" : "fewer");
}
