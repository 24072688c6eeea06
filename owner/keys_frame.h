/* Messages to and from the key process, on both of its sockets: one frame each. A frame is the
 * length of what follows (4 bytes, big-endian), the kind (1), the number of the request (4), and
 * the fields of that kind in the order of struct keys_message. Pure; whoever has secrets in a
 * message wipes its buffer. */
#ifndef OWNER_KEYS_FRAME_H
#define OWNER_KEYS_FRAME_H

#include "owner/keys_state.h"

enum {
	KEYS_FRAME_MAX =
		96 << 10, /* bytes of a frame; a block fits, and the state of KEYS_MAX keys */
	KEYS_USER_MAX = 16 << 10, /* of one that the command line sends, but for SIGN */
	KEYS_HEAD = 9,            /* bytes before the fields */
};

/* Who sends a message. */
enum keys_sender {
	KEYS_FROM_NODE = 1,
	KEYS_FROM_USER = 2,
	KEYS_FROM_PROCESS = 4,
	KEYS_FROM_AFAR = 8 /* a node on another machine (owner/keys_relay.h) */
};

/* KIND(name, senders, fields): what each takes is told in owner/keys_link.h and owner/keys_user.h;
 * the fields are letters: see struct keys_message. */
#define KEYS_KINDS(KIND)                                                                           \
	KIND(SETTINGS, KEYS_FROM_NODE, "b")                                                        \
	KIND(LOAD, KEYS_FROM_NODE, "nb")                                                           \
	KIND(LOAD_PLAIN, KEYS_FROM_NODE, "n") /* with a descriptor */                              \
	KIND(FORGET, KEYS_FROM_NODE, "n")                                                          \
	KIND(RENAME, KEYS_FROM_NODE, "nm")                                                         \
	KIND(LOCK, KEYS_FROM_NODE | KEYS_FROM_AFAR, "n")                                           \
	KIND(DECRYPT, KEYS_FROM_NODE | KEYS_FROM_USER | KEYS_FROM_AFAR, "kb")                      \
	KIND(SIGN, KEYS_FROM_NODE | KEYS_FROM_USER | KEYS_FROM_AFAR, "12fb")                       \
	KIND(STORED, KEYS_FROM_NODE, "sl")                                                         \
	KIND(CANCEL, KEYS_FROM_NODE | KEYS_FROM_USER, "")                                          \
	KIND(SHOW, KEYS_FROM_USER, "n")                                                            \
	KIND(UNLOCK, KEYS_FROM_USER, "n1p")                                                        \
	KIND(MAKE, KEYS_FROM_USER, "np")                                                           \
	KIND(WAIT, KEYS_FROM_USER, "")                                                             \
	KIND(IMPORT, KEYS_FROM_USER, "nbop")                                                       \
	KIND(EXPORT, KEYS_FROM_USER, "nfp")                                                        \
	KIND(REWRAP, KEYS_FROM_USER, "nop")                                                        \
	KIND(ANSWER, KEYS_FROM_PROCESS, "snk1lb")                                                  \
	KIND(PROGRESS, KEYS_FROM_PROCESS, "b") /* the search, to who waits */                      \
	KIND(STATE, KEYS_FROM_PROCESS, "b")    /* to the node: all of it */                        \
	KIND(STORE, KEYS_FROM_PROCESS, "nfb")                                                      \
	KIND(SAID, KEYS_FROM_PROCESS, "fl")                                                        \
	KIND(READY, KEYS_FROM_NODE, "")  /* all that there are were loaded */                      \
	KIND(PAUSE, KEYS_FROM_NODE, "1") /* the search, for so many ms */

enum keys_kind {
#define KIND(name, senders, fields) KEYS_##name,
	KEYS_KINDS(KIND)
#undef KIND
		KEYS_KINDS_COUNT
};

/* One message. Fields that its kind does not have are zero. Slices are borrowed. */
struct keys_message {
	enum keys_kind kind;
	uint32_t id;              /* of the request that it is or answers; 0: nobody asked */
	struct slice name, other; /* n, m: names of keys, at most KEY_NAME_MAX bytes */
	struct slice key;         /* k: one or both public keys, or none */
	uint64_t number, second;  /* 1, 2 */
	bool flag;                /* f */
	enum keys_said said;      /* s */
	struct slice line;        /* l: for the user, less than KEYS_TEXT_MAX bytes */
	struct slice bytes;       /* b */
	struct slice old, pass;   /* o, p: passphrases, at most PASSPHRASE_MAX bytes */
};

/* Appends the frame of a message. The writer fails when it does not fit, or a field is longer than
 * above. */
void keys_frame_put(struct wr *w, const struct keys_message *m);

/* May this side send messages of that kind? */
bool keys_frame_is_of(enum keys_kind kind, enum keys_sender from);

enum keys_cut { KEYS_CUT, KEYS_CUT_MORE, KEYS_CUT_BAD };

/* Takes the first frame of the bytes that came. KEYS_CUT: *m has slices of `in`, and *used is how
 * many bytes it was. KEYS_CUT_MORE: it is not whole yet. KEYS_CUT_BAD: longer than `most` bytes, of
 * a kind that this sender does not send, or with fields that are not as they should be. */
enum keys_cut keys_frame_cut(
	struct slice in, enum keys_sender from, size_t most, struct keys_message *m, size_t *used);

/* ---- bytes of some messages ---- */

/* SETTINGS. False when the bytes are none, or a number cannot be. */
struct keys_settings;
void keys_settings_put(struct wr *w, const struct keys_settings *s);
bool keys_settings_get(struct slice bytes, struct keys_settings *s);

/* PROGRESS. */
void keys_search_put(struct wr *w, const struct keys_search_state *s);
bool keys_search_get(struct slice bytes, struct keys_search_state *s);

/* STATE, without `running` and `pid`. `room` has place for so many rows; more are bad. */
void keys_state_put(struct wr *w, const struct keys_state *s);
bool keys_state_get(struct slice bytes, struct keys_state *s, struct keys_row *rows, size_t room);

#endif
