/* The file of a Unix socket: what may be removed, and what may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/socket_file.h"
#include "tests/unit/main.h"

static char dir[] = "/tmp/alf-socket-XXXXXX";
static char why[256];

static enum socket_fit look(const char *name, struct sockaddr_un *sa)
{
	return socket_file_address(dir, name, sa, why, sizeof why);
}

static enum socket_fit clear(const struct sockaddr_un *sa)
{
	return socket_file_clear(sa, why, sizeof why);
}

static int bound(const struct sockaddr_un *sa, bool listening)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)sa, sizeof *sa), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static bool is_there(const struct sockaddr_un *sa)
{
	struct stat s;

	return lstat(sa->sun_path, &s) == 0;
}

static void names(void **state)
{
	struct sockaddr_un sa;
	char name[SOCKET_PATH_MAX + 1] = "/";
	(void)state;

	assert_int_equal(look("s", &sa), SOCKET_FITS);
	assert_memory_equal(sa.sun_path, dir, strlen(dir));
	assert_string_equal(sa.sun_path + strlen(dir), "/s");
	assert_int_equal(look("/nowhere/s", &sa), SOCKET_FITS);
	assert_string_equal(sa.sun_path, "/nowhere/s");
	assert_int_equal(look("chain.mdb", &sa), SOCKET_WRONG);
	assert_int_equal(look("/srv/chain.mdb-lock", &sa), SOCKET_WRONG);
	assert_int_equal(look("x/../lock", &sa), SOCKET_WRONG);
	assert_int_equal(look("chain.mdb.sock", &sa), SOCKET_FITS);
	assert_int_equal(look("..", &sa), SOCKET_WRONG);
	assert_int_equal(look("/dev/null", &sa), SOCKET_WRONG);
	assert_non_null(strstr(why, "/dev/null is there and is no socket"));
	assert_int_equal(look("/dev/null/s", &sa), SOCKET_TAKEN);
	memset(name + 1, 'a', SOCKET_PATH_MAX - 2);
	assert_int_equal(look(name, &sa), SOCKET_FITS); /* the longest */
	name[SOCKET_PATH_MAX - 1] = 'a';
	assert_int_equal(look(name, &sa), SOCKET_WRONG);
	assert_non_null(strstr(why, "longer than the 107 bytes"));
}

static void in_use_or_left_behind(void **state)
{
	struct sockaddr_un sa;
	(void)state;

	look("s", &sa);
	assert_int_equal(clear(&sa), SOCKET_FITS); /* nothing there */
	int fd = bound(&sa, true);
	assert_int_equal(look("s", &sa), SOCKET_FITS);
	assert_int_equal(clear(&sa), SOCKET_TAKEN);
	assert_true(is_there(&sa));
	close(fd);
	assert_int_equal(clear(&sa), SOCKET_FITS);
	assert_false(is_there(&sa));
}

static void only_what_was_made_is_removed(void **state)
{
	struct socket_file f = {0};
	struct sockaddr_un sa;
	(void)state;

	look("s", &sa);
	socket_file_remove(&f); /* nothing was made */
	int fd = bound(&sa, true);
	socket_file_made(&f, &sa);
	socket_file_remove(&f);
	assert_false(is_there(&sa));
	int first = bound(&sa, true);
	socket_file_made(&f, &sa);
	assert_int_equal(unlink(sa.sun_path), 0);
	int other = bound(&sa, true);
	socket_file_remove(&f);
	assert_true(is_there(&sa));
	assert_int_equal(unlink(sa.sun_path), 0);
	close(fd);
	close(first);
	close(other);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(in_use_or_left_behind),
		cmocka_unit_test(only_what_was_made_is_removed),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
