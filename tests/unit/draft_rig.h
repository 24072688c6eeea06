/* Requests for a name on a chain of tests. */
#ifndef TESTS_UNIT_DRAFT_RIG_H
#define TESTS_UNIT_DRAFT_RIG_H

#include "base/hex.h"
#include "owner/draft.h"
#include "tests/unit/main.h"
#include "tests/unit/owner_rig.h"
#include "tests/unit/russian.h"

#define YGG               "{\"encrypted\":\"\",\"zone\":\"ygg\"}"
#define YGG_WITH(records) "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[" records "]}"

enum { ME = 7, HER = 9, NOW = OWNER_START + 10 * OWNER_DAY };

static uint8_t me[KEY_SIZE], secret[32] = {5}, encryption[32];

static inline struct draft_request ask(const char *name, const char *data)
{
	made_key(ME, me);
	ecies_public(secret, encryption);
	return (struct draft_request){.name = slice_str(name),
		.data = slice_str(data),
		.author = me,
		.encryption = encryption};
}

static inline struct draft *open_at(struct fixture *f, const struct draft_request *r, int64_t now)
{
	struct draft *d;

	assert_int_equal(draft_open(r, &f->view, now, &d), ERR_OK);
	return d;
}

static inline void assert_refused_as(struct fixture *f, const struct draft_request *r, int64_t now,
	enum draft_why why, const char *words)
{
	struct draft *d = open_at(f, r, now);
	struct draft_refusal refusal;
	char said[DRAFT_WORDS_MAX];

	enum draft_why got = draft_first(d, false, &refusal);
	assert_string_equal(draft_say(d, &refusal, said), words);
	assert_has_russian(draft_say_why(d, &refusal, said));
	assert_int_equal(got, why);
	assert_int_equal(draft_first(d, true, &refusal), why < DRAFT_RULES ? why : DRAFT_FINE);
	draft_free(d);
}

static inline void assert_refused(struct fixture *f, const char *name, const char *data,
	enum draft_why why, const char *words)
{
	struct draft_request r = ask(name, data);

	assert_refused_as(f, &r, NOW, why, words);
}

#endif
