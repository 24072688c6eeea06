/* A link to a key process that is this test program once more (main() begins with
 * keys_rig_begin()). The test is the node, and in a thread the command line. */
#ifndef TESTS_UNIT_KEYS_RIG_H
#define TESTS_UNIT_KEYS_RIG_H

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/block.h"
#include "chain/hash_scratch.h"
#include "owner/keys.h"
#include "owner/keys_journal.h"
#include "owner/keys_link.h"
#include "owner/keys_start.h"
#include "owner/keys_user.h"
#include "tests/unit/main.h"

enum { RIG_PATIENCE = 60 /* seconds */, RIG_REQUESTS = 16 };

struct keys_heard {
	bool done;
	enum keys_said said;
	char line[KEYS_TEXT_MAX];
	uint8_t bytes[1024];
	size_t n;
};

struct keys_rig {
	struct event_base *base;
	struct keys_link *link;
	struct bound requests;
	struct keys_settings settings;
	char folder[64], socket[100];
	int listener, journal;
	size_t blocks; /* of memory, before */
	/* What the process asked to write. */
	unsigned stores;
	char name[KEY_NAME_MAX + 1];
	char file[KEY_FILE_MAX + 1];
	bool replaces;
	const char *disk_is_bad; /* NULL: it is written */
	unsigned changed, ended;
	char why[KEYS_TEXT_MAX];
	char said[4096]; /* all lines for the log */
};

/* In main(), first: is this the process? Then it has run. */
static inline bool keys_rig_is_process(int argc, char **argv, int *status)
{
	if (argc != 2 || strcmp(argv[1], KEYS_COMMAND) != 0)
		return false;
	crypto_count_memory();
	*status = keys_process(KEYS_FD_NODE, KEYS_FD_LISTENER, KEYS_FD_JOURNAL);
	crypto_end();
	if (mem_blocks()) /* what was not freed */
		*status = EXIT_AUDIT;
	return true;
}

/* How main() begins. False when it is to return *status at once; else it runs the tests, and then
 * calls crypto_end(). */
static inline bool keys_rig_begin(int argc, char **argv, int *status)
{
	if (keys_rig_is_process(argc, argv, status))
		return false;
	choose_tests(argc, argv);
	*status = 1;
	return crypto_init();
}

static inline void rig_store(
	void *ctx, uint32_t id, const char *name, struct slice sealed, bool replace)
{
	struct keys_rig *r = ctx;

	r->stores++;
	snprintf(r->name, sizeof r->name, "%s", *name ? name : "key1");
	snprintf(r->file, sizeof r->file, "%.*s", (int)sealed.n, (const char *)sealed.p);
	r->replaces = replace;
	if (r->disk_is_bad)
		keys_link_stored(r->link, id, ERR_IO, r->disk_is_bad);
	else
		keys_link_stored(r->link, id, ERR_OK, r->name);
}

static inline void rig_changed(void *ctx)
{
	((struct keys_rig *)ctx)->changed++;
}

static inline void rig_said(void *ctx, bool warn, const char *line)
{
	struct keys_rig *r = ctx;
	size_t n = strlen(r->said);

	snprintf(r->said + n, sizeof r->said - n, "%s%s\n", warn ? "warning: " : "", line);
}

static inline void rig_ended(void *ctx, const char *why)
{
	struct keys_rig *r = ctx;

	r->ended++;
	snprintf(r->why, sizeof r->why, "%s", why);
}

/* One turn of the loop. */
static inline void rig_turn(struct keys_rig *r)
{
	static const struct timeval patience = {RIG_PATIENCE, 0};

	event_base_loopexit(r->base, &patience);
	assert_int_equal(event_base_loop(r->base, EVLOOP_ONCE), 0);
}

static inline void rig_start(struct keys_rig *r)
{
	char why[KEYS_TEXT_MAX] = "";

	if (!keys_link_start(r->link, &r->settings, r->listener, r->journal, why))
		fail_msg("%s", why);
	r->changed = 0;
	while (!r->changed)
		rig_turn(r);
}

static inline void rig_listen(struct keys_rig *r)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(r->socket, sizeof r->socket, "%s/keys.sock", r->folder);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", r->socket);
	r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(r->listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(r->listener, 8), 0);
}

static inline void rig_journal(struct keys_rig *r)
{
	char why[KEYS_TEXT_MAX];

	r->journal = journal_open(r->folder, why);
	assert_true(r->journal >= 0);
}

static inline void rig_open(struct keys_rig *r)
{
	const struct keys_hooks hooks = {rig_store, rig_changed, rig_said, rig_ended, r};

	memset(r, 0, sizeof *r);
	r->blocks = mem_blocks();
	r->requests = (struct bound){.name = "owner_requests", .max = RIG_REQUESTS};
	r->settings = (struct keys_settings){.max_keys = 8,
		.process_bytes = 12 << 20,
		.try_ms = 1,
		.search_scratch = hash_scratch_least(),
		.search_threads = 1};
	strcpy(r->folder, "/tmp/test_keys.XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	rig_listen(r);
	rig_journal(r);
	r->base = event_base_new();
	r->link = keys_link_new(r->base, &hooks, &r->requests);
	assert_non_null(r->link);
	rig_start(r);
}

static inline void rig_close(struct keys_rig *r)
{
	char path[200];

	keys_link_free(r->link);
	event_base_free(r->base);
	close(r->listener);
	close(r->journal);
	unlink(r->socket);
	snprintf(path, sizeof path, "%s/%s", r->folder, KEYS_JOURNAL_NAME);
	unlink(path);
	assert_int_equal(rmdir(r->folder), 0);
	assert_int_equal(bound_read(&r->requests.used), 0);
	assert_int_equal(mem_blocks(), r->blocks);
}

/* ---- the node asks ---- */

static inline void rig_answer(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct keys_heard *h = ctx;

	h->done = true;
	h->said = said;
	snprintf(h->line, sizeof h->line, "%s", line);
	assert_true(bytes.n <= sizeof h->bytes);
	h->n = bytes.n;
	if (bytes.n)
		memcpy(h->bytes, bytes.p, bytes.n);
}

static inline enum keys_said rig_await(struct keys_rig *r, const struct keys_heard *h)
{
	while (!h->done)
		rig_turn(r);
	return h->said;
}

/* ---- the command line asks, in a thread, while the loop runs ---- */

struct keys_call {
	struct keys_rig *rig;
	bool (*ask)(struct keys_user *u, const struct keys_call *call, struct keys_reply *reply);
	const char *name, *old, *pass;
	const char *file;
	bool plain;
	uint32_t seconds;
	struct keys_reply reply;
	int done[2];
	int late; /* call_make_late(): a byte comes when it may go on */
};

static inline void *rig_user_main(void *ctx)
{
	struct keys_call *c = ctx;
	struct keys_user u;
	char why[KEYS_TEXT_MAX];

	if (keys_user_open(&u, c->rig->socket, why))
		c->ask(&u, c, &c->reply);
	else
		c->reply.said = KEYS_GONE;
	keys_user_close(&u);
	ssize_t n = write(c->done[1], "", 1);
	(void)n;
	return NULL;
}

static inline void rig_user_done(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	*(bool *)ctx = true;
}

static inline enum keys_said rig_user(struct keys_rig *r, struct keys_call *c)
{
	pthread_t thread;
	bool done = false;

	c->rig = r;
	assert_int_equal(pipe(c->done), 0);
	struct event *e = event_new(r->base, c->done[0], EV_READ, rig_user_done, &done);
	event_add(e, NULL);
	assert_int_equal(pthread_create(&thread, NULL, rig_user_main, c), 0);
	while (!done)
		rig_turn(r);
	pthread_join(thread, NULL);
	event_free(e);
	close(c->done[0]);
	close(c->done[1]);
	return c->reply.said;
}

static inline struct slice rig_text(const char *s)
{
	return s ? slice_str(s) : slice_of(NULL, 0);
}

static inline bool call_unlock(
	struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	return keys_user_unlock(u, c->name, rig_text(c->pass), c->seconds, reply);
}

/* Makes a key and waits for it. */
static inline bool call_make(
	struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	return keys_user_make(u, c->name, rig_text(c->pass), reply) &&
	       keys_user_wait(u, NULL, NULL, reply);
}

static inline bool call_import(
	struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	return keys_user_import(
		u, c->name, rig_text(c->file), rig_text(c->old), rig_text(c->pass), reply);
}

static inline bool call_export(
	struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	return keys_user_export(u, c->name, c->plain, rig_text(c->pass), reply);
}

static inline bool call_rewrap(
	struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	return keys_user_rewrap(u, c->name, rig_text(c->old), rig_text(c->pass), reply);
}

/* What the link knows once the process has told of all that was asked before. */
static inline const struct keys_state *rig_state(struct keys_rig *r)
{
	struct keys_heard h = {0};

	assert_true(keys_link_forget(r->link, "nobody", rig_answer, &h));
	rig_await(r, &h);
	return keys_link_state(r->link);
}

/* The first key, made as `name` with this passphrase; open. */
static inline const struct keys_row *rig_make(
	struct keys_rig *r, const char *name, const char *pass)
{
	struct keys_call c = {.ask = call_make, .name = name, .pass = pass};
	size_t before = keys_link_state(r->link)->count;

	rig_user(r, &c);
	while (keys_link_state(r->link)->count == before)
		rig_turn(r);
	return &keys_link_state(r->link)->rows[before];
}

#endif
