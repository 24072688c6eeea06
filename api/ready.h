/* When a node is of use to those who ask it: GET /health?ready. */
#ifndef API_READY_H
#define API_READY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ready_facts {
	bool failing;        /* the store failed, or the node is stopping */
	size_t peers, ahead; /* ready ones; those that claim more blocks than are here */
	uint64_t height;     /* of the chain here */
	uint64_t best;       /* the most that a peer claims */
	bool growing;        /* blocks are being appended */
	bool clock_wrong;    /* new blocks are not taken: this machine's clock is behind them */
	int64_t age_s;       /* of the last block, by this machine's clock */
	uint64_t max_lag_ms; /* admin.max_lag */
};

/* True when a node with these facts is of use: it has peers and blocks, its store and its clock are
 * right, and it is not far behind. Pure. */
bool ready_by(const struct ready_facts *f);

#endif
