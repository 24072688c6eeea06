/* Queues between two loops: order, bounds, when the descriptor is readable, and who owns what is
 * left at the end. */
#include "base/loop_queue.h"

#include <poll.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "tests/unit/main.h"

/* An item that owns memory. */
struct note {
	unsigned number;
	char *text;
};

static unsigned dropped;

static void drop_note(void *item)
{
	struct note *n = item;

	mem_free(n->text);
	dropped++;
}

static struct note note_of(unsigned number)
{
	struct note n = {number, mem_alloc(8)};

	assert_non_null(n.text);
	return n;
}

static bool readable(struct loop_queue *q)
{
	struct pollfd p = {.fd = loop_queue_fd(q), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static struct loop_queue *start(struct bound *bound)
{
	*bound = (struct bound){.name = "commands", .max = 3};
	dropped = 0;
	struct loop_queue *q = loop_queue_new(bound, sizeof(struct note), drop_note);
	assert_non_null(q);
	return q;
}

static void end(struct loop_queue *q, struct bound *bound)
{
	loop_queue_free(q);
	assert_int_equal(bound->used, 0);
	assert_int_equal(mem_blocks(), 0);
}

static void items_come_out_in_order(void **state)
{
	struct bound row;
	struct loop_queue *q = start(&row);
	struct note n;
	(void)state;

	assert_int_equal(loop_queue_take(q, &n), ERR_NOT_FOUND);
	for (unsigned i = 0; i < 10; i++) { /* round the ring */
		struct note a = note_of(2 * i), b = note_of(2 * i + 1);
		assert_int_equal(loop_queue_put(q, &a), ERR_OK);
		assert_int_equal(loop_queue_put(q, &b), ERR_OK);
		for (unsigned j = 0; j < 2; j++) {
			assert_int_equal(loop_queue_take(q, &n), ERR_OK);
			assert_int_equal(n.number, 2 * i + j);
			mem_free(n.text);
		}
	}
	assert_int_equal(row.peak, 2);
	assert_int_equal(dropped, 0);
	end(q, &row);
}

/* A full one refuses, and what it refuses stays the caller's. */
static void a_full_one_refuses(void **state)
{
	struct bound row;
	struct loop_queue *q = start(&row);
	struct note n, more = note_of(9);
	(void)state;

	for (unsigned i = 0; i < 3; i++) {
		n = note_of(i);
		assert_int_equal(loop_queue_put(q, &n), ERR_OK);
	}
	assert_int_equal(loop_queue_put(q, &more), ERR_FULL);
	assert_int_equal(row.hits, 1);
	row.max = 10; /* there are only so many slots */
	assert_int_equal(loop_queue_put(q, &more), ERR_FULL);
	assert_int_equal(row.hits, 2);
	row.max = 1;
	assert_int_equal(loop_queue_take(q, &n), ERR_OK);
	mem_free(n.text);
	assert_int_equal(loop_queue_put(q, &more), ERR_FULL);
	assert_int_equal(row.hits, 3);
	row.max = 3;
	assert_int_equal(loop_queue_put(q, &more), ERR_OK);
	end(q, &row);
	assert_int_equal(dropped, 3);
}

/* As long as something waits, however little a loop takes in a turn; never else. */
static void the_descriptor_tells(void **state)
{
	struct bound row;
	struct loop_queue *q = start(&row);
	struct note n = note_of(1), other = note_of(2);
	(void)state;

	assert_false(readable(q));
	assert_int_equal(loop_queue_put(q, &n), ERR_OK);
	assert_true(readable(q));
	assert_int_equal(loop_queue_put(q, &other), ERR_OK);
	assert_int_equal(loop_queue_take(q, &n), ERR_OK);
	mem_free(n.text);
	assert_true(readable(q));
	assert_int_equal(loop_queue_take(q, &n), ERR_OK);
	mem_free(n.text);
	assert_false(readable(q));
	assert_int_equal(loop_queue_take(q, &n), ERR_NOT_FOUND);
	assert_false(readable(q));
	end(q, &row);
}

/* Closing reaches the other side through a full queue; what waits can still be taken. */
static void a_closed_one(void **state)
{
	struct bound row;
	struct loop_queue *q = start(&row);
	struct note n, refused = note_of(9);
	(void)state;

	for (unsigned i = 0; i < 3; i++) {
		n = note_of(i);
		assert_int_equal(loop_queue_put(q, &n), ERR_OK);
	}
	loop_queue_close(q);
	loop_queue_close(q);
	assert_int_equal(loop_queue_put(q, &refused), ERR_STOPPING);
	mem_free(refused.text);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(loop_queue_take(q, &n), ERR_OK);
		mem_free(n.text);
	}
	assert_true(readable(q));
	assert_int_equal(loop_queue_take(q, &n), ERR_STOPPING);
	assert_true(readable(q));
	end(q, &row);
	assert_int_equal(dropped, 0);
	/* an empty one tells it at once */
	q = start(&row);
	loop_queue_close(q);
	loop_queue_close(q);
	assert_true(readable(q));
	assert_int_equal(loop_queue_take(q, &n), ERR_STOPPING);
	end(q, &row);
}

static void what_is_left_is_dropped(void **state)
{
	struct bound row;
	struct loop_queue *q = start(&row);
	struct note n;
	(void)state;

	for (unsigned i = 0; i < 2; i++) {
		n = note_of(i);
		assert_int_equal(loop_queue_put(q, &n), ERR_OK);
	}
	loop_queue_close(q);
	end(q, &row);
	assert_int_equal(dropped, 2);
	loop_queue_free(NULL);
}

static void no_memory(void **state)
{
	struct bound row = {.name = "commands", .max = 3};
	(void)state;

	mem_fail_nth(1);
	assert_null(loop_queue_new(&row, 8, NULL));
	assert_int_equal(mem_fail_nth(0), 0);
	row.max = SIZE_MAX;
	assert_null(loop_queue_new(&row, 8, NULL));
	assert_int_equal(mem_blocks(), 0);
}

/* ---- two threads ---- */

enum { MANY = 20000, WRITERS = 2 };

struct sum {
	struct loop_queue *q;
	unsigned count[WRITERS];
	bool ordered;
};

/* Item i of writer w is i * WRITERS + w. */
static void *take_all(void *ctx)
{
	struct sum *s = ctx;
	struct note n;
	struct pollfd p = {.fd = loop_queue_fd(s->q), .events = POLLIN};
	enum err err = ERR_OK;

	s->ordered = true;
	while (err != ERR_STOPPING && poll(&p, 1, -1) == 1) {
		err = loop_queue_take(s->q, &n);
		if (err)
			continue;
		unsigned writer = n.number % WRITERS;
		s->ordered = s->ordered && n.number / WRITERS == s->count[writer]++;
		mem_free(n.text);
	}
	return NULL;
}

struct writer {
	struct loop_queue *q;
	unsigned number;
};

static void *put_many(void *ctx)
{
	struct writer *w = ctx;
	struct note n;

	for (unsigned i = 0; i < MANY; i++) {
		n = (struct note){i * WRITERS + w->number, mem_alloc(8)};
		while (loop_queue_put(w->q, &n) == ERR_FULL)
			sched_yield(); /* only a test may wait */
	}
	return NULL;
}

static void threads_put_and_one_takes(void **state)
{
	struct bound row;
	struct loop_queue *q = start(&row);
	struct sum sum = {.q = q};
	struct writer writers[WRITERS] = {{q, 0}, {q, 1}};
	pthread_t taker, threads[WRITERS];
	(void)state;

	assert_true(thread_start(&taker, take_all, &sum));
	for (int i = 0; i < WRITERS; i++)
		assert_true(thread_start(&threads[i], put_many, &writers[i]));
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_in_range(bound_read(&row.peak), 1, 3); /* others may look at any time */
	loop_queue_close(q);
	pthread_join(taker, NULL);
	assert_true(sum.ordered);
	assert_int_equal(sum.count[0], MANY);
	assert_int_equal(sum.count[1], MANY);
	end(q, &row);
	assert_int_equal(dropped, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_out_in_order),
		cmocka_unit_test(a_full_one_refuses),
		cmocka_unit_test(the_descriptor_tells),
		cmocka_unit_test(a_closed_one),
		cmocka_unit_test(what_is_left_is_dropped),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(threads_put_and_one_takes),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
