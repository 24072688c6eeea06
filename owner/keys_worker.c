/* Role: sends passphrases to the key process from a thread of its own. See owner/keys_worker.h.
 * Before: node/node_secret.c. After: owner/keys_user.h. */
#include "owner/keys_worker.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"
#include "owner/keys.h"

enum { SOCKET_MAX = 512 };

/* In locked memory, with copies of all texts. */
struct order {
	struct order *next;
	struct keys_order o; /* its texts are in `space` */
	keys_worked *done;
	void *ctx;
	struct keys_reply reply;
	char name[KEY_NAME_MAX + 1];
	uint8_t space[2 * PASSPHRASE_MAX + KEYS_ORDER_FILE_MAX];
};

struct list {
	struct order *first, *last;
};

struct keys_worker {
	char socket[SOCKET_MAX];
	struct bound *row;
	struct event *woken;
	int woken_fd; /* eventfd: an order is done; −1 = none */
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct list asked, done;
	int fd; /* of the connection that is waited for; −1 = none */
	bool ends;
};

const char *keys_order_name(enum keys_order_kind kind)
{
	static const char *const names[] = {
		[KEYS_ORDER_UNLOCK] = "unlock",
		[KEYS_ORDER_MAKE] = "make",
		[KEYS_ORDER_IMPORT] = "import",
		[KEYS_ORDER_CHANGE] = "change",
	};

	return names[kind];
}

/* ---- lists ---- */

static void put(struct list *l, struct order *o)
{
	o->next = NULL;
	if (l->last)
		l->last->next = o;
	else
		l->first = o;
	l->last = o;
}

static struct order *take(struct list *l)
{
	struct order *o = l->first;

	if (o)
		l->first = o->next;
	if (!l->first)
		l->last = NULL;
	return o;
}

/* ---- the thread ---- */

/* Makes the connection one that keys_worker_free() can end. False when it is to end. */
static bool show(struct keys_worker *w, int fd)
{
	pthread_mutex_lock(&w->lock);
	w->fd = fd;
	bool goes_on = !w->ends;
	pthread_mutex_unlock(&w->lock);
	return goes_on;
}

static void gone(struct keys_reply *r)
{
	r->said = KEYS_GONE;
	if (!r->line[0])
		snprintf(r->line, sizeof r->line, "the key process is being ended");
}

static void ask(struct keys_user *u, const struct keys_order *o, struct keys_reply *r)
{
	switch (o->kind) {
	case KEYS_ORDER_UNLOCK:
		keys_user_unlock(u, o->name, o->passphrase, o->seconds, r);
		break;
	case KEYS_ORDER_MAKE:
		keys_user_make(u, o->name, o->passphrase, r);
		break;
	case KEYS_ORDER_IMPORT:
		keys_user_import(u, o->name, o->file, o->old, o->passphrase, r);
		break;
	default:
		keys_user_rewrap(u, o->name, o->old, o->passphrase, r);
	}
}

static void do_order(struct keys_worker *w, struct order *o)
{
	struct keys_user u;

	if (!keys_user_open(&u, w->socket, o->reply.line)) {
		gone(&o->reply);
	} else {
		if (show(w, u.fd))
			ask(&u, &o->o, &o->reply);
		else
			gone(&o->reply);
		show(w, -1);
		keys_user_close(&u);
	}
	key_wipe(o->space, sizeof o->space);
	key_wipe_stack();
}

static struct order *next_order(struct keys_worker *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->ends && !w->asked.first)
		pthread_cond_wait(&w->changed, &w->lock);
	struct order *o = w->ends ? NULL : take(&w->asked);
	pthread_mutex_unlock(&w->lock);
	return o;
}

static void *work(void *ctx)
{
	struct keys_worker *w = ctx;
	uint64_t one = 1;
	struct order *o;

	while ((o = next_order(w))) {
		do_order(w, o);
		pthread_mutex_lock(&w->lock);
		put(&w->done, o);
		pthread_mutex_unlock(&w->lock);
		if (write(w->woken_fd, &one, sizeof one) < 0)
			continue; /* the counter is full: the loop is about to be woken */
	}
	return NULL;
}

/* ---- the loop ---- */

static void finish(struct keys_worker *w, struct order *o)
{
	bound_give(w->row, 1);
	o->done(o->ctx, &o->reply);
	key_memory_free(o);
}

static void on_woken(evutil_socket_t fd, short what, void *ctx)
{
	struct keys_worker *w = ctx;
	struct order *o;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof count) < 0)
		return;
	do {
		pthread_mutex_lock(&w->lock);
		o = take(&w->done);
		pthread_mutex_unlock(&w->lock);
		if (o)
			finish(w, o);
	} while (o);
}

static struct slice keep(uint8_t **at, struct slice s)
{
	struct slice kept = slice_of(*at, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

static struct order *copy_of(const struct keys_order *from, keys_worked *done, void *ctx)
{
	struct order *o = key_memory_new(sizeof *o);
	uint8_t *at = o ? o->space : NULL;

	if (!o)
		return NULL;
	o->o = *from;
	o->done = done;
	o->ctx = ctx;
	snprintf(o->name, sizeof o->name, "%s", from->name);
	o->o.name = o->name;
	o->o.passphrase = keep(&at, from->passphrase);
	o->o.old = keep(&at, from->old);
	o->o.file = keep(&at, from->file);
	return o;
}

static bool start(struct keys_worker *w)
{
	if (!w->started)
		w->started = thread_start(&w->thread, work, w);
	return w->started;
}

enum err keys_worker_ask(
	struct keys_worker *w, const struct keys_order *o, keys_worked *done, void *ctx)
{
	if (o->passphrase.n > PASSPHRASE_MAX || o->old.n > PASSPHRASE_MAX ||
		o->file.n > KEYS_ORDER_FILE_MAX || strlen(o->name) > KEY_NAME_MAX)
		return ERR_TOO_BIG;
	if (!bound_take(w->row, 1))
		return ERR_FULL;
	struct order *copy = start(w) ? copy_of(o, done, ctx) : NULL;
	if (!copy) {
		bound_give(w->row, 1);
		return ERR_NOMEM;
	}
	pthread_mutex_lock(&w->lock);
	put(&w->asked, copy);
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return ERR_OK;
}

/* ---- life ---- */

struct keys_worker *keys_worker_new(struct event_base *base, const char *socket, struct bound *row)
{
	struct keys_worker *w = mem_alloc(sizeof *w);

	if (!w)
		return NULL;
	snprintf(w->socket, sizeof w->socket, "%s", socket);
	w->row = row;
	w->fd = -1;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->woken_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->woken_fd >= 0)
		w->woken = event_new(base, w->woken_fd, EV_READ | EV_PERSIST, on_woken, w);
	if (w->woken && event_add(w->woken, NULL) == 0)
		return w;
	keys_worker_free(w);
	return NULL;
}

static void end_thread(struct keys_worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->ends = true;
	if (w->fd >= 0)
		shutdown(w->fd, SHUT_RDWR);
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
}

void keys_worker_free(struct keys_worker *w)
{
	struct order *o;

	if (!w)
		return;
	if (w->started)
		end_thread(w);
	while ((o = take(&w->done)))
		finish(w, o);
	while ((o = take(&w->asked))) {
		gone(&o->reply);
		finish(w, o);
	}
	if (w->woken)
		event_free(w->woken);
	if (w->woken_fd >= 0)
		close(w->woken_fd);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	mem_free(w);
}
