/* Waits at the start for room on a full disk, when a service manager started us. Before:
 * node/node.c is about to open the chain. After: it opens the chain. */
#include "node/room_wait.h"

#include <stdio.h>

#include "base/human.h"
#include "base/log.h"
#include "chain/room.h"

enum {
	CHECK_MS = 5000,   /* between two looks at the disk */
	TELL_MS = 60000,   /* between two messages to the manager */
	LINE_MS = 600000,  /* between two lines in the log */
	LONGER_MS = 300000 /* the start-up time that each message asks the manager for */
};

/* When something was said last, monotonic: 0 = never. */
struct said {
	uint64_t told_ms, line_ms;
};

static bool is_due(uint64_t last_ms, uint64_t now, uint64_t every_ms)
{
	return !last_ms || now - last_ms >= every_ms;
}

static bool tell_manager(const struct room_wait *w, const char *bytes, const char *wanted)
{
	char text[1024];

	snprintf(text, sizeof text,
		"EXTEND_TIMEOUT_USEC=%u000\nSTATUS=waiting for room on the disk of %.512s: %s "
		"free, %s wanted",
		LONGER_MS, w->dir, bytes, wanted);
	return w->notify(text);
}

/* When the manager's socket is full it is told at the next look. */
static void say(const struct room_wait *w, struct said *s, uint64_t room, uint64_t now)
{
	char bytes[HUMAN_MAX], wanted[HUMAN_MAX];

	human_bytes(room, bytes);
	human_bytes(ROOM_WANTED, wanted);
	if (is_due(s->line_ms, now, LINE_MS)) {
		s->line_ms = now;
		log_warn("store in %s: its disk has %s free, and %s are wanted: waiting until "
			 "there is room",
			w->dir, bytes, wanted);
	}
	if (is_due(s->told_ms, now, TELL_MS) && tell_manager(w, bytes, wanted))
		s->told_ms = now;
}

bool room_wait(const struct room_wait *w)
{
	struct said s = {0};
	char bytes[HUMAN_MAX];
	uint64_t room;
	bool known;

	while ((known = w->room(w->dir, &room)) && room < ROOM_WANTED) {
		say(w, &s, room, clock_mono(w->clock));
		if (!w->hear(w->ctx, CHECK_MS))
			return false;
	}
	if (s.line_ms && known)
		log_info("store in %s: its disk has %s free now: going on", w->dir,
			human_bytes(room, bytes));
	return true;
}
