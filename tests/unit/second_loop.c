/* See second_loop.h. cmocka's asserts are for the main thread: here the first mistake is kept. */
#include "tests/unit/second_loop.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/view.h"

enum { COMMANDS = 8, REPLIES = 6 };

/* ---- what both share ---- */

static void command_drop(void *item)
{
	struct command *c = item;

	mem_free(c->fresh);
}

void reply_drop(void *item)
{
	struct reply *r = item;

	mem_free(r->text);
}

void link_start(struct link *l, struct store *s, const struct limits *limits)
{
	*l = (struct link){.command_row = {.name = "commands", .max = COMMANDS},
		.reply_row = {.name = "replies", .max = REPLIES},
		.store = s,
		.limits = limits};
	l->commands = loop_queue_new(&l->command_row, sizeof(struct command), command_drop);
	l->replies = loop_queue_new(&l->reply_row, sizeof(struct reply), reply_drop);
}

void link_end(struct link *l)
{
	loop_queue_free(l->commands);
	loop_queue_free(l->replies);
}

/* ---- the second loop ---- */

static void must(struct second_loop *d, bool good, const char *what)
{
	if (!good && !d->wrong)
		d->wrong = what;
}

/* A reply that finds no room is lost, and nobody waits. */
static void reply(struct second_loop *d, enum reply_kind kind, const char *text)
{
	struct reply r = {.kind = kind, .number = d->settings ? d->settings->number : 0};

	if (text && (r.text = mem_alloc(strlen(text) + 1)))
		strcpy(r.text, text);
	if (loop_queue_put(d->link->replies, &r) == ERR_OK)
		return;
	d->unsent++;
	reply_drop(&r);
}

/* The node commits two blocks at a time, never one; the names are in full blocks. */
static void query_of(struct second_loop *d, struct view *v)
{
	uint64_t height = view_height(v);
	struct domain_row row;
	struct block_summary head;

	must(d, height % 2 == 0, "half of a group was seen");
	must(d, !view_summary(v, height + 1, &head), "a head above the tip");
	if (height && !view_summary(v, height, &head))
		must(d, false, "the tip has no head");
	if (height && view_domain(v, slice_str(d->settings->name), UINT64_MAX, &row)) {
		struct block_owned *o = view_block(v, row.id);
		must(d, o && o->b.full && row.id <= height, "the block of the name");
		must(d, o && slice_is(o->b.tx.identity, d->settings->name), "another's block");
		must(d,
			!o || (view_summary(v, row.id, &head) &&
				      slice_eq(o->b.hash, slice_of(head.hash, HASH_SIZE))),
			"a block and its head are of two moments");
		mem_free(o);
	}
	d->height = height;
}

static void look(struct second_loop *d)
{
	struct view v = {.reader = d->reader};

	view_begin(&v);
	query_of(d, &v);
	view_end(&v);
	must(d, store_reader_error(d->reader) == ERR_OK, "reading failed");
	atomic_fetch_add(&d->link->looks, 1);
}

/* As metrics would show them. */
static void read_rows(struct second_loop *d)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(d->link->limits, i);
		must(d, bound_read(&b->used) <= UINT32_MAX, "a number in two halves");
	}
}

/* As fast as it can, so that reads meet commits. */
static void on_work(evutil_socket_t fd, short what, void *ctx)
{
	const struct timeval at_once = {0, 0};
	struct second_loop *d = ctx;

	(void)fd;
	(void)what;
	if (d->settings)
		look(d);
	read_rows(d);
	event_add(d->work, &at_once);
}

static void ask(struct second_loop *d)
{
	char text[64];

	snprintf(text, sizeof text, "%s at %llu", d->settings ? d->settings->name : "nothing",
		(unsigned long long)d->height);
	log_info("second loop: %s", text);
	reply(d, REPLY_ANSWER, text);
}

static void reload(struct second_loop *d, struct settings *fresh)
{
	must(d, !d->settings || fresh->number > d->settings->number, "a reload out of order");
	mem_free(d->settings);
	d->settings = fresh;
	d->reloads++;
	log_info("second loop: settings %u", fresh->number);
	reply(d, REPLY_RELOADED, NULL);
}

/* One a turn: the descriptor stays readable for the next. */
static void on_command(evutil_socket_t fd, short what, void *ctx)
{
	struct second_loop *d = ctx;
	struct command c;

	(void)fd;
	(void)what;
	switch (loop_queue_take(d->link->commands, &c)) {
	case ERR_OK:
		if (c.kind == COMMAND_RELOAD)
			reload(d, c.fresh);
		else
			ask(d);
		return;
	case ERR_STOPPING:
		event_base_loopbreak(d->base);
		return;
	default:
		must(d, false, "woken for nothing");
	}
}

static struct event_base *make_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c && event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(c);
	if (c)
		event_config_free(c);
	return base;
}

static bool begin(struct second_loop *d, char *why, size_t size)
{
	const struct timeval at_once = {0, 0};

	if (store_reader_open(d->link->store, &d->reader, why, size) != ERR_OK)
		return false;
	snprintf(why, size, "out of memory");
	d->base = make_base();
	if (!d->base)
		return false;
	d->commanded = event_new(
		d->base, loop_queue_fd(d->link->commands), EV_READ | EV_PERSIST, on_command, d);
	d->work = event_new(d->base, -1, 0, on_work, d);
	return d->commanded && d->work && event_add(d->commanded, NULL) == 0 &&
	       event_add(d->work, &at_once) == 0;
}

/* All that is its own ends on its own thread. */
static void finish(struct second_loop *d)
{
	if (d->reader && d->settings && store_reader_is_behind(d->reader))
		look(d);
	if (d->commanded)
		event_free(d->commanded);
	if (d->work)
		event_free(d->work);
	if (d->base)
		event_base_free(d->base);
	store_reader_close(d->reader);
	mem_free(d->settings);
}

static void *second_main(void *ctx)
{
	struct second_loop *d = ctx;
	char why[256];

	if (begin(d, why, sizeof why)) {
		event_base_dispatch(d->base);
	} else {
		loop_queue_close(d->link->commands); /* it takes none */
		reply(d, REPLY_FAILED, why);
	}
	finish(d);
	return NULL;
}

bool second_loop_start(struct second_loop *d, struct link *l)
{
	*d = (struct second_loop){.link = l};
	return thread_start(&d->thread, second_main, d);
}

void second_loop_stop(struct second_loop *d)
{
	loop_queue_close(d->link->commands);
	pthread_join(d->thread, NULL);
}
