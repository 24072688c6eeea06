/* Two event loops of one process: the node's, which writes the chain, and one of another thread
 * that reads it. They read, commit, reload and stop. Run it with SAN=thread too. */
#include <poll.h>

#include "base/log_tail.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/main.h"
#include "tests/unit/second_loop.h"

enum { COMMITS = 400, LOOKS = 1000, LEFT = 5 };

struct world {
	struct fixture f;
	struct limits limits;
	struct link link;
	struct second_loop second;
	struct log_tail tail;
	uint64_t lines;     /* of the tail, looked at */
	unsigned number;    /* of the last settings that were sent */
	unsigned confirmed; /* of the last that are in use */
	unsigned generation;
};

static void on_line(void *ctx, enum log_level level, const char *text)
{
	log_tail_put(ctx, level, text);
}

static void begin(struct world *w)
{
	memset(w, 0, sizeof *w);
	limits_default(&w->limits);
	fixture_start(&w->f);
	log_tail_init(&w->tail);
	assert_true(log_setup(&(struct log_settings){.level = LOG_INFO, .file = "/dev/null"}));
	log_tap(on_line, &w->tail);
	link_start(&w->link, w->f.store, &w->limits);
	assert_non_null(w->link.commands);
	assert_non_null(w->link.replies);
}

static void end(struct world *w)
{
	if (w->second.wrong)
		fail_msg("the second loop: %s", w->second.wrong);
	link_end(&w->link);
	assert_int_equal(w->link.command_row.used, 0);
	assert_int_equal(w->link.reply_row.used, 0);
	assert_int_equal(w->f.readers.used, 0);
	log_tap(NULL, NULL);
	log_tail_clear(&w->tail);
	log_close();
	fixture_end(&w->f);
}

/* ---- the node's loop ---- */

/* A full block with the name that both look at, then an empty one. */
static void add_pair(struct world *w)
{
	struct made m;

	made_block(&m, store_height(w->f.store) + 1, 1, true, 1);
	m.b.tx.identity = slice_str(w->generation % 2 ? "one" : "other");
	m.hash[9] = (uint8_t)w->generation;
	assert_int_equal(fixture_append(&w->f, &m.b), ERR_OK);
	fixture_add(&w->f, 2, false);
}

/* Now and then a branch takes the place of another one. */
static void commit(struct world *w)
{
	uint64_t height = store_height(w->f.store);

	w->generation++;
	if (w->generation % 7 == 0 && height > 4)
		assert_int_equal(store_truncate(w->f.store, height - 3), ERR_OK);
	add_pair(w);
	if (w->generation % 5 == 0)
		add_pair(w);
	bound_take(&w->limits.max_future_blocks, 3);
	assert_int_equal(store_commit(w->f.store), ERR_OK);
	bound_give(&w->limits.max_future_blocks, 3);
}

/* What a reload does that others may see: the log's settings, a row's number, settings for the
 * other loop, which owns them once they are put. */
static enum err reload(struct world *w)
{
	struct command c = {COMMAND_RELOAD, mem_alloc(sizeof *c.fresh)};

	assert_non_null(c.fresh);
	assert_true(log_setup(&(struct log_settings){
		.level = w->number % 2 ? LOG_INFO : LOG_DEBUG, .file = "/dev/null"}));
	bound_write(&w->limits.max_bans.max, 100 + w->number);
	c.fresh->number = w->number + 1;
	snprintf(c.fresh->name, sizeof c.fresh->name, "%s", w->number % 2 ? "one" : "other");
	enum err err = loop_queue_put(w->link.commands, &c);
	if (err)
		mem_free(c.fresh);
	else
		w->number++;
	return err;
}

static void take_replies(struct world *w)
{
	struct reply r;

	while (loop_queue_take(w->link.replies, &r) == ERR_OK) {
		if (r.kind == REPLY_RELOADED)
			assert_true(r.number > w->confirmed);
		if (r.kind == REPLY_RELOADED)
			w->confirmed = r.number;
		if (r.kind == REPLY_ANSWER)
			assert_non_null(strstr(r.text, " at "));
		assert_int_not_equal(r.kind, REPLY_FAILED);
		reply_drop(&r);
	}
}

/* The lines of the other thread, as the node tells them. */
static void read_lines(struct world *w)
{
	struct log_tail_line line;
	uint64_t first = log_tail_first(&w->tail);

	for (w->lines = w->lines < first ? first : w->lines;
		log_tail_get(&w->tail, w->lines, &line); w->lines++)
		assert_ptr_equal(strstr(line.text, "second loop: "), line.text);
}

static void turn(struct world *w)
{
	struct command c = {.kind = COMMAND_ASK};

	commit(w);
	if (w->generation % 3 == 0)
		reload(w);
	if (w->generation % 4 == 0)
		loop_queue_put(w->link.commands, &c);
	take_replies(w);
	read_lines(w);
}

/* Both at once, until each has done enough beside the other. */
static void run(struct world *w)
{
	unsigned looks = 0;

	assert_int_equal(reload(w), ERR_OK);
	for (unsigned i = 0; i < COMMITS || looks < LOOKS; i++) {
		turn(w);
		looks = atomic_load(&w->link.looks);
	}
}

static void wait_for_reply(struct world *w)
{
	struct pollfd p = {.fd = loop_queue_fd(w->link.replies), .events = POLLIN};

	assert_int_equal(poll(&p, 1, 60000), 1);
}

/* ---- tests ---- */

static void they_read_commit_reload_and_stop(void **state)
{
	static struct world w;
	(void)state;

	begin(&w);
	assert_true(second_loop_start(&w.second, &w.link));
	run(&w);
	uint64_t height = store_height(w.f.store);
	second_loop_stop(&w.second);
	take_replies(&w);
	/* The last commit was not missed, and nothing that was put before the end. */
	assert_int_equal(w.second.height, height);
	assert_int_equal(w.second.reloads, w.number);
	assert_true(w.lines > 0);
	end(&w);
}

/* Commands that wait when the end comes are taken; replies that nobody takes are freed. */
static void a_stop_with_full_queues(void **state)
{
	static struct world w;
	struct command c = {.kind = COMMAND_ASK};
	(void)state;

	begin(&w);
	for (int i = 0; i < LEFT; i++)
		assert_int_equal(reload(&w), ERR_OK);
	while (loop_queue_put(w.link.commands, &c) == ERR_OK)
		;
	assert_int_equal(reload(&w), ERR_FULL);
	assert_true(second_loop_start(&w.second, &w.link));
	second_loop_stop(&w.second);
	assert_int_equal(w.second.reloads, LEFT);
	assert_int_equal(w.link.command_row.used, 0);
	assert_int_equal(w.link.reply_row.used, w.link.reply_row.max);
	assert_int_equal(w.second.unsent, w.link.command_row.max - w.link.reply_row.max);
	end(&w);
}

/* It ends before it has begun; what waits for it is freed. */
static void the_second_loop_fails(void **state)
{
	static struct world w;
	struct reply r;
	(void)state;

	begin(&w);
	assert_int_equal(reload(&w), ERR_OK);
	w.f.readers.max = 0;
	assert_true(second_loop_start(&w.second, &w.link));
	wait_for_reply(&w);
	assert_int_equal(loop_queue_take(w.link.replies, &r), ERR_OK);
	assert_int_equal(r.kind, REPLY_FAILED);
	assert_non_null(strstr(r.text, "limits.max_store_readers"));
	reply_drop(&r);
	assert_int_equal(reload(&w), ERR_STOPPING);
	second_loop_stop(&w.second);
	assert_int_equal(w.second.reloads, 0);
	w.f.readers.max = 4;
	end(&w);
}

/* The store stays as long as the other loop reads it. */
static void the_store_waits_for_the_second_loop(void **state)
{
	static struct world w;
	(void)state;

	begin(&w);
	assert_true(second_loop_start(&w.second, &w.link));
	assert_int_equal(reload(&w), ERR_OK);
	wait_for_reply(&w); /* so it has its reader */
	commit(&w);
	assert_int_equal(store_close(w.f.store), ERR_BUSY);
	commit(&w);
	second_loop_stop(&w.second);
	assert_int_equal(w.second.height, 4);
	end(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_read_commit_reload_and_stop),
		cmocka_unit_test(a_stop_with_full_queues),
		cmocka_unit_test(the_second_loop_fails),
		cmocka_unit_test(the_store_waits_for_the_second_loop),
	};

	choose_tests(argc, argv);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
