/* Asks for the list of own names and reads it. Before: web/own_list.c, own_renew.c. After: the hook
 * of api/api.h; node/node_names.c writes the list. */
#include "web/own_names.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"

enum { WAIT_MS = 10000, NAMES_MOST = 4000 };

int own_names_ask(struct page *p)
{
	enum err err = p->api->hooks.names(p->api->hooks.ctx, p->call->number, "");

	if (err == ERR_OK)
		return page_later(p, WAIT_MS);
	if (err == ERR_NOT_FOUND)
		return own_sentence(p, 200, TEXT_MY_NAMES, TEXT_OWN_NO_KEY);
	return own_sentence(p, 503, TEXT_MY_NAMES, TEXT_OWN_BUSY);
}

/* ---- reading ---- */

static const char *text_of(struct slice object, const char *key, char *to, size_t size)
{
	struct slice value;
	size_t n = 0;

	if (!json_find(object, key, &value) || !json_get_text(value, (uint8_t *)to, size - 1, &n))
		n = 0;
	to[n] = 0;
	return to;
}

uint64_t own_name_number(const struct own_name *n, const char *key)
{
	struct slice value;
	uint64_t v = 0;

	return json_find(n->json, key, &value) && json_get_u64(value, &v) ? v : 0;
}

int64_t own_name_time(const struct own_name *n, const char *key)
{
	struct slice value;
	int64_t v = 0;

	return json_find(n->json, key, &value) && json_get_i64(value, &v) ? v : 0;
}

const char *own_name_text(const struct own_name *n, const char *key, char to[OWN_NAME_BYTES])
{
	return text_of(n->json, key, to, OWN_NAME_BYTES);
}

static void read_one(struct own_name *n, struct slice json)
{
	char state[16];

	n->json = json;
	n->expires = own_name_time(n, "expires_timestamp");
	text_of(json, "state", state, sizeof state);
	n->state = strcmp(state, "free") == 0      ? DOMAIN_FREE
		   : strcmp(state, "expired") == 0 ? DOMAIN_EXPIRED
						   : DOMAIN_ALIVE;
	text_of(json, "name", n->name, sizeof n->name);
	text_of(json, "name_reason", n->reason, sizeof n->reason);
	text_of(json, "key", n->key, sizeof n->key);
}

static int by_expiry(const void *a, const void *b)
{
	int64_t x = ((const struct own_name *)a)->expires,
		y = ((const struct own_name *)b)->expires;

	return (x > y) - (x < y);
}

static size_t length_of(struct slice list)
{
	struct slice value;
	size_t at = 0, n = 0;

	while (n < NAMES_MOST && json_element(list, &at, &value))
		n++;
	return n;
}

struct own_names *own_names_read(const struct page *p, char why[OWN_NAME_BYTES])
{
	struct slice came = p->call->came, list, value;
	struct own_names *names;
	size_t at = 0;

	text_of(came, "error", why, OWN_NAME_BYTES);
	if (p->call->came_status != 200 || !json_find(came, "domains", &list))
		return NULL;
	size_t n = length_of(list);
	names = mem_alloc(sizeof *names + n * sizeof names->all[0]);
	if (!names)
		return NULL;
	while (names->count < n && json_element(list, &at, &value))
		read_one(&names->all[names->count++], value);
	if (!json_find(came, "domains_total", &value) || !json_get_u64(value, &names->total))
		names->total = n;
	qsort(names->all, names->count, sizeof names->all[0], by_expiry);
	return names;
}
