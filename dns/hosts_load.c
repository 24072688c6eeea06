/* Role: reads hosts files and block lists: lines to words, words to names and addresses. Runs on a
 * worker, since it waits for the disk.
 * Before: whoever owns the DNS server. After: dns/hosts_set.c keeps the names. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/hosts_internal.h"
#include "dns/name.h"
#include "domain/domain.h"

enum {
	LINE_LONGEST = 1024, /* bytes, without the line's end */
	BUFFER = 8192,
	SHOWN = 60, /* bytes of a line in an error */
};

/* One file while it is read. */
struct file {
	const char *path;
	int fd;
	unsigned long line;  /* the number of the last one */
	struct dns_hosts *h; /* NULL: it is only looked through */
	bool has_address;    /* a line began with one: it is a hosts file, else a list of names */
	bool is_list;        /* known from an earlier look */
	char *why;
	size_t size;
};

/* ---- one line ---- */

static bool is_white(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next word; empty at the end. */
static struct slice next_word(struct slice *line)
{
	size_t from = 0;

	while (from < line->n && is_white(line->p[from]))
		from++;
	size_t to = from;
	while (to < line->n && !is_white(line->p[to]))
		to++;
	struct slice word = slice_of(line->p + from, to - from);
	*line = slice_of(line->p + to, line->n - to);
	return word;
}

static bool refuse(const struct file *f, const char *reason)
{
	snprintf(f->why, f->size, "%s:%lu: %s", f->path, f->line, reason);
	return false;
}

/* Comments too are text. */
static bool is_text(struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] < ' ' && !is_white(line.p[i]))
			return false;
	return true;
}

static bool is_adblock(struct slice line)
{
	return line.n >= 2 && (memcmp(line.p, "||", 2) == 0 || memcmp(line.p, "@@", 2) == 0);
}

static bool add_name(struct file *f, struct slice word, enum hosts_kind kind, const uint8_t *ip)
{
	struct dns_name name;

	if (!dns_name_from_text(word, &name) || name.size == 1)
		return true;
	dns_name_lower(&name);
	return hosts_set_add(f->h, &name, kind, ip) || refuse(f, "out of memory");
}

/* An address, and what it says of the names behind it. */
static bool read_address(struct slice word, enum hosts_kind *kind, uint8_t ip[16])
{
	static const uint8_t null[16];

	if (dnsaddr_parse4(word, ip))
		*kind = HOSTS_IPV4;
	else if (dnsaddr_parse6(word, ip))
		*kind = HOSTS_IPV6;
	else
		return false;
	if (memcmp(ip, null, hosts_data_size(*kind)) == 0)
		*kind = HOSTS_NULL;
	return true;
}

/* Lines that say nothing are skipped, as other readers of such files do: an address alone, words
 * that are no address before a name, a word that is no name. */
static bool read_words(struct file *f, struct slice line)
{
	struct slice first = next_word(&line), word = next_word(&line);
	enum hosts_kind kind;
	uint8_t ip[16];
	bool good = true;

	if (first.n == 0)
		return true;
	if (!read_address(first, &kind, ip))
		return !f->is_list || word.n || add_name(f, first, HOSTS_NULL, NULL);
	f->has_address = true;
	for (; f->h && good && word.n; word = next_word(&line))
		good = add_name(f, word, kind, ip);
	return good;
}

static bool read_line(struct file *f, struct slice line)
{
	f->line++;
	if (!is_text(line))
		return refuse(f, "this is no text");
	if (line.n > LINE_LONGEST)
		return refuse(f, "the line is over 1,024 bytes");
	if (is_adblock(line))
		return refuse(f, "rules of ad blockers are not read: give a list of names, or a "
				 "hosts file");
	const uint8_t *comment = line.n ? memchr(line.p, '#', line.n) : NULL;
	return read_words(f, comment ? slice_of(line.p, (size_t)(comment - line.p)) : line);
}

/* ---- one file ---- */

/* Reads the whole lines at the start of the buffer; *n = the bytes that remain of the last one. */
static bool read_lines(struct file *f, uint8_t *buffer, size_t *n, bool end)
{
	struct slice rest = slice_of(buffer, *n);
	const uint8_t *newline;

	while (rest.n && (newline = memchr(rest.p, '\n', rest.n))) {
		size_t length = (size_t)(newline - rest.p);
		if (!read_line(f, slice_of(rest.p, length)))
			return false;
		rest = slice_of(newline + 1, rest.n - length - 1);
	}
	*n = rest.n;
	if (rest.n && (end || rest.n > LINE_LONGEST))
		return read_line(f, rest);
	memmove(buffer, rest.p, rest.n);
	return true;
}

static bool cannot(const struct file *f, const char *what)
{
	snprintf(f->why, f->size, "%s: %s", f->path, what);
	return false;
}

static bool read_file(struct file *f)
{
	uint8_t buffer[BUFFER];
	size_t n = 0;
	ssize_t got;

	f->line = 0;
	f->has_address = false;
	do {
		got = read(f->fd, buffer + n, sizeof buffer - n);
		if (got < 0 && errno != EINTR)
			return cannot(f, strerror(errno));
		n += got > 0 ? (size_t)got : 0;
		if (!read_lines(f, buffer, &n, got == 0))
			return false;
	} while (got != 0);
	return true;
}

/* A pipe or a device would never end. */
static bool open_file(struct file *f)
{
	struct stat st;

	f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0)
		return cannot(f, strerror(errno));
	if (fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode))
		return true;
	close(f->fd);
	return cannot(f, "is not a file");
}

/* The first look says what kind of file it is: in one that has addresses a name alone says nothing.
 */
static bool load_file(struct file *f, struct dns_hosts *h)
{
	if (!open_file(f))
		return false;
	bool good = read_file(f);
	f->is_list = !f->has_address;
	f->h = h;
	if (good && lseek(f->fd, 0, SEEK_SET) != 0)
		good = cannot(f, strerror(errno));
	good = good && read_file(f);
	close(f->fd);
	return good;
}

/* ---- all of them ---- */

static bool load_all(
	struct dns_hosts *h, const char *const *files, size_t count, char *why, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		bool system = strcmp(files[i], "system") == 0;
		struct file f = {
			.path = system ? "/etc/hosts" : files[i], .why = why, .size = size};
		if (!load_file(&f, h))
			return false;
	}
	return true;
}

struct dns_hosts *dns_hosts_load(const char *const *files, size_t count, uint64_t most,
	uint64_t *bytes, char *why, size_t size)
{
	struct dns_hosts *h = hosts_set_new(most);

	*bytes = 0;
	if (!h) {
		snprintf(why, size, "cannot read dns.hosts: out of memory");
		return NULL;
	}
	bool good = load_all(h, files, count, why, size);
	if (good)
		*bytes = hosts_set_need(h);
	if (good && !h->full)
		return h;
	if (good)
		snprintf(why, size,
			"dns.hosts needs %" PRIu64 " bytes, %" PRIu64
			" are free: raise limits.dns_hosts_bytes",
			*bytes, most);
	dns_hosts_free(h);
	return NULL;
}
