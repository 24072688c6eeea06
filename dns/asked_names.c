/* Counts questions by name, in six parts of an hour, so that what is older can be dropped. Before:
 * dns/serve_query.c. After: nothing. */
#include "dns/asked_names.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "dns/name.h"

enum { PARTS = 6, PART_MS = 600000 };

struct entry {
	struct dns_name name;
	struct {
		uint32_t questions, slowest_ms;
	} part[PARTS]; /* by the number of the ten minutes, modulo PARTS */
};

struct dns_asked {
	pthread_mutex_t lock;
	atomic_bool on; /* written under the lock */
	struct bound *row;
	struct entry *entries; /* NULL while it is off */
	size_t count, size;
	uint64_t now; /* number of the present ten minutes */
};

/* as the row dns_page_names says */
_Static_assert(sizeof(struct entry) <= 304, "of a name");
_Static_assert(sizeof(struct dns_asked) <= 256, "of the table");

/* ---- life ---- */

struct dns_asked *dns_asked_new(struct bound *row)
{
	struct dns_asked *a = mem_alloc(sizeof *a);

	if (!a)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	a->row = row;
	return a;
}

static void drop_all(struct dns_asked *a)
{
	mem_free(a->entries);
	a->entries = NULL;
	a->count = a->size = 0;
	bound_note(a->row, 0);
}

void dns_asked_free(struct dns_asked *a)
{
	if (!a)
		return;
	drop_all(a);
	pthread_mutex_destroy(&a->lock);
	mem_free(a);
}

/* A table of another size begins anew. */
bool dns_asked_keep(struct dns_asked *a, bool on)
{
	size_t size = on ? (size_t)bound_read(&a->row->max) : 0;

	pthread_mutex_lock(&a->lock);
	if (size != a->size) {
		drop_all(a);
		a->entries = size ? mem_alloc(size * sizeof *a->entries) : NULL;
		a->size = a->entries ? size : 0;
	}
	bool kept = a->entries != NULL;
	atomic_store_explicit(&a->on, kept, memory_order_relaxed);
	pthread_mutex_unlock(&a->lock);
	return kept || !on;
}

bool dns_asked_is_kept(const struct dns_asked *a)
{
	return atomic_load_explicit(&a->on, memory_order_relaxed);
}

/* ---- entries ---- */

static void sum(const struct entry *e, uint64_t *questions, uint64_t *slowest_ms)
{
	*questions = *slowest_ms = 0;
	for (size_t i = 0; i < PARTS; i++) {
		*questions += e->part[i].questions;
		if (e->part[i].slowest_ms > *slowest_ms)
			*slowest_ms = e->part[i].slowest_ms;
	}
}

static void remove_at(struct dns_asked *a, size_t i)
{
	a->entries[i] = a->entries[--a->count];
	bound_note(a->row, a->count);
}

/* Clears the part that begins now in all entries, and drops those that nothing is left of. */
static void begin_part(struct dns_asked *a, uint64_t number)
{
	uint64_t questions, slowest;

	for (size_t i = a->count; i-- > 0;) {
		memset(&a->entries[i].part[number % PARTS], 0, sizeof a->entries[i].part[0]);
		sum(&a->entries[i], &questions, &slowest);
		if (!questions)
			remove_at(a, i);
	}
}

static void go_on(struct dns_asked *a, uint64_t now_ms)
{
	uint64_t number = now_ms / PART_MS;

	if (number > a->now + PARTS)
		a->now = number - PARTS; /* all parts are cleared */
	while (a->now < number)
		begin_part(a, ++a->now);
}

static struct entry *find(struct dns_asked *a, const struct dns_name *name)
{
	for (size_t i = 0; i < a->count; i++)
		if (dns_name_equal(&a->entries[i].name, name))
			return &a->entries[i];
	return NULL;
}

static size_t least_asked(const struct dns_asked *a)
{
	uint64_t least = UINT64_MAX, questions, slowest;
	size_t found = 0;

	for (size_t i = 0; i < a->count; i++) {
		sum(&a->entries[i], &questions, &slowest);
		if (questions < least) {
			least = questions;
			found = i;
		}
	}
	return found;
}

static struct entry *add(struct dns_asked *a, const struct dns_name *name)
{
	if (a->count == a->size) {
		bound_hit(a->row);
		remove_at(a, least_asked(a));
	}
	struct entry *e = &a->entries[a->count++];
	*e = (struct entry){.name = *name};
	dns_name_lower(&e->name);
	bound_note(a->row, a->count);
	return e;
}

static void count(struct dns_asked *a, const struct dns_name *name, uint64_t took_ms)
{
	struct entry *e = find(a, name);
	size_t part = a->now % PARTS;
	uint32_t took = took_ms < UINT32_MAX ? (uint32_t)took_ms : UINT32_MAX;

	if (!e)
		e = add(a, name);
	if (e->part[part].questions < UINT32_MAX)
		e->part[part].questions++;
	if (took > e->part[part].slowest_ms)
		e->part[part].slowest_ms = took;
}

void dns_asked_note(
	struct dns_asked *a, const struct dns_name *name, uint64_t took_ms, uint64_t now_ms)
{
	if (!dns_asked_is_kept(a))
		return;
	pthread_mutex_lock(&a->lock);
	if (a->entries) {
		go_on(a, now_ms);
		count(a, name, took_ms);
	}
	pthread_mutex_unlock(&a->lock);
}

void dns_asked_forget(struct dns_asked *a, uint64_t now_ms)
{
	if (!dns_asked_is_kept(a))
		return;
	pthread_mutex_lock(&a->lock);
	go_on(a, now_ms);
	pthread_mutex_unlock(&a->lock);
}

/* ---- the list ---- */

static uint64_t weight(const struct dns_asked_told *t, enum dns_asked_order order)
{
	return order == DNS_ASKED_BUSIEST ? t->questions : t->slowest_ms;
}

/* Puts one into its place among the n that are there. Returns how many there are then. */
static size_t insert(struct dns_asked_told *to, size_t n, size_t max, enum dns_asked_order order,
	const struct dns_asked_told *t)
{
	size_t at = n;

	while (at > 0 && weight(&to[at - 1], order) < weight(t, order))
		at--;
	if (at == max)
		return n;
	n += n < max;
	memmove(to + at + 1, to + at, (n - at - 1) * sizeof *to);
	to[at] = *t;
	return n;
}

size_t dns_asked_list(struct dns_asked *a, enum dns_asked_order order, uint64_t now_ms,
	struct dns_asked_told *to, size_t max)
{
	struct dns_asked_told t;
	size_t n = 0;

	if (!dns_asked_is_kept(a))
		return 0;
	pthread_mutex_lock(&a->lock);
	go_on(a, now_ms);
	for (size_t i = 0; i < a->count; i++) {
		t.name = a->entries[i].name;
		sum(&a->entries[i], &t.questions, &t.slowest_ms);
		n = insert(to, n, max, order, &t);
	}
	pthread_mutex_unlock(&a->lock);
	return n;
}
