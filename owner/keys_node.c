/* Role: what the node asks of the key process.
 * Before: the socket pair. After: owner/key_ring.c, owner/keys_sign.c, owner/keys_job.c. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chain/ecies.h"
#include "owner/keys_process_internal.h"

/* A name of a message as text. False when it is none for a key. */
static bool name_of(struct slice name, char to[KEY_NAME_MAX + 1])
{
	if (!key_name_is_valid(name))
		return false;
	memcpy(to, name.p, name.n);
	to[name.n] = '\0';
	return true;
}

static enum keys_said add(struct keys_process *p, const char *name, const struct key_file *file,
	const struct key_secrets *secrets, char line[KEYS_TEXT_MAX])
{
	int strength;
	enum keys_said said = ring_has_room(p->ring, name, &file->pub, line);

	if (said == KEYS_DONE)
		said = process_judges(p, &file->pub, &strength, line);
	if (said != KEYS_DONE)
		return said;
	struct ring_key *k = ring_add(p->ring, name, file, secrets != NULL, strength);
	process_key_hash(p, file->pub.signing, k->hash);
	p->changed = true;
	if (!secrets || ring_open(k, secrets, 0))
		return KEYS_DONE;
	ring_remove(p->ring, k);
	return KEYS_NO_MEMORY;
}

static void do_load(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	char name[KEY_NAME_MAX + 1], why[KEY_ERROR_MAX];
	struct key_file file;

	if (!name_of(m->name, name))
		return;
	if (key_file_decode(m->bytes, &file, why) == ERR_OK) {
		o->said = add(p, name, &file, NULL, o->line);
		return;
	}
	snprintf(o->line, sizeof o->line, "%s", why);
	o->said = KEYS_BAD_FILE;
}

/* Reads a regular file; 0 when it is too long, empty or none. */
static size_t read_file(int fd, uint8_t *to, size_t size)
{
	size_t n = 0;
	ssize_t more = 1;

	while (more > 0 && n < size) {
		more = pread(fd, to + n, size - n, (off_t)n);
		if (more < 0 && errno == EINTR)
			more = 1;
		else if (more > 0)
			n += (size_t)more;
	}
	return more == 0 ? n : 0;
}

static void load_plain(struct keys_process *p, const char *name, int fd, struct keys_outcome *o)
{
	uint8_t *text = key_memory_new(PLAIN_FILE_MAX);
	struct key_secrets *secrets = key_memory_new(sizeof *secrets);
	struct key_file file = {0};

	o->said = KEYS_NO_MEMORY;
	if (text && secrets) {
		size_t n = read_file(fd, text, PLAIN_FILE_MAX);
		enum err err = key_plain_read(slice_of(text, n), &file.pub, secrets);
		if (err == ERR_OK)
			o->said = add(p, name, &file, secrets, o->line);
		else if (err != ERR_NOMEM)
			o->said = KEYS_BAD_FILE;
	}
	if (o->said == KEYS_BAD_FILE)
		snprintf(o->line, sizeof o->line,
			"not a key file of the network's own program: it needs encrypted, "
			"signing.public, signing.secret, encryption.public and encryption.secret");
	key_memory_free(text);
	key_memory_free(secrets);
}

static void do_load_plain(
	struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	char name[KEY_NAME_MAX + 1];

	if (!p->handed_count)
		return;
	int fd = p->handed[0];
	memmove(p->handed, p->handed + 1, --p->handed_count * sizeof fd);
	if (name_of(m->name, name))
		load_plain(p, name, fd, o);
	close(fd);
}

static void do_forget(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	struct ring_key *k = ring_by_name(p->ring, m->name);

	o->said = k ? KEYS_DONE : KEYS_NO_SUCH_KEY;
	p->changed |= k != NULL;
	if (k)
		ring_remove(p->ring, k);
}

static void do_rename(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	struct ring_key *k = ring_by_name(p->ring, m->name);
	char name[KEY_NAME_MAX + 1];

	if (!name_of(m->other, name))
		return;
	o->said = !k ? KEYS_NO_SUCH_KEY : KEYS_DONE;
	if (k && ring_by_name(p->ring, m->other))
		o->said = KEYS_EXISTS;
	if (o->said != KEYS_DONE)
		return;
	memcpy(k->name, name, sizeof name);
	p->changed = true;
}

static void do_lock(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	struct ring_key *k = ring_by_name(p->ring, m->name);

	o->said = m->name.n && !k ? KEYS_NO_SUCH_KEY : KEYS_DONE;
	if (p->attempt.work &&
		(!m->name.n || (k && memcmp(k->file.pub.signing, p->attempt.work->file.pub.signing,
					     32) == 0)))
		p->attempt.overruled = true;
	for (size_t i = 0; i < p->ring->count; i++)
		if (!m->name.n || k == &p->ring->keys[i])
			p->changed |= ring_lock(&p->ring->keys[i]);
}

void process_decrypts(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	struct ring_key *k = NULL;

	o->n = 0;
	o->said = KEYS_BAD_REQUEST;
	if (m->key.n != 32 || m->bytes.n > sizeof o->bytes)
		return;
	k = ring_by_encryption(p->ring, m->key.p);
	o->said = !k ? KEYS_NO_SUCH_KEY : KEYS_LOCKED;
	if (k && k->secrets)
		o->said = ecies_decrypt(k->secrets->encryption, m->bytes, o->bytes, &o->n)
				  ? KEYS_DONE
				  : KEYS_NOT_OURS;
}

static void do_sign(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	o->said = process_signs(p, m, o->line, o->bytes);
	o->n = o->said == KEYS_DONE ? SIGNATURE_SIZE : 0;
}

static void do_settings(
	struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	if (!keys_settings_get(m->bytes, &p->settings))
		return;
	p->ring->max = p->settings.max_keys;
	p->is_set = p->changed = true;
	p->is_ready = !p->settings.keys_follow;
	o->said = KEYS_DONE;
}

static void do_ready(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	(void)m;
	p->is_ready = p->is_set;
	o->said = p->is_set ? KEYS_DONE : KEYS_BAD_REQUEST;
}

static void do_pause(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	make_pause(p, m->number);
	o->said = KEYS_DONE;
}

static void do_one(struct keys_process *p, const struct keys_message *m, struct keys_outcome *o)
{
	static void (*const acts[KEYS_KINDS_COUNT])(
		struct keys_process *, const struct keys_message *, struct keys_outcome *) = {
		[KEYS_SETTINGS] = do_settings,
		[KEYS_LOAD] = do_load,
		[KEYS_LOAD_PLAIN] = do_load_plain,
		[KEYS_READY] = do_ready,
		[KEYS_PAUSE] = do_pause,
		[KEYS_FORGET] = do_forget,
		[KEYS_RENAME] = do_rename,
		[KEYS_LOCK] = do_lock,
		[KEYS_DECRYPT] = process_decrypts,
		[KEYS_SIGN] = do_sign,
	};

	o->said = KEYS_BAD_REQUEST;
	if (m->kind == KEYS_CANCEL) {
		make_cancel(p);
		o->said = KEYS_DONE;
	} else if (acts[m->kind]) {
		acts[m->kind](p, m, o);
	}
}

static void take(struct keys_process *p, const struct keys_message *m)
{
	struct keys_outcome *o = &p->space->outcome;

	if (m->kind == KEYS_STORED) {
		store_done(p, m);
		return;
	}
	o->line[0] = '\0';
	o->n = 0;
	do_one(p, m, o);
	process_tell_node(p, &(struct keys_message){.kind = KEYS_ANSWER,
				     .id = m->id,
				     .said = o->said,
				     .line = slice_str(o->line),
				     .bytes = slice_of(o->bytes, o->n)});
}

/* ---- the socket ---- */

/* Keeps the descriptors that came with the bytes. */
static void keep_handed(struct keys_process *p, struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		int fd;
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
			c->cmsg_len != CMSG_LEN(sizeof fd))
			continue;
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
		if (p->handed_count < HANDED_OVER)
			p->handed[p->handed_count++] = fd;
		else
			close(fd);
	}
}

static ssize_t receive(struct keys_process *p)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec v = {p->space->in + p->n, KEYS_FRAME_MAX - p->n};
	struct msghdr h = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	ssize_t n = recvmsg(p->node, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n > 0)
		keep_handed(p, &h);
	return n;
}

void node_read(struct keys_process *p)
{
	ssize_t n = receive(p);
	size_t used = 0, done = 0;
	struct keys_message m;
	enum keys_cut cut = KEYS_CUT;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	p->n += n > 0 ? (size_t)n : 0;
	while (n > 0 && !p->ends && cut == KEYS_CUT) {
		cut = keys_frame_cut(slice_of(p->space->in + done, p->n - done), KEYS_FROM_NODE,
			KEYS_FRAME_MAX, &m, &used);
		if (cut == KEYS_CUT) {
			take(p, &m);
			done += used;
		}
	}
	p->n -= done;
	memmove(p->space->in, p->space->in + done, p->n);
	p->ends |= n <= 0 || cut == KEYS_CUT_BAD;
}
