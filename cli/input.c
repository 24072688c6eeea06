/* Reads the input of `import`: plain or gzip, a file or a pipe; a signal interrupts it. Before:
 * cli/block_source.c opens it. After: the operating system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "cli/input.h"
#include "cli/offline.h"

enum {
	PART = 65536,        /* bytes that are read or unpacked at once */
	GZIP_ONLY = 16 + 15, /* windowBits of inflateInit2(): gzip header, any window size */
	MAGIC_1 = 0x1F,
	MAGIC_2 = 0x8B,
};

struct input {
	int fd;
	bool file; /* a regular file, which can be rewound */
	bool packed;
	bool ended;      /* nothing follows what is in `out` */
	bool in_member;  /* packed: inside a gzip member, so the input must not end here */
	off_t front;     /* offset of a regular file when we got it */
	const char *why; /* words for the last failure */
	enum err failed; /* packed: error to report once `out` is consumed */
	z_stream z;
	uint8_t raw[PART]; /* packed: bytes as read; those at z.next_in are still to be unpacked */
	uint8_t out[PART]; /* plain bytes: as read, or unpacked */
	size_t at, n;      /* not yet consumed: out[at … n) */
};

static enum err fail(struct input *in, enum err err, const char *why)
{
	in->why = why;
	return err;
}

/* zlib allocates through base/mem.h, so that its memory is counted. */
static void *take(void *ctx, unsigned items, unsigned size)
{
	(void)ctx;
	return mem_alloc((size_t)items * size);
}

static void give(void *ctx, void *p)
{
	(void)ctx;
	mem_free(p);
}

/* Reads once; *n = bytes, 0 at the end. */
static enum err read_some(struct input *in, uint8_t *to, size_t size, size_t *n)
{
	ssize_t got;

	do {
		if (offline_interrupted())
			return fail(in, ERR_STOPPING, "interrupted");
		got = read(in->fd, to, size);
	} while (got < 0 && errno == EINTR);
	*n = got > 0 ? (size_t)got : 0;
	return got >= 0 ? ERR_OK : fail(in, ERR_MALFORMED, strerror(errno));
}

/* ---- unpacking ---- */

static enum err refill_raw(struct input *in)
{
	size_t n;
	enum err err = read_some(in, in->raw, sizeof in->raw, &n);

	in->z.next_in = in->raw;
	in->z.avail_in = (unsigned)n;
	if (err == ERR_OK && n == 0 && in->in_member)
		return fail(in, ERR_MALFORMED, "the packed file is cut off");
	in->ended = err == ERR_OK && n == 0; /* after a failure reading is tried again */
	return err;
}

/* A gzip file may consist of several members in a row. What follows the last one and is not gzip is
 * ignored, as gzip itself does. */
static void begin_member(struct input *in)
{
	if (in->z.next_in[0] == MAGIC_1 && inflateReset(&in->z) == Z_OK)
		in->in_member = true;
	else
		in->ended = true;
}

static enum err inflate_more(struct input *in)
{
	int rc = inflate(&in->z, Z_NO_FLUSH);

	in->in_member = rc == Z_OK;
	if (rc == Z_OK || rc == Z_STREAM_END)
		return ERR_OK;
	return rc == Z_MEM_ERROR ? fail(in, ERR_NOMEM, "out of memory")
				 : fail(in, ERR_MALFORMED, "the packed file is damaged");
}

/* Unpacks as much as `out` holds. When the input is damaged, what precedes the damage is delivered
 * first. */
static enum err unpack(struct input *in)
{
	enum err err = in->failed;

	in->z.next_out = in->out;
	in->z.avail_out = sizeof in->out;
	while (in->z.avail_out > 0 && !in->ended && err == ERR_OK) {
		if (in->z.avail_in == 0)
			err = refill_raw(in);
		else if (!in->in_member)
			begin_member(in);
		else
			err = inflate_more(in);
	}
	in->n = sizeof in->out - in->z.avail_out;
	in->failed = err;
	return in->n > 0 ? ERR_OK : err;
}

/* ---- reading ---- */

/* Fills `out` again after all of it was consumed. */
static enum err refill(struct input *in)
{
	in->at = in->n = 0;
	if (in->ended)
		return ERR_OK;
	if (in->packed)
		return unpack(in);
	enum err err = read_some(in, in->out, sizeof in->out, &in->n);
	in->ended = err == ERR_OK && in->n == 0;
	return err;
}

/* Reads more behind what is in `out`, until it has `want` bytes: a pipe may deliver few at a time.
 */
static enum err fill_front(struct input *in, size_t want)
{
	enum err err = ERR_OK;
	size_t n = 1;

	while (in->n < want && n > 0 && err == ERR_OK) {
		err = read_some(in, in->out + in->n, sizeof in->out - in->n, &n);
		in->n += n;
	}
	return err;
}

/* Finds out whether the input is gzip. If it is, moves what was read from `out` to `raw` and starts
 * to unpack. */
static enum err look(struct input *in)
{
	enum err err = fill_front(in, 2);

	if (err != ERR_OK || in->n < 2 || in->out[0] != MAGIC_1 || in->out[1] != MAGIC_2)
		return err;
	in->z = (z_stream){.zalloc = take, .zfree = give};
	if (inflateInit2(&in->z, GZIP_ONLY) != Z_OK)
		return fail(in, ERR_NOMEM, "out of memory");
	in->packed = in->in_member = true;
	memcpy(in->raw, in->out, in->n);
	in->z.next_in = in->raw;
	in->z.avail_in = (unsigned)in->n;
	in->n = 0;
	return ERR_OK;
}

enum err input_peek(struct input *in, size_t want, const uint8_t **p, size_t *n)
{
	enum err err = in->packed ? (in->n ? ERR_OK : refill(in)) : fill_front(in, want);

	*p = in->out + in->at;
	*n = in->n - in->at;
	return err;
}

enum err input_read(struct input *in, void *to, size_t size, size_t *n)
{
	enum err err = ERR_OK;
	uint8_t *p = to;

	for (*n = 0; *n < size && err == ERR_OK;) {
		size_t there = in->n - in->at, part = there < size - *n ? there : size - *n;
		memcpy(p + *n, in->out + in->at, part);
		*n += part;
		in->at += part;
		if (*n < size && in->ended)
			break;
		if (*n < size)
			err = refill(in);
	}
	return err;
}

enum err input_line(struct input *in, uint8_t *to, size_t size, size_t *n)
{
	const uint8_t *end = NULL;
	enum err err = ERR_OK;

	for (*n = 0; *n < size && !end && err == ERR_OK;) {
		size_t there = in->n - in->at, part = there < size - *n ? there : size - *n;
		const uint8_t *from = in->out + in->at;
		end = memchr(from, '\n', part);
		if (end)
			part = (size_t)(end - from) + 1;
		memcpy(to + *n, from, part);
		*n += part;
		in->at += part;
		if (in->at == in->n && in->ended)
			break;
		if (in->at == in->n && !end)
			err = refill(in);
	}
	return err;
}

/* ---- opening ---- */

struct input *input_open(const char *name, char *error, size_t size)
{
	struct input *in = mem_alloc(sizeof *in);
	struct stat s;

	error[0] = 0;
	if (!in) {
		snprintf(error, size, "%.180s: out of memory", name);
		return NULL;
	}
	in->fd = strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
					: open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (in->fd >= 0 && fstat(in->fd, &s) == 0) {
		in->file = S_ISREG(s.st_mode);
		in->front = in->file ? lseek(in->fd, 0, SEEK_CUR) : 0;
		if (look(in) == ERR_OK)
			return in;
	} else {
		in->why = strerror(errno);
	}
	if (!offline_interrupted())
		snprintf(error, size, "%.180s: %s", name, in->why);
	input_close(in);
	return NULL;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	if (in->packed)
		inflateEnd(&in->z);
	if (in->fd >= 0)
		close(in->fd);
	mem_free(in);
}

bool input_rewind(struct input *in)
{
	if (!in->file || lseek(in->fd, in->front, SEEK_SET) < 0)
		return false;
	if (in->packed && inflateReset(&in->z) != Z_OK)
		return false;
	in->z.avail_in = 0;
	in->in_member = in->packed;
	in->at = in->n = 0;
	in->ended = false;
	in->failed = ERR_OK;
	return true;
}

bool input_is_file(const struct input *in)
{
	return in->file;
}

bool input_is_packed(const struct input *in)
{
	return in->packed;
}

int input_fd(const struct input *in)
{
	return in->fd;
}

const char *input_why(const struct input *in)
{
	return in->why ? in->why : "cannot be read";
}

void input_forget_file(struct input *in)
{
	in->file = false;
}
