/* What the node and the command line know of the key process and its keys: nothing secret. Pure. */
#ifndef OWNER_KEYS_STATE_H
#define OWNER_KEYS_STATE_H

#include "owner/key_file.h"

/* What the key process says to a request. Each answer has a line for the user besides. */
enum keys_said {
	KEYS_DONE,
	KEYS_BAD_REQUEST,      /* not understood */
	KEYS_WRONG_PASSPHRASE, /* or the file was changed: nobody can tell which */
	KEYS_LOCKED,           /* the key's secrets are not here */
	KEYS_NO_SUCH_KEY,
	KEYS_EXISTS,       /* a key of this name, or this key by another name */
	KEYS_FULL,         /* max_keys */
	KEYS_TOO_DEAR,     /* the file's cost needs more memory than key_process_bytes */
	KEYS_WEAK,         /* the public key has fewer zero bits than the network asks for */
	KEYS_BAD_FILE,     /* neither a sealed file nor a plain one of the network's own program */
	KEYS_BUSY,         /* a search is running already */
	KEYS_NOT_STORED,   /* the node could not write the file */
	KEYS_BAD_BLOCK,    /* its hash, author or form is wrong */
	KEYS_SIGNED_OTHER, /* another block for the same index and previous hash was signed before
			    */
	KEYS_RESTORED,     /* the journal is older than the key's own newest block in the chain */
	KEYS_NO_JOURNAL,   /* the journal cannot be written, so nothing is signed */
	KEYS_NOT_OURS,     /* not encrypted for this key, or changed */
	KEYS_CANCELLED,
	KEYS_NO_MEMORY,
	KEYS_GONE, /* the key process ended, or is not there */
	KEYS_SAID_COUNT
};

/* Words such as "wrong-passphrase", for scripts; static, never NULL. */
const char *keys_said_name(enum keys_said said);

enum {
	KEYS_MAX = 256,       /* most keys that a process holds, whatever the settings say */
	KEYS_TEXT_MAX = 400,  /* bytes of a line for the user, with its NUL */
	PASSPHRASE_MAX = 1024 /* bytes */
};

/* The last block that the journal has of a key, of one kind. */
struct keys_signed {
	uint64_t index; /* 0: none */
	uint8_t prev_hash[32], hash[32];
};

/* One key. */
struct keys_row {
	char name[KEY_NAME_MAX + 1];
	struct key_public pub;
	struct key_cost cost; /* both 0 for a plain key */
	int strength;         /* zero bits at the begin of the next */
	uint8_t hash[32];     /* of the public signing key, by Blakeout */
	bool plain;           /* from a file that has its secrets in plain */
	bool locked;
	uint32_t seconds_left; /* until it is locked, up to ten more than now; 0: no time was set */
	struct keys_signed empty, full; /* what the journal has */
};

/* The search for a new key; and the longest that it pauses at once. */
enum { KEYS_PAUSE_MAX_MS = 2000 };

struct keys_search_state {
	bool running;
	char name[KEY_NAME_MAX + 1]; /* that the key shall have; "": the node chooses */
	uint64_t tried;              /* candidates so far */
	uint64_t rate;               /* a second, lately */
	uint64_t seconds;            /* since it began */
	uint64_t mean;               /* candidates that are needed on average, whatever was tried */
};

/* Whether the process is as safe as it can be. A text that is "" is as it should be; else it says
 * what is missing here, in a line for the user. */
struct keys_guard {
	char filter[KEYS_TEXT_MAX];  /* of system calls (seccomp) */
	char files[KEYS_TEXT_MAX];   /* Landlock */
	char memory[KEYS_TEXT_MAX];  /* locked, so that it is never swapped out */
	char journal[KEYS_TEXT_MAX]; /* missing, cut or damaged */
};

/* All of it. */
struct keys_state {
	bool running;          /* the process is there and has answered */
	int64_t pid;           /* 0 when it is not there */
	size_t count;          /* of rows */
	struct keys_row *rows; /* in the order of their loading; of whoever made the state */
	struct keys_search_state search;
	struct keys_guard guard;
};

/* What the process is told at its start. */
struct keys_settings {
	uint32_t max_keys;
	uint64_t process_bytes; /* the row key_process_bytes: argon2id and what the process needs */
	uint32_t try_ms;        /* that a try of a new passphrase shall take; 0: 1000 */
	uint64_t search_scratch; /* bytes for the search of keys, all threads together */
	uint32_t search_threads; /* at least 1 */
	bool search_lower;       /* with the least priority */
	uint32_t strength;       /* zero bits that a key of this network needs */
	uint32_t unlock_for;     /* seconds; 0: until it is locked by hand, or the process ends */
	bool keys_follow;        /* users wait until all are loaded: keys_link_ready() */
};

#endif
