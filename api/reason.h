/* Why the node does or does not advance, in one line: for /status, the page, the log and the
 * service manager. */
#ifndef API_REASON_H
#define API_REASON_H

#include <stdbool.h>
#include <stddef.h>

struct api;

/* docs/troubleshooting.md has an entry for each. */
enum reason {
	REASON_STORE, /* the store failed */
	REASON_STOPPING,
	REASON_NO_ORIGIN, /* none is configured */
	REASON_NO_PEERS,
	REASON_ALONE, /* no peers, as none are configured or known */
	REASON_CLOCK, /* blocks are ahead of this machine's clock */
	REASON_DOWNLOADING,
	REASON_STALLED, /* the next block does not come */
	REASON_FORK,    /* one that is too deep to follow */
	REASON_TWICE,   /* the full block below was signed twice, and the network has the other copy
			 */
	REASON_SIGNATURES, /* at the tip, a full block waits for them */
	REASON_NOT_AHEAD,  /* no blocks, and none of the peers has one */
	REASON_AT_TIP,
	REASONS
};

/* "at_tip", "no_peers": for programs; static. */
const char *reason_word(enum reason reason);

/* Returns the reason, and writes one line with the facts behind it to `to`, cut to `size` bytes.
 * *syncing: true while blocks are being downloaded. */
enum reason status_reason(const struct api *a, char *to, size_t size, bool *syncing);

#endif
