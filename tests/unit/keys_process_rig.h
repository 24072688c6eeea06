/* A key process for each test of a file. */
#ifndef TESTS_UNIT_KEYS_PROCESS_RIG_H
#define TESTS_UNIT_KEYS_PROCESS_RIG_H

#include "tests/unit/keys_rig.h"

static struct keys_rig rig;

static inline int open_rig(void **state)
{
	(void)state;
	rig_open(&rig);
	return 0;
}

static inline int close_rig(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static inline enum keys_said unlock(const char *name, const char *pass, uint32_t *count)
{
	struct keys_call c = {.ask = call_unlock, .name = name, .pass = pass};
	enum keys_said said = rig_user(&rig, &c);

	if (count)
		*count = c.reply.count;
	return said;
}

static inline void lock(const char *name)
{
	struct keys_heard h = {0};

	assert_true(keys_link_lock(rig.link, name, rig_answer, &h));
	assert_int_equal(rig_await(&rig, &h), KEYS_DONE);
}

#endif
