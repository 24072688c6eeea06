/* Writes what the chain knows of a key as JSON. Before: cli/show.c and api/routes_chain.c. After:
 * api/name_lists.h, chain/view.h. */
#include "api/name_lists.h"
#include "api/query.h"
#include "base/hex.h"
#include "chain/view.h"

bool query_key(struct query *s, const char *what)
{
	struct view *v = chain_view(s->chain);
	uint8_t key[32];
	struct block_summary full;
	struct ban ban;
	size_t n;

	s->missing = "key";
	if (!hex_decode(slice_str(what), key, sizeof key, &n) || n != sizeof key)
		return false;
	uint64_t end = view_height(v) + 1, count = view_count(v, key, end);
	if (!count)
		return false;
	json_open(&s->j, NULL, '{');
	json_hex(&s->j, "pub_key", slice_of(key, 32));
	json_u64(&s->j, "blocks", count);
	json_u64(&s->j, "last_full_block", view_last_full_of(v, end, key, &full) ? full.index : 0);
	json_bool(&s->j, "banned", view_ban_of(v, key, &ban));
	json_close(&s->j, '}');
	return true;
}
