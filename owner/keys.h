/* Secrets in plain, for the key process alone: only owner/ and the entry of that process include
 * this file. What holds a secret lies in memory of key_memory_new(), and whoever copies one
 * elsewhere wipes the copy. One thread. */
#ifndef OWNER_KEYS_H
#define OWNER_KEYS_H

#include "base/clock.h"
#include "base/rng.h"
#include "owner/keys_state.h"

/* Both secrets of a key. */
struct key_secrets {
	uint8_t signing[32];    /* the seed */
	uint8_t encryption[32]; /* the scalar (protocol.md 9.2) */
};

/* ---- memory ---- */

/* Zeroed memory between two pages that nobody may touch, locked so that it is never swapped out,
 * and in no core file. Some pages each: for few things. NULL when memory runs out. */
void *key_memory_new(size_t size);

/* Overwrites it and gives it back. NULL is allowed. */
void key_memory_free(void *p);

/* Overwrites bytes, which no compiler leaves out. */
void key_wipe(void *p, size_t n);

/* Overwrites the part of this thread's stack that functions have used which returned: libraries
 * leave copies there. */
void key_wipe_stack(void);

/* ---- sealing ---- */

/* What a passphrase and a salt give, by argon2id. */
struct seal_key {
	uint8_t salt[KEY_SALT_SIZE];
	struct key_cost cost;
	uint8_t key[32];
};

/* The cost for new keys: so much memory (KiB), and as many passes as take about `ms` now by this
 * clock, but never fewer than are allowed. Takes a few passes itself. ERR_NOMEM. */
enum err key_cost_measure(
	uint32_t memory, unsigned ms, const struct clock *clock, struct key_cost *out);

/* The seal key of a passphrase with out->salt and out->cost, which the caller has set. Takes as
 * long as the cost says. ERR_NOMEM when the memory cannot be had. */
enum err seal_key_derive(struct slice passphrase, struct seal_key *out);

/* Draws a salt, and derives. */
enum err seal_key_new(
	struct slice passphrase, struct key_cost cost, const struct rng *rng, struct seal_key *out);

/* Seals: *out is the whole file, with a nonce of its own. */
void key_seal(const struct key_public *pub, const struct key_secrets *secrets,
	const struct seal_key *by, const struct rng *rng, struct key_file *out);

/* Opens by a key that was derived with the file's salt and cost. False when the passphrase was
 * another one, or any line of the file was changed: there is no telling which, and it takes the
 * same time. */
bool key_unseal(const struct key_file *f, const struct seal_key *by, struct key_secrets *out);

/* Derives, and opens. KEYS_DONE, KEYS_WRONG_PASSPHRASE, KEYS_NO_MEMORY. */
enum keys_said key_open(const struct key_file *f, struct slice passphrase, struct key_secrets *out);

/* ---- plain files ---- */

/* Reads a file of the network's own program (protocol.md 9.3). ERR_MALFORMED, ERR_NOMEM. */
enum err key_plain_read(struct slice text, struct key_public *pub, struct key_secrets *out);

/* Appends such a file, exactly as that program writes it. */
void key_plain_write(const struct key_public *pub, const struct key_secrets *secrets, struct wr *w);

/* Computes both public keys. */
void key_public_of(const struct key_secrets *secrets, struct key_public *pub);

/* ---- the process ---- */

/* The key process: serves until the node closes `node`, its socket pair's end. `listener` is
 * keys.sock, `journal` the journal; all three are its own from now on. Returns the exit status. */
int keys_process(int node, int listener, int journal);

#endif
