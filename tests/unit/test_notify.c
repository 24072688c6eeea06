/* The owner's command: split into words without a shell, run with nothing of ours, ended in time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owner/notify.h"
#include "tests/unit/main.h"

static char folder[] = "/tmp/alfisd-notify-XXXXXX";
static char script[64], out[64];

/* A script that writes what it is given and has. */
static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(script, sizeof script, "%s/told", folder);
	snprintf(out, sizeof out, "%s/out", folder);
	FILE *f = fopen(script, "w");
	assert_non_null(f);
	fprintf(f,
		"#!/bin/sh\nif [ \"$1\" = sleep ]; then exec sleep 1000; fi\n"
		"{ for a; do echo \"<$a>\"; done; env; ls /proc/self/fd; } > %s.part\n"
		"mv %s.part %s\n[ \"$1\" != fail ]\n",
		out, out, out);
	assert_int_equal(fclose(f), 0);
	return chmod(script, 0700);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(script);
	unlink(out);
	return rmdir(folder);
}

static void assert_split(const char *text, const char *wrong, size_t count)
{
	struct notify_command c;
	const char *why = notify_split(text, &c);

	if (wrong)
		assert_string_equal(why, wrong);
	else
		assert_null(why);
	if (!wrong)
		assert_int_equal(c.count, count);
}

static void test_split(void **state)
{
	struct notify_command c;
	(void)state;

	assert_split("", NULL, 0);
	assert_split("   ", NULL, 0);
	assert_split("/a", NULL, 1);
	assert_split("told --x",
		"it must begin with the whole path of a program, such as "
		"/usr/local/bin/told",
		0);
	assert_split("/a \"b", "a quote is not closed", 0);
	assert_split("/a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", NULL, 16);
	assert_split("/a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "it has more than 16 words", 0);
	assert_null(notify_split(" /a\t'b;$(c)  \"d  e\" \"\" f\"g h\"i ", &c));
	assert_int_equal(c.count, 5);
	assert_string_equal(c.word[1], "'b;$(c)");
	assert_string_equal(c.word[2], "d  e");
	assert_string_equal(c.word[3], "");
	assert_string_equal(c.word[4], "fg hi");
	char longest[NOTIFY_COMMAND_MAX + 1];
	memset(longest, '/', sizeof longest);
	longest[sizeof longest - 1] = 0;
	assert_split(longest, "it is too long", 0);
	longest[sizeof longest - 2] = 0;
	assert_split(longest, NULL, 1);
}

static pid_t start(const char *more, const char *kind, const char *line)
{
	struct notify_command c;
	char text[128];

	snprintf(text, sizeof text, "%s %s", script, more);
	assert_null(notify_split(text, &c));
	pid_t pid = notify_start(&c, kind, line);
	assert_true(pid > 0);
	return pid;
}

static void wait_for(pid_t pid, char why[NOTIFY_WHY_MAX])
{
	while (!notify_ended(pid, why))
		usleep(1000);
}

/* The arguments as they are; no environment of ours, no descriptor, no shell between. */
static void test_run(void **state)
{
	char why[NOTIFY_WHY_MAX], text[4096];
	int left = open("/dev/null", O_RDONLY); /* without close-on-exec */
	(void)state;

	setenv("ALFISD_SECRET", "x", 1);
	signal(SIGPIPE, SIG_IGN);
	wait_for(start("one", "expiry", "a; rm -rf $HOME `b` \"c\""), why);
	assert_string_equal(why, "");
	FILE *f = fopen(out, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	close(left);
	assert_memory_equal(text, "<one>\n<expiry>\n<a; rm -rf $HOME `b` \"c\">\n", 40);
	assert_null(strstr(text, "ALFISD_SECRET"));
	assert_non_null(strstr(text, "PATH=/usr/local/sbin"));
	/* 0 to 2, and that of `ls` itself */
	const char *fds = strstr(text, "\n0\n1\n2\n3\n");
	assert_non_null(fds);
	assert_string_equal(fds, "\n0\n1\n2\n3\n");
}

static void test_failures(void **state)
{
	struct notify_command c;
	char why[NOTIFY_WHY_MAX];
	(void)state;

	wait_for(start("fail", "expiry", "x"), why);
	assert_string_equal(why, "its status is 1");
	assert_null(notify_split("/no/such/program", &c));
	wait_for(notify_start(&c, "expiry", "x"), why);
	assert_string_equal(why, "it cannot be executed, or its status is 127");
	assert_true(notify_ended(getpid(), why)); /* no child */
	assert_non_null(strstr(why, "it is lost"));
}

static void test_killed(void **state)
{
	char why[NOTIFY_WHY_MAX];
	pid_t pid = start("sleep", "expiry", "x");
	(void)state;

	assert_false(notify_ended(pid, why));
	notify_kill(pid);
	wait_for(pid, why);
	assert_non_null(strstr(why, "it was ended by signal 9"));
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	pid = start("sleep", "expiry", "x");
	kill(pid, SIGTERM);
	wait_for(pid, why);
	assert_non_null(strstr(why, "it was ended by signal 15"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_killed),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
