/* Role: the command line's end of the key process.
 * Before: cli/key*.c. After: keys.sock. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "owner/keys.h"
#include "owner/keys_frame.h"
#include "owner/keys_user.h"

/* Answers are short: no state and no block goes this way. */
enum { ANSWER_MAX = 4096 };

bool keys_file_is_sealed(struct slice file)
{
	static const char first[] = "alfisd key ";

	return file.n >= sizeof first - 1 && memcmp(file.p, first, sizeof first - 1) == 0;
}

void keys_reply_wipe(struct keys_reply *r)
{
	key_wipe(r, sizeof *r);
}

bool keys_user_open(struct keys_user *u, const char *path, char why[KEYS_TEXT_MAX])
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int n = snprintf(a.sun_path, sizeof a.sun_path, "%s", path);

	u->fd = -1;
	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof a.sun_path)
		u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (u->fd >= 0 && connect(u->fd, (struct sockaddr *)&a, sizeof a) == 0)
		return true;
	snprintf(why, KEYS_TEXT_MAX, "cannot reach the key process at %.200s: %s", path,
		strerror(errno));
	keys_user_close(u);
	return false;
}

void keys_user_close(struct keys_user *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

/* ---- one request ---- */

/* The bytes of one exchange, with secrets in them. */
struct exchange {
	uint8_t out[KEYS_USER_MAX], in[ANSWER_MAX];
	size_t n; /* of `in` */
	size_t used;
	struct keys_message m; /* what came; its slices are of `in` */
};

static bool send_all(struct keys_user *u, struct slice s)
{
	while (s.n) {
		ssize_t n = send(u->fd, s.p, s.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = slice_of(s.p + n, s.n - (size_t)n);
	}
	return true;
}

static bool send_request(struct keys_user *u, struct exchange *e, const struct keys_message *m)
{
	struct wr w = wr_of(e->out, sizeof e->out);

	keys_frame_put(&w, m);
	struct slice s = wr_done(&w);
	bool good = s.n > 0 && send_all(u, s);
	key_wipe(e->out, sizeof e->out);
	return good;
}

/* A block needs more room, and no locked memory. */
static bool send_block(struct keys_user *u, const struct keys_message *m)
{
	struct wr w = wr_of(mem_alloc(KEYS_FRAME_MAX), KEYS_FRAME_MAX);

	if (w.p)
		keys_frame_put(&w, m);
	struct slice s = w.p ? wr_done(&w) : slice_of(NULL, 0);
	bool good = s.n > 0 && send_all(u, s);
	mem_free(w.p);
	return good;
}

/* Waits for the next message. */
static bool receive(struct keys_user *u, struct exchange *e)
{
	memmove(e->in, e->in + e->used, e->n - e->used);
	e->n -= e->used;
	e->used = 0;
	for (;;) {
		enum keys_cut cut = keys_frame_cut(
			slice_of(e->in, e->n), KEYS_FROM_PROCESS, sizeof e->in, &e->m, &e->used);
		if (cut != KEYS_CUT_MORE)
			return cut == KEYS_CUT;
		ssize_t n = recv(u->fd, e->in + e->n, sizeof e->in - e->n, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		e->n += (size_t)n;
	}
}

static void copy_text(char *to, size_t size, struct slice s)
{
	size_t n = s.n < size ? s.n : size - 1;

	if (n)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static bool read_answer(const struct keys_message *m, struct keys_reply *r)
{
	if (m->kind != KEYS_ANSWER || m->bytes.n > sizeof r->bytes)
		return false;
	r->said = m->said;
	copy_text(r->line, sizeof r->line, m->line);
	copy_text(r->name, sizeof r->name, m->name);
	if (m->key.n == sizeof r->pub)
		memcpy(&r->pub, m->key.p, sizeof r->pub);
	r->count = (uint32_t)m->number;
	if (m->bytes.n)
		memcpy(r->bytes, m->bytes.p, m->bytes.n);
	r->size = m->bytes.n;
	return true;
}

static void gone(struct keys_reply *r)
{
	keys_reply_wipe(r);
	r->said = KEYS_GONE;
	snprintf(r->line, sizeof r->line, "the key process ended, or closed the connection");
}

static bool ask(struct keys_user *u, const struct keys_message *m, struct keys_reply *r)
{
	struct exchange *e = key_memory_new(sizeof *e);

	memset(r, 0, sizeof *r);
	if (!e) {
		r->said = KEYS_NO_MEMORY;
		return false;
	}
	errno = 0;
	bool sent = m->kind == KEYS_SIGN ? send_block(u, m) : send_request(u, e, m);
	/* Who is turned away may have been told why already. */
	if ((!sent && errno != EPIPE) || !receive(u, e) || !read_answer(&e->m, r))
		gone(r);
	key_memory_free(e);
	return r->said == KEYS_DONE;
}

/* ---- requests ---- */

bool keys_user_unlock(struct keys_user *u, const char *name, struct slice passphrase,
	uint32_t seconds, struct keys_reply *r)
{
	return ask(u,
		&(struct keys_message){.kind = KEYS_UNLOCK,
			.name = slice_str(name),
			.number = seconds,
			.pass = passphrase},
		r);
}

bool keys_user_make(
	struct keys_user *u, const char *name, struct slice passphrase, struct keys_reply *r)
{
	return ask(u,
		&(struct keys_message){
			.kind = KEYS_MAKE, .name = slice_str(name), .pass = passphrase},
		r);
}

bool keys_user_cancel(struct keys_user *u, struct keys_reply *r)
{
	return ask(u, &(struct keys_message){.kind = KEYS_CANCEL}, r);
}

bool keys_user_import(struct keys_user *u, const char *name, struct slice file, struct slice old,
	struct slice passphrase, struct keys_reply *r)
{
	return ask(u,
		&(struct keys_message){.kind = KEYS_IMPORT,
			.name = slice_str(name),
			.bytes = file,
			.old = old,
			.pass = passphrase},
		r);
}

bool keys_user_export(struct keys_user *u, const char *name, bool plain, struct slice passphrase,
	struct keys_reply *r)
{
	return ask(u,
		&(struct keys_message){.kind = KEYS_EXPORT,
			.name = slice_str(name),
			.flag = plain,
			.pass = passphrase},
		r);
}

bool keys_user_rewrap(struct keys_user *u, const char *name, struct slice old,
	struct slice passphrase, struct keys_reply *r)
{
	return ask(u,
		&(struct keys_message){.kind = KEYS_REWRAP,
			.name = slice_str(name),
			.old = old,
			.pass = passphrase},
		r);
}

bool keys_user_show(struct keys_user *u, const char *name, struct keys_reply *r)
{
	return ask(u, &(struct keys_message){.kind = KEYS_SHOW, .name = slice_str(name)}, r);
}

bool keys_user_decrypt(struct keys_user *u, const uint8_t encryption[32], struct slice cipher,
	struct keys_reply *r)
{
	return ask(u,
		&(struct keys_message){
			.kind = KEYS_DECRYPT, .key = slice_of(encryption, 32), .bytes = cipher},
		r);
}

bool keys_user_sign(struct keys_user *u, struct slice block, struct keys_reply *r)
{
	return ask(u, &(struct keys_message){.kind = KEYS_SIGN, .bytes = block}, r);
}

/* Takes messages until the answer. */
static void wait_for_end(struct keys_user *u, struct exchange *e, keys_progress *progress,
	void *ctx, struct keys_reply *r)
{
	struct keys_search_state s;

	while (receive(u, e)) {
		if (e->m.kind != KEYS_PROGRESS) {
			if (!read_answer(&e->m, r))
				break;
			return;
		}
		if (!keys_search_get(e->m.bytes, &s))
			break;
		if (progress && !progress(ctx, &s)) {
			r->said = KEYS_BUSY;
			return;
		}
	}
	gone(r);
}

bool keys_user_wait(struct keys_user *u, keys_progress *progress, void *ctx, struct keys_reply *r)
{
	struct exchange *e = key_memory_new(sizeof *e);

	memset(r, 0, sizeof *r);
	if (!e) {
		r->said = KEYS_NO_MEMORY;
		return false;
	}
	if (send_request(u, e, &(struct keys_message){.kind = KEYS_WAIT}))
		wait_for_end(u, e, progress, ctx, r);
	else
		gone(r);
	key_memory_free(e);
	return r->said == KEYS_DONE;
}
