/* The keys that the process holds: their public parts, their sealed files, and the secrets of those
 * that are open. In the process alone. */
#ifndef OWNER_KEY_RING_H
#define OWNER_KEY_RING_H

#include "owner/keys.h"

/* One key. */
struct ring_key {
	char name[KEY_NAME_MAX + 1];
	struct key_file file; /* of a plain key only `pub` */
	bool plain;
	int strength;                /* zero bits of the signing key */
	uint8_t hash[32];            /* and the hash that has them */
	struct key_secrets *secrets; /* key_memory_new(); NULL: locked */
	uint64_t until;              /* clock_mono() when it is locked; 0: never */
	/* The journal is older than the key's own newest block: nothing is signed for the full
	 * block of this index. */
	bool waits;
	uint64_t waits_for;
};

struct key_ring {
	size_t count, max; /* max at most KEYS_MAX */
	struct ring_key keys[KEYS_MAX];
};

/* NULL when there is none. By the signing or the encryption key of 32 bytes. */
struct ring_key *ring_by_name(struct key_ring *r, struct slice name);
struct ring_key *ring_by_signing(struct key_ring *r, const uint8_t key[32]);
struct ring_key *ring_by_encryption(struct key_ring *r, const uint8_t key[32]);

/* May this key come in by this name ("": any)? KEYS_DONE, KEYS_FULL, KEYS_EXISTS with a line. */
enum keys_said ring_has_room(const struct key_ring *r, const char *name,
	const struct key_public *pub, char line[KEYS_TEXT_MAX]);

/* Adds a key, locked. ring_has_room() was asked. */
struct ring_key *ring_add(struct key_ring *r, const char *name, const struct key_file *file,
	bool plain, int strength);

/* Takes the key out; the secrets are overwritten. Pointers to keys are gone. */
void ring_remove(struct key_ring *r, struct ring_key *key);

/* Copies the secrets in; the key is open until that time, 0: for ever. False when memory runs out.
 */
bool ring_open(struct ring_key *key, const struct key_secrets *secrets, uint64_t until);

/* Overwrites the secrets. A plain key stays open. True when it was open. */
bool ring_lock(struct ring_key *key);

/* Locks the keys whose time has come. True when there was one. */
bool ring_expire(struct key_ring *r, uint64_t now);

/* When the next key is to be locked; UINT64_MAX: none. */
uint64_t ring_next_end(const struct key_ring *r);

/* Overwrites and forgets all of them. */
void ring_clear(struct key_ring *r);

#endif
