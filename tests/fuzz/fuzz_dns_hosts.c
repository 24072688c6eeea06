/* Any bytes as a hosts file: it is read or refused, with a line that says why; read twice it says
 * the same; what it needs is what it gets along with; every word that is listed is answered. */
#include <sys/mman.h>
#include <unistd.h>

#include "dns/answer.h"
#include "dns/hosts.h"
#include "dns/name.h"
#include "tests/fuzz/fuzz.h"

struct loading {
	const char *files[2];
	uint64_t bytes;
	char why[512];
};

static struct dns_hosts *load(struct loading *l, size_t count, uint64_t most)
{
	memset(l->why, 0, sizeof l->why);
	struct dns_hosts *h =
		dns_hosts_load(l->files, count, most, &l->bytes, l->why, sizeof l->why);
	must(h ? !l->why[0] && dns_hosts_bytes(h) <= most && dns_hosts_bytes(h) <= l->bytes
	       : l->why[0] && (!l->bytes || l->bytes > most));
	return h;
}

static void same_answer(const struct dns_hosts *one, const struct dns_hosts *other,
	struct slice word, uint16_t type)
{
	static struct dns_answer *a, *b;
	struct dns_query q = {.type = type, .klass = DNS_CLASS_IN};

	a = a ? a : dns_answer_new();
	b = b ? b : dns_answer_new();
	must(a && b);
	if (!dns_name_from_text(word, &q.name))
		return;
	enum dns_outcome o = dns_hosts_answer(one, &q, a);
	must(o != DNS_DELEGATED && dns_hosts_answer(other, &q, b) == o);
	must(a->count == b->count && a->aa == (o == DNS_ANSWERED) && !a->bad);
	for (size_t i = 0; i < a->count; i++) {
		must(a->rr[i].type == type && slice_eq(a->rr[i].rdata, b->rr[i].rdata));
		must(slice_eq(a->rr[i].owner, dns_name_slice(&q.name)));
	}
}

/* Every word, whether it is a name or not. */
static void ask_all(const struct dns_hosts *one, const struct dns_hosts *other, struct slice text)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_PTR, DNS_TYPE_MX};
	size_t start = 0;

	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] > ' ' && text.p[i] != '#')
			continue;
		for (size_t t = 0; t < sizeof types / sizeof types[0] && i > start; t++)
			same_answer(one, other, slice_of(text.p + start, i - start), types[t]);
		start = i + 1;
	}
}

static void play(struct loading *l, struct slice text)
{
	struct dns_hosts *one = load(l, 1, UINT64_MAX);
	uint64_t bytes = l->bytes;

	if (!one)
		return;
	must(dns_hosts_names(one) <= text.n);
	struct dns_hosts *twice = load(l, 2, UINT64_MAX);
	must(twice && dns_hosts_names(twice) == dns_hosts_names(one) && l->bytes == bytes);
	ask_all(one, twice, text);
	dns_hosts_free(twice);
	twice = load(l, 1, dns_hosts_bytes(one) / 2);
	must(!twice && l->bytes >= bytes);
	twice = load(l, 1, l->bytes); /* the figure that is told suffices */
	must(twice);
	dns_hosts_free(twice);
	dns_hosts_free(one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loading l;
	char path[64];
	int fd = memfd_create("hosts", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	l.files[0] = l.files[1] = path;
	size_t before = mem_blocks();
	play(&l, slice_of(data, size));
	must(mem_blocks() == before || before == 0); /* the answers stay */
	close(fd);
	return 0;
}
