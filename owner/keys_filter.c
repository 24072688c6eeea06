/* Role: which system calls the key process may make. A call that is not in the list fails and ends
 * nothing, since C libraries try calls of which we know nothing, and go on without them.
 * Before: owner/keys_sandbox.c. After: the kernel. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "owner/keys_filter.h"

/* The machine that the calls must be of. 0: this one is not known here. */
#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define MACHINE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define MACHINE AUDIT_ARCH_ARM
#elif defined(__s390x__)
#define MACHINE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define MACHINE AUDIT_ARCH_PPC64LE
#elif defined(__mips__) && !defined(__mips64) && defined(__MIPSEL__)
#define MACHINE AUDIT_ARCH_MIPSEL
#elif defined(__mips__) && !defined(__mips64) && defined(__MIPSEB__)
#define MACHINE AUDIT_ARCH_MIPS
#else
#define MACHINE 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

#if MACHINE

/* Calls that are allowed whatever their arguments are. Some machines lack some of them. */
static const uint32_t allowed[] = {
	/* what is open: both sockets, the journal, a descriptor that the node hands over */
	__NR_read,
	__NR_write,
	__NR_readv,
	__NR_writev,
	__NR_close,
	__NR_pread64,
	__NR_pwrite64,
	__NR_fdatasync,
	__NR_fstat,
	__NR_recvmsg,
	__NR_sendmsg,
	__NR_recvfrom,
	__NR_sendto,
	__NR_accept4,
	__NR_shutdown,
	__NR_ppoll,
	__NR_fcntl,
	/* memory */
	__NR_brk,
	__NR_munmap,
	__NR_mremap,
	__NR_madvise,
	__NR_mlock,
	__NR_munlock,
	/* threads, and their priority */
	__NR_futex,
	__NR_set_robust_list,
	__NR_sched_yield,
	__NR_sched_getaffinity,
	__NR_sched_setscheduler,
	__NR_setpriority,
	__NR_gettid,
	__NR_getpid,
	/* signals of their own, the end */
	__NR_rt_sigprocmask,
	__NR_rt_sigaction,
	__NR_rt_sigreturn,
	__NR_restart_syscall,
	__NR_exit,
	__NR_exit_group,
	/* time, randomness */
	__NR_clock_gettime,
	__NR_clock_nanosleep,
	__NR_gettimeofday,
	__NR_getrandom,
#ifdef __NR_poll
	__NR_poll,
#endif
#ifdef __NR_time
	__NR_time,
#endif
#ifdef __NR_nanosleep
	__NR_nanosleep,
#endif
#ifdef __NR_rseq
	__NR_rseq,
#endif
#ifdef __NR_fstat64
	__NR_fstat64,
#endif
#ifdef __NR_fcntl64
	__NR_fcntl64,
#endif
#ifdef __NR_clock_gettime64
	__NR_clock_gettime64,
	__NR_clock_nanosleep_time64,
	__NR_ppoll_time64,
	__NR_futex_time64,
#endif
#ifdef __NR_sigreturn
	__NR_sigreturn,
#endif
#ifdef __NR_set_thread_area
	__NR_set_thread_area,
#endif
#ifdef __ARM_NR_set_tls
	__ARM_NR_set_tls,
	__ARM_NR_cacheflush,
#endif
};

/* ---- the program of the filter ---- */

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#endif
#ifdef __NR_mmap2
#define MMAP __NR_mmap2
#else
#define MMAP __NR_mmap
#endif
#ifdef __s390x__
#define CLONE_FLAGS 1 /* which argument it is */
#else
#define CLONE_FLAGS 0
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4 /* bytes before the lower 32 bits of an argument */
#else
#define LOW_HALF 0
#endif

enum { ALLOWED = sizeof allowed / sizeof *allowed, STEPS = 2 * ALLOWED + 48 };

struct filter {
	struct sock_filter steps[STEPS];
	unsigned short n;
};

static void step(struct filter *f, struct sock_filter s)
{
	if (f->n < STEPS)
		f->steps[f->n++] = s;
}

static void load(struct filter *f, size_t at)
{
	step(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)at));
}

static void answer(struct filter *f, uint32_t verdict)
{
	step(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

/* If the value that was loaded is this number, then the verdict. */
static void if_equal(struct filter *f, uint32_t number, uint32_t verdict)
{
	step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
	answer(f, verdict);
}

/* The call is allowed if its argument has all (`wanted`) or none of these bits. */
static void if_call_has(
	struct filter *f, uint32_t call, unsigned argument, uint32_t bits, bool wanted)
{
	uint32_t yes = SECCOMP_RET_ALLOW, no = SECCOMP_RET_ERRNO | EPERM;

	step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
	load(f, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + LOW_HALF);
	step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
	answer(f, wanted ? yes : no);
	answer(f, wanted ? no : yes);
}

/* The call is allowed if this argument is this number. */
static void if_call_is(struct filter *f, uint32_t call, unsigned argument, uint32_t number)
{
	step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
	load(f, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + LOW_HALF);
	if_equal(f, number, SECCOMP_RET_ALLOW);
	answer(f, SECCOMP_RET_ERRNO | EPERM);
}

static void make(struct filter *f)
{
	load(f, offsetof(struct seccomp_data, arch));
	step(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0));
	answer(f, SECCOMP_RET_KILL_PROCESS);
	load(f, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ALLOWED; i++)
		if_equal(f, allowed[i], SECCOMP_RET_ALLOW);
#ifdef __NR_clone3
	/* Its flags lie in memory, where a filter cannot look: the C library takes clone instead.
	 */
	if_equal(f, __NR_clone3, SECCOMP_RET_ERRNO | ENOSYS);
#endif
	if_call_has(f, __NR_clone, CLONE_FLAGS, CLONE_THREAD, true);
	if_call_has(f, __NR_mprotect, 2, PROT_EXEC, false);
#ifdef __s390x__
	if_equal(f, MMAP, SECCOMP_RET_ALLOW); /* its arguments lie in memory */
#else
	if_call_has(f, MMAP, 2, PROT_EXEC, false);
#endif
	if_call_is(f, __NR_tgkill, 0, (uint32_t)getpid()); /* abort() */
	answer(f, SECCOMP_RET_ERRNO | EPERM);
}

static bool set(void)
{
	struct filter f = {.n = 0};

	make(&f);
	struct sock_fprog program = {f.n, f.steps};
	return f.n < STEPS && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

#else

static bool set(void)
{
	errno = ENOSYS;
	return false;
}

#endif

/* Valgrind makes calls of its own in our name; it tells by what it loads into the program. */
bool filter_runs_under_valgrind(void)
{
	const char *loaded = getenv("LD_PRELOAD");

	return loaded && strstr(loaded, "vgpreload");
}

void filter_enter(char missing[KEYS_TEXT_MAX])
{
	*missing = '\0';
	if (INSTRUMENTED || filter_runs_under_valgrind())
		snprintf(missing, KEYS_TEXT_MAX,
			"no filter of system calls: this program is instrumented (a sanitizer or "
			"valgrind)");
	else if (!set())
		snprintf(missing, KEYS_TEXT_MAX, "no filter of system calls: %s",
			errno == EINVAL || errno == ENOSYS ? "the kernel, or this kind of machine, "
							     "has none (seccomp)"
							   : strerror(errno));
}

bool filter_is_instrumented(void)
{
	return INSTRUMENTED;
}

void filter_show_at_end(void)
{
	if (INSTRUMENTED)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
