/* Waits at the start while the disk is full, when a service manager started the node. Tells log and
 * manager, and handles signals meanwhile. If the node ended with an error instead, the manager
 * would start it again and again, or give up. */
#ifndef NODE_ROOM_WAIT_H
#define NODE_ROOM_WAIT_H

#include "base/clock.h"

struct room_wait {
	const char *dir; /* the data directory */
	const struct clock *clock;
	bool (*room)(const char *dir, uint64_t *bytes); /* as room_of(), chain/room.h */
	bool (*notify)(const char *state);              /* as sd_notify_send() */
	/* Handles signals for up to so many milliseconds; false: the node must not start. */
	bool (*hear)(void *ctx, uint64_t ms);
	void *ctx;
};

/* True when there is room, at once if there is, and when the room cannot be found out. False when
 * hear() returned false. */
bool room_wait(const struct room_wait *w);

#endif
