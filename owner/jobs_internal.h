/* What the files of owner/jobs.h share: the table, and what is worked on now. */
#ifndef OWNER_JOBS_INTERNAL_H
#define OWNER_JOBS_INTERNAL_H

#include "owner/jobs.h"

enum { JOBS_REFUSED_MAX = SIGNERS_ALL + TURN_KEYS };

enum jobs_phase {
	PHASE_IDLE,
	PHASE_SEARCH,
	PHASE_CANCEL,   /* a search is ending that nobody waits for */
	PHASE_SIGN,     /* the key process is asked */
	PHASE_UNWANTED, /* it is asked, but nobody waits for the answer */
	PHASE_KEEP,     /* found, and not on the disk yet */
	PHASE_SUBMIT,   /* the node checks the block */
};

struct jobs {
	struct jobs_settings s;
	size_t count;
	struct job *all[JOBS_MAX]; /* in the order of their numbers */
	uint64_t next_id;          /* 0 = none was given yet */

	enum jobs_phase phase;
	struct job *current;       /* whose block it is; NULL: a signature, or nothing */
	struct block_owned *block; /* owned: in PHASE_SIGN, PHASE_UNWANTED and PHASE_KEEP */
	struct found found;        /* as in a job: of a signature */
	bool keeping;              /* within the hook keep_found */
	uint64_t hashed;           /* number of the job whose hashes the search counts; 0 = none */
	uint64_t hashes_before;    /* of the job, before this search */
	uint64_t hashes_kept;      /* when the job was last kept with its hashes; mono ms */
	uint64_t tip_index;        /* the block is for the place above this tip */
	uint8_t tip_hash[HASH_SIZE];
	int64_t looked;     /* when the job was last tested; seconds */
	int64_t again;      /* PHASE_KEEP: not asked again before; seconds */
	uint64_t submitted; /* index of the block that is checked */
	uint8_t submitted_hash[HASH_SIZE];

	struct jobs_signing signing;
	struct jobs_counts counts;
	bool drawn; /* signer and signing.starts hold, for this tip: */
	uint8_t drawn_tip[HASH_SIZE];
	uint8_t signer[KEY_SIZE];                         /* whose signature it is to be */
	uint8_t refused_keys[JOBS_REFUSED_MAX][KEY_SIZE]; /* that cannot sign for this tip */
	unsigned refused;
	uint8_t keys[JOBS_KEYS_MAX][KEY_SIZE]; /* that are open */
};

enum { JOBS_AGAIN_S = 5 }; /* what failed for a reason that passes is tried again after so long */

/* ---- jobs_next.c ---- */

/* The tip for whose next place a block is made, from now on; and whether it is another one now. */
void jobs_note_tip(struct jobs *j, const struct chain_tip *tip);
bool jobs_tip_moved(const struct jobs *j, const struct chain_tip *tip);

/* Puts the work that runs back, and says why. */
void jobs_put_back(struct jobs *j, const char *line);

/* Puts the block above this tip; it borrows from j. */
void jobs_put_above(struct jobs *j, const struct chain_tip *tip, struct block *b);

/* Begins to search for it. The hook's errors. */
enum err jobs_search(struct jobs *j, const struct block *b, unsigned threads);

/* ---- jobs_sign.c ---- */

/* Is a signature of ours to be searched now? Else j->signing says when. */
bool jobs_sign_is_due(struct jobs *j, const struct chain_tip *tip, int64_t now);

/* Begins to search for it. */
void jobs_search_signature(struct jobs *j, const struct chain_tip *tip);

/* This key signs for this tip: its block was found before. */
void jobs_sign_with(struct jobs *j, const struct chain_tip *tip, const uint8_t key[KEY_SIZE]);

/* The key cannot sign what was searched, or its block was refused: another one of ours may. */
void jobs_refuse_signer(struct jobs *j);

/* ---- jobs_done.c ---- */

/* The block j->submitted, which is the job's, is part of the chain. */
void jobs_done(struct jobs *j, struct job *job);

/* Has the chain this block? */
bool jobs_is_in_chain(struct jobs *j, uint64_t index, const uint8_t hash[HASH_SIZE]);

/* A job whose block is not in the chain any more waits again. To be called when the node is in step
 * with the network. */
void jobs_look_at_done(struct jobs *j, const struct chain_tip *tip);

/* ---- jobs.c ---- */

/* Sets the state and the line, and keeps the job on disk when that is worth it. */
void jobs_set(struct jobs *j, struct job *job, enum job_state state, const char *line);

/* Nobody waits for what is worked on any more. */
void jobs_leave(struct jobs *j);

/* ---- jobs_found.c: `job` NULL is the signature of a full block ---- */

/* j->block was found for what is worked on: it is kept, then signed. */
void jobs_take_found(struct jobs *j);

/* j->block was signed: it is kept, then given to the chain. */
void jobs_take_signature(struct jobs *j, const uint8_t signature[SIGNATURE_SIZE]);

/* What was found is tried again later, unless its place is taken; `line` says why. */
void jobs_set_aside(struct jobs *j, const char *line);

/* In PHASE_KEEP: the same again, when it is time. */
void jobs_keep_again(struct jobs *j, const struct chain_tip *tip);

/* Is there a block that was found and can be signed or taken now? */
bool jobs_has_found(struct jobs *j, const struct chain_tip *tip);

/* Goes on with such a block. True when nothing else is to begin before that. */
bool jobs_use_found(struct jobs *j, const struct chain_tip *tip);

/* Drops those that can never be part of the chain. */
void jobs_look_at_found(struct jobs *j, const struct chain_tip *tip);

/* Forgets what was found; nothing is fine. */
void jobs_drop_found(struct jobs *j, struct job *job);

/* Frees the block in memory. */
void jobs_drop_block(struct jobs *j);

#endif
