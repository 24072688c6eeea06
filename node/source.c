#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node/source.h"

/* By the first bytes; gzip can only be a chain file. */
static const struct source_kind *kind_of(const uint8_t *head, size_t n)
{
	if (n >= 8 && memcmp(head, snapshot_magic, 8) == 0)
		return &source_snapshot;
	if (n >= 16 && memcmp(head, "SQLite format 3", 16) == 0)
		return &source_sqlite;
	if (n >= 2 && ((head[0] == 0x1F && head[1] == 0x8B) || head[0] == '{'))
		return &source_lines;
	return NULL;
}

bool source_open(struct source *s, const char *path)
{
	uint8_t head[16] = {0};
	FILE *f = fopen(path, "rbe");

	*s = (struct source){.path = path};
	if (!f) {
		snprintf(s->error, sizeof s->error, "%.180s: %s", path, strerror(errno));
		return false;
	}
	size_t n = fread(head, 1, sizeof head, f);
	fclose(f);
	s->kind = kind_of(head, n);
	if (!s->kind)
		snprintf(s->error, sizeof s->error,
			"%.180s: neither a blockchain.db, a snapshot, nor an alfis-chain file",
			path);
	return s->kind && s->kind->open(s);
}

enum err source_next(struct source *s, struct block_owned **out)
{
	enum err err = s->kind->next(s, out);

	if (err == ERR_OK)
		s->read++;
	return err;
}

void source_close(struct source *s)
{
	if (s->kind)
		s->kind->close(s);
	s->kind = NULL;
}
