/* The DNS server of a station, with a chain of its own, clients of it, and the name server that it
 * asks (tests/probe/upstream.h). It runs from the first names_begin() to station_end(). */
#ifndef TESTS_PROBE_NAMES_H
#define TESTS_PROBE_NAMES_H

#include "tests/probe/probe.h"
#include "tests/probe/upstream.h"

/* What waits for the DNS server to find that nothing is left is bounded by this. */
enum { NAMES_WAIT_MS = 60000 };

/* Starts it, unless it runs, with the name server as its forwarder. The chain has home.ygg, big.ygg
 * with 18 records of TXT, and far.ygg, whose server is that name server, too. Its rows are those of
 * the station. */
void names_begin(struct station *s, enum upstream_carrier c);

/* Until nobody waits and nobody is connected; then it drops what is kept, and closes all sockets to
 * other servers. */
void names_settle(struct station *s);

/* The DNS server has done all that it was told to do, and all that had come to it before. */
void names_barrier(struct station *s);

/* Until this row counts `n`. */
void names_until(struct station *s, const struct bound *row, uint64_t n);

/* Other settings from now on: with the name server as forwarder, or with none. */
void names_forwarders(struct station *s, bool any);

/* Reads these files in place of those before; NULL = none. */
void names_hosts(struct station *s, const char *file);

void names_stop(struct station *s); /* ends it; names_begin() starts it again */

/* ---- a client by UDP ---- */

/* Asks for A of a name; the answer is counted when it comes. */
void names_ask(struct station *s, const char *name);

/* Turns until so many questions at most are without an answer. */
void names_wait(struct station *s, unsigned most);

/* The code of the last answer, and how many there were. */
unsigned names_rcode(void);
uint64_t names_answers(void);

/* Its answers that are late, or will not come, are nobody's. */
void names_forget(struct station *s);

/* ---- a client by TCP ---- */

/* A connection from the i-th address, on which answers can be waited for. */
int names_connect(struct station *s, uint64_t i);
/* The same, with so much room for what comes, in segments of that size. */
int names_connect_small(struct station *s, uint64_t i, int room, int segment);

/* A question with the length before it. Returns all of its bytes. */
size_t names_question(const char *name, uint16_t type, uint8_t to[512]);

/* Turns until there is something to read on it, and takes it: bytes, 0 at the end, -1 after a
 * reset. */
ssize_t names_read(struct station *s, int fd, uint8_t *to, size_t size);

#endif
