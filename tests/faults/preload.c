/* Faults from below: a library for LD_PRELOAD that counts the system calls and allocations of a
 * program and makes chosen ones fail, cuts them short, or kills the program in them.
 *
 * FAULT=CALL:N:ACTION[:TIMES],…   from the N-th CALL on, TIMES times (1): an error such as EIO,
 *                                 `short` (half of the bytes), `kill` (SIGKILL instead of the call)
 *                                 or `torn` (SIGKILL after half of the bytes)
 * FAULT_CONTROL=FILE              struct control lies in FILE, so that others can read the counts
 *                                 and change the plan at any time
 *
 * CALL is a row of call_names[] below. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call {
	WRITE,
	PWRITE,
	WRITEV,
	SYNC, /* fdatasync, fsync */
	MSYNC,
	RESIZE, /* ftruncate */
	OPEN,
	SOCKET,
	ACCEPT,
	CONNECT,
	MAP,    /* mmap, not that of malloc */
	THREAD, /* pthread_create */
	MALLOC, /* and calloc, realloc, posix_memalign; operator new comes through here */
	WRITES, /* any of the first six */
	DISK,   /* any of the first six on a plain file */
	CALLS,
};

static const char *const call_names[CALLS] = {"write", "pwrite", "writev", "sync", "msync",
	"resize", "open", "socket", "accept", "connect", "map", "thread", "malloc", "writes",
	"disk"};

enum { SHORT = -1, KILL = -2, TORN = -3 };

/* The layout is known to tests/program/faults.py. */
struct plan {
	_Atomic uint64_t count;
	uint64_t first, times;
	int64_t action; /* an errno, or one of the words above */
};

struct control {
	int64_t wall_offset; /* seconds that the clock on the wall is off */
	struct plan plan[CALLS];
	int64_t slept;               /* seconds that the machine was suspended */
	uint64_t disk_ms;            /* what waits for the disk takes so long */
	_Atomic uint64_t disk_bytes; /* written to plain files */
};

static struct control own, *control = &own;

/* What glibc keeps for those who replace malloc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

/* ---- the plan ---- */

static int64_t action_of(const char *word, size_t n)
{
	static const char *const words[] = {"short", "kill", "torn"};

	for (int i = 0; i < 3; i++)
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return SHORT - i;
	for (int e = 1; e < 134; e++) {
		const char *name = strerrorname_np(e);
		if (name && strlen(name) == n && memcmp(name, word, n) == 0)
			return e;
	}
	return 0;
}

static void plan_one(const char *text)
{
	size_t n = strcspn(text, ":");

	for (int c = 0; c < CALLS; c++) {
		if (strlen(call_names[c]) != n || memcmp(call_names[c], text, n) != 0)
			continue;
		char *at;
		struct plan *p = &control->plan[c];
		p->first = text[n] ? strtoull(text + n + 1, &at, 10) : 0;
		if (!p->first || *at++ != ':')
			break;
		n = strcspn(at, ":,");
		p->action = action_of(at, n);
		p->times = at[n] == ':' ? strtoull(at + n + 1, NULL, 10) : 1;
		if (p->action)
			return;
	}
	static const char sorry[] = "preload: FAULT is not CALL:N:ACTION[:TIMES]\n";
	(void)!syscall(SYS_write, STDERR_FILENO, sorry, sizeof sorry - 1);
	_exit(2);
}

static void share(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	long at = syscall(
		SYS_mmap, NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (long)0);

	if (fd < 0 || at == -1)
		_exit(2);
	syscall(SYS_close, fd);
	control = (struct control *)at;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULT_CONTROL"), *text = getenv("FAULT");

	if (path)
		share(path);
	while (text && *text) {
		plan_one(text);
		text += strcspn(text, ",");
		text += *text == ',';
	}
}

static int64_t due(enum call c)
{
	struct plan *p = &control->plan[c];
	uint64_t n = atomic_fetch_add(&p->count, 1) + 1;

	return p->first && n >= p->first && n - p->first < p->times ? p->action : 0;
}

static void die(void)
{
	syscall(SYS_kill, getpid(), SIGKILL);
	for (;;)
		syscall(SYS_pause);
}

static bool fails(enum call c)
{
	int64_t action = due(c);

	if (action == KILL || action == TORN)
		die();
	if (action > 0)
		errno = (int)action;
	return action > 0;
}

/* ---- what writes ---- */

static bool is_file(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* How many of n bytes the call may write; −1 = none, errno says why. */
static ssize_t allowed(enum call c, int fd, size_t n, bool *torn)
{
	int64_t of_call = due(c), of_any = due(WRITES), of_disk = is_file(fd) ? due(DISK) : 0;
	int64_t action = of_call ? of_call : of_any ? of_any : of_disk;

	*torn = action == TORN;
	if (action == KILL)
		die();
	if (action > 0) {
		errno = (int)action;
		return -1;
	}
	return action && n > 1 ? (ssize_t)(n / 2) : (ssize_t)n;
}

static ssize_t done(ssize_t result, bool torn)
{
	if (torn)
		die();
	return result;
}

/* The disk is slow: a call that waits for it. */
static void wait_for_disk(void)
{
	struct timespec t = {
		(time_t)(control->disk_ms / 1000), (long)(control->disk_ms % 1000 * 1000000)};

	if (control->disk_ms)
		syscall(SYS_nanosleep, &t, NULL);
}

static ssize_t wrote(int fd, ssize_t n)
{
	if (n > 0 && is_file(fd))
		atomic_fetch_add(&control->disk_bytes, (uint64_t)n);
	if (n > 0 && control->disk_ms && fcntl(fd, F_GETFL) & O_DSYNC)
		wait_for_disk();
	return n;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	bool torn;
	ssize_t some = allowed(WRITE, fd, n, &torn);

	if (some < 0)
		return -1;
	return done(wrote(fd, syscall(SYS_write, fd, bytes, (size_t)some)), torn);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	bool torn;
	ssize_t some = allowed(PWRITE, fd, n, &torn);

	if (some < 0)
		return -1;
	return done(wrote(fd, syscall(SYS_pwrite64, fd, bytes, (size_t)some, at)), torn);
}

#undef pwrite
__attribute__((alias("pwrite64"))) ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at);

ssize_t writev(int fd, const struct iovec *v, int count)
{
	size_t n = 0;
	bool torn;

	for (int i = 0; i < count; i++)
		n += v[i].iov_len;
	ssize_t some = allowed(WRITEV, fd, n, &torn);
	if (some < 0)
		return -1;
	if ((size_t)some == n)
		return done(wrote(fd, syscall(SYS_writev, fd, v, count)), torn);
	size_t first = v[0].iov_len < (size_t)some ? v[0].iov_len : (size_t)some;
	return done(wrote(fd, syscall(SYS_write, fd, v[0].iov_base, first)), torn);
}

static int quiet_call(enum call c, int fd, long number, long a, long b, long d)
{
	bool torn;
	ssize_t some = allowed(c, fd, 0, &torn);

	return some < 0 ? -1 : (int)done(syscall(number, a, b, d), torn);
}

int fdatasync(int fd)
{
	wait_for_disk();
	return quiet_call(SYNC, fd, SYS_fdatasync, fd, 0, 0);
}

int fsync(int fd)
{
	wait_for_disk();
	return quiet_call(SYNC, fd, SYS_fsync, fd, 0, 0);
}

int msync(void *at, size_t n, int flags)
{
	wait_for_disk();
	return quiet_call(MSYNC, -1, SYS_msync, (long)at, (long)n, flags);
}

int ftruncate64(int fd, off64_t size)
{
	return quiet_call(RESIZE, fd, SYS_ftruncate, fd, size, 0);
}

#undef ftruncate
__attribute__((alias("ftruncate64"))) int ftruncate(int fd, off_t size);

/* ---- what makes descriptors, maps and threads ---- */

int open64(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
	va_end(args);
	return fails(OPEN) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#undef open
__attribute__((alias("open64"))) int open(const char *path, int flags, ...);

int socket(int family, int type, int protocol)
{
	return fails(SOCKET) ? -1 : (int)syscall(SYS_socket, family, type, protocol);
}

int accept4(int fd, struct sockaddr *from, socklen_t *n, int flags)
{
	return fails(ACCEPT) ? -1 : (int)syscall(SYS_accept4, fd, from, n, flags);
}

int accept(int fd, struct sockaddr *from, socklen_t *n)
{
	return accept4(fd, from, n, 0);
}

int connect(int fd, const struct sockaddr *to, socklen_t n)
{
	return fails(CONNECT) ? -1 : (int)syscall(SYS_connect, fd, to, n);
}

void *mmap64(void *at, size_t n, int rights, int flags, int fd, off64_t from)
{
	return fails(MAP) ? MAP_FAILED : (void *)syscall(SYS_mmap, at, n, rights, flags, fd, from);
}

#undef mmap
__attribute__((alias("mmap64"))) void *mmap(
	void *at, size_t n, int rights, int flags, int fd, off_t from);

int pthread_create(pthread_t *t, const pthread_attr_t *attributes, void *(*run)(void *), void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	return fails(THREAD) ? errno : real(t, attributes, run, arg);
}

/* ---- memory ---- */

void *malloc(size_t size)
{
	return fails(MALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(MALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails(MALLOC) ? NULL : __libc_realloc(p, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	*out = fails(MALLOC) ? NULL : __libc_memalign(align, size);
	return *out ? 0 : ENOMEM;
}

void *aligned_alloc(size_t align, size_t size)
{
	return fails(MALLOC) ? NULL : __libc_memalign(align, size);
}

/* ---- time ---- */

int clock_gettime(clockid_t which, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, which, t);

	if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)
		t->tv_sec += control->wall_offset;
	if (which == CLOCK_BOOTTIME)
		t->tv_sec += control->slept;
	return rc;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	*out = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
	return 0;
}
