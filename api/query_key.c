/* Writes what the chain knows of a key as JSON. Before: cli/show.c and api/routes_chain.c. After:
 * api/name_lists.h, chain/view.h. */
#include "api/name_lists.h"
#include "api/query.h"
#include "base/hex.h"
#include "chain/view.h"

static void put_key(struct query *s, struct view *v, const uint8_t key[KEY_SIZE], uint64_t count)
{
	uint64_t end = view_height(v) + 1;
	struct block_summary full;
	struct ban ban;

	json_open(&s->j, NULL, '{');
	json_hex(&s->j, "pub_key", slice_of(key, KEY_SIZE));
	json_u64(&s->j, "blocks", count);
	json_u64(&s->j, "last_full_block", view_last_full_of(v, end, key, &full) ? full.index : 0);
	json_bool(&s->j, "banned", view_ban_of(v, key, &ban));
	query_names_of_key(s, v, key);
	json_close(&s->j, '}');
}

/* A key that made no block may have been given a name. */
bool query_key(struct query *s, const char *what)
{
	struct view *v = chain_view(s->chain);
	uint8_t key[KEY_SIZE];
	size_t n;

	s->missing = "key";
	if (!hex_decode(slice_str(what), key, sizeof key, &n) || n != sizeof key)
		return false;
	view_begin(v);
	uint64_t count = view_count(v, key, view_height(v) + 1);
	bool known = count || names_of_key(s, v, key, NULL, NULL);
	if (known)
		put_key(s, v, key, count);
	view_end(v);
	return known;
}
