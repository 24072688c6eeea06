/* The command line's end of the key process: asks it over keys.sock, and waits for its answers.
 * Passphrases go this way alone, never through the node. The caller wipes what it passes.
 * Before: cli/key*.c. After: the key process. */
#ifndef OWNER_KEYS_USER_H
#define OWNER_KEYS_USER_H

#include "owner/keys_state.h"

/* One connection. */
struct keys_user {
	int fd;
};

/* What the process answered. */
struct keys_reply {
	enum keys_said said;
	char line[KEYS_TEXT_MAX]; /* for the user; "": nothing to say */
	/* The name of the key that was made, stored or exported. */
	char name[KEY_NAME_MAX + 1];
	struct key_public pub; /* its public keys; zeros where there is none */
	uint32_t count;        /* unlock: keys that are open now by it */
	/* export: the file. With secrets in plain when it was asked for so: wipe it with
	 * keys_reply_wipe(). */
	uint8_t bytes[KEY_FILE_MAX];
	size_t size;
};

/* Overwrites the whole reply. */
void keys_reply_wipe(struct keys_reply *r);

/* Connects to the socket. False and a line in `why`. Close with keys_user_close(). */
bool keys_user_open(struct keys_user *u, const char *path, char why[KEYS_TEXT_MAX]);
void keys_user_close(struct keys_user *u);

/* The functions below wait for the answer, and return true when it is KEYS_DONE. When the
 * connection ends, the answer is KEYS_GONE. After a wrong passphrase the next one is tried a second
 * later, whoever sends it, after two of them two, then four, up to a minute. */

/* Opens one key, or with "" all that this passphrase opens, for so many seconds; 0: as
 * owner.unlock_for says. */
bool keys_user_unlock(struct keys_user *u, const char *name, struct slice passphrase,
	uint32_t seconds, struct keys_reply *r);

/* Begins the search for a new key, sealed by this passphrase. It goes on in the process when the
 * connection ends. `name` may be "". KEYS_DONE: it has begun. */
bool keys_user_make(
	struct keys_user *u, const char *name, struct slice passphrase, struct keys_reply *r);

/* Waits for the end of the search that runs: calls progress() about once a second until then; false
 * from it ends the waiting, not the search, with KEYS_BUSY, and the connection can only be closed.
 * KEYS_DONE: the key is on disk. KEYS_NO_SUCH_KEY: no search runs. progress() may be NULL. */
typedef bool keys_progress(void *ctx, const struct keys_search_state *state);
bool keys_user_wait(struct keys_user *u, keys_progress *progress, void *ctx, struct keys_reply *r);

/* Ends the search. */
bool keys_user_cancel(struct keys_user *u, struct keys_reply *r);

/* Takes a file in: a sealed one with the passphrase `old` (it is sealed anew by `passphrase`), or a
 * plain one of the network's own program, where `old` is not looked at. The key is open afterwards.
 * `name` may be "". */
bool keys_user_import(struct keys_user *u, const char *name, struct slice file, struct slice old,
	struct slice passphrase, struct keys_reply *r);

/* Is this a sealed file? Else it may be a plain one. Looks at the first line alone. */
bool keys_file_is_sealed(struct slice file);

/* The sealed file as it is, which needs no passphrase; or, `plain`, the file that the network's own
 * program reads, with the secrets in plain. That takes the passphrase, also of an open key. */
bool keys_user_export(struct keys_user *u, const char *name, bool plain, struct slice passphrase,
	struct keys_reply *r);

/* Seals the key anew by another passphrase. */
bool keys_user_rewrap(struct keys_user *u, const char *name, struct slice old,
	struct slice passphrase, struct keys_reply *r);

/* Name and public keys of a key, open or not. KEYS_NO_SUCH_KEY. */
bool keys_user_show(struct keys_user *u, const char *name, struct keys_reply *r);

/* Decrypts a name as keys_link_decrypt() does; r->bytes has it. A name that is longer than any of
 * the DNS is KEYS_GONE. */
bool keys_user_decrypt(struct keys_user *u, const uint8_t encryption[32], struct slice cipher,
	struct keys_reply *r);

/* Signs a block with a transaction, as keys_link_sign() does, by the key that it names as its
 * author; r->bytes are the 64 of the signature. */
bool keys_user_sign(struct keys_user *u, struct slice block, struct keys_reply *r);

#endif
