/* The table of keys on disk. Before: the node. After: base/bound.h counts. */
#include "owner/key_table.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

bool key_table_init(struct key_table *t, struct bound *bound)
{
	*t = (struct key_table){.bound = bound};
	t->entry = mem_alloc((size_t)bound_read(&bound->max) * sizeof *t->entry);
	return t->entry != NULL;
}

void key_table_free(struct key_table *t)
{
	if (t->entry)
		bound_give(t->bound, t->count);
	mem_free(t->entry);
	*t = (struct key_table){.entry = NULL};
}

struct key_entry *key_table_find(const struct key_table *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->entry[i].name, name) == 0)
			return &t->entry[i];
	return NULL;
}

struct key_entry *key_table_add(struct key_table *t, const char *name)
{
	struct key_entry *e = &t->entry[t->count];

	if (!bound_take(t->bound, 1))
		return NULL;
	t->count++;
	*e = (struct key_entry){.plain = false};
	snprintf(e->name, sizeof e->name, "%s", name);
	return e;
}

/* Takes the name when it is a good one that no other key has. */
static bool take_name(const struct key_table *t, struct slice name, char to[KEY_NAME_MAX + 1])
{
	if (!key_name_is_valid(name))
		return false;
	memcpy(to, name.p, name.n);
	to[name.n] = 0;
	return !key_table_find(t, to);
}

static void choose_name(
	const struct key_table *t, const char *path, unsigned file, char to[KEY_NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
	const char *dot = strrchr(last, '.');
	size_t stem = dot && dot > last ? (size_t)(dot - last) : strlen(last);

	if (take_name(t, slice_of(last, stem), to) || take_name(t, slice_str(last), to))
		return;
	do {
		snprintf(to, KEY_NAME_MAX + 1, "plain%u", ++file);
	} while (key_table_find(t, to));
}

struct key_entry *key_table_add_plain(struct key_table *t, const char *path, unsigned file)
{
	char name[KEY_NAME_MAX + 1];

	choose_name(t, path, file, name);
	struct key_entry *e = key_table_add(t, name);
	if (e) {
		e->plain = true;
		e->file = file;
	}
	return e;
}

void key_table_remove(struct key_table *t, struct key_entry *e)
{
	size_t at = (size_t)(e - t->entry);

	memmove(e, e + 1, (t->count - at - 1) * sizeof *e);
	t->count--;
	bound_give(t->bound, 1);
}
