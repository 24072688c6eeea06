/* The owner's work within the node: jobs and signatures (owner/jobs.h) are searched here, signed by
 * the key process, and given to the sync engine. Nothing runs while there is no key. All functions
 * are for the loop's thread. */
#ifndef NODE_NODE_MINE_H
#define NODE_NODE_MINE_H

#include "api/api.h"
#include "mine/block_search.h"
#include "owner/jobs.h"

struct event;
struct node;

struct node_mine {
	struct jobs *jobs;               /* NULL = there was no key since the start */
	struct block_search *search;     /* NULL = nothing is searched */
	struct block_owned *block;       /* what it is for; owned */
	int fd;                          /* eventfd that the search writes to; −1 = none */
	struct event *ended;             /* it is readable */
	struct event *timer;             /* jobs_tick() is due */
	double rate;                     /* hashes a second of the last search; 0 = not known */
	uint64_t since_ms, since_hashes; /* of the search, when the rate was begun to be measured */
	uint64_t told_ms;                /* when clients were told last how far a search is */
};

/* A part of the node (node.c): always true. Jobs are read from the store when there is a key. */
bool node_mine_start(struct node *n);
void node_mine_stop(struct node *n);

/* The tip moved, or a key was opened or locked: looks what is to be done. */
void node_mine_look(struct node *n);

/* The same in the next turn of the loop. */
void node_mine_look_soon(struct node *n);

/* What became of the block that was submitted for a job or a signature. */
void node_mine_submitted(struct node *n, const char *why);

/* The number under which blocks of ours are submitted; HTTP requests have smaller ones. */
#define NODE_MINE_NUMBER UINT64_MAX

/* Hooks of struct api (api/api.h). */
const struct jobs *node_mine_jobs(struct node *n);
enum err node_mine_add(
	struct node *n, const struct draft_request *r, uint64_t *id, char *said, size_t size);
enum err node_mine_change(struct node *n, uint64_t id, enum api_job_change change);
uint64_t node_mine_hashes(const struct node *n); /* of the search that runs */
double node_mine_rate(struct node *n);           /* hashes a second, lately; 0 = not known */

/* ---- node_mine_search.c ---- */

/* Hooks of jobs: begins to search for this block, or goes on with it; and ends that. */
enum err node_mine_search(void *node, const struct block *b, unsigned threads);
void node_mine_cancel(void *node);

/* Frees the search and its block, if there is one. */
void node_mine_end_search(struct node_mine *m);

/* Takes the rate of the search that runs, over the last half a minute. */
void node_mine_look_at_rate(struct node *n);

/* ---- node_mine_ask.c: the hooks of jobs ---- */

/* May blocks be made now? Else `line` says why not. */
bool node_mine_ready(void *node, char line[DRAFT_WORDS_MAX]);
enum job_key node_mine_key(
	void *node, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE]);
void node_mine_key_name(void *node, const uint8_t signing[KEY_SIZE], char to[KEY_NAME_MAX + 1]);
size_t node_mine_open_keys(void *node, uint8_t (*to)[KEY_SIZE], size_t max);
uint64_t node_mine_max_height(void *node);
bool node_mine_sign(void *node, const struct block *b, uint64_t window);
enum err node_mine_submit(void *node, struct block_owned **b);

/* ---- node_mine_keep.c: jobs in the store ---- */

/* Hooks of jobs: keeps one with the next commit, and forgets it. */
void node_mine_keep(void *node, const struct job *job);
void node_mine_forget(void *node, uint64_t id);

/* The same for the block that was found; see struct jobs_hooks. */
bool node_mine_keep_found(void *node, uint64_t id, const struct block *b);
enum err node_mine_read_found(void *node, uint64_t id, struct block_owned **out);

/* Gives n->mine.jobs what was kept. */
void node_mine_restore(struct node *n);

#endif
