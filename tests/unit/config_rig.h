/* Settings files in a folder of their own, loaded as the program does. */
#ifndef TESTS_UNIT_CONFIG_RIG_H
#define TESTS_UNIT_CONFIG_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/config.h"

struct rig {
	int root;                     /* the folder that the test was started in */
	char folder[64];              /* the working folder meanwhile */
	struct config *c;             /* of the last load */
	const char *env[8], *sets[8]; /* up to the first NULL; used and cleared by the next load */
};

static inline int rig_setup(void **state)
{
	struct rig *r = mem_alloc(sizeof *r);

	assert_non_null(r);
	r->c = mem_alloc(sizeof *r->c);
	assert_non_null(r->c);
	r->root = open(".", O_RDONLY | O_DIRECTORY);
	strcpy(r->folder, P_tmpdir "/test_config.XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	assert_return_code(chdir(r->folder), 0);
	*state = r;
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;

	unlink("node.toml");
	assert_return_code(fchdir(r->root), 0);
	close(r->root);
	assert_return_code(rmdir(r->folder), 0);
	mem_free(r->c);
	mem_free(r);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

static inline void rig_write(const char *text, size_t n)
{
	FILE *f = fopen("node.toml", "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Loads `file`; the error or "". */
static inline const char *rig_load(struct rig *r, const char *file)
{
	size_t n = 0;

	while (r->sets[n])
		n++;
	enum err err = config_load(file, r->sets, n, r->env, r->c);
	const char *error = r->c->errors[0].text;
	assert_true(err == ERR_OK ? !r->c->error_count : err == ERR_USAGE && error[0]);
	assert_null(strchr(error, '\n'));
	memset(r->env, 0, sizeof r->env);
	memset(r->sets, 0, sizeof r->sets);
	return err == ERR_OK ? "" : error;
}

/* The same for this text as node.toml. */
static inline const char *rig_load_text(struct rig *r, const char *text)
{
	rig_write(text, strlen(text));
	return rig_load(r, NULL);
}

#define assert_loads(r, text)        assert_string_equal(rig_load_text(r, text), "")
#define assert_fails(r, text, error) assert_string_equal(rig_load_text(r, text), error)

#endif
