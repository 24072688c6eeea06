/* Role: compares two stores row by row. See chain/store_compare.h.
 * Before: cli/verify.c has both. After: chain/store_reader.c. */
#include <stdio.h>

#include "base/hex.h"
#include "chain/chain_internal.h"
#include "chain/store_compare.h"
#include "chain/store_internal.h"
#include "chain/store_reader.h"

static bool differ(enum store_table t, struct slice key, const char *how, char *what, size_t size)
{
	char hex[2 * 48 + 1];

	hex_upper(slice_of(key.p, key.n < 48 ? key.n : 48), hex);
	snprintf(what, size, "table %s, row %s: %s", store_table_names[t], hex, how);
	return false;
}

/* Walks both tables from their first rows. The walk begins above a key of one zero byte, which is
 * less than every key. */
static bool same_table(
	struct store_reader *a, struct store_reader *b, enum store_table t, char *what, size_t size)
{
	struct row x = {.key = slice_of("", 1)}, y = x;

	for (;;) {
		uint8_t bytes[64];
		struct slice at = slice_of(bytes, x.key.n < sizeof bytes ? x.key.n : sizeof bytes);
		memcpy(bytes, x.key.p, at.n);
		bool more_x = row_above(a, t, at, &x), more_y = row_above(b, t, at, &y);
		if (!more_x && !more_y)
			return true;
		if (!more_y || (more_x && !slice_eq(x.key, y.key)))
			return differ(
				t, more_x ? x.key : y.key, "not what the blocks say", what, size);
		if (!more_x)
			return differ(t, y.key, "missing", what, size);
		if (!slice_eq(x.value, y.value))
			return differ(
				t, x.key, "holds another value than the blocks say", what, size);
	}
}

bool chain_compare(struct chain *stored, struct chain *rebuilt, char *what, size_t size)
{
	struct store_reader *a = &stored->store->own, *b = &rebuilt->store->own;
	bool same = true;

	snprintf(what, size, "the store cannot be read");
	rows_begin(a);
	rows_begin(b);
	for (int t = 0; t < TABLE_META && same; t++)
		same = same_table(a, b, (enum store_table)t, what, size);
	rows_end(b);
	rows_end(a);
	return same && store_reader_error(a) == ERR_OK && store_reader_error(b) == ERR_OK;
}
