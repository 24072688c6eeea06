/* The command `web-password`: makes the line of node.toml that has the hash of the password for
 * webui.listen. Before: cli/main.c. After: web/password.c. */
#include <stdio.h>

#include "chain/crypto.h"
#include "cli/cli.h"
#include "cli/passphrase.h"
#include "web/login_queue.h"
#include "web/password.h"

enum { SHORT = 12 };

/* A form brings back no control character (http/request_args.c): nobody could log in. */
static bool has_control(const struct passphrase *p)
{
	for (size_t i = 0; i < p->n; i++)
		if ((uint8_t)p->text[i] < ' ' || p->text[i] == 0x7F)
			return true;
	return false;
}

/* Is it one that can be typed into the page? Says what is wrong with it. */
static bool is_good(const struct passphrase *p)
{
	if (p->n >= LOGIN_PASSWORD_MAX)
		cli_error("web-password: a password has at most %d bytes", LOGIN_PASSWORD_MAX - 1);
	else if (has_control(p))
		cli_error("web-password: a password has no control characters, such as a tab: the "
			  "page takes none");
	else
		return true;
	return false;
}

/* Reads it, and says what is wrong with it. */
static bool read_password(const struct cli *cli, struct passphrase *p)
{
	if (!passphrase_read_new(cli, "password of the owner's page", p))
		return false;
	if (!is_good(p)) {
		passphrase_wipe(p);
		return false;
	}
	if (p->n < SHORT && !cli->json)
		fprintf(stderr, "it is short: who reaches the page can try five a second\n");
	return true;
}

int cmd_web_password(const struct cli *cli, struct config *c)
{
	char hash[PASSWORD_HASH_MAX];
	struct passphrase p;

	(void)c;
	passphrase_guard();
	if (!crypto_init() || !read_password(cli, &p))
		return EXIT_TASK_FAILED;
	p.text[p.n] = 0;
	bool made = password_hash(p.text, hash);
	passphrase_wipe(&p);
	if (!made) {
		cli_error("web-password: out of memory");
		return EXIT_TASK_FAILED;
	}
	if (cli->json)
		printf("{\"password_hash\":\"%s\"}\n", hash);
	else
		printf("[webui]\npassword_hash = \"%s\"\n", hash);
	return EXIT_DONE;
}
