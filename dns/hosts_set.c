/* A compact set of names and their addresses: bytes in pieces, found through small hash tables.
 * Before: dns/hosts_load.c fills it, dns/hosts.c asks it. After: base/mem.h. */
#include "base/map.h"
#include "base/mem.h"
#include "dns/hosts_internal.h"

enum {
	HAS_LIST = 0x40, /* in the length of the first label, which needs six bits */
	LABEL_BITS = 0x3F,
	PIECE = 1 << HOSTS_PIECE_BITS,
	FIRST_PIECE = 4096,
	FIRST_SLOTS = 16,
	SLOT_SIZE = sizeof(uint32_t) + 1,
	LINK = sizeof(uint32_t),
	DATUM_HEAD = LINK + 1,
	RECORD_MAX = DNS_NAME_MAX + LINK,
};

/* ---- memory ---- */

static bool account(struct dns_hosts *h, uint64_t more)
{
	if (h->bytes > h->most || more > h->most - h->bytes) {
		h->full = true;
		return false;
	}
	h->bytes += more;
	return true;
}

/* Memory that grows: both sizes are accounted while there may be two. */
static void *grow(struct dns_hosts *h, void *old, size_t had, size_t size)
{
	if (!account(h, size))
		return NULL;
	void *p = mem_realloc(old, size);
	h->no_memory |= !p;
	h->bytes -= p ? had : size;
	return p;
}

struct dns_hosts *hosts_set_new(uint64_t most)
{
	struct dns_hosts *h = mem_alloc(sizeof *h);

	if (!h)
		return NULL;
	h->most = most;
	h->bytes = sizeof *h;
	h->full = h->bytes > most;
	h->seed = (uintptr_t)h; /* strangers do not know it */
	h->end = 1;
	return h;
}

/* Gives back all but the record itself. */
static void drop(struct dns_hosts *h)
{
	for (size_t i = 0; i < h->pieces; i++)
		mem_free(h->piece[i]);
	mem_free(h->piece);
	for (size_t i = 0; i < HOSTS_TABLES; i++) {
		mem_free(h->table[i].place);
		h->table[i] = (struct hosts_table){0};
	}
	h->piece = NULL;
	h->pieces = h->piece_slots = h->last_size = 0;
	h->bytes = sizeof *h;
}

void dns_hosts_free(struct dns_hosts *h)
{
	if (h)
		drop(h);
	mem_free(h);
}

static uint8_t *bytes_at(const struct dns_hosts *h, uint64_t place)
{
	return h->piece[place >> HOSTS_PIECE_BITS] + (place & (PIECE - 1));
}

static bool add_piece(struct dns_hosts *h)
{
	if (h->pieces == h->piece_slots) {
		size_t slots = h->piece_slots ? 2 * h->piece_slots : 4;
		uint8_t **p = grow(h, h->piece, h->piece_slots * sizeof *p, slots * sizeof *p);
		if (!p)
			return false;
		h->piece = p;
		h->piece_slots = slots;
	}
	/* All but the first are whole at once. */
	size_t size = h->pieces ? PIECE : FIRST_PIECE;
	uint8_t *p = grow(h, NULL, 0, size);
	if (!p)
		return false;
	h->piece[h->pieces++] = p;
	h->last_size = size;
	return true;
}

/* The next n bytes, which lie in one piece; 0 when there is no room. */
static uint32_t take(struct dns_hosts *h, size_t n)
{
	size_t in = h->end & (PIECE - 1);

	if (in + n > PIECE) {
		h->end += PIECE - in;
		in = 0;
	}
	if (h->end + n > UINT32_MAX) {
		h->full = true;
		return 0;
	}
	if (h->end >> HOSTS_PIECE_BITS == h->pieces && !add_piece(h))
		return 0;
	while (in + n > h->last_size) {
		uint8_t **last = &h->piece[h->pieces - 1];
		uint8_t *p = grow(h, *last, h->last_size, 2 * h->last_size);
		if (!p)
			return 0;
		*last = p;
		h->last_size *= 2;
	}
	uint32_t place = (uint32_t)h->end;
	h->end += n;
	return place;
}

/* ---- tables ---- */

static uint64_t hash(const struct dns_hosts *h, const uint8_t *wire, size_t n)
{
	return map_hash(h->seed, wire, n);
}

static uint8_t tag_of(uint64_t hash)
{
	return (uint8_t)(1 + (hash >> 40 & 0xFF) % 255);
}

static uint8_t *tags(const struct hosts_table *t)
{
	return (uint8_t *)(t->place + t->slots);
}

static size_t copy_name(const struct dns_hosts *h, uint32_t place, uint8_t to[DNS_NAME_MAX])
{
	const uint8_t *p = bytes_at(h, place);
	size_t at = 0;

	to[0] = p[0] & LABEL_BITS;
	while (to[at]) {
		size_t next = at + 1 + to[at];
		memcpy(to + at + 1, p + at + 1, next - at);
		at = next;
	}
	return at + 1;
}

/* Names of which one begins like the other differ where the shorter one ends, so nothing is read
 * behind it. */
static bool is_at(const struct dns_hosts *h, uint32_t place, const struct dns_name *name)
{
	const uint8_t *p = bytes_at(h, place);

	if ((p[0] & LABEL_BITS) != name->wire[0])
		return false;
	for (size_t i = 1; i < name->size; i++)
		if (p[i] != name->wire[i])
			return false;
	return true;
}

/* The slot of the name, or the free one where it belongs. */
static size_t slot_of(const struct dns_hosts *h, const struct hosts_table *t, uint64_t hash,
	const struct dns_name *name)
{
	const uint8_t *tag = tags(t), mine = tag_of(hash);
	size_t i = (size_t)hash & (t->slots - 1);

	while (tag[i] && !(tag[i] == mine && is_at(h, t->place[i], name)))
		i = (i + 1) & (t->slots - 1);
	return i;
}

static void put(struct hosts_table *t, uint64_t hash, uint32_t place)
{
	uint8_t *tag = tags(t);
	size_t i = (size_t)hash & (t->slots - 1);

	while (tag[i])
		i = (i + 1) & (t->slots - 1);
	tag[i] = tag_of(hash);
	t->place[i] = place;
	t->used++;
}

/* A table is at most four fifths full. */
static bool make_room(struct dns_hosts *h, struct hosts_table *t)
{
	struct hosts_table bigger = {.slots = t->slots ? 2 * t->slots : FIRST_SLOTS};
	uint8_t name[DNS_NAME_MAX];

	if (t->used + 1 <= (uint64_t)t->slots * 4 / 5)
		return true;
	bigger.place = grow(h, NULL, 0, bigger.slots * SLOT_SIZE);
	if (!bigger.place)
		return false;
	memset(bigger.place, 0, bigger.slots * SLOT_SIZE);
	for (size_t i = 0; i < t->slots; i++) {
		if (!tags(t)[i])
			continue;
		size_t n = copy_name(h, t->place[i], name);
		put(&bigger, hash(h, name, n), t->place[i]);
	}
	h->bytes -= t->slots * SLOT_SIZE;
	mem_free(t->place);
	*t = bigger;
	return true;
}

static const struct hosts_table *table_of(const struct dns_hosts *h, uint64_t hash)
{
	return &h->table[hash >> 56];
}

static uint32_t find(const struct dns_hosts *h, uint64_t hash, const struct dns_name *name)
{
	const struct hosts_table *t = table_of(h, hash);

	return t->slots ? t->place[slot_of(h, t, hash, name)] : 0;
}

uint32_t hosts_set_find(const struct dns_hosts *h, const struct dns_name *name)
{
	return find(h, hash(h, name->wire, name->size), name);
}

void hosts_set_name(const struct dns_hosts *h, uint32_t place, struct dns_name *out)
{
	out->size = (uint8_t)copy_name(h, place, out->wire);
}

/* ---- data ---- */

size_t hosts_data_size(enum hosts_kind kind)
{
	static const uint8_t sizes[] = {[HOSTS_NULL] = 0,
		[HOSTS_IPV4] = 4,
		[HOSTS_IPV6] = 16,
		[HOSTS_POINTER] = sizeof(uint32_t)};

	return sizes[kind];
}

static uint32_t read_place(const uint8_t *p)
{
	uint32_t place;

	memcpy(&place, p, sizeof place);
	return place;
}

/* Where the place of the first datum stands; NULL for a name that has none. */
static uint8_t *list_of(const struct dns_hosts *h, uint32_t place)
{
	uint8_t *p = bytes_at(h, place);
	size_t at = 0;

	if (!(p[0] & HAS_LIST))
		return NULL;
	for (size_t n = p[0] & LABEL_BITS; n > 0; n = p[at])
		at += 1 + n;
	return p + at + 1;
}

uint32_t hosts_set_first(const struct dns_hosts *h, uint32_t place)
{
	const uint8_t *list = list_of(h, place);

	return list ? read_place(list) : 0;
}

enum hosts_kind hosts_set_datum(
	const struct dns_hosts *h, uint32_t at, const uint8_t **data, uint32_t *next)
{
	const uint8_t *p = bytes_at(h, at);

	*next = read_place(p);
	*data = p + DATUM_HEAD;
	return (enum hosts_kind)p[LINK];
}

/* ---- adding ---- */

static uint32_t add_record(struct dns_hosts *h, const struct dns_name *name, bool list)
{
	uint32_t place = take(h, name->size + (list ? LINK : 0u));

	if (!place)
		return 0;
	uint8_t *p = bytes_at(h, place);
	memcpy(p, name->wire, name->size);
	if (list) {
		p[0] |= HAS_LIST;
		memset(p + name->size, 0, LINK);
	}
	return place;
}

/* The name's record, new or not. */
static uint32_t record_of(struct dns_hosts *h, const struct dns_name *name, enum hosts_kind kind)
{
	uint64_t code = hash(h, name->wire, name->size);
	struct hosts_table *t = &h->table[code >> 56];
	uint32_t place = find(h, code, name);

	if (place)
		return place;
	if (!make_room(h, t))
		return 0;
	place = add_record(h, name, kind != HOSTS_NULL);
	if (!place)
		return 0;
	put(t, code, place);
	h->records++;
	h->names += kind != HOSTS_POINTER;
	return place;
}

/* Is there no place for this datum, because it is there or there are enough? Otherwise *last = the
 * datum to follow, 0 = it is the first. A reverse name has one name: the first that has the
 * address. */
static bool is_enough(const struct dns_hosts *h, uint32_t place, enum hosts_kind kind,
	const uint8_t *data, uint32_t *last)
{
	unsigned count = 0;

	*last = 0;
	for (uint32_t at = hosts_set_first(h, place), next; at; at = next) {
		const uint8_t *other;
		*last = at;
		if (hosts_set_datum(h, at, &other, &next) == kind &&
			(kind == HOSTS_POINTER || memcmp(other, data, hosts_data_size(kind)) == 0))
			return true;
		count++;
	}
	return count >= HOSTS_ADDRESSES;
}

static bool add_datum(
	struct dns_hosts *h, uint32_t place, enum hosts_kind kind, const uint8_t *data)
{
	uint32_t last;

	if (kind == HOSTS_NULL || !list_of(h, place) || is_enough(h, place, kind, data, &last))
		return true;
	uint32_t at = take(h, DATUM_HEAD + hosts_data_size(kind));
	if (!at)
		return false;
	uint8_t *p = bytes_at(h, at);
	memset(p, 0, LINK);
	p[LINK] = (uint8_t)kind;
	memcpy(p + DATUM_HEAD, data, hosts_data_size(kind));
	memcpy(last ? bytes_at(h, last) : list_of(h, place), &at, sizeof at);
	return true;
}

/* Lists of names to be blocked have one address in all lines: it is looked up once. */
static bool is_last_address(struct dns_hosts *h, enum hosts_kind kind, const uint8_t *data)
{
	size_t n = hosts_data_size(kind);
	bool same = h->last_kind == kind && memcmp(h->last, data, n) == 0;

	h->last_kind = kind;
	memcpy(h->last, data, n);
	return same;
}

static bool add_reverse(
	struct dns_hosts *h, uint32_t name, enum hosts_kind kind, const uint8_t *data)
{
	struct dns_name reverse;
	uint8_t place[sizeof name];

	if (kind == HOSTS_NULL || is_last_address(h, kind, data))
		return true;
	hosts_reverse(kind, data, &reverse);
	memcpy(place, &name, sizeof name);
	uint32_t record = record_of(h, &reverse, HOSTS_POINTER);
	return record && add_datum(h, record, HOSTS_POINTER, place);
}

static bool add(
	struct dns_hosts *h, const struct dns_name *name, enum hosts_kind kind, const uint8_t *data)
{
	uint32_t place = record_of(h, name, kind);

	return place && add_datum(h, place, kind, data) && add_reverse(h, place, kind, data);
}

bool hosts_set_add(
	struct dns_hosts *h, const struct dns_name *name, enum hosts_kind kind, const uint8_t *data)
{
	if (!h->full && add(h, name, kind, data))
		return true;
	if (h->no_memory)
		return false;
	if (h->pieces) {
		h->counted = h->end;
		h->counted_records = h->records;
		drop(h);
	}
	h->counted += name->size;
	h->counted_records++;
	if (kind != HOSTS_NULL) /* and its reverse name */
		h->counted += LINK + DATUM_HEAD + hosts_data_size(kind);
	return true;
}

uint64_t hosts_set_need(const struct dns_hosts *h)
{
	if (!h->full)
		return h->bytes;
	uint64_t pieces = h->counted / (PIECE - RECORD_MAX) + 1;
	uint64_t slots = h->counted_records * 5 / 2 + HOSTS_TABLES * FIRST_SLOTS;
	uint64_t sum = sizeof *h + pieces * (PIECE + 4 * sizeof(uint8_t *)) + slots * SLOT_SIZE;
	return sum + sum / 32 + PIECE; /* what is held twice while it grows */
}
