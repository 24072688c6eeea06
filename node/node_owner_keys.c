/* Which keys there are, what the key process is given of them, and the files that it has made.
 * Before: node/node_owner.c, owner/keys_link.h. After: owner/key_folder.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "node/node.h"
#include "node/node_secret.h"

enum { PAUSE_MS = 500 };

/* ---- at the start ---- */

static void leave_out(struct key_entry *e, const char *why)
{
	snprintf(e->wrong, sizeof e->wrong, "%s", why);
	e->told = true;
	log_error("keys: %s is left out: %s", e->name, why);
}

static void add_sealed(struct node *n, const char *name)
{
	uint8_t bytes[KEY_FILE_MAX + 1];
	char why[KEY_WHY_SIZE], line[KEY_ERROR_MAX];
	struct key_entry *e = key_table_add(&n->owner.keys, name);
	struct key_file file;
	size_t size;

	if (!e)
		return;
	if (key_folder_load(&n->owner.folder, name, bytes, &size, why) != ERR_OK) {
		leave_out(e, why);
	} else if (key_file_decode(slice_of(bytes, size), &file, line) != ERR_OK) {
		snprintf(why, sizeof why, "%.300s/%s%s: %.150s", n->owner.folder.path, name,
			CONFIG_KEY_SUFFIX, line);
		leave_out(e, why);
	} else {
		e->pub = file.pub;
	}
}

bool node_owner_scan(struct node *n)
{
	struct node_owner *o = &n->owner;
	const struct config *c = n->config;
	size_t most = (size_t)c->limits.max_keys.max;
	char(*names)[KEY_NAME_MAX + 1] = mem_alloc(most * sizeof *names), why[KEY_WHY_SIZE] = "";
	int all = names ? key_folder_list(&o->folder, names, most, why) : -1;

	for (int i = 0; i < all && (size_t)i < most; i++)
		add_sealed(n, names[i]);
	mem_free(names);
	if (all < 0)
		snprintf(o->why, sizeof o->why, "%.500s", why[0] ? why : "out of memory");
	for (unsigned i = 0; all >= 0 && i < c->key_files.count; i++)
		if (!key_table_add_plain(&o->keys, c->key_files.ptr[i], i))
			all = (int)most + 1;
	if (all > (int)most)
		log_error("keys: there are more than limits.max_keys = %zu: the last ones are left "
			  "out",
			most);
	return all >= 0;
}

/* ---- to the process ---- */

static void load_next(struct node *n);

/* The process does not know which file it was given. */
static void refuse(struct node *n, struct key_entry *e, const char *line)
{
	char why[KEY_WHY_SIZE];

	if (e->plain)
		snprintf(
			why, sizeof why, "%.250s: %.250s", n->config->key_files.ptr[e->file], line);
	else
		snprintf(why, sizeof why, "%.200s/%s%s: %.220s", n->owner.folder.path, e->name,
			CONFIG_KEY_SUFFIX, line);
	leave_out(e, why);
}

static struct key_entry *find_asked(const struct key_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->entry[i].asked)
			return &t->entry[i];
	return NULL;
}

/* `said` is KEYS_GONE when the process has ended: all are loaded anew then. */
static void on_loaded(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct node *n = ctx;
	struct key_entry *e = find_asked(&n->owner.keys);

	(void)bytes;
	if (!e)
		return;
	e->asked = false;
	if (said == KEYS_GONE)
		return;
	e->told = true;
	if (said != KEYS_DONE)
		refuse(n, e, line[0] ? line : keys_said_name(said));
	load_next(n);
}

static bool load_sealed(struct node *n, struct key_entry *e)
{
	uint8_t bytes[KEY_FILE_MAX + 1];
	char why[KEY_WHY_SIZE];
	size_t size;

	if (key_folder_load(&n->owner.folder, e->name, bytes, &size, why) == ERR_OK)
		return keys_link_load(n->owner.link, e->name, slice_of(bytes, size), on_loaded, n);
	leave_out(e, why);
	return false;
}

/* The node opens the file and does not read it. O_NONBLOCK: it may be a pipe. */
static bool load_plain(struct node *n, struct key_entry *e)
{
	const char *path = n->config->key_files.ptr[e->file];
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	char why[KEY_WHY_SIZE];

	if (fd < 0) {
		snprintf(why, sizeof why, "key_files: %s: %s", path, strerror(errno));
		leave_out(e, why);
		return false;
	}
	bool asked = keys_link_load_plain(n->owner.link, e->name, fd, on_loaded, n);
	close(fd);
	return asked;
}

/* One after the other, so that few requests wait, however many keys there are. */
static void load_next(struct node *n)
{
	struct key_table *t = &n->owner.keys;

	for (size_t i = 0; i < t->count; i++) {
		struct key_entry *e = &t->entry[i];
		if (e->told)
			continue;
		e->asked = e->plain ? load_plain(n, e) : load_sealed(n, e);
		if (e->asked)
			return;
		if (!e->told)
			leave_out(e, "the key process does not take it: it has too much to do");
	}
	if (!keys_link_ready(n->owner.link))
		log_error("keys: the key process has too much to do to serve the command line");
	if (n->is_signer && n->ready >= 0) {
		if (write(n->ready, "", 1) != 1)
			log_error("keys: nobody waits for them");
		n->ready = -1;
	}
}

void node_owner_load(struct node *n)
{
	struct key_table *t = &n->owner.keys;

	for (size_t i = 0; i < t->count; i++) {
		t->entry[i].asked = t->entry[i].told = false;
		t->entry[i].wrong[0] = 0;
	}
	load_next(n);
}

/* ---- its search ---- */

/* It is told again in time, so that it does not begin in between. */
void node_owner_give_way(struct node *n)
{
	struct node_owner *o = &n->owner;
	uint64_t now = clock_mono(n->clock);

	if (!o->link || config_signer(n->config) || now + PAUSE_MS / 2 < o->pause_ms ||
		!sync_is_checking(n->sync) || !keys_link_state(o->link)->search.running)
		return;
	if (keys_link_pause(o->link, PAUSE_MS))
		o->pause_ms = now + PAUSE_MS;
}

/* ---- of a signer ---- */

/* One after the other, up to limits.max_keys. */
void node_owner_take(struct node *n)
{
	struct node_owner *o = &n->owner;
	const struct keys_state *s = keys_link_state(o->link);

	while (o->keys.count)
		key_table_remove(&o->keys, &o->keys.entry[o->keys.count - 1]);
	for (size_t i = 0; i < s->count; i++) {
		struct key_entry *e = key_table_add(&o->keys, s->rows[i].name);
		if (!e)
			break;
		e->told = e->away = true;
		e->pub = s->rows[i].pub;
	}
	if (o->why[0])
		log_info("keys: the signer answers, with %zu keys", s->count);
	o->why[0] = 0;
}

/* ---- from the process ---- */

/* key1, key2 and so on: the first that neither the folder nor key_files has. */
static enum err add_unnamed(
	struct node *n, char name[KEY_NAME_MAX + 1], struct slice sealed, char why[KEY_WHY_SIZE])
{
	enum err err = ERR_EXISTS;

	for (unsigned i = 1; err == ERR_EXISTS && i <= KEYS_MAX + 1; i++) {
		snprintf(name, KEY_NAME_MAX + 1, "key%u", i);
		if (!key_table_find(&n->owner.keys, name))
			err = key_folder_add(&n->owner.folder, name, sealed, why);
	}
	return err;
}

/* Writes a key that is not there yet; `name` is chosen when it is empty. */
static enum err add(
	struct node *n, char name[KEY_NAME_MAX + 1], struct slice sealed, char why[KEY_WHY_SIZE])
{
	struct bound *most = &n->config->limits.max_keys;

	if (!bound_has(most, 1)) {
		bound_hit(most);
		snprintf(why, KEY_WHY_SIZE, "there are limits.max_keys = %llu keys already",
			(unsigned long long)bound_read(&most->max));
		return ERR_FULL;
	}
	if (!name[0])
		return add_unnamed(n, name, sealed, why);
	if (!key_table_find(&n->owner.keys, name))
		return key_folder_add(&n->owner.folder, name, sealed, why);
	snprintf(why, KEY_WHY_SIZE, "there is a key %s already: choose another name", name);
	return ERR_EXISTS;
}

/* What the node knows of it from now on. */
static void note(struct node *n, const char *name, struct slice sealed, bool fresh)
{
	struct key_entry *e = key_table_find(&n->owner.keys, name);
	char line[KEY_ERROR_MAX];
	struct key_file file;

	if (!e)
		e = key_table_add(&n->owner.keys, name);
	if (!e)
		return;
	e->told = true;
	e->wrong[0] = 0;
	if (key_file_decode(sealed, &file, line) != ERR_OK)
		return;
	e->pub = file.pub;
	if (fresh && n->owner.activates)
		node_secret_choose(n, e->pub.signing);
	n->owner.activates &= !fresh;
}

void node_owner_store(void *node, uint32_t id, const char *name, struct slice sealed, bool replace)
{
	struct node *n = node;
	char file[KEY_NAME_MAX + 1], why[KEY_WHY_SIZE] = "";
	enum err err;

	snprintf(file, sizeof file, "%s", name);
	if (name[0] && !key_name_is_valid(slice_str(name))) {
		snprintf(why, sizeof why, "this is no name for a key");
		err = ERR_REFUSED;
	} else if (replace) {
		err = key_folder_replace(&n->owner.folder, file, sealed, why);
	} else {
		err = add(n, file, sealed, why);
	}
	if (err == ERR_OK) {
		note(n, file, sealed, !replace);
		log_info("keys: %s is %s", file, replace ? "sealed anew" : "written to its file");
	} else {
		log_error("keys: %s", why);
	}
	keys_link_stored(n->owner.link, id, err, err == ERR_OK ? file : why);
}
