/* Texts, numbers and times in the reader's language. Before: every page. After: web/text.h. */
#include <stdio.h>
#include <time.h>

#include "base/human.h"
#include "base/utf8.h"
#include "web/page.h"
#include "web/sentence.h"

enum {
	CYRILLIC_A = 0x430, /* small letters; the large ones stand before them in the same order */
	CYRILLIC_YA = 0x44F,
	CYRILLIC_YO = 0x451
};
enum { MINUTE = 60, HOUR = 3600, DAY = 86400, YEAR = 365 * DAY };

void page_say_with(struct page *p, enum web_text text, const char *first, const char *second)
{
	struct web_fill f = {.language = p->language,
		.left = web_text(p->language, text),
		.value = {slice_str(first ? first : ""), slice_str(second ? second : "")}};
	struct slice piece;

	while (web_fill_next(&f, &piece) != WEB_END)
		html_text(p->w, piece);
}

/* The large letter for a small one, of the alphabets that the texts are written in. */
static int32_t large(int32_t c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 'A';
	if (c >= CYRILLIC_A && c <= CYRILLIC_YA)
		return c - 0x20;
	return c == CYRILLIC_YO ? 0x401 : c;
}

void page_say_head(struct page *p, enum web_text text)
{
	struct rd r = rd_of(slice_str(web_text(p->language, text)));
	uint8_t bytes[4];
	struct wr first = wr_of(bytes, sizeof bytes);

	utf8_put(&first, large(utf8_take(&r)));
	html_text(p->w, wr_done(&first));
	html_text(p->w, slice_of(r.p, r.left));
}

void page_say(struct page *p, enum web_text text)
{
	page_say_with(p, text, NULL, NULL);
}

void page_put_line(struct page *p, const char *line)
{
	char text[SENTENCE_MAX];

	if (!line[0])
		return;
	html_raw(p->w, web_sentence(p->language, line, text) ? "<bdi>" : "<bdi lang=\"en\">");
	html_str(p->w, text);
	html_raw(p->w, "</bdi>");
}

const char *page_number(const struct page *p, uint64_t n, char to[PAGE_WORD_MAX])
{
	const char *comma = p->language == WEB_RUSSIAN ? "\xC2\xA0" : ",";
	char digits[24];
	int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	struct wr w = wr_of(to, PAGE_WORD_MAX - 1);

	for (int i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			html_raw(&w, comma);
		wr_u8(&w, (uint8_t)digits[i]);
	}
	to[w.n] = 0;
	return to;
}

const char *page_decimal(const struct page *p, double v, char to[PAGE_WORD_MAX])
{
	if (v >= 99.95 && v < 0x1p63)
		return page_number(p, (uint64_t)(v + 0.5), to);
	snprintf(to, PAGE_WORD_MAX, "%.1f", v);
	if (p->language == WEB_RUSSIAN)
		to[strcspn(to, ".")] = ',';
	return to;
}

const char *page_bytes(const struct page *p, uint64_t bytes, char to[PAGE_WORD_MAX])
{
	static const enum web_text units[] = {
		TEXT_BYTES_VALUE, TEXT_KILOBYTES, TEXT_MEGABYTES, TEXT_GIGABYTES};
	char number[PAGE_WORD_MAX];
	double v = (double)bytes;
	size_t i = 0;

	for (; v >= 1023.5 && i + 1 < sizeof units / sizeof units[0]; i++)
		v /= 1024;
	if (v == (double)(uint64_t)v)
		page_number(p, (uint64_t)v, number);
	else
		page_decimal(p, v, number);
	return page_fill(p, units[i], number, to);
}

const char *page_date(const struct page *p, int64_t seconds, char to[PAGE_WORD_MAX])
{
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t t = (time_t)seconds;
	struct tm tm;

	if (t != seconds || !gmtime_r(&t, &tm) || tm.tm_mon < 0 || tm.tm_mon > 11)
		snprintf(to, PAGE_WORD_MAX, "%s", web_text(p->language, TEXT_NO_DATE));
	else if (p->language == WEB_RUSSIAN)
		snprintf(to, PAGE_WORD_MAX, "%02d.%02d.%lld", tm.tm_mday, tm.tm_mon + 1,
			tm.tm_year + 1900LL);
	else
		snprintf(to, PAGE_WORD_MAX, "%d %s %lld", tm.tm_mday, months[tm.tm_mon],
			tm.tm_year + 1900LL);
	return to;
}

const char *page_moment(const struct page *p, int64_t seconds, char to[PAGE_WORD_MAX])
{
	char iso[HUMAN_MAX], date[PAGE_WORD_MAX];

	human_iso(seconds, iso);
	page_date(p, seconds, date);
	if (iso[0])
		snprintf(to, PAGE_WORD_MAX, "%.40s, %.5s UTC", date, strchr(iso, 'T') + 1);
	else
		snprintf(to, PAGE_WORD_MAX, "%s", date);
	return to;
}

const char *page_fill(
	const struct page *p, enum web_text text, const char *value, char to[PAGE_WORD_MAX])
{
	return web_filled(p->language, text, value, NULL, to, PAGE_WORD_MAX);
}

const char *page_span(const struct page *p, uint64_t seconds, char to[PAGE_WORD_MAX])
{
	static const struct {
		uint64_t from, unit;
		enum web_text text;
	} steps[] = {{2 * YEAR, YEAR, TEXT_YEARS}, {2 * DAY, DAY, TEXT_DAYS},
		{2 * HOUR, HOUR, TEXT_HOURS}, {2 * MINUTE, MINUTE, TEXT_MINUTES},
		{0, 1, TEXT_SECONDS}};
	char number[PAGE_WORD_MAX];
	size_t i = 0;

	while (seconds < steps[i].from)
		i++;
	return page_fill(p, steps[i].text, page_number(p, seconds / steps[i].unit, number), to);
}

/* "3 h ago", "in 2 days". A block's timestamp may be any number. */
static const char *relative(const struct page *p, int64_t seconds, char to[PAGE_WORD_MAX])
{
	uint64_t apart = seconds > p->now ? (uint64_t)seconds - (uint64_t)p->now
					  : (uint64_t)p->now - (uint64_t)seconds;
	char span[PAGE_WORD_MAX];

	if (apart == 0)
		return web_text(p->language, TEXT_NOW);
	return page_fill(p, seconds > p->now ? TEXT_IN : TEXT_AGO, page_span(p, apart, span), to);
}

/* `date`: stands in front; NULL = nothing does, unless the time has no other word. */
static void put_time(struct page *p, int64_t seconds, const char *date)
{
	char word[PAGE_WORD_MAX], iso[HUMAN_MAX];

	human_iso(seconds, iso);
	wr_format(p->w, "<time datetime=\"%s\" title=\"%s\">", iso, iso);
	if (date || !iso[0])
		html_str(p->w, date ? date : page_date(p, seconds, word));
	if (date && iso[0])
		html_raw(p->w, " <small>");
	if (iso[0])
		html_str(p->w, relative(p, seconds, word));
	if (date && iso[0])
		html_raw(p->w, "</small>");
	html_raw(p->w, "</time>");
}

void page_put_time(struct page *p, int64_t seconds)
{
	put_time(p, seconds, NULL);
}

void page_put_date(struct page *p, int64_t seconds)
{
	char date[PAGE_WORD_MAX];

	put_time(p, seconds, page_date(p, seconds, date));
}

void page_say_moment(struct page *p, enum web_text text, int64_t seconds)
{
	const char *from = web_text(p->language, text), *mark = strstr(from, "%1");
	char moment[PAGE_WORD_MAX];

	if (!mark)
		return;
	html_text(p->w, slice_of(from, (size_t)(mark - from)));
	put_time(p, seconds, page_moment(p, seconds, moment));
	html_str(p->w, mark + 2);
}
