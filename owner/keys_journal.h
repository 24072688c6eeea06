/* The journal of signatures: what each key signed last, so that it never signs two blocks for one
 * place, whatever happens to the process, the machine or the chain. It is written and synced before
 * a signature leaves.
 *
 * A file of records of one size, each with a checksum, big-endian. Every key has two for empty and
 * two for full blocks, and writes the older one of the two anew: so one that was cut by a crash
 * costs itself alone, and its signature has not left. The places of records that do not hold are
 * used again.
 *
 *   "AJ1", 1 for a full block or 0   4 bytes
 *   number of the signature          8, over all keys, from 1
 *   public key                      32
 *   index                            8
 *   previous hash                   32, zeros for the first block of a chain
 *   hash                            32
 *   seconds since 1970               8, when it was signed
 *   zeros                            4
 *   BLAKE2b-256 of what is above    32
 */
#ifndef OWNER_KEYS_JOURNAL_H
#define OWNER_KEYS_JOURNAL_H

#include "owner/keys_state.h"

#define KEYS_JOURNAL_NAME "signed.journal" /* in the folder of the keys */

enum { JOURNAL_RECORD = 160 };

/* Opens the journal of this folder, and makes an empty one (0600) where there is none. −1 and a
 * line in `why`, also while another key process has it: until this descriptor and all its copies
 * are closed nobody else gets it. The caller closes it. */
int journal_open(const char *folder, char why[KEYS_TEXT_MAX]);

struct journal;

/* Reads the whole journal. `fd` stays open as long as the journal is used, and stays the caller's.
 * `what` gets a line for the user when something in it does not hold, else "". NULL with a line
 * there when it cannot be read, or memory runs out. The caller frees it with journal_free(). */
struct journal *journal_read(int fd, char what[KEYS_TEXT_MAX]);
void journal_free(struct journal *j);

/* A block that is to be signed, as the journal sees it. */
struct journal_block {
	uint8_t key[32]; /* its author */
	bool full;
	struct keys_signed place; /* index 1 or more */
};

enum journal_verdict {
	JOURNAL_NEW,    /* may be signed, once journal_write() was done */
	JOURNAL_SAME,   /* this very block was signed; again does no harm */
	JOURNAL_REWIND, /* as JOURNAL_NEW, and the chain was rewound: an index as high was signed */
	JOURNAL_OTHER,  /* another block for this index and previous hash was signed */
};

/* What the journal says of the block. */
enum journal_verdict journal_judge(const struct journal *j, const struct journal_block *b);

/* Writes the block down and syncs it to the disk. False with errno: then nothing may be signed, and
 * it is as if it had not been called. */
bool journal_write(struct journal *j, const struct journal_block *b, int64_t now);

/* The last block of this key and kind; index 0 when there is none. */
struct keys_signed journal_last(const struct journal *j, const uint8_t key[32], bool full);

/* The highest index that it knows of this key; 0 when there is none. */
uint64_t journal_highest(const struct journal *j, const uint8_t key[32]);

#endif
