/* The key process from inside: one thread, one table of sockets, and beside it the threads of a
 * search, and one for a try of a passphrase. Nothing waits but for the journal's disk. */
#ifndef OWNER_KEYS_PROCESS_INTERNAL_H
#define OWNER_KEYS_PROCESS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "chain/block.h"
#include "owner/key_ring.h"
#include "owner/keys_frame.h"
#include "owner/keys_journal.h"
#include "mine/search.h"

enum {
	CLIENTS = 4,     /* connections of the command line at once */
	HANDED_OVER = 8, /* descriptors that came and were not used yet */
	PLAIN_FILE_MAX = 8192,
	OUTCOME_MAX = 32768,          /* bytes; no domain's name is as long */
	KEYS_PROCESS_FIXED = 4 << 20, /* bytes that the process needs beside argon2id */
};

/* Instead of own_newest: the command line asks, which knows no chain. */
#define KEYS_NO_CHAIN UINT64_MAX

/* What a request of the node comes to. */
struct keys_outcome {
	enum keys_said said;
	char line[KEYS_TEXT_MAX];
	uint8_t bytes[OUTCOME_MAX]; /* the name of a domain, or a signature */
	size_t n;
};

/* What a search came to. */
struct keys_end {
	enum keys_said said;
	const char *line; /* constant text */
	char name[KEY_NAME_MAX + 1];
	struct key_public pub; /* KEYS_DONE */
};

/* A connection of the command line. */
struct keys_client {
	int fd;         /* −1: a free place */
	uint8_t *in;    /* KEYS_USER_MAX bytes of key_memory_new(): passphrases come here */
	uint8_t *block; /* KEYS_FRAME_MAX bytes, where a SIGN comes instead; else NULL */
	size_t n;       /* bytes in it */
	bool asks;      /* `m` is a request that waits for its answer */
	bool watches;   /* it waits for the end of the search */
	bool searches;  /* it began the search that runs */
	bool has_end;   /* that search ended before it was waited for: */
	struct keys_end end;
	uint64_t turn;         /* number of its request: the oldest is served first */
	struct keys_message m; /* its slices are of `in` or `block` */
	/* UNLOCK: the key that is tried next, how many opened, and what others said. */
	size_t next;
	uint32_t opened;
	enum keys_said worst;
	char line[KEYS_TEXT_MAX];
};

/* What happens when the node has written a file. */
enum store_for { STORE_NOTHING, STORE_IMPORT, STORE_REWRAP, STORE_MADE };

/* A file that the node is writing; one at a time. */
struct keys_store {
	enum store_for what;
	uint32_t id;
	struct keys_client *client; /* who waits for it; NULL: nobody (any more) */
	char name[KEY_NAME_MAX + 1];
	struct key_file file;
	struct key_secrets *secrets;
	int strength;
};

/* The search for a new key. */
struct keys_search {
	struct search *search;     /* NULL: none */
	struct seal_key *seal;     /* of the passphrase; key_memory_new() */
	struct key_secrets *found; /* key_memory_new(), guarded by `lock` until the threads ended */
	bool has_found;
	pthread_mutex_t lock;
	char name[KEY_NAME_MAX + 1];
	int strength;        /* that is looked for */
	uint64_t began;      /* clock_mono() */
	uint64_t looked;     /* when the rate was counted last */
	uint64_t hashes;     /* then */
	uint64_t rate;       /* a second */
	uint64_t pause_ends; /* clock_mono(); meanwhile: */
	atomic_bool pauses;  /* read by its threads */
	uint64_t try_again;  /* when the node is asked again to write the file; 0: not at all */
	const struct rng *rng;
	struct bound scratch;
	int wake[2]; /* a pipe that the last thread writes to */
};

/* A try of a passphrase, or the sealing by a new one, or both; key_memory_new(). The thread's while
 * it runs, but for `file`, which nobody writes then. */
struct keys_work {
	bool opens, seals;
	struct key_file file; /* opens: this one; else only `pub` counts */
	uint8_t old[PASSPHRASE_MAX], pass[PASSPHRASE_MAX];
	size_t old_size, pass_size;
	uint64_t memory_most; /* KiB that argon2id may have */
	uint32_t try_ms;
	const struct clock *clock;
	const struct rng *rng;
	int wake;
	/* What came of it. */
	enum keys_said opened, said; /* of the opening alone; of all */
	char line[KEYS_TEXT_MAX];
	struct key_secrets secrets;
	struct seal_key seal;
};

/* The one that is made. */
struct keys_try {
	struct keys_work *work; /* NULL: none */
	pthread_t thread;
	struct keys_client *client; /* who waits for it; NULL: nobody any more */
	bool overruled;             /* its key was locked meanwhile */
	int wake[2];                /* a pipe that the thread writes to at its end */
};

/* Memory of fixed sizes. */
struct keys_space {
	struct key_ring ring;
	uint8_t in[KEYS_FRAME_MAX];    /* from the node */
	uint8_t out[KEYS_FRAME_MAX];   /* frames are made here, */
	uint8_t state[KEYS_FRAME_MAX]; /* and what goes into one */
	uint8_t block[BLOCK_MAX_ENCODED], preimage[PREIMAGE_MAX];
	struct keys_row rows[KEYS_MAX];
	struct keys_outcome outcome;
};

struct keys_process {
	const struct clock *clock;
	const struct rng *rng;
	int node, listener, journal_fd;
	struct keys_settings settings;
	bool is_set;   /* the settings came */
	bool is_ready; /* so did all keys that there were: users are served */
	struct keys_guard guard;
	struct key_ring *ring; /* of `space` */
	struct journal *journal;
	size_t n;                /* bytes of space->in */
	int handed[HANDED_OVER]; /* descriptors of LOAD_PLAIN, in their order */
	size_t handed_count;
	struct keys_space *space;
	void *scratch; /* of one hash; aligned within `scratch_memory` */
	void *scratch_memory;
	struct keys_client clients[CLIENTS];
	uint64_t turns;
	struct keys_store store;
	struct keys_search search;
	struct keys_try attempt;
	unsigned wrong;      /* wrong passphrases in a row, */
	uint64_t not_before; /* clock_mono() of the next try */
	uint64_t told;       /* clock_mono() of the last state */
	struct {
		uint8_t key[32], hash[32];
	} hashed;     /* the key that process_key_hash() was asked for last */
	bool changed; /* the node shall have the state */
	bool ends;    /* the node is gone */
};

/* ---- owner/keys_process.c ---- */

/* Makes it; the sockets and the journal are its own. NULL when memory runs out. */
struct keys_process *process_new(
	int node, int listener, int journal, const struct clock *clock, const struct rng *rng);
void process_free(struct keys_process *p);

/* Waits for something to do, `most` ms at most (−1: for ever), and does it. */
void process_turn(struct keys_process *p, int most);

/* When a key that is opened now is to be locked: after so many seconds, 0: as the settings say. */
uint64_t process_until(const struct keys_process *p, uint64_t seconds);

/* The hash of a public key, and its strength, in zero bits. */
void process_key_hash(struct keys_process *p, const uint8_t signing[32], uint8_t hash[32]);
int process_strength(struct keys_process *p, const uint8_t signing[32]);

/* KEYS_WEAK and a line when the key is weaker than the network asks for. */
enum keys_said process_judges(struct keys_process *p, const struct key_public *pub, int *strength,
	char line[KEYS_TEXT_MAX]);

/* ---- owner/keys_send.c ---- */

/* Sends to the node, waiting until it takes it; p->ends when it is gone. */
void process_tell_node(struct keys_process *p, const struct keys_message *m);

/* A line for the node's log. */
void process_says(struct keys_process *p, bool warn, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Sends the state. */
void process_tell_state(struct keys_process *p);

/* Sends to the command line; who does not read is closed. */
void process_tell_client(
	struct keys_process *p, struct keys_client *c, const struct keys_message *m);

/* Answers the client's request with what *m says, and overwrites what it sent. NULL, a client that
 * is gone, is fine. */
void process_answers(struct keys_process *p, struct keys_client *c, const struct keys_message *m);

/* The same with a line; or with a key and the bytes of its file. */
void process_answers_line(
	struct keys_process *p, struct keys_client *c, enum keys_said said, const char *line);
void process_answers_key(struct keys_process *p, struct keys_client *c, const struct ring_key *k,
	struct slice bytes);

/* ---- owner/keys_client.c ---- */

/* Accepts, reads, closes. */
void clients_accept(struct keys_process *p);
void client_read(struct keys_process *p, struct keys_client *c);
void client_close(struct keys_process *p, struct keys_client *c);

/* Its request is done: overwrites what came. */
void client_served(struct keys_client *c);

/* ---- owner/keys_node.c ---- */

/* Reads from the node and does what it asks. */
void node_read(struct keys_process *p);

/* Decrypts the name of a request. o->said, o->bytes. */
void process_decrypts(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o);

/* ---- owner/keys_sign.c ---- */

/* Signs the block of a request of the node, or of the command line. `line` is for the user. */
enum keys_said process_signs(struct keys_process *p, const struct keys_message *m,
	char line[KEYS_TEXT_MAX], uint8_t signature[64]);

/* ---- owner/keys_try.c ---- */

/* Copies a passphrase into work. */
void work_phrase(uint8_t to[PASSPHRASE_MAX], size_t *size, struct slice from);

/* Begins it for a client, and takes it; else the client is answered. One at a time. */
void try_start(struct keys_process *p, struct keys_client *c, struct keys_work *w);

/* What ended; its caller frees it with key_memory_free(). NULL: nothing. */
struct keys_work *try_ended(struct keys_process *p);

/* Waits for its end, and forgets it. */
void try_free(struct keys_process *p);

/* ---- owner/keys_job.c ---- */

/* One step of the oldest request that waits, if it may be made now; and what comes after a try that
 * has ended. */
void job_step(struct keys_process *p);

/* When the next step may be made; UINT64_MAX: there is nothing to do. */
uint64_t job_next(struct keys_process *p);

/* ---- owner/keys_store.c ---- */

/* The node has written a file, or has not. */
void store_done(struct keys_process *p, const struct keys_message *m);

/* Seals a key and asks the node to write it; then the client, who may be NULL, is answered. False,
 * and it is answered, when memory runs out. One at a time. */
bool store_key(struct keys_process *p, enum store_for what, struct keys_client *c, const char *name,
	const struct key_secrets *secrets, const struct seal_key *seal,
	const struct key_public *pub, int strength);

/* ---- owner/keys_make.c ---- */

/* Starts the search for a key of this name ("": any), which is sealed by `seal`. */
enum keys_said make_start(struct keys_process *p, const char *name, const struct seal_key *seal,
	char line[KEYS_TEXT_MAX]);

/* Looks after it: threads that ended, progress once a second. */
void make_look(struct keys_process *p);

/* When it wants to be looked after. */
uint64_t make_next(const struct keys_process *p);

/* Ends the threads and forgets all. */
void make_free(struct keys_process *p);

/* Its threads pause for so long; a search that begins meanwhile, too. */
void make_pause(struct keys_process *p, uint64_t ms);

/* Ends it; who waits for it is answered. */
void make_cancel(struct keys_process *p);

/* The file of p->store was written; or was not, as the line says. */
void make_stored(struct keys_process *p, const char *why);

/* How far it is, for users. */
struct keys_search_state make_state(const struct keys_process *p);

/* ---- owner/keys_watch.c ---- */

/* The client waits for the end of the search; of its own also when that is over already. Without a
 * search it is answered at once. */
void watch_search(struct keys_process *p, struct keys_client *c);

/* Tells all who wait how far it is. */
void watch_progress(struct keys_process *p);

/* Answers all who wait for the end, and keeps it for whoever began the search and has yet to ask.
 */
void watch_end(struct keys_process *p, const struct keys_end *end);

#endif
