/* A node on another machine: keys_link_connect() on one side, keys_relay.h and a key process on the
 * other. */
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "owner/keys_frame.h"
#include "owner/keys_relay.h"
#include "tests/unit/keys_rig.h"

static struct keys_rig rig;
static struct key_public pub;
static struct keys_relay *relay;
static char path[100];

/* The node far away. */
static struct {
	struct keys_link *link;
	struct bound requests;
	unsigned changed, ended;
	char why[KEYS_TEXT_MAX], said[KEYS_TEXT_MAX];
} far;

static void far_store(void *ctx, uint32_t id, const char *name, struct slice sealed, bool replace)
{
	(void)ctx;
	(void)id;
	(void)sealed;
	(void)replace;
	fail_msg("a file came: %s", name);
}

static void far_changed(void *ctx)
{
	(void)ctx;
	far.changed++;
}

static void far_said(void *ctx, bool warn, const char *line)
{
	(void)ctx;
	(void)warn;
	snprintf(far.said, sizeof far.said, "%s", line);
}

static void far_ended(void *ctx, const char *why)
{
	(void)ctx;
	far.ended++;
	snprintf(far.why, sizeof far.why, "%s", why);
}

static int listen_at(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(path, sizeof path, "%s/%s", rig.folder, name);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int open_all(void **state)
{
	const struct keys_hooks hooks = {far_store, far_changed, far_said, far_ended, NULL};

	(void)state;
	rig_open(&rig);
	pub = rig_make(&rig, "main", "x")->pub;
	memset(&far, 0, sizeof far);
	far.requests = (struct bound){.name = "owner_requests", .max = 4};
	far.link = keys_link_new(rig.base, &hooks, &far.requests);
	relay = keys_relay_new(rig.base, rig.link, listen_at("signer.sock"));
	assert_non_null(far.link);
	assert_non_null(relay);
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	keys_link_free(far.link);
	keys_link_stop(rig.link); /* its requests are answered to the relay */
	keys_relay_free(relay);
	relay = NULL;
	unlink(path);
	rig_close(&rig);
	return 0;
}

static void connect_far(void)
{
	char why[KEYS_TEXT_MAX];

	assert_true(keys_link_connect(far.link, path, why));
	while (!far.changed)
		rig_turn(&rig);
}

static struct keys_heard heard;

static void test_asks(void **state)
{
	uint8_t cipher[ECIES_OVERHEAD + 5];

	(void)state;
	connect_far();
	const struct keys_state *s = keys_link_state(far.link);
	assert_int_equal(s->count, 1);
	assert_int_equal(s->pid, 0);
	assert_memory_equal(&s->rows[0].pub, &pub, sizeof pub);
	assert_true(ecies_encrypt(pub.encryption, slice_str("a.ygg"), &rng_system, cipher));
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_decrypt(
		far.link, pub.encryption, slice_of(cipher, sizeof cipher), rig_answer, &heard));
	assert_int_equal(rig_await(&rig, &heard), KEYS_DONE);
	assert_memory_equal(heard.bytes, "a.ygg", 5);
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_sign(
		far.link, &(struct keys_sign){.block = slice_str("no block")}, rig_answer, &heard));
	assert_int_equal(rig_await(&rig, &heard), KEYS_BAD_BLOCK);
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_lock(far.link, "", rig_answer, &heard));
	assert_int_equal(rig_await(&rig, &heard), KEYS_DONE);
	assert_true(rig_state(&rig)->rows[0].locked);
	far.changed = 0;
	keys_relay_changed(relay);
	while (!far.changed)
		rig_turn(&rig);
	assert_true(keys_link_state(far.link)->rows[0].locked);
	keys_relay_says(relay, true, "hear");
	while (!far.said[0])
		rig_turn(&rig);
	assert_string_equal(far.said, "hear");
}

/* What has to do with files and secrets is not even sent. */
static void test_only_what_may_pass(void **state)
{
	(void)state;
	connect_far();
	assert_false(keys_link_load(far.link, "main", slice_str(rig.file), NULL, NULL));
	assert_false(keys_link_load_plain(far.link, "main", 0, NULL, NULL));
	assert_false(keys_link_forget(far.link, "main", NULL, NULL));
	assert_false(keys_link_rename(far.link, "main", "other", NULL, NULL));
	assert_false(keys_link_cancel(far.link, NULL, NULL));
	assert_int_equal(bound_read(&far.requests.used), 0);
}

/* When the line ends, what waits is answered, and it can be connected again. */
static void test_ends(void **state)
{
	(void)state;
	connect_far();
	memset(&heard, 0, sizeof heard);
	assert_true(keys_link_lock(far.link, "", rig_answer, &heard));
	keys_relay_ended(relay);
	while (!far.ended)
		rig_turn(&rig);
	assert_int_equal(heard.said, KEYS_GONE);
	assert_string_equal(far.why, "the signer closed the connection");
	assert_false(keys_link_state(far.link)->running);
	far.changed = 0;
	connect_far();
}

/* Requests of a connection that is no more are nobody's. */
static void test_another_node(void **state)
{
	char why[KEYS_TEXT_MAX];
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	keys_frame_put(&w, &(struct keys_message){.kind = KEYS_LOCK, .id = 1});
	pid_t process = (pid_t)keys_link_state(rig.link)->pid;
	assert_int_equal(kill(process, SIGSTOP), 0);
	assert_int_equal(send(fd, bytes, w.n, 0), (ssize_t)w.n);
	while (!bound_read(&rig.requests.used))
		rig_turn(&rig);
	assert_true(keys_link_connect(far.link, path, why));
	while (!far.changed)
		rig_turn(&rig);
	assert_int_equal(kill(process, SIGCONT), 0);
	while (bound_read(&rig.requests.used))
		rig_turn(&rig);
	for (int i = 0; i < 3; i++) { /* an answer that is not its own would be one too many */
		memset(&heard, 0, sizeof heard);
		assert_true(keys_link_lock(far.link, "", rig_answer, &heard));
		assert_int_equal(rig_await(&rig, &heard), KEYS_DONE);
	}
	assert_int_equal(far.ended, 0);
	close(fd);
}

static void test_nobody_there(void **state)
{
	char why[KEYS_TEXT_MAX], long_path[200];

	(void)state;
	assert_false(keys_link_connect(far.link, "/nowhere/s", why));
	assert_string_equal(why, "no signer answers at /nowhere/s: No such file or directory");
	memset(long_path, '/', sizeof long_path);
	long_path[199] = 0;
	assert_false(keys_link_connect(far.link, long_path, why));
	assert_false(keys_link_lock(far.link, "", NULL, NULL));
}

/* A signer that says what it must not: with what, and the line for the user. */
static void hostile(const struct keys_message *m)
{
	static uint8_t bytes[KEYS_FRAME_MAX];
	struct wr w = wr_of(bytes, sizeof bytes);
	char why[KEYS_TEXT_MAX], first[100];

	snprintf(first, sizeof first, "%s", path);
	int listener = listen_at("false.sock");
	assert_true(keys_link_connect(far.link, path, why));
	int fd = accept(listener, NULL, NULL);
	keys_frame_put(&w, m);
	assert_int_equal(send(fd, bytes, wr_done(&w).n, MSG_NOSIGNAL), (ssize_t)wr_done(&w).n);
	far.ended = 0;
	while (!far.ended)
		rig_turn(&rig);
	assert_non_null(strstr(far.why, "says what it should not"));
	assert_int_equal(far.changed, 0);
	close(fd);
	close(listener);
	unlink(path);
	snprintf(path, sizeof path, "%s", first);
}

static void with_rows(struct keys_row *rows, size_t count)
{
	static uint8_t bytes[KEYS_FRAME_MAX];
	struct wr w = wr_of(bytes, sizeof bytes);
	struct keys_state s = {.rows = rows, .count = count};

	keys_state_put(&w, &s);
	hostile(&(struct keys_message){.kind = KEYS_STATE, .bytes = wr_done(&w)});
}

static void test_hostile_signer(void **state)
{
	struct keys_row rows[2] = {{.name = "a", .pub = pub}, {.name = "b", .pub = pub}};

	(void)state;
	hostile(&(struct keys_message){.kind = KEYS_ANSWER, .id = 1});
	hostile(&(struct keys_message){.kind = KEYS_STORE, .name = slice_str("x")});
	hostile(&(struct keys_message){.kind = KEYS_PROGRESS});
	hostile(&(struct keys_message){.kind = KEYS_LOCK});
	with_rows(rows, 2); /* one key by two names */
	memset(&rows[0].pub, 0, sizeof rows[0].pub);
	with_rows(rows, 1);
	rows[0].pub = pub;
	memset(rows[0].pub.encryption, 0, 32);
	rows[0].pub.encryption[0] = 1; /* of small order */
	with_rows(rows, 1);
	rows[0].pub = pub;
	strcpy(rows[0].name, "../x");
	with_rows(rows, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
		TEST(test_asks),
		TEST(test_only_what_may_pass),
		TEST(test_ends),
		TEST(test_another_node),
		TEST(test_nobody_there),
		TEST(test_hostile_signer),
#undef TEST
	};
	int status;

	if (!keys_rig_begin(argc, argv, &status))
		return status;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
