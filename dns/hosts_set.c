/* A compact set of names and their addresses: records in pieces of memory, found through small hash
 * tables. Before: dns/hosts_load.c fills it, dns/hosts.c asks it. After: dns/hosts_memory.c. */
#include "base/map.h"
#include "base/mem.h"
#include "dns/hosts_internal.h"

enum {
	HAS_LIST = 0x40, /* in the length of the first label, which needs six bits */
	LABEL_BITS = 0x3F,
	FIRST_SLOTS = 16,
	SLOT_SIZE = sizeof(uint32_t) + 1,
	LINK = sizeof(uint32_t),
	DATUM_HEAD = LINK + 1,
};

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
	const uint8_t *p = hosts_at(h, place);
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
	const uint8_t *p = hosts_at(h, place);

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
	bigger.place = hosts_grow(h, NULL, 0, bigger.slots * SLOT_SIZE);
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
	uint8_t *p = hosts_at(h, place);
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
	const uint8_t *p = hosts_at(h, at);

	*next = read_place(p);
	*data = p + DATUM_HEAD;
	return (enum hosts_kind)p[LINK];
}

/* ---- adding ---- */

static uint32_t add_record(struct dns_hosts *h, const struct dns_name *name, bool list)
{
	uint32_t place = hosts_take(h, name->size + (list ? LINK : 0u));

	if (!place)
		return 0;
	uint8_t *p = hosts_at(h, place);
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
	uint32_t at = hosts_take(h, DATUM_HEAD + hosts_data_size(kind));
	if (!at)
		return false;
	uint8_t *p = hosts_at(h, at);
	memset(p, 0, LINK);
	p[LINK] = (uint8_t)kind;
	memcpy(p + DATUM_HEAD, data, hosts_data_size(kind));
	memcpy(last ? hosts_at(h, last) : list_of(h, place), &at, sizeof at);
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

/* Counts a record with one datum, without keeping it. */
static void count(struct dns_hosts *h, size_t name, enum hosts_kind kind)
{
	h->counted += name;
	h->counted_records++;
	if (kind != HOSTS_NULL)
		h->counted += LINK + DATUM_HEAD + hosts_data_size(kind);
}

/* From now on nothing is kept. What was being added is counted anew. */
static void stop_keeping(struct dns_hosts *h)
{
	h->counted = h->end;
	h->counted_records = h->records;
	h->last_kind = HOSTS_NULL;
	hosts_drop(h);
}

bool hosts_set_add(
	struct dns_hosts *h, const struct dns_name *name, enum hosts_kind kind, const uint8_t *data)
{
	if (!h->full && add(h, name, kind, data))
		return true;
	if (h->no_memory)
		return false;
	if (h->bytes > sizeof *h)
		stop_keeping(h);
	count(h, name->size, kind);
	if (kind != HOSTS_NULL && !is_last_address(h, kind, data)) {
		struct dns_name reverse;
		hosts_reverse(kind, data, &reverse);
		count(h, reverse.size, HOSTS_POINTER);
	}
	return true;
}

/* A table has at most two and a half slots for each name that it ever held, or its first ones. */
static uint64_t table_bytes(uint64_t records)
{
	uint64_t begun = records < HOSTS_TABLES ? records : HOSTS_TABLES;

	return (records * 5 / 2 + begun * FIRST_SLOTS) * SLOT_SIZE;
}

uint64_t hosts_set_need(const struct dns_hosts *h)
{
	uint64_t sum = sizeof *h + hosts_piece_bytes(h->full ? h->counted : h->end) +
		       table_bytes(h->full ? h->counted_records : h->records);

	return sum + sum / 32; /* a table is there twice while it grows */
}
