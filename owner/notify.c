/* Role: fork and exec of the owner's command, and its end. Before: node/node_notify.c. After: the
 * kernel. */
#include "owner/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "owner/keys_start.h"

enum { CANNOT = 127 /* exit status, as a shell's */ };

/* ---- words ---- */

/* The next word, from *at on, copied to *to. False when its quote is not closed. */
static bool take_word(const char **at, char **to)
{
	bool quoted = false;

	for (; **at && (quoted || (**at != ' ' && **at != '\t')); ++*at) {
		if (**at == '"')
			quoted = !quoted;
		else
			*(*to)++ = **at;
	}
	*(*to)++ = 0;
	return !quoted;
}

const char *notify_split(const char *text, struct notify_command *to)
{
	char *end = to->text;

	*to = (struct notify_command){.count = 0};
	if (strlen(text) >= sizeof to->text)
		return "it is too long";
	for (;;) {
		text += strspn(text, " \t");
		if (!*text)
			break;
		if (to->count == NOTIFY_WORDS_MAX)
			return "it has more than 16 words";
		to->word[to->count++] = end;
		if (!take_word(&text, &end))
			return "a quote is not closed";
	}
	if (to->count && to->word[0][0] != '/')
		return "it must begin with the whole path of a program, such as /usr/local/bin/told";
	return NULL;
}

/* ---- the process ---- */

/* In the child, beside other threads' locks: calls of the kernel alone. */
static void become(char *const *words, int null)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *environment[] = {path, NULL};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;
	bool good = setsid() >= 0 && chdir("/") == 0;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &usual, NULL); /* those that cannot be changed are usual */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 0; fd < 3; fd++)
		good &= dup2(null, fd) == fd;
	keys_close_from(3);
	if (good)
		execve(words[0], words, environment);
	_exit(CANNOT);
}

pid_t notify_start(struct notify_command *c, const char *kind, const char *line)
{
	char kind_word[32], line_word[1024];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -1;
	snprintf(kind_word, sizeof kind_word, "%s", kind);
	snprintf(line_word, sizeof line_word, "%s", line);
	c->word[c->count] = kind_word;
	c->word[c->count + 1] = line_word;
	c->word[c->count + 2] = NULL;
	pid_t pid = fork();
	if (pid == 0)
		become(c->word, null);
	int saved = errno;
	close(null);
	c->word[c->count] = c->word[c->count + 1] = NULL;
	errno = saved;
	return pid;
}

bool notify_ended(pid_t pid, char why[NOTIFY_WHY_MAX])
{
	int status = 0;
	pid_t got = waitpid(pid, &status, WNOHANG);

	why[0] = 0;
	if (got == 0 || (got < 0 && errno == EINTR))
		return false;
	if (got < 0)
		snprintf(why, NOTIFY_WHY_MAX, "it is lost: %s", strerror(errno));
	else if (WIFSIGNALED(status))
		snprintf(why, NOTIFY_WHY_MAX, "it was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == CANNOT)
		snprintf(why, NOTIFY_WHY_MAX, "it cannot be executed, or its status is 127");
	else if (WEXITSTATUS(status) != 0)
		snprintf(why, NOTIFY_WHY_MAX, "its status is %d", WEXITSTATUS(status));
	return true;
}

void notify_kill(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* when it has not made its group yet */
}
