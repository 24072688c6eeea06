/* A ring of items under a lock, and an eventfd that is readable while it is not empty. Before and
 * after: see loop_queue.h. */
#include "base/loop_queue.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct loop_queue {
	pthread_mutex_t lock; /* protects everything that changes, and the row */
	struct bound *bound;
	void (*drop)(void *item);
	size_t item_size, slots, first, count;
	int fd;      /* eventfd; its counter is 1 while the queue is not empty or closed, else 0 */
	bool closed; /* then the descriptor stays readable */
	_Alignas(max_align_t) uint8_t items[]; /* aligned, because `drop` gets a pointer into it */
};

static uint8_t *item_at(struct loop_queue *q, size_t i)
{
	return q->items + (q->first + i) % q->slots * q->item_size;
}

/* ---- the descriptor: changed under the lock, so that it always agrees with the queue ---- */

static void make_readable(struct loop_queue *q)
{
	const uint64_t one = 1;
	ssize_t n = write(q->fd, &one, sizeof one);

	assert(n == sizeof one); /* the counter was 0 */
	(void)n;
}

static void make_unreadable(struct loop_queue *q)
{
	uint64_t one;
	ssize_t n = read(q->fd, &one, sizeof one);

	assert(n == sizeof one && one == 1);
	(void)n;
}

/* ---- life ---- */

struct loop_queue *loop_queue_new(struct bound *bound, size_t item_size, void (*drop)(void *item))
{
	size_t slots = (size_t)bound_read(&bound->max);

	assert(slots > 0 && item_size > 0);
	if (slots > SIZE_MAX / 2 / item_size)
		return NULL;
	struct loop_queue *q = mem_alloc(sizeof *q + slots * item_size);
	if (!q)
		return NULL;
	q->bound = bound;
	q->drop = drop;
	q->item_size = item_size;
	q->slots = slots;
	q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->fd < 0) {
		mem_free(q);
		return NULL;
	}
	pthread_mutex_init(&q->lock, NULL);
	return q;
}

void loop_queue_free(struct loop_queue *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->count && q->drop; i++)
		q->drop(item_at(q, i));
	bound_give(q->bound, q->count);
	close(q->fd);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}

/* ---- use ---- */

/* The slots are as many as the row's maximum was when the queue was made. A reload may have changed
 * the maximum since, so both are checked. */
static enum err put(struct loop_queue *q, const void *item)
{
	if (q->closed)
		return ERR_STOPPING;
	if (q->count == q->slots) {
		bound_hit(q->bound);
		return ERR_FULL;
	}
	if (!bound_take(q->bound, 1))
		return ERR_FULL;
	memcpy(item_at(q, q->count), item, q->item_size);
	if (q->count++ == 0)
		make_readable(q);
	return ERR_OK;
}

enum err loop_queue_put(struct loop_queue *q, const void *item)
{
	pthread_mutex_lock(&q->lock);
	enum err err = put(q, item);
	pthread_mutex_unlock(&q->lock);
	return err;
}

static enum err take(struct loop_queue *q, void *item)
{
	if (q->count == 0)
		return q->closed ? ERR_STOPPING : ERR_NOT_FOUND;
	memcpy(item, item_at(q, 0), q->item_size);
	q->first = (q->first + 1) % q->slots;
	bound_give(q->bound, 1);
	if (--q->count == 0 && !q->closed)
		make_unreadable(q);
	return ERR_OK;
}

enum err loop_queue_take(struct loop_queue *q, void *item)
{
	pthread_mutex_lock(&q->lock);
	enum err err = take(q, item);
	pthread_mutex_unlock(&q->lock);
	return err;
}

/* A closed queue stays readable, so that its reader wakes and takes what is left. */
void loop_queue_close(struct loop_queue *q)
{
	pthread_mutex_lock(&q->lock);
	if (!q->closed && q->count == 0)
		make_readable(q);
	q->closed = true;
	pthread_mutex_unlock(&q->lock);
}

int loop_queue_fd(const struct loop_queue *q)
{
	return q->fd;
}
