/* Role: the table of keys that the process holds.
 * Before: owner/keys_node.c, owner/keys_job.c, owner/keys_sign.c. After: key_memory_new(). */
#include <stdio.h>

#include "owner/key_ring.h"

struct ring_key *ring_by_name(struct key_ring *r, struct slice name)
{
	for (size_t i = 0; i < r->count; i++)
		if (slice_is(name, r->keys[i].name))
			return &r->keys[i];
	return NULL;
}

struct ring_key *ring_by_signing(struct key_ring *r, const uint8_t key[32])
{
	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->keys[i].file.pub.signing, key, 32) == 0)
			return &r->keys[i];
	return NULL;
}

struct ring_key *ring_by_encryption(struct key_ring *r, const uint8_t key[32])
{
	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->keys[i].file.pub.encryption, key, 32) == 0)
			return &r->keys[i];
	return NULL;
}

enum keys_said ring_has_room(const struct key_ring *r, const char *name,
	const struct key_public *pub, char line[KEYS_TEXT_MAX])
{
	for (size_t i = 0; i < r->count; i++) {
		const struct ring_key *k = &r->keys[i];
		if (memcmp(k->file.pub.signing, pub->signing, sizeof pub->signing) == 0) {
			snprintf(line, KEYS_TEXT_MAX, "this key is here already, as %s", k->name);
			return KEYS_EXISTS;
		}
		if (*name && strcmp(k->name, name) == 0) {
			snprintf(line, KEYS_TEXT_MAX, "there is a key %s already", name);
			return KEYS_EXISTS;
		}
	}
	if (r->count < r->max)
		return KEYS_DONE;
	snprintf(line, KEYS_TEXT_MAX,
		"there are %zu keys already, as many as limits.max_keys allows", r->count);
	return KEYS_FULL;
}

struct ring_key *ring_add(
	struct key_ring *r, const char *name, const struct key_file *file, bool plain, int strength)
{
	struct ring_key *k = &r->keys[r->count++];

	*k = (struct ring_key){.file = *file, .plain = plain, .strength = strength};
	snprintf(k->name, sizeof k->name, "%s", name);
	return k;
}

void ring_remove(struct key_ring *r, struct ring_key *key)
{
	size_t i = (size_t)(key - r->keys);

	key_memory_free(key->secrets);
	memmove(key, key + 1, (r->count - i - 1) * sizeof *key);
	memset(&r->keys[--r->count], 0, sizeof *key);
}

bool ring_open(struct ring_key *key, const struct key_secrets *secrets, uint64_t until)
{
	if (!key->secrets)
		key->secrets = key_memory_new(sizeof *key->secrets);
	if (!key->secrets)
		return false;
	*key->secrets = *secrets;
	key->until = until;
	return true;
}

bool ring_lock(struct ring_key *key)
{
	if (key->plain || !key->secrets)
		return false;
	key_memory_free(key->secrets);
	key->secrets = NULL;
	key->until = 0;
	return true;
}

bool ring_expire(struct key_ring *r, uint64_t now)
{
	bool any = false;

	for (size_t i = 0; i < r->count; i++)
		if (r->keys[i].until && r->keys[i].until <= now)
			any |= ring_lock(&r->keys[i]);
	return any;
}

uint64_t ring_next_end(const struct key_ring *r)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < r->count; i++)
		if (r->keys[i].until && r->keys[i].until < next)
			next = r->keys[i].until;
	return next;
}

void ring_clear(struct key_ring *r)
{
	while (r->count)
		ring_remove(r, &r->keys[r->count - 1]);
}
