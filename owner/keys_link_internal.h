/* The link from inside. */
#ifndef OWNER_KEYS_LINK_INTERNAL_H
#define OWNER_KEYS_LINK_INTERNAL_H

#include <sys/types.h>

#include "base/fifo.h"
#include "owner/keys_frame.h"
#include "owner/keys_link.h"

/* A frame that waits to be sent. */
struct keys_link_frame {
	struct keys_link_frame *next;
	size_t size, sent;
	int fd; /* that goes with it; −1: none */
	uint8_t bytes[];
};

/* A request that waits for its answer. They are answered in their order. */
struct keys_link_waiting {
	uint32_t id;
	keys_answer *answer; /* or NULL */
	void *ctx;
};

/* Memory of fixed sizes. */
struct keys_link_space {
	uint8_t in[KEYS_FRAME_MAX];
	struct keys_row rows[2][KEYS_MAX];
	struct keys_state fresh;
};

struct keys_link {
	struct event_base *base;
	struct keys_hooks hooks;
	pid_t pid; /* 0: none */
	int fd;    /* −1 without a process */
	bool away; /* the process is on another machine */
	struct event *reads, *writes;
	struct event *silent; /* timer, of one that is away: it has said nothing for too long */
	struct keys_link_frame *first, *last;
	struct fifo waiting;
	uint32_t last_id;
	size_t n; /* bytes of space->in */
	struct keys_state state;
	struct keys_row *rows, *fresh_rows; /* of `state`, and for the next one; of `space` */
	struct keys_link_space *space;
};

/* Asks with this message and a descriptor that goes with it, −1: none. False as the requests of
 * owner/keys_link.h. */
bool keys_link_ask(
	struct keys_link *l, struct keys_message m, int fd, keys_answer *answer, void *ctx);

/* Forgets the process; everything that waits is answered with KEYS_GONE. */
void keys_link_forget_all(struct keys_link *l);

/* Begins to read and write. False when memory runs out. */
bool keys_link_watch(struct keys_link *l);

/* From now on something is to be heard of a signer. */
void keys_link_await_word(struct keys_link *l);

#endif
