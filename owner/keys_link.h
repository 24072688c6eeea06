/* The node's end of the key process: starts it, asks it, notices its end. No secret passes here.
 * Or of one on another machine, to which it connects; that one owes nothing: what it sends is
 * bounded and tested, it has a minute for each answer, and it is left when it says what it should
 * not.
 * Everything is asked asynchronously, on the node's loop: an answer comes by a callback in a later
 * turn, never inside the function that asks. When the process ends, every request that waits is
 * answered with KEYS_GONE, and then ended() is called; the keys are locked when it is started anew.
 * Before: node/. After: a process of its own (`alfisd key-process`). */
#ifndef OWNER_KEYS_LINK_H
#define OWNER_KEYS_LINK_H

#include "base/bound.h"
#include "base/clock.h"
#include "owner/keys_state.h"

struct event_base;
struct keys_link;

/* The parts of the program that the link calls, on the loop. None of them, nor an answer, may stop
 * or free the link; ended() may start it. */
struct keys_hooks {
	/* The process asks to write this sealed file. With `replace`, it takes
	 * the place of the file of the same name and key; without, it must not be there. `name` may
	 * be "" for a new key: then the folder chooses one. Answer with keys_link_stored(), now or
	 * later. The text is valid during the call. */
	void (*store)(void *ctx, uint32_t id, const char *name, struct slice sealed, bool replace);
	/* keys_link_state() is another than before. */
	void (*changed)(void *ctx);
	/* A line for the log that the process wrote; `warn`: somebody must see it. */
	void (*said)(void *ctx, bool warn, const char *line);
	/* The process is gone; `why` is a line for the user. The link can be started again, or
	 * freed (but not inside this call). Not called after keys_link_stop(). */
	void (*ended)(void *ctx, const char *why);
	void *ctx;
};

/* A link without a process. `base` is borrowed, *hooks is copied. `requests` bounds what may wait
 * for an answer. NULL when memory runs out. */
struct keys_link *keys_link_new(
	struct event_base *base, const struct keys_hooks *hooks, struct bound *requests);

/* Ends the process, waits for its end (it does nothing that lasts), and frees the link. Requests
 * that wait are answered with KEYS_GONE before. NULL is allowed. */
void keys_link_free(struct keys_link *l);

/* Starts the process. `listener` is the listening Unix socket keys.sock (0600) and `journal` what
 * journal_open() (owner/keys_journal.h) returned: both stay the caller's, and may be closed after
 * the call. Nothing else is inherited, no environment either. False and a line in `why`. */
bool keys_link_start(struct keys_link *l, const struct keys_settings *settings, int listener,
	int journal, char why[KEYS_TEXT_MAX]);

/* Instead: connects to the socket of `alfisd signer` (owner/keys_relay.h) at this path, and waits
 * for nothing. Of the requests only decrypt, sign and lock can be made then, the others return
 * false; store() is never called. False and a line in `why`. */
bool keys_link_connect(struct keys_link *l, const char *path, char why[KEYS_TEXT_MAX]);

/* Ends the process, or the connection, as keys_link_free() does, and keeps the link. Does nothing
 * without one. */
void keys_link_stop(struct keys_link *l);

/* What is known of the process and its keys now; of the link, valid until the next turn of the
 * loop. */
const struct keys_state *keys_link_state(const struct keys_link *l);

/* ---- requests ---- */

/* The answer to a request. `line` is for the user, "" where there is nothing to say; `bytes` is the
 * result of those that have one. Both are valid during the call. */
typedef void keys_answer(void *ctx, enum keys_said said, const char *line, struct slice bytes);

/* These return false, and `answer` is never called, when too much waits, memory runs out, or there
 * is no process. `answer` may be NULL. */

/* Gives the process a sealed file, which stays locked. Files with secrets in plain go by
 * keys_link_load_plain(). Answers KEYS_EXISTS, KEYS_FULL, KEYS_WEAK, KEYS_BAD_FILE. */
bool keys_link_load(
	struct keys_link *l, const char *name, struct slice sealed, keys_answer *answer, void *ctx);

/* Hands an open file of the network's own program over, which has its secrets in plain. Nobody but
 * the process reads it. `fd` stays the caller's. The key is never locked. Answers as above. */
bool keys_link_load_plain(
	struct keys_link *l, const char *name, int fd, keys_answer *answer, void *ctx);

/* All keys that there are were loaded: with keys_settings.keys_follow the process serves the
 * command line from now on. Before, that would hear of a key that it is not there. */
bool keys_link_ready(struct keys_link *l);

/* The search for a key pauses for so long, KEYS_PAUSE_MAX_MS at most, because the processors have
 * something else to do. It goes on by itself when that is over, whatever becomes of the node. */
bool keys_link_pause(struct keys_link *l, unsigned ms);

/* The process forgets the key, its secrets too: it was removed, or has another name from now on. */
bool keys_link_forget(struct keys_link *l, const char *name, keys_answer *answer, void *ctx);
bool keys_link_rename(struct keys_link *l, const char *name, const char *new_name,
	keys_answer *answer, void *ctx);

/* Locks one key, or all with "". Plain ones stay open. */
bool keys_link_lock(struct keys_link *l, const char *name, keys_answer *answer, void *ctx);

/* Decrypts the name of a domain (protocol.md 9.5) for the key whose *encryption* key this is;
 * `bytes` is the name. KEYS_LOCKED, KEYS_NOT_OURS, KEYS_NO_SUCH_KEY. */
bool keys_link_decrypt(struct keys_link *l, const uint8_t encryption[32], struct slice cipher,
	keys_answer *answer, void *ctx);

/* A block to be signed. */
struct keys_sign {
	struct slice block; /* its encoding, with its hash and without a signature */
	/* The highest index of a block of this key in our chain; 0: none. When the journal knows no
	 * block of the key that is as high, it was lost or restored. */
	uint64_t own_newest;
	/* For an empty block: the index of the full block that it signs. While the journal is older
	 * than own_newest, nothing is signed for the first one that is asked for, only for later
	 * ones. */
	uint64_t window;
	bool after_restore; /* the user said that it may be signed nevertheless */
};

/* Signs with the key that the block names as its author. The process recomputes the hash, and asks
 * its journal. `bytes` are the 64 of the signature. KEYS_LOCKED, KEYS_NO_SUCH_KEY, KEYS_BAD_BLOCK,
 * KEYS_SIGNED_OTHER, KEYS_RESTORED, KEYS_NO_JOURNAL. */
bool keys_link_sign(
	struct keys_link *l, const struct keys_sign *sign, keys_answer *answer, void *ctx);

/* Ends the search for a new key. KEYS_DONE also when there was none. */
bool keys_link_cancel(struct keys_link *l, keys_answer *answer, void *ctx);

/* The answer to the hook store(): ERR_OK and the name that the key has on disk, or an error and a
 * line that says what went wrong. */
void keys_link_stored(struct keys_link *l, uint32_t id, enum err err, const char *name_or_why);

#endif
