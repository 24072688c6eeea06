/* What an owner must see to, so that none of his keys is banned for ever (protocol.md 7.11): a key
 * is drawn and locked, or does not sign in time, or has missed its turn. Pure.
 * Before: the node says each once; GET /sign and /status tell all. After: owner/sign_look.h. */
#ifndef OWNER_SIGN_WARN_H
#define OWNER_SIGN_WARN_H

#include "owner/sign_look.h"

enum sign_warn_kind {
	SIGN_WARN_LOCKED, /* drawn, and locked */
	SIGN_WARN_OFF,    /* drawn, and signing is off */
	SIGN_WARN_LATE,   /* drawn, has not signed, and others may sign or did in its place */
	SIGN_WARN_MISSED, /* it did not sign; nobody did in its place */
	SIGN_WARN_HEALED, /* it did not sign, and others did; this time it was not banned */
	SIGN_WARN_BANNED, /* banned for ever */
	/* The journal of signatures is older than the key's newest block, `block`: it may have
	 * signed elsewhere. */
	SIGN_WARN_RESTORED,
};

struct sign_warning {
	enum sign_warn_kind kind;
	unsigned key;   /* its place among ours */
	uint64_t block; /* the full block */
};

enum { SIGN_WARNINGS_MAX = 32 };

struct sign_warn_ask {
	const struct own_key *keys;
	unsigned n;
	bool on;          /* full blocks are signed */
	int64_t now;      /* seconds */
	uint64_t vouched; /* blocks up to this index may be missing in the journal */
};

/* Fills `to`, and returns how many. */
unsigned sign_warnings(struct view *v, const struct sign_warn_ask *a, const struct sign_look *l,
	const struct sign_misses *m, struct sign_warning to[SIGN_WARNINGS_MAX]);

/* The warning as a line; `name` is the key's, NULL where keys are not named. Returns `to`. */
const char *sign_warning_words(
	const struct sign_warning *w, const char *name, char to[SIGN_WORDS_MAX]);

/* A word for programs: "locked", "off", "late", "missed", "healed", "banned",
 * "restored"; static. */
const char *sign_warning_name(enum sign_warn_kind kind);

#endif
