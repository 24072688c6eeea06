/* A start on a full disk, with a service manager: the node waits until there is room, says so, and
 * hears signals meanwhile. To end with an error would make the manager start it again and again, or
 * give it up. */
#ifndef NODE_ROOM_WAIT_H
#define NODE_ROOM_WAIT_H

#include "base/clock.h"

struct room_wait {
	const char *dir; /* the data directory */
	const struct clock *clock;
	bool (*room)(const char *dir, uint64_t *bytes); /* as room_of(), chain/room.h */
	bool (*notify)(const char *state);              /* as sd_notify_send() */
	/* What happens within so many milliseconds, or less; false: the node shall not start. */
	bool (*hear)(void *ctx, uint64_t ms);
	void *ctx;
};

/* True at once when there is room, or when nobody knows; false when hear() said so. */
bool room_wait(const struct room_wait *w);

#endif
