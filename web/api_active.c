/* Role: the keys of /api, and which of them is active. See web/api_active.h. Before:
 * web/api_keys.c, web/api_domains.c. After: the hooks of api/api.h. */
#include "web/api_active.h"

#include <string.h>

static const struct keys_row *row_of(const struct api_keys *k, const char *name)
{
	for (size_t i = 0; k->state && k->state->running && i < k->state->count; i++)
		if (strcmp(k->state->rows[i].name, name) == 0)
			return &k->state->rows[i];
	return NULL;
}

bool active_next(const struct api *a, struct active_walk *w, struct active_key *out)
{
	if (w->at == 0)
		a->hooks.keys(a->hooks.ctx, &w->keys);
	while (w->at < w->keys.table->count) {
		const struct key_entry *e = &w->keys.table->entry[w->at++];
		const struct keys_row *row = row_of(&w->keys, e->name);
		const struct key_public *pub = row ? &row->pub : &e->pub;
		if (e->wrong[0] || slice_zero(slice_of(pub->signing, KEY_SIZE)))
			continue;
		*out = (struct active_key){e, row, *pub, w->place++};
		return true;
	}
	return false;
}

bool active_key(const struct api *a, struct active_key *out)
{
	struct active_walk all = {.at = 0}, first = {.at = 0};
	uint8_t chosen[KEY_SIZE];
	bool is_chosen = a->hooks.key_chosen(a->hooks.ctx, chosen);

	while (is_chosen && active_next(a, &all, out))
		if (memcmp(out->pub.signing, chosen, KEY_SIZE) == 0)
			return true;
	return active_next(a, &first, out);
}
