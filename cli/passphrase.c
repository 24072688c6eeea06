/* Where a passphrase comes from. Before: cli/key*.c. After: a descriptor, a file of the service
 * manager, or /dev/tty; owner/keys_user.h takes it to the key process. */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

void passphrase_guard(void)
{
	static const struct rlimit none = {0, 0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

/* Refused where the limit is low: then it may be swapped out while it is here. */
static void keep_in_memory(const struct passphrase *p)
{
	if (mlock(p, sizeof *p) != 0)
		return;
}

void passphrase_wipe(struct passphrase *p)
{
	explicit_bzero(p, sizeof *p);
}

struct slice passphrase_slice(const struct passphrase *p)
{
	return slice_of(p->text, p->n);
}

/* ---- one line of a descriptor ---- */

/* Reads byte by byte: what is behind the line is the next one's. False when reading fails, or the
 * line is too long (errno EMSGSIZE). */
static bool read_line(int fd, struct passphrase *p)
{
	char c = 0;

	p->n = 0;
	for (;;) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0 || c == '\n')
			break;
		if (p->n == PASSPHRASE_MAX) {
			errno = EMSGSIZE;
			return false;
		}
		p->text[p->n++] = c;
	}
	p->n -= p->n && p->text[p->n - 1] == '\r';
	p->text[p->n] = 0;
	return true;
}

static bool judge(bool read, const char *from, const struct passphrase *p)
{
	if (!read && errno == EMSGSIZE)
		cli_error("%s: a passphrase has %d bytes at most", from, PASSPHRASE_MAX);
	else if (!read)
		cli_error("%s: %s", from, strerror(errno));
	else if (!p->n)
		cli_error("%s: the passphrase is empty", from);
	return read && p->n;
}

static bool from_descriptor(const char *number, struct passphrase *p)
{
	char *end, from[64];
	long fd = number[0] >= '0' && number[0] <= '9' ? strtol(number, &end, 10) : -1;

	if (fd < 0 || *end || fd > 1 << 20) {
		cli_error("--passphrase-fd: expected the number of an open descriptor, got %.40s",
			number);
		return false;
	}
	snprintf(from, sizeof from, "--passphrase-fd %ld", fd);
	return judge(read_line((int)fd, p), from, p);
}

/* The file of the credential; −1 with errno ENOENT when there is none. */
static int open_credential(char path[1024])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	errno = ENOENT;
	if (!folder || snprintf(path, 1024, "%s/" PASSPHRASE_CREDENTIAL, folder) >= 1024)
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* ---- the terminal ---- */

static int tty = -1;
static struct termios shown;
static struct sigaction was[3];
static const int ending[3] = {SIGINT, SIGTERM, SIGHUP};

/* ^C must leave a terminal that shows what is typed. */
static void on_end(int number)
{
	tcsetattr(tty, TCSANOW, &shown);
	signal(number, SIG_DFL);
	raise(number);
}

static void catch (bool on)
{
	struct sigaction a = {.sa_handler = on_end};

	for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
		sigaction(ending[i], on ? &a : &was[i], on ? &was[i] : NULL);
}

static void say(const char *text)
{
	if (write(tty, text, strlen(text)) < 0)
		return; /* a terminal that is gone fails the reading, too */
}

static bool read_hidden(struct passphrase *p)
{
	struct termios hidden;

	if (tcgetattr(tty, &shown) != 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	hidden.c_lflag |= ICANON;
	catch (true);
	bool read = tcsetattr(tty, TCSAFLUSH, &hidden) == 0 && read_line(tty, p);
	int error = errno;
	tcsetattr(tty, TCSAFLUSH, &shown);
	catch (false);
	say("\n");
	errno = error;
	return read;
}

static bool ask(const char *prompt, struct passphrase *p)
{
	say(prompt);
	say(": ");
	return judge(read_hidden(p), "passphrase", p);
}

static bool open_terminal(void)
{
	if (tty < 0)
		tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return tty >= 0;
}

static bool need_terminal(void)
{
	if (open_terminal())
		return true;
	cli_error(
		"there is no terminal to ask for the passphrase: give it by --passphrase-fd N, or "
		"by the credential " PASSPHRASE_CREDENTIAL " of systemd");
	return false;
}

/* ---- all of them ---- */

/* False when neither is there: the terminal is asked then. */
static bool from_elsewhere(const struct cli *cli, struct passphrase *p, bool *good)
{
	char path[1024];

	if (cli->passphrase_fd) {
		*good = from_descriptor(cli->passphrase_fd, p);
		return true;
	}
	int fd = open_credential(path);
	if (fd < 0 && errno == ENOENT)
		return false;
	*good = judge(fd >= 0 && read_line(fd, p), path, p);
	if (fd >= 0)
		close(fd);
	return true;
}

bool passphrase_read(const struct cli *cli, const char *prompt, struct passphrase *p)
{
	bool good;

	keep_in_memory(p);
	if (from_elsewhere(cli, p, &good))
		return good;
	return need_terminal() && ask(prompt, p);
}

static bool same(const struct passphrase *a, const struct passphrase *b)
{
	return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

bool passphrase_read_new(const struct cli *cli, const char *prompt, struct passphrase *p)
{
	struct passphrase again;
	bool good;

	keep_in_memory(p);
	keep_in_memory(&again);
	if (from_elsewhere(cli, p, &good))
		return good;
	if (!need_terminal() || !ask(prompt, p) || !ask("the same again", &again))
		return false;
	good = same(p, &again);
	passphrase_wipe(&again);
	if (!good)
		cli_error("the two passphrases differ; nothing was changed");
	return good;
}

bool passphrase_confirm(const char *question)
{
	struct passphrase answer;

	if (!open_terminal())
		return false;
	say(question);
	say(" (yes/no) ");
	bool yes = read_line(tty, &answer) &&
		   (strcasecmp(answer.text, "yes") == 0 || strcasecmp(answer.text, "y") == 0);
	return yes;
}
