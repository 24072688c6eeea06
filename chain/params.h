/* The numbers that make a network: protocol.md 1.3. The main network's are
 * constants; a devnet starts from them and overrides what it wants. */
#ifndef CHAIN_PARAMS_H
#define CHAIN_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fixed in every network. */
enum {
	CHAIN_VERSION = 1,
	SIGNERS_ALL = 7,      /* BLOCK_SIGNERS_ALL */
	SIGNERS_MIN = 4,      /* BLOCK_SIGNERS_MIN */
	CONFIDENCE_DEPTH = 4, /* LIMITED_CONFIDENCE_DEPTH */
	MITIGATION_COUNT = 5000,
	MITIGATION_DIVISOR = 13,
	DRAW_STEPS_MAX = 1 << 22, /* protocol.md 7.7: the cap of a draw that would not end */
	HEALING_LOOKBACK = 10,
	POOL_ANCHORS = 7,
	POOL_RECENT = 5,
	ANCHORS_MIN = 1,
	FUTURE_TOLERANCE = 60, /* seconds */
	ONE_WEEK = 604800,     /* seconds */
};

/* One row a parameter: X(name, main network's value, lowest, highest). All are uint64_t; times are
 * seconds, heights are block indices, difficulties are bits. */
#define CHAIN_PARAMS(X)                                                                            \
	X(origin_difficulty, 28, 0, 128)                                                           \
	X(domain_difficulty, 24, 0, 128)                                                           \
	X(signer_difficulty, 16, 0, 128)                                                           \
	X(keystore_difficulty, 23, 0, 64)                                                          \
	X(blocks_without_discount, 4999, 0, 1000000000000)                                         \
	X(block_signers_start, 35, 1, 1000000000000)                                               \
	X(low_height, 855, 0, 1000000000000)                                                       \
	X(healing_activation_height, 22521, 0, 1000000000000)                                      \
	X(ban_activation_height, 22529, 0, 1000000000000)                                          \
	X(healing_timeout, 432000, 0, 1000000000000)                                               \
	X(healing_timeout_fast, 259200, 0, 1000000000000)                                          \
	X(healing_window, 5000, 1, 1000000)                                                        \
	X(ban_pool_floor, 10, 0, 1000000)                                                          \
	X(ban_draw_min, 8, 0, 64)                                                                  \
	X(new_domains_interval, 86400, 0, 1000000000000)                                           \
	X(domain_lifetime, 31536000, 0, 1000000000000)                                             \
	X(domain_renew_time, 2592000, 0, 1000000000000)

/* The same for numbers that no block is judged by: how the owner's side behaves (protocol.md 10.3).
 * Nodes of one network may differ in them, so a store does not remember them. Seconds. */
#define OWNER_PARAMS(X)                                                                            \
	X(signing_wait, 60, 0, 1000000) /* that a full block must be old before it is signed */    \
	X(signing_poll, 30, 1, 1000000) /* between two looks; the delays of signers follow it */

struct chain_params {
#define X(name, value, low, high) uint64_t name;
	CHAIN_PARAMS(X)
	OWNER_PARAMS(X)
#undef X
	uint8_t origin[32]; /* hash of block 1 */
	bool has_origin;    /* false: no origin configured, no chain can start */
};

extern const struct chain_params params_mainnet;

/* Sets one number by name; false when there is no such name or the value is out of range (then
 * *low and *high tell the range, both 0 for an unknown name). */
bool params_set(
	struct chain_params *p, const char *name, uint64_t value, uint64_t *low, uint64_t *high);

/* Smallest number of blocks of a key that makes it eligible for draws at height `index`
 * (protocol.md 7.7). */
static inline uint64_t params_draw_minimum(const struct chain_params *p, uint64_t index)
{
	return index < p->low_height ? 1 : index / 100;
}

#endif
