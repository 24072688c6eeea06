/* The commands `key import` and `key export`: keys as files elsewhere. A sealed file is read and
 * written as it is; a plain one, of the reference node, has its secrets open. Before: cli/main.c.
 * After: owner/keys_user.h, owner/key_folder.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/key.h"
#include "owner/key_folder.h"

enum { FILE_BYTES = 8192 };

struct key_text {
	uint8_t bytes[FILE_BYTES + 1];
	size_t n;
};

/* ---- import ---- */

static bool read_all(int fd, struct key_text *t)
{
	t->n = 0;
	while (t->n < sizeof t->bytes) {
		ssize_t n = read(fd, t->bytes + t->n, sizeof t->bytes - t->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		t->n += (size_t)n;
	}
	errno = EFBIG;
	return false;
}

/* By the rights of who asks, before root gives up its own. */
static bool read_file(const char *path, struct key_text *t)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	t->n = 0;
	bool good = fd >= 0 && read_all(fd, t);
	if (!good && errno == EFBIG)
		cli_error("key import: %s: longer than %d bytes: this is no key", path, FILE_BYTES);
	else if (!good)
		cli_error("key import: %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

/* The name in the command, else that of the file without its ending, else "": the node chooses. */
static void name_for(const struct cli *cli, char to[KEY_NAME_MAX + 1])
{
	const char *slash = strrchr(cli->args[0], '/');
	const char *last = slash ? slash + 1 : cli->args[0], *dot = strrchr(last, '.');
	struct slice stem = slice_of(last, dot && dot > last ? (size_t)(dot - last) : strlen(last));

	if (cli->arg_count > 1)
		snprintf(to, KEY_NAME_MAX + 1, "%s", cli->args[1]);
	else if (key_name_is_valid(stem))
		snprintf(to, KEY_NAME_MAX + 1, "%.*s", (int)stem.n, (const char *)stem.p);
	else
		to[0] = 0;
}

static int take_in(
	const struct cli *cli, struct keys_user *u, const char *name, const struct key_text *t)
{
	struct slice file = slice_of(t->bytes, t->n);
	bool sealed = keys_file_is_sealed(file);
	struct passphrase p;
	struct keys_reply r;
	char done[512];

	bool good = sealed ? passphrase_read(cli, "passphrase of the file", &p)
			   : passphrase_read_new(cli, "new passphrase, to seal the key", &p);
	bool taken = good && keys_user_import(
				     u, name, file, passphrase_slice(&p), passphrase_slice(&p), &r);
	passphrase_wipe(&p);
	if (!good)
		return EXIT_TASK_FAILED;
	if (!taken)
		return key_refused(cli, &r);
	snprintf(done, sizeof done, "%s is sealed, and open until it is locked%s%.300s%s", r.name,
		sealed ? "" : "\n", sealed ? "" : cli->args[0],
		sealed ? ""
		       : " still has its secrets in plain: remove it when it is needed no more");
	return key_tell(cli, &r, done);
}

int cmd_key_import(const struct cli *cli, struct config *c)
{
	char name[KEY_NAME_MAX + 1];
	struct keys_user u;
	struct key_text t;
	int status = EXIT_TASK_FAILED;

	if (cli->arg_count > 1 && !key_name_is_valid(slice_str(cli->args[1]))) {
		cli_error("key import: %.60s is no name for a key", cli->args[1]);
		return EXIT_USAGE;
	}
	passphrase_guard();
	name_for(cli, name);
	if (read_file(cli->args[0], &t) && key_connect(cli, c, true, name, &u)) {
		status = take_in(cli, &u, name, &t);
		keys_user_close(&u);
	}
	explicit_bzero(&t, sizeof t);
	return status;
}

/* ---- export ---- */

static bool may_be_plain(const struct cli *cli)
{
	char question[512];

	snprintf(question, sizeof question,
		"%.300s will have the secrets of %.60s in plain: whoever reads it owns its names. "
		"Write it?",
		cli->args[1], cli->args[0]);
	if (cli->yes || passphrase_confirm(question))
		return true;
	cli_error("key export: nothing was written; without a terminal say --yes");
	return false;
}

/* Written by the rights of who asks, so root does not give up its own here: it is root that names
 * the file. */
static int write_file(const struct cli *cli, const struct keys_reply *r)
{
	char why[KEY_WHY_SIZE];

	if (key_folder_export(cli->args[1], slice_of(r->bytes, r->size), why) != ERR_OK) {
		cli_error("key export: %s", why);
		return EXIT_TASK_FAILED;
	}
	if (cli->json)
		puts("{\"done\":\"written\"}");
	else if (cli->plain)
		puts("written, with the secrets in plain");
	else
		puts("written; it opens by the key's passphrase: `alfisd key import` reads it");
	return EXIT_DONE;
}

static int write_copy(const struct cli *cli, struct keys_user *u)
{
	struct passphrase p = {.n = 0};
	struct keys_reply r;
	int status = EXIT_TASK_FAILED;

	if (!cli->plain || passphrase_read(cli, "passphrase", &p)) {
		bool good = keys_user_export(u, cli->args[0], cli->plain, passphrase_slice(&p), &r);
		status = good ? write_file(cli, &r) : key_refused(cli, &r);
		keys_reply_wipe(&r);
	}
	passphrase_wipe(&p);
	return status;
}

int cmd_key_export(const struct cli *cli, struct config *c)
{
	struct keys_user u;

	passphrase_guard();
	if (cli->plain && !may_be_plain(cli))
		return EXIT_TASK_FAILED;
	if (!key_connect_as_is(cli, c, &u))
		return EXIT_TASK_FAILED;
	int status = write_copy(cli, &u);
	keys_user_close(&u);
	return status;
}
