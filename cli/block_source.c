/* Finds out from the first bytes what kind of chain file it is. Before: cli/import.c. After:
 * cli/source_*.c, one for each kind. */
#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "cli/block_source.h"

static const struct {
	const char *name;
	struct slice magic;
} packers[] = {
	{"xz", {(const uint8_t *)"\xFD"
				 "7zXZ",
		       5}},
	{"bzip2", {(const uint8_t *)"BZh", 3}},
	{"zstd", {(const uint8_t *)"\x28\xB5\x2F\xFD", 4}},
	{"zip", {(const uint8_t *)"PK\x03\x04", 4}},
};

static bool begins(struct slice head, const void *magic, size_t n)
{
	return head.n >= n && memcmp(head.p, magic, n) == 0;
}

static const struct block_source_kind *kind_of(struct slice head)
{
	if (begins(head, snapshot_magic, sizeof snapshot_magic))
		return &block_source_snapshot;
	if (begins(head, "SQLite format 3", 16))
		return &block_source_sqlite;
	return begins(head, "{", 1) ? &block_source_lines : NULL;
}

/* LMDB's magic number follows a page header of 12 or 16 bytes, in the byte order of the machine
 * that wrote it. */
static bool is_store(struct slice head)
{
	static const uint8_t mark[2][4] = {{0xDE, 0xC0, 0xEF, 0xBE}, {0xBE, 0xEF, 0xC0, 0xDE}};

	for (size_t at = 12; at <= 16; at += 4)
		for (size_t order = 0; order < 2 && head.n >= at + 4; order++)
			if (memcmp(head.p + at, mark[order], 4) == 0)
				return true;
	return false;
}

bool block_source_is_database(struct slice head)
{
	return kind_of(head) == &block_source_sqlite || is_store(head);
}

static bool say_unknown(struct block_source *s, struct slice head)
{
	if (is_store(head)) {
		snprintf(s->error, sizeof s->error,
			"%.150s: a store of alfisd; write a snapshot of it with `alfisd export`, and import that",
			s->path);
		return false;
	}
	for (size_t i = 0; i < sizeof packers / sizeof packers[0]; i++) {
		if (!begins(head, packers[i].magic.p, packers[i].magic.n))
			continue;
		snprintf(s->error, sizeof s->error,
			"%.150s: packed with %s, which is not supported; unpack it first", s->path,
			packers[i].name);
		return false;
	}
	snprintf(s->error, sizeof s->error,
		"%.180s: %sneither a blockchain.db, a snapshot, nor an alfis-chain file", s->path,
		head.n ? "" : "empty, ");
	return false;
}

static bool say_failure(struct block_source *s, enum err err)
{
	if (err != ERR_STOPPING)
		snprintf(s->error, sizeof s->error, "%.180s: %s", s->path, input_why(s->in));
	return false;
}

bool block_source_open_input(struct block_source *s, const char *path, struct input *in)
{
	struct slice head;

	*s = (struct block_source){.path = path, .in = in};
	enum err err = input_peek(in, BLOCK_SOURCE_HEAD, &head.p, &head.n);
	if (err != ERR_OK)
		return say_failure(s, err);
	s->kind = kind_of(head);
	return s->kind ? s->kind->open(s) : say_unknown(s, head);
}

bool block_source_open(struct block_source *s, const char *path)
{
	char error[sizeof s->error];
	struct input *in = input_open(path, error, sizeof error);

	path = strcmp(path, "-") == 0 ? "standard input" : path;
	if (in)
		return block_source_open_input(s, path, in);
	*s = (struct block_source){.path = path};
	memcpy(s->error, error, sizeof s->error);
	return false;
}

enum err block_source_next(struct block_source *s, struct block_owned **out)
{
	enum err err = s->kind->next(s, out);

	if (err == ERR_OK)
		s->read++;
	return err;
}

void block_source_close(struct block_source *s)
{
	if (s->kind)
		s->kind->close(s);
	s->kind = NULL;
	input_close(s->in);
	s->in = NULL;
}
