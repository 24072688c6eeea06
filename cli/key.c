/* The commands `key unlock` and `key passphrase`, and what the others about keys share. Before:
 * cli/main.c. After: cli/ctl_link.c asks the node, owner/keys_user.h the key process. */
#include "cli/key.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/hex.h"
#include "base/json.h"
#include "chain/crypto.h"
#include "cli/ctl.h"
#include "cli/print.h"
#include "cli/term.h"
#include "config/paths.h"
#include "config/units.h"
#include "owner/owner_line.h"

enum { REQUEST_MAX = 256, PATH_SIZE = 512 };

/* ---- the node ---- */

/* False after printing an error. */
static bool start_process(
	const struct cli *cli, const struct config *c, bool fresh, const char *name)
{
	char request[REQUEST_MAX];

	snprintf(request, sizeof request, "POST /keys/start%s%s%s%.100s", fresh ? "?new" : "",
		name[0] ? fresh ? "&" : "?" : "", name[0] ? "name=" : "", name);
	return ctl_tell(cli, c, request, NULL, NULL) == EXIT_DONE;
}

static bool try_socket(const struct config *c, struct keys_user *u, char why[KEYS_TEXT_MAX])
{
	char path[PATH_SIZE];

	snprintf(why, KEYS_TEXT_MAX, "the path of the data directory is too long");
	return path_in_data_dir(c->data_dir, KEYS_SOCKET, path, sizeof path) &&
	       keys_user_open(u, path, why);
}

static bool open_socket(const struct config *c, struct keys_user *u)
{
	char why[KEYS_TEXT_MAX];

	if (!crypto_init()) /* it logged why */
		return false;
	if (try_socket(c, u, why))
		return true;
	cli_error("%s", why);
	return false;
}

bool key_process_is_there(const struct config *c)
{
	char why[KEYS_TEXT_MAX];
	struct keys_user u;

	if (!try_socket(c, &u, why))
		return false;
	keys_user_close(&u);
	return true;
}

/* Is it that of `alfisd signer`, so that there is no node to start it? */
static bool is_signer(const struct config *c)
{
	int fd = ctl_connect(c);

	if (fd >= 0)
		close(fd);
	return fd < 0 && key_process_is_there(c);
}

/* A name comes from an argument: a wrong one must not become a part of a request. */
static bool name_is_good(const struct cli *cli, const char *name)
{
	if (!name[0] || key_name_is_valid(slice_str(name)))
		return true;
	cli_error(
		"%s: a key's name has 1 to %d letters, digits, \"-\", \"_\" and \".\", and begins "
		"with a letter or digit",
		cli->command, KEY_NAME_MAX);
	return false;
}

bool key_connect(
	const struct cli *cli, struct config *c, bool fresh, const char *name, struct keys_user *u)
{
	passphrase_guard();
	return name_is_good(cli, name) && ctl_become(c) &&
	       (is_signer(c) || start_process(cli, c, fresh, fresh ? name : "")) &&
	       open_socket(c, u);
}

bool key_connect_as_is(const struct cli *cli, struct config *c, struct keys_user *u)
{
	passphrase_guard();
	return (is_signer(c) || start_process(cli, c, false, "")) && open_socket(c, u);
}

bool key_connect_running(const struct cli *cli, struct config *c, struct keys_user *u)
{
	(void)cli;
	return ctl_become(c) && open_socket(c, u);
}

bool key_connect_to_sign(const struct cli *cli, struct config *c, struct keys_user *u)
{
	(void)cli;
	return open_socket(c, u);
}

/* ---- answers ---- */

int key_refused(const struct cli *cli, const struct keys_reply *r)
{
	cli_error("%s: %s", cli->command, r->line[0] ? r->line : keys_said_name(r->said));
	return EXIT_TASK_FAILED;
}

/* Of the process's answer: the node learns of the key a moment later. */
int key_tell(const struct cli *cli, const struct keys_reply *r, const char *done)
{
	char signing[65], encryption[65], line[OWNER_LINE_SIZE];
	uint8_t space[512];
	struct wr w = wr_of(space, sizeof space);
	struct json_wr j = {.w = &w};
	struct out o = {.f = stdout, .width = term_width()};

	hex_upper(slice_of(r->pub.signing, 32), signing);
	hex_upper(slice_of(r->pub.encryption, 32), encryption);
	owner_line_write(&r->pub, line);
	json_open(&j, NULL, '{');
	json_str(&j, "name", r->name);
	json_str(&j, "state", "open");
	json_str(&j, "owner", line);
	json_str(&j, "signing", signing);
	json_str(&j, "encryption", encryption);
	json_close(&j, '}');
	if (cli->json) {
		print_json(stdout, wr_done(&w));
		return EXIT_DONE;
	}
	puts(done);
	print_own_key(&o, wr_done(&w));
	return EXIT_DONE;
}

static int tell_done(const struct cli *cli, const char *done, const char *key, uint64_t number)
{
	uint8_t space[256];
	struct wr w = wr_of(space, sizeof space);
	struct json_wr j = {.w = &w};

	if (!cli->json) {
		puts(done);
		return EXIT_DONE;
	}
	json_open(&j, NULL, '{');
	json_str(&j, "done", done);
	if (key)
		json_u64(&j, key, number);
	json_close(&j, '}');
	print_json(stdout, wr_done(&w));
	return EXIT_DONE;
}

/* ---- key unlock ---- */

static bool take_seconds(const struct cli *cli, uint32_t *seconds)
{
	uint64_t ms = 0;

	*seconds = 0;
	if (!cli->lock_after)
		return true;
	if (units_parse_time(cli->lock_after, &ms) && ms >= 1000 && ms / 1000 <= UINT32_MAX) {
		*seconds = (uint32_t)(ms / 1000);
		return true;
	}
	cli_error(
		"--lock-after: expected a time of a second or more, such as \"10 min\", got %.40s",
		cli->lock_after);
	return false;
}

static int unlock(const struct cli *cli, struct keys_user *u, const char *name, uint32_t seconds)
{
	struct passphrase p;
	struct keys_reply r;
	char done[64];

	if (!passphrase_read(cli, "passphrase", &p)) {
		passphrase_wipe(&p);
		return EXIT_TASK_FAILED;
	}
	bool good = keys_user_unlock(u, name, passphrase_slice(&p), seconds, &r);
	passphrase_wipe(&p);
	if (!good)
		return key_refused(cli, &r);
	if (r.count)
		snprintf(done, sizeof done, "%u %s", (unsigned)r.count,
			r.count == 1 ? "key is open" : "keys are open");
	else
		snprintf(done, sizeof done, "no key was locked");
	return tell_done(cli, done, "unlocked", r.count);
}

int cmd_key_unlock(const struct cli *cli, struct config *c)
{
	const char *name = cli->arg_count ? cli->args[0] : "";
	struct keys_user u;
	uint32_t seconds;

	if (!take_seconds(cli, &seconds))
		return EXIT_USAGE;
	if (!key_connect(cli, c, false, name, &u))
		return EXIT_TASK_FAILED;
	int status = unlock(cli, &u, name, seconds);
	keys_user_close(&u);
	return status;
}

/* ---- key passphrase ---- */

static int rewrap(const struct cli *cli, struct keys_user *u)
{
	struct passphrase old = {.n = 0}, fresh = {.n = 0};
	struct keys_reply r;
	int status = EXIT_TASK_FAILED;

	if (passphrase_read(cli, "passphrase until now", &old) &&
		passphrase_read_new(cli, "new passphrase", &fresh))
		status = keys_user_rewrap(u, cli->args[0], passphrase_slice(&old),
				 passphrase_slice(&fresh), &r)
				 ? tell_done(cli,
					   "sealed anew; copies of the old file open by the "
					   "old passphrase still",
					   NULL, 0)
				 : key_refused(cli, &r);
	passphrase_wipe(&old);
	passphrase_wipe(&fresh);
	return status;
}

int cmd_key_passphrase(const struct cli *cli, struct config *c)
{
	struct keys_user u;

	if (!key_connect(cli, c, false, cli->args[0], &u))
		return EXIT_TASK_FAILED;
	int status = rewrap(cli, &u);
	keys_user_close(&u);
	return status;
}
