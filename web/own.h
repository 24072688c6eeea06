/* The owner's pages: what several of them share. */
#ifndef WEB_OWN_H
#define WEB_OWN_H

#include "owner/draft.h"
#include "owner/job.h"
#include "owner/own_keys.h"
#include "web/page.h"

/* ---- own_parts.c ---- */

/* Our keys; returns how many. They are borrowed until the call ends. */
unsigned own_page_keys(const struct page *p, struct own_key to[OWN_KEYS_MAX]);

/* The key with this name, or with this signing key; NULL when there is none. */
const struct own_key *own_key_named(const struct own_key *keys, unsigned n, const char *name);
const struct own_key *own_key_signing(
	const struct own_key *keys, unsigned n, const uint8_t signing[KEY_SIZE]);
/* Is this the signing key of one of ours? */
bool own_has_key(const struct page *p, struct slice signing);

/* A state as a coloured word with a sign; `level` is "good", "busy" or "bad". */
void own_badge(struct page *p, const char *level, enum web_text text);

/* A command for the terminal, as of page_command(). */
void own_command(struct page *p, const char *words, const char *argument);

/* Hidden field of a form. */
void own_hidden(struct page *p, const char *name, const char *value);

/* Writes how long a search takes: mean and nine of ten, or the number of hashes when no rate is
 * known. */
void own_put_cost(struct page *p, uint64_t difficulty);

/* The same of a search that takes so many hashes on average, which are told, too. */
void own_put_price(struct page *p, double hashes);

/* The job for this name that has not ended; NULL = there is none. */
const struct job *own_job_of(const struct page *p, const char *name);

/* What waits for this key, which is locked, and how it is unlocked. */
void own_put_locked(struct page *p, const char *key);

/* A title of a text and a name. Returns `to`. */
enum { OWN_TITLE_MAX = DRAFT_NAME_MAX + 128 };
const char *own_title(
	const struct page *p, enum web_text text, const char *name, char to[OWN_TITLE_MAX]);

/* Adds a job, and leads to its page; or writes a page that says why not. */
int own_add_job(struct page *p, const struct draft_request *r);

/* A page that says a sentence, with this status, under this title. */
int own_sentence(struct page *p, int status, enum web_text title, enum web_text why);
/* The same with a line of the engine. */
int own_refusal(struct page *p, int status, enum web_text title, const char *line);

/* The newest block of a name, when one of our keys owns it: the caller frees it with mem_free().
 * *key: that key. *taken: it has an owner that is none of ours. The name is in lower case. */
struct block_owned *own_block(struct page *p, const char *name, const struct own_key *keys,
	unsigned n, const struct own_key **key, bool *taken);

/* ---- own_why.c ---- */

/* Why a draft is refused, in the reader's language. Returns `to`. */
const char *own_why(const struct page *p, const struct draft *d, const struct draft_refusal *f,
	char to[DRAFT_WORDS_MAX]);

/* "2026-11-30 02:53 UTC" in the text of a page. */
void own_put_moment(struct page *p, int64_t seconds);

/* ---- own_transfer.c ---- */

/* What can be done to a name of ours besides changing it: to renew it, to give it away. */
void own_put_deeds(struct page *p, const char *name);

/* ---- own_renew_one.c ---- */

/* What a renewal costs now. */
struct own_quote {
	uint64_t difficulty;       /* of its block; 0: the name is not ours, or memory ran out */
	enum draft_why against;    /* what stands against it; DRAFT_FINE = nothing */
	char why[DRAFT_WORDS_MAX]; /* in words; "" = nothing */
};
void own_quote(struct page *p, const char *name, struct own_quote *q);

/* Adds the job. ERR_OK also when there is nothing to do: it has a job, or is not ours any more.
 * Else the errors of the hook job_add, with a line in `said`. */
enum err own_renew_one(struct page *p, const char *name, char *said, size_t size);

/* A part of a page that renews this name of ours: what it costs, and the button. */
void own_put_renew(struct page *p, const char *name);

/* ---- own_renew.c ---- */

/* The field for the days within which names expire that are to be renewed; `days`: what stands in
 * it; `wrong`: it can be no number of days. */
void own_put_days(struct page *p, const char *days, bool wrong);

/* ---- own_keys.c ---- */

/* The page of the keys, with this status, and above it a line that says what went wrong, "" =
 * nothing did. `engine`: it is the engine's, in English. */
int own_keys_page(struct page *p, int status, const char *why, bool engine);

/* ---- own_keys_new.c ---- */

/* How to make a key, what that takes, and how far the search for one is. */
void own_put_new_key(struct page *p, const struct api_keys *k);

/* ---- own_secret.c ---- */

/* Forms with a passphrase, where webui.unlock allows them: to open a key, to make one, for which a
 * name is proposed, to take one in. */
void own_put_unlock(struct page *p, const char *name);
void own_put_make(struct page *p, const char *proposed);
void own_put_import(struct page *p);

#endif
