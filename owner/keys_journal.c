/* Role: the journal of signatures.
 * Before: owner/keys_sign.c asks before it signs; node/ opens the file. After: the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "owner/keys_journal.h"

enum {
	MARK = 4,
	SUM = 32,
	ENTRIES = 2 * KEYS_MAX, /* keys, of both kinds */
	PLACES = 2 * ENTRIES,   /* of records in the file */
	NOWHERE = -1,
};

/* One record of an entry. */
struct kept {
	uint64_t number; /* of the signature; 0: no such record */
	int place;       /* in the file; NOWHERE: none yet */
	struct keys_signed what;
};

/* What one key signed, of one kind. */
struct entry {
	uint8_t key[32];
	bool full;
	struct kept newer, older;
};

struct journal {
	int fd;
	uint64_t last_number;
	size_t count;       /* of entries */
	bool taken[PLACES]; /* by an entry */
	struct entry entries[ENTRIES];
};

/* ---- opening ---- */

/* The entry of the folder is on the disk, too: else a crash may lose the whole file. */
static bool sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

/* A file system that knows no locks has to do without. */
static bool is_alone(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

int journal_open(const char *folder, char why[KEYS_TEXT_MAX])
{
	char path[4096];
	struct stat st;
	int n = snprintf(path, sizeof path, "%s/%s", folder, KEYS_JOURNAL_NAME), fd = -1;

	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof path)
		fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_alone(fd) &&
		sync_folder(folder))
		return fd;
	if (fd >= 0 && S_ISREG(st.st_mode) && errno == EWOULDBLOCK) {
		snprintf(why, KEYS_TEXT_MAX,
			"another key process has the journal of signatures %.200s: is a node or a "
			"signer running?",
			path);
		close(fd);
		return -1;
	}
	if (fd >= 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	snprintf(why, KEYS_TEXT_MAX, "cannot open the journal of signatures %.200s: %s", path,
		strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* ---- records ---- */

static void put_record(
	uint8_t to[JOURNAL_RECORD], const struct journal_block *b, uint64_t number, int64_t now)
{
	struct wr w = wr_of(to, JOURNAL_RECORD);
	uint8_t sum[SUM];

	wr_bytes(&w, "AJ1", 3);
	wr_u8(&w, b->full);
	wr_be(&w, number, 8);
	wr_bytes(&w, b->key, sizeof b->key);
	wr_be(&w, b->place.index, 8);
	wr_bytes(&w, b->place.prev_hash, sizeof b->place.prev_hash);
	wr_bytes(&w, b->place.hash, sizeof b->place.hash);
	wr_be(&w, (uint64_t)now, 8);
	wr_be(&w, 0, 4);
	crypto_digest(wr_done(&w), sum);
	wr_bytes(&w, sum, SUM);
}

static bool get_record(
	const uint8_t from[JOURNAL_RECORD], struct journal_block *b, uint64_t *number)
{
	struct rd r = rd_of(slice_of(from, JOURNAL_RECORD));
	struct slice mark = rd_bytes(&r, MARK - 1);
	uint8_t kind = rd_u8(&r), sum[SUM];

	*number = rd_be64(&r);
	b->full = kind;
	rd_copy(&r, b->key, sizeof b->key);
	b->place.index = rd_be64(&r);
	rd_copy(&r, b->place.prev_hash, sizeof b->place.prev_hash);
	rd_copy(&r, b->place.hash, sizeof b->place.hash);
	crypto_digest(slice_of(from, JOURNAL_RECORD - SUM), sum);
	return slice_is(mark, "AJ1") && kind < 2 && *number && b->place.index &&
	       memcmp(sum, from + JOURNAL_RECORD - SUM, SUM) == 0;
}

/* ---- entries ---- */

/* Its place in the table, or j->count. */
static size_t find(const struct journal *j, const uint8_t key[32], bool full)
{
	const struct entry *e = j->entries;
	size_t i = 0;

	while (i < j->count && (e[i].full != full || memcmp(e[i].key, key, sizeof e[i].key) != 0))
		i++;
	return i;
}

/* The entry; an empty one when there is none. */
static const struct entry *look(const struct journal *j, const uint8_t key[32], bool full)
{
	static const struct entry none = {.newer.place = NOWHERE, .older.place = NOWHERE};
	size_t i = find(j, key, full);

	return i < j->count ? &j->entries[i] : &none;
}

static void give_place(struct journal *j, struct kept *k)
{
	if (k->place != NOWHERE)
		j->taken[k->place] = false;
	*k = (struct kept){.place = NOWHERE};
}

/* A full table forgets the key that has not signed for longest. When that key signs again, it is as
 * after the loss of the journal. */
static struct entry *oldest(struct journal *j)
{
	struct entry *found = &j->entries[0];

	for (size_t i = 1; i < j->count; i++)
		if (j->entries[i].newer.number < found->newer.number)
			found = &j->entries[i];
	give_place(j, &found->newer);
	give_place(j, &found->older);
	return found;
}

static struct entry *find_or_make(struct journal *j, const uint8_t key[32], bool full)
{
	size_t i = find(j, key, full);

	if (i < j->count)
		return &j->entries[i];
	struct entry *e = j->count < ENTRIES ? &j->entries[j->count++] : oldest(j);
	*e = (struct entry){.full = full, .newer.place = NOWHERE, .older.place = NOWHERE};
	memcpy(e->key, key, sizeof e->key);
	return e;
}

static void take_record(
	struct journal *j, const struct journal_block *b, uint64_t number, int place)
{
	struct entry *e = find_or_make(j, b->key, b->full);
	struct kept k = {number, place, b->place};

	if (number > j->last_number)
		j->last_number = number;
	if (number <= e->older.number)
		return;
	give_place(j, &e->older);
	e->older = k;
	j->taken[place] = true;
	if (number > e->newer.number) {
		e->older = e->newer;
		e->newer = k;
	}
}

/* ---- reading ---- */

/* Reads one record, as far as there is one. −1 with errno. */
static ssize_t read_place(int fd, int place, uint8_t to[JOURNAL_RECORD])
{
	size_t have = 0;

	while (have < JOURNAL_RECORD) {
		ssize_t n = pread(fd, to + have, JOURNAL_RECORD - have,
			(off_t)place * JOURNAL_RECORD + (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* Counts in *bad what does not hold. False with errno when the disk fails. */
static bool read_all(struct journal *j, unsigned *bad)
{
	uint8_t record[JOURNAL_RECORD];
	struct journal_block b;
	uint64_t number;

	for (int place = 0; place < PLACES; place++) {
		ssize_t n = read_place(j->fd, place, record);
		if (n < 0)
			return false;
		if (n == 0)
			return true;
		if (n == JOURNAL_RECORD && get_record(record, &b, &number))
			take_record(j, &b, number, place);
		else
			++*bad;
	}
	return true;
}

struct journal *journal_read(int fd, char what[KEYS_TEXT_MAX])
{
	struct journal *j = mem_alloc(sizeof *j);
	unsigned bad = 0;

	*what = '\0';
	if (!j) {
		snprintf(what, KEYS_TEXT_MAX, "no memory for the journal of signatures");
		return NULL;
	}
	j->fd = fd;
	if (!read_all(j, &bad)) {
		snprintf(what, KEYS_TEXT_MAX, "cannot read the journal of signatures: %s",
			strerror(errno));
		mem_free(j);
		return NULL;
	}
	if (bad)
		snprintf(what, KEYS_TEXT_MAX,
			"%u records of the journal of signatures are cut or damaged, and count as not "
			"there",
			bad);
	return j;
}

void journal_free(struct journal *j)
{
	mem_free(j);
}

/* ---- asking ---- */

static bool is_place(const struct kept *k, const struct keys_signed *place)
{
	return k->number && k->what.index == place->index &&
	       memcmp(k->what.prev_hash, place->prev_hash, sizeof place->prev_hash) == 0;
}

static bool is_block(const struct kept *k, const struct keys_signed *place)
{
	return is_place(k, place) && memcmp(k->what.hash, place->hash, sizeof place->hash) == 0;
}

enum journal_verdict journal_judge(const struct journal *j, const struct journal_block *b)
{
	bool same = false, other = false;

	/* The other kind, too: a full and an empty block for one place are two blocks. */
	for (int full = 0; full < 2; full++) {
		const struct entry *e = look(j, b->key, full);
		same |= is_block(&e->newer, &b->place) || is_block(&e->older, &b->place);
		other |= is_place(&e->newer, &b->place) || is_place(&e->older, &b->place);
	}
	if (same || other)
		return same ? JOURNAL_SAME : JOURNAL_OTHER;
	return journal_highest(j, b->key) >= b->place.index ? JOURNAL_REWIND : JOURNAL_NEW;
}

struct keys_signed journal_last(const struct journal *j, const uint8_t key[32], bool full)
{
	return look(j, key, full)->newer.what;
}

uint64_t journal_highest(const struct journal *j, const uint8_t key[32])
{
	uint64_t highest = 0;

	for (int full = 0; full < 2; full++) {
		const struct entry *e = look(j, key, full);
		if (e->newer.what.index > highest)
			highest = e->newer.what.index;
		if (e->older.what.index > highest)
			highest = e->older.what.index;
	}
	return highest;
}

/* ---- writing ---- */

static int free_place(const struct journal *j)
{
	int place = 0;

	while (place < PLACES - 1 && j->taken[place])
		place++;
	return place;
}

static bool write_place(int fd, int place, const uint8_t record[JOURNAL_RECORD])
{
	size_t done = 0;

	while (done < JOURNAL_RECORD) {
		ssize_t n = pwrite(fd, record + done, JOURNAL_RECORD - done,
			(off_t)place * JOURNAL_RECORD + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : ENOSPC;
			return false;
		}
		done += (size_t)n;
	}
	return fdatasync(fd) == 0;
}

bool journal_write(struct journal *j, const struct journal_block *b, int64_t now)
{
	int place = look(j, b->key, b->full)->older.place;
	uint8_t record[JOURNAL_RECORD];

	if (find(j, b->key, b->full) == ENTRIES)
		oldest(j); /* so that its places are free */
	if (place == NOWHERE)
		place = free_place(j);
	put_record(record, b, j->last_number + 1, now);
	if (!write_place(j->fd, place, record))
		return false;
	take_record(j, b, j->last_number + 1, place);
	return true;
}
