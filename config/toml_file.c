/* Reads a TOML file of bounded size into memory, and small helpers for the list of entries. Before:
 * config.c and chain/keyfile.c name the file. After: toml.cc parses the text. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/toml.h"
#include "config/toml_hint.h"

const struct toml_entry *toml_find(const struct toml_doc *doc, const char *key)
{
	for (size_t i = 0; i < doc->count; i++)
		if (!doc->entries[i].element && strcmp(doc->entries[i].key, key) == 0)
			return &doc->entries[i];
	return NULL;
}

const char *toml_kind_name(enum toml_kind kind)
{
	static const char *const names[] = {
		[TOML_TEXT] = "text",
		[TOML_NUMBER] = "a whole number",
		[TOML_FLOAT] = "a number with a point",
		[TOML_BOOL] = "true or false",
		[TOML_TIME] = "a date or time of day",
		[TOML_LIST] = "a list",
		[TOML_TABLE] = "a table",
	};
	return names[kind];
}

void toml_free(struct toml_doc *doc)
{
	mem_free(doc->entries);
	*doc = (struct toml_doc){NULL, 0};
}

static enum err fail(struct toml_error *e, enum err code, const char *text)
{
	e->line = e->column = 0;
	snprintf(e->text, sizeof e->text, "%s", text);
	return code;
}

/* Reads at most `size` bytes; *n = how many. */
static enum err read_all(int fd, char *to, size_t size, size_t *n)
{
	*n = 0;
	while (*n < size) {
		ssize_t got = read(fd, to + *n, size - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return ERR_OK;
}

static enum err load_fd(int fd, struct toml_doc *doc, struct toml_error *e)
{
	size_t room = TOML_FILE_MAX + 1, n = 0;
	char *text = mem_alloc(room);

	if (!text)
		return fail(e, ERR_NOMEM, "out of memory");
	enum err err = read_all(fd, text, room, &n);
	if (err != ERR_OK)
		fail(e, err, strerror(errno));
	else
		err = toml_parse(text, n, doc, e);
	if (err == ERR_MALFORMED)
		toml_hint(text, n, e);
	mem_free(text);
	return err;
}

enum err toml_load(const char *path, struct toml_doc *doc, struct toml_error *e)
{
	*doc = (struct toml_doc){NULL, 0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, strerror(errno));
	enum err err = load_fd(fd, doc, e);
	close(fd);
	return err;
}
