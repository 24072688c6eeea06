/* The error codes of the whole program. A function that can fail in several ways returns enum err,
 * one that can fail in a single way returns bool. The message for the user is made where the
 * context is known. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_NOMEM,     /* out of memory */
	ERR_MALFORMED, /* bytes from outside that do not parse */
	ERR_TOO_BIG,   /* longer than the bound that applies */
	ERR_FULL,      /* a bounded container is at its bound */
	ERR_NOT_FOUND, /* no such row, block, peer */
	ERR_EXISTS,    /* it exists already */
	ERR_REFUSED,   /* understood and declined (wrong network, banned, ...) */
	ERR_TIMEOUT,   /* a deadline passed */
	ERR_IO,        /* the operating system failed an I/O call */
	ERR_CORRUPT,   /* our own data contradict themselves */
	ERR_BUSY,      /* another process holds it */
	ERR_STOPPING,  /* refused because the program is going down */
	ERR_USAGE,     /* the caller asked for something that cannot be */
};

/* Words such as "malformed", never NULL. Static. */
const char *err_name(enum err e);

/* Exit status of the program; `alfisd --help` explains them to users. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_TASK_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_STORE = 3,
	EXIT_AUDIT = 4,
	EXIT_REFUSED = 5, /* a rule of the chain says no */
};

#endif
