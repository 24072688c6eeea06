/* Memory that runs out, at every place of the link to the key process and of the process itself. */
#include <sys/resource.h>

#include "owner/keys_filter.h"
#include "owner/keys_process_internal.h"
#include "tests/unit/keys_rig.h"

static void no_store(void *ctx, uint32_t id, const char *name, struct slice sealed, bool replace)
{
	(void)ctx, (void)id, (void)name, (void)sealed, (void)replace;
}

static void no_change(void *ctx)
{
	(void)ctx;
}

static void no_line(void *ctx, bool warn, const char *line)
{
	(void)ctx, (void)warn, (void)line;
}

static void no_end(void *ctx, const char *why)
{
	(void)ctx, (void)why;
}

static const struct keys_hooks no_hooks = {no_store, no_change, no_line, no_end, NULL};

/* Calls one() with the n-th request for memory failing, for each n until none fails. One() returns
 * whether it did all of its work; it must when nothing failed, and nothing may be left. */
static void each_failure(bool (*one)(void))
{
	bool good = false;

	for (uint64_t n = 1; n < 1000 && !good; n++) {
		size_t blocks = mem_blocks();
		mem_fail_nth(n);
		good = one();
		bool failed = mem_fail_nth(0) == 0;
		assert_int_equal(mem_blocks(), blocks);
		assert_true(good || failed);
		good &= !failed;
	}
	assert_true(good);
}

static bool answered;

static void answer(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	(void)ctx, (void)line, (void)bytes;
	answered = said != KEYS_GONE;
}

/* A link, its process, and a request. */
static bool link_once(void)
{
	struct keys_settings settings = {.max_keys = 8, .search_threads = 1, .strength = 0};
	struct bound requests = {.name = "owner_requests", .max = 4};
	struct event_base *base = event_base_new();
	char why[KEYS_TEXT_MAX];
	int pair[2], journal = open("/dev/null", O_RDWR);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct keys_link *l = base ? keys_link_new(base, &no_hooks, &requests) : NULL;
	answered = false;
	if (l && keys_link_start(l, &settings, pair[0], journal, why) &&
		keys_link_lock(l, "", answer, NULL))
		while (!answered && keys_link_state(l)->pid >= 0 &&
			event_base_loop(base, EVLOOP_ONCE) == 0)
			;
	keys_link_free(l);
	if (base)
		event_base_free(base);
	close(pair[0]);
	close(pair[1]);
	close(journal);
	assert_int_equal(bound_read(&requests.used), 0);
	return answered;
}

static void test_link(void **state)
{
	(void)state;
	each_failure(link_once);
}

/* The process with its memory; when there is not enough it is not there, and has closed nothing
 * twice. */
static bool process_once(void)
{
	int node[2], listener[2], journal = open("/dev/null", O_RDWR);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, node), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, listener), 0);
	struct keys_process *p =
		process_new(node[1], listener[1], journal, &clock_system, &rng_system);
	close(node[0]);
	close(listener[0]);
	if (!p)
		return false;
	while (!p->ends)
		process_turn(p, -1);
	process_free(p);
	return true;
}

static void test_process(void **state)
{
	(void)state;
	each_failure(process_once);
}

/* ---- requests of the process, whose other ends are here ---- */

struct talk {
	struct keys_process *p;
	int node, user, listener;
	char folder[64], socket[100];
};

static void put(int fd, struct keys_message m)
{
	static uint8_t space[KEYS_FRAME_MAX];
	struct wr w = wr_of(space, sizeof space);

	m.id = 7;
	keys_frame_put(&w, &m);
	assert_int_equal(send(fd, w.p, w.n, MSG_NOSIGNAL), (ssize_t)w.n);
}

/* What the process answers on this socket; KEYS_GONE when it closes it. What else it says there is
 * passed over. */
static enum keys_said answer_on(struct talk *t, int fd)
{
	static uint8_t in[KEYS_FRAME_MAX];
	struct keys_message m;
	size_t n = 0, used;

	for (;;) {
		enum keys_cut cut =
			keys_frame_cut(slice_of(in, n), KEYS_FROM_PROCESS, sizeof in, &m, &used);
		assert_int_not_equal(cut, KEYS_CUT_BAD);
		if (cut == KEYS_CUT && m.kind == KEYS_ANSWER)
			return m.said;
		if (cut == KEYS_CUT) {
			n -= used;
			memmove(in, in + used, n);
			continue;
		}
		process_turn(t->p, 1);
		ssize_t got = recv(fd, in + n, sizeof in - n, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			return KEYS_GONE;
		n += got > 0 ? (size_t)got : 0;
	}
}

static void connect_user(struct talk *t)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	strcpy(a.sun_path, t->socket);
	t->user = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(t->user, (struct sockaddr *)&a, sizeof a), 0);
}

static int listen_at(struct talk *t)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(t->folder, "/tmp/test_keys.XXXXXX");
	assert_non_null(mkdtemp(t->folder));
	snprintf(t->socket, sizeof t->socket, "%s/s", t->folder);
	strcpy(a.sun_path, t->socket);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* A key with the passphrase "x" that opens quickly. */
static struct slice sealed_key(void)
{
	static char text[KEY_FILE_MAX];
	struct key_secrets secrets = {{1}, {2}};
	struct key_public pub;
	struct key_file f;
	struct seal_key by;
	struct wr w = wr_of(text, sizeof text);

	key_public_of(&secrets, &pub);
	assert_int_equal(
		seal_key_new(slice_str("x"), (struct key_cost){7168, 5}, &rng_system, &by), ERR_OK);
	key_seal(&pub, &secrets, &by, &rng_system, &f);
	key_file_encode(&f, &w);
	return wr_done(&w);
}

static void load_main(struct talk *t)
{
	static struct slice sealed;

	if (!sealed.n)
		sealed = sealed_key();
	put(t->node, (struct keys_message){
			     .kind = KEYS_LOAD, .name = slice_str("main"), .bytes = sealed});
	assert_int_equal(answer_on(t, t->node), KEYS_DONE);
}

/* Until the settings came. */
static void talk_begin_with(struct talk *t, bool keys_follow)
{
	static struct keys_settings settings = {.max_keys = 2, .process_bytes = 12 << 20};
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);
	int pair[2];

	settings.search_scratch = hash_scratch_least();
	settings.search_threads = 1;
	settings.keys_follow = keys_follow;
	keys_settings_put(&w, &settings);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	t->node = pair[0];
	t->p = process_new(
		pair[1], listen_at(t), open("/dev/null", O_RDWR), &clock_system, &rng_system);
	assert_non_null(t->p);
	put(t->node, (struct keys_message){.kind = KEYS_SETTINGS, .bytes = wr_done(&w)});
	assert_int_equal(answer_on(t, t->node), KEYS_DONE);
}

static void talk_begin(struct talk *t)
{
	talk_begin_with(t, false);
	load_main(t);
	connect_user(t);
}

static void talk_end(struct talk *t)
{
	close(t->node);
	close(t->user);
	process_free(t->p);
	unlink(t->socket);
	assert_int_equal(rmdir(t->folder), 0);
}

/* A request that fails for want of memory says so, or its connection is closed; the next one, with
 * memory, is served as ever. */
static bool request_once(struct keys_message m)
{
	struct talk t;
	uint64_t before = mem_fail_nth(0);

	talk_begin(&t);
	mem_fail_nth(before);
	put(t.user, m);
	enum keys_said said = answer_on(&t, t.user);
	bool failed = mem_fail_nth(0) == 0;
	assert_true(said == KEYS_DONE || said == KEYS_NO_MEMORY || said == KEYS_GONE);
	if (said == KEYS_GONE) {
		close(t.user);
		connect_user(&t);
	}
	put(t.user, m);
	assert_int_equal(answer_on(&t, t.user), KEYS_DONE);
	talk_end(&t);
	mem_fail_nth(failed ? 0 : 1); /* which each_failure() looks at */
	return said == KEYS_DONE;
}

static bool unlock_once(void)
{
	return request_once((struct keys_message){
		.kind = KEYS_UNLOCK, .name = slice_str("main"), .pass = slice_str("x")});
}

static bool export_once(void)
{
	return request_once((struct keys_message){.kind = KEYS_EXPORT,
		.name = slice_str("main"),
		.flag = true,
		.pass = slice_str("x")});
}

/* Argon2id's memory is the library's own. */
static void test_unlock_without_room(void **state)
{
	struct keys_message m = {
		.kind = KEYS_UNLOCK, .name = slice_str("main"), .pass = slice_str("x")};
	struct rlimit old, small;
	struct talk t;
	(void)state;

	if (filter_is_instrumented())
		skip(); /* a sanitizer's own memory counts, too */
	talk_begin(&t);
	process_turn(t.p, 1); /* accepts */
	getrlimit(RLIMIT_AS, &old);
	small = (struct rlimit){4 << 20, old.rlim_max}; /* less than there is already */
	setrlimit(RLIMIT_AS, &small);
	put(t.user, m);
	enum keys_said said = answer_on(&t, t.user);
	setrlimit(RLIMIT_AS, &old);
	assert_int_equal(said, KEYS_NO_MEMORY);
	put(t.user, m);
	assert_int_equal(answer_on(&t, t.user), KEYS_DONE);
	talk_end(&t);
}

/* Who asks while the keys of a new process are still on their way waits for them. */
static void test_users_wait_for_the_keys(void **state)
{
	uint8_t byte;
	struct talk t;
	(void)state;

	talk_begin_with(&t, true);
	connect_user(&t);
	put(t.user,
		(struct keys_message){
			.kind = KEYS_UNLOCK, .name = slice_str("main"), .pass = slice_str("x")});
	for (int i = 0; i < 3; i++)
		process_turn(t.p, 1);
	load_main(&t);
	assert_int_equal(recv(t.user, &byte, 1, MSG_PEEK | MSG_DONTWAIT), -1);
	put(t.node, (struct keys_message){.kind = KEYS_READY});
	assert_int_equal(answer_on(&t, t.node), KEYS_DONE);
	assert_int_equal(answer_on(&t, t.user), KEYS_DONE);
	talk_end(&t);
}

static void test_unlock(void **state)
{
	(void)state;
	each_failure(unlock_once);
}

static void test_export(void **state)
{
	(void)state;
	each_failure(export_once);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_users_wait_for_the_keys),
		cmocka_unit_test(test_unlock),
		cmocka_unit_test(test_unlock_without_room),
		cmocka_unit_test(test_export),
	};
	int status;

	if (!keys_rig_begin(argc, argv, &status))
		return status;
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
