/* What the key process can do no more, tried from inside. Each test is a child that has shut itself
 * in; its exit status counts what went wrong. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain/crypto.h"
#include "owner/keys.h"
#include "owner/keys_sandbox.h"
#include "tests/unit/main.h"

enum { NO_FILTER = 100 };

/* Runs `inside` in a child. Skips the test where there is no filter, which the guard says. */
static void run(int (*inside)(void))
{
	struct keys_guard guard;
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (!sandbox_hide())
			_exit(NO_FILTER + 1);
		sandbox_enter(&guard);
		_exit(*guard.filter ? NO_FILTER : inside());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_FILTER)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Counts a call that was not refused. */
static int refused(long result)
{
	return result >= 0 || (errno != EPERM && errno != EACCES);
}

static int no_files_inside(void)
{
	struct stat st;
	int bad = 0;

	bad += refused(open("/etc/passwd", O_RDONLY));
	bad += refused(open("/tmp/not-written", O_WRONLY | O_CREAT, 0600));
	bad += refused(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR));
	bad += refused(unlink("/tmp/not-there"));
	bad += refused(rename("/tmp/not-there", "/tmp/not-here"));
	bad += refused(mkdir("/tmp/not-made", 0700));
	bad += refused(chmod("/tmp", 0777));
	bad += refused(stat("/etc/passwd", &st));
	bad += refused(chdir("/"));
	return bad;
}

static void test_no_files(void **state)
{
	(void)state;
	run(no_files_inside);
}

static int no_network_inside(void)
{
	static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/not-there"};
	int pair[2], bad = 0;

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		bad += refused(socket(families[i], SOCK_STREAM, 0));
	bad += refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	bad += refused(connect(0, (struct sockaddr *)&a, sizeof a));
	bad += refused(bind(0, (struct sockaddr *)&a, sizeof a));
	return bad;
}

static void test_no_network(void **state)
{
	(void)state;
	run(no_network_inside);
}

static int no_programs_inside(void)
{
	static char sh[] = "/bin/sh";
	char *arguments[] = {sh, NULL};
	int bad = 0;

	bad += refused(execve(sh, arguments, arguments + 1));
	bad += refused(fork());
	bad += refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	bad += refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	bad += refused(kill(getppid(), 0));
	bad += refused(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	bad += refused(syscall(SYS_tgkill, getppid(), getppid(), 0));
	return bad;
}

static void test_no_programs(void **state)
{
	(void)state;
	run(no_programs_inside);
}

static int no_code_inside(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return 1;
	return refused(mprotect(p, size, PROT_READ | PROT_EXEC)) +
	       (mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		       MAP_FAILED);
}

static void test_no_new_code(void **state)
{
	(void)state;
#ifdef __s390x__
	skip(); /* a filter cannot look at the arguments of mmap there */
#endif
	run(no_code_inside);
}

static void *add_one(void *p)
{
	++*(int *)p;
	return p;
}

/* What it needs is there: memory of both kinds, argon2id, threads with a lower priority,
 * randomness, a write to what is open. */
static int work_inside(void)
{
	struct seal_key k = {.cost = {7168, 5}};
	struct sched_param none = {.sched_priority = 0};
	uint8_t random[32];
	pthread_t thread;
	int one = 0, bad = 0;
	void *p = key_memory_new(100), *large = malloc(5 << 20);

	bad += !p || !large || seal_key_derive(slice_str("x"), &k) != ERR_OK;
	key_memory_free(p);
	free(large);
	rng_fill(&rng_system, random, sizeof random);
	bad += pthread_create(&thread, NULL, add_one, &one) != 0 ||
	       pthread_join(thread, NULL) != 0 || one != 1;
	bad += pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) != 0;
	bad += clock_mono(&clock_system) == 0 || clock_wall(&clock_system) == 0;
	bad += write(STDOUT_FILENO, "", 0) != 0;
	return bad;
}

static void test_its_work_goes_on(void **state)
{
	(void)state;
	run(work_inside);
}

static int hidden_inside(void)
{
	struct rlimit core;

	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != -1 || getrlimit(RLIMIT_CORE, &core) != -1;
}

/* Even to ask is refused inside; before the filter both stand as they should. */
static void test_hidden(void **state)
{
	struct rlimit core;
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		bool good = sandbox_hide() && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
			    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
			    getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
		_exit(!good);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	run(hidden_inside);
}

/* Landlock alone, without the filter. Where a kernel lacks it the guard says so. */
static void test_landlock_says_when_it_is_missing(void **state)
{
	struct keys_guard guard;
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		sandbox_hide();
		sandbox_enter(&guard);
		bool shut = open("/etc/passwd", O_RDONLY) < 0;
		_exit(*guard.files ? strstr(guard.files, "Landlock") == NULL : !shut);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Memory for secrets: out of core files, and whoever runs over its end dies. */
static void test_guarded_memory(void **state)
{
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		uint8_t *p = key_memory_new(64);
		signal(SIGSEGV, SIG_DFL);
		sandbox_hide();
		for (size_t i = 0; p; i++)
			p[i] = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(status != 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_no_network),
		cmocka_unit_test(test_no_programs),
		cmocka_unit_test(test_no_new_code),
		cmocka_unit_test(test_its_work_goes_on),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_landlock_says_when_it_is_missing),
		cmocka_unit_test(test_guarded_memory),
	};

	choose_tests(argc, argv);
	if (!crypto_init())
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return failed;
}
