/* A job: a change of a name that is asked for and not made yet. Nothing in it is secret, so it is
 * kept on disk as it is. The record: its life, and its form on disk. Pure.
 * Before: owner/jobs.c. After: owner/draft.h makes its block; the store keeps it. */
#ifndef OWNER_JOB_H
#define OWNER_JOB_H

#include "base/bound.h"
#include "owner/draft.h"
#include "owner/found.h"

enum job_state {
	JOB_WAITS,    /* for its turn, a lock, a cooldown, its key, …: `line` says for what */
	JOB_SEARCHES, /* for the proof of work */
	JOB_SIGNS,    /* found; the key process is asked, or its key is waited for */
	JOB_CHECKS,   /* signed; the node checks it like a peer's block */
	JOB_DONE,     /* it is part of the chain, as block `block` */
	JOB_FAILED,   /* it cannot be made any more: `line` says why */
	JOB_CANCELLED,
	JOB_STATES
};

/* "waits", "searches", "signs", "checks", "done", "failed", "cancelled"; static. */
const char *job_state_name(enum job_state s);

/* True for the last three. */
bool job_has_ended(enum job_state s);

struct job {
	uint64_t id; /* never used again */
	enum job_state state;
	bool renewal, paused;
	uint8_t told;            /* jobs_next_moved(): the state that it gave last + 1; 0 = none */
	unsigned threads;        /* of its search; 0 = as many as the node takes */
	int64_t asked, ended;    /* seconds since 1970; ended: 0 = not yet */
	uint64_t hashes;         /* candidates so far, those before a restart included */
	uint64_t block;          /* JOB_DONE: its index */
	uint8_t hash[HASH_SIZE]; /* and its hash, until it is too deep to be replaced; else zeros */
	struct found found;      /* its block, kept apart from it */
	uint64_t difficulty;     /* bits, as they were asked for last; 0 = not yet */
	uint8_t author[KEY_SIZE];   /* public signing key */
	char line[DRAFT_WORDS_MAX]; /* why it waits or ended, without its name; "" = nothing */
	/* As in struct draft_request; they point to `space`. */
	struct slice name, data, to_signing, to_encryption;
	uint8_t space[];
};

/* The most that one takes, in bytes. */
enum { JOB_BYTES_MAX = 40960 };

/* Makes one that waits, with copies of the texts; the request has an author. ERR_TOO_BIG; ERR_FULL
 * when `row` (job_bytes) has no room, from which its bytes are taken; ERR_NOMEM. */
enum err job_new(const struct draft_request *r, uint64_t id, int64_t now, struct bound *row,
	struct job **out);

/* Frees it and gives the row its bytes back. NULL is fine. */
void job_free(struct job *job, struct bound *row);

/* The job as a request; the author's encryption key is the caller's to add. Borrowed from it. */
struct draft_request job_request(const struct job *job);

/* Its form on disk: at most JOB_BYTES_MAX bytes. */
void job_encode(const struct job *job, struct wr *w);

/* Reads it again. One that had not ended waits. Errors as job_new(), and ERR_MALFORMED. */
enum err job_decode(struct slice bytes, struct bound *row, struct job **out);

#endif
