/* Decides whether the node is ready to serve those who ask it: GET /health?ready. */
#ifndef API_READY_H
#define API_READY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ready_facts {
	bool failing;        /* the store failed, or the node is stopping */
	size_t peers, ahead; /* ready peers; how many of them claim more blocks than we have */
	uint64_t height;     /* of our chain */
	uint64_t best;       /* of the network's chain, as far as claims can be believed */
	bool growing;        /* blocks are being appended */
	bool clock_wrong;    /* new blocks are refused because this machine's clock is behind */
	int64_t age_s;       /* of our last block, by this machine's clock */
	uint64_t max_lag_ms; /* admin.max_lag */
};

/* True when a node with these facts is ready: it has peers and blocks, its store and its clock are
 * right, and it is not far behind. Pure. */
bool ready_by(const struct ready_facts *f);

#endif
