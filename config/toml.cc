/* The only file that includes the TOML library: parses, flattens its tree, and lets no exception
 * out. Before: toml_file.c or --set brought the text. After: config.c walks the entries. */
#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/* What the library takes for impossible is refused like any other text. */
static constexpr void must_hold(bool holds)
{
	if (!holds)
		throw std::logic_error("this text cannot be understood");
}

#define TOML_EXCEPTIONS                 1
#define TOML_ENABLE_UNRELEASED_FEATURES 1 /* TOML 1.1 */
#define TOML_ENABLE_FORMATTERS          0
#define TOML_MAX_NESTED_VALUES          8
#define TOML_ASSERT(expr)               must_hold(static_cast<bool>(expr))
#include <toml++/toml.h>

#include "config/toml.h"
extern "C" {
#include "base/mem.h"
}

namespace
{

/* Over one of our own bounds. */
struct too_big {
	const char *what;
	toml::source_position place;
};

struct item {
	std::string key;
	const toml::node *node;
	toml::source_position place;
	bool element;
};

bool before(const item &a, const item &b)
{
	if (a.place.line != b.place.line)
		return a.place.line < b.place.line;
	return a.place.column < b.place.column;
}

bool is_bare(std::string_view part)
{
	for (char c : part)
		if (!(c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			    (c >= 'A' && c <= 'Z')))
			return false;
	return !part.empty();
}

/* "net." + "listen"; a part that is not a plain word keeps its quotes, so that its dots are not
 * taken for ours. */
std::string join(const std::string &prefix, std::string_view part)
{
	std::string key = prefix;
	if (!key.empty())
		key += '.';
	if (is_bare(part))
		return key.append(part);
	return key.append("\"").append(part).append("\"");
}

void add(std::vector<item> &items, std::string key, const toml::node &node,
	toml::source_position place, bool element)
{
	if (key.size() > TOML_KEY_MAX)
		throw too_big{"this key is longer than 255 bytes", place};
	if (items.size() >= TOML_ENTRIES_MAX)
		throw too_big{"more than 4096 keys and list elements", place};
	items.push_back({std::move(key), &node, place, element});
}

struct open_table {
	std::string prefix;
	const toml::table *table;
};

/* All values and empty tables below the root, in the order of the text. */
std::vector<item> leaves(const toml::table &root)
{
	std::vector<item> items;
	std::vector<open_table> open{{"", &root}};
	while (!open.empty()) {
		open_table at = std::move(open.back());
		open.pop_back();
		for (auto &&[key, node] : *at.table) {
			std::string path = join(at.prefix, key.str());
			const toml::table *below = node.as_table();
			if (below && !below->empty() && path.size() <= TOML_KEY_MAX)
				open.push_back({std::move(path), below});
			else
				add(items, std::move(path), node, key.source().begin, false);
		}
		if (open.size() > TOML_ENTRIES_MAX)
			throw too_big{"more than 4096 tables", at.table->source().begin};
	}
	std::stable_sort(items.begin(), items.end(), before);
	return items;
}

/* The leaves with the elements of each list behind it. */
std::vector<item> with_elements(std::vector<item> leaves)
{
	std::vector<item> all;
	for (item &leaf : leaves) {
		const toml::array *list = leaf.node->as_array();
		add(all, leaf.key, *leaf.node, leaf.place, false);
		if (!list)
			continue;
		for (const toml::node &element : *list)
			add(all, leaf.key, element, element.source().begin, true);
	}
	return all;
}

toml_kind kind_of(const toml::node &node)
{
	switch (node.type()) {
	case toml::node_type::string:
		return TOML_TEXT;
	case toml::node_type::integer:
		return TOML_NUMBER;
	case toml::node_type::floating_point:
		return TOML_FLOAT;
	case toml::node_type::boolean:
		return TOML_BOOL;
	case toml::node_type::array:
		return TOML_LIST;
	case toml::node_type::table:
		return TOML_TABLE;
	default:
		return TOML_TIME;
	}
}

std::string_view text_of(const toml::node &node)
{
	const toml::value<std::string> *text = node.as_string();
	return text ? std::string_view(text->get()) : std::string_view();
}

const char *put_text(char *&room, std::string_view text)
{
	char *start = room;
	text.copy(start, text.size());
	room += text.size() + 1;
	return start;
}

void fill(toml_entry &entry, const item &from, char *&room)
{
	std::string_view text = text_of(*from.node);

	entry.key = put_text(room, from.key);
	entry.line = from.place.line;
	entry.column = from.place.column;
	entry.kind = kind_of(*from.node);
	entry.element = from.element;
	entry.text_size = text.size();
	entry.text = put_text(room, text);
	if (const toml::value<int64_t> *number = from.node->as_integer())
		entry.number = number->get();
	if (const toml::value<bool> *flag = from.node->as_boolean())
		entry.number = flag->get();
	if (const toml::value<double> *real = from.node->as_floating_point())
		entry.real = real->get();
	if (const toml::array *list = from.node->as_array(); list && !from.element)
		entry.count = list->size();
}

/* Entries and all their text live in one allocation. */
err pack(const std::vector<item> &items, toml_doc *doc)
{
	size_t size = items.size() * sizeof(toml_entry);
	for (const item &i : items)
		size += i.key.size() + text_of(*i.node).size() + 2;
	void *block = mem_alloc(size ? size : 1);
	if (!block)
		return ERR_NOMEM;
	doc->entries = static_cast<toml_entry *>(block);
	doc->count = items.size();
	char *room = static_cast<char *>(block) + items.size() * sizeof(toml_entry);
	for (size_t i = 0; i < items.size(); i++)
		fill(doc->entries[i], items[i], room);
	return ERR_OK;
}

/* The library frees nested tables by recursion: keys of a thousand parts are refused unseen. Runs
 * of dots are no key. */
void check_depth(std::string_view text)
{
	toml::source_position place{1, 1};
	unsigned dots = 0;
	for (size_t i = 0; i < text.size(); i++) {
		if (text[i] == '\n') {
			place.line++;
			dots = 0;
		}
		if (text[i] == '.' && i > 0 && text[i - 1] != '.' && ++dots > TOML_DOTS_MAX)
			throw too_big{"more than 256 dots in this line", place};
	}
}

err fail(toml_error *e, err code, std::string_view text, toml::source_position place)
{
	size_t n = std::min(text.size(), sizeof e->text - 1);
	e->line = place.line;
	e->column = place.column;
	for (size_t i = 0; i < n; i++)
		e->text[i] = static_cast<unsigned char>(text[i]) < ' ' ? '?' : text[i];
	e->text[n] = 0;
	return code;
}

} // namespace

enum err toml_parse(const char *text, size_t size, struct toml_doc *doc, struct toml_error *e)
{
	const toml::source_position nowhere{0, 0};
	*doc = {nullptr, 0};
	try {
		std::string_view view(text, size);
		if (size > TOML_FILE_MAX)
			return fail(e, ERR_TOO_BIG, "larger than 1 MB", nowhere);
		check_depth(view);
		toml::table root = toml::parse(view);
		if (pack(with_elements(leaves(root)), doc) == ERR_OK)
			return ERR_OK;
	} catch (const toml::parse_error &error) {
		return fail(e, ERR_MALFORMED, error.description(), error.source().begin);
	} catch (const too_big &over) {
		return fail(e, ERR_TOO_BIG, over.what, over.place);
	} catch (const std::bad_alloc &) {
	} catch (const std::exception &error) {
		return fail(e, ERR_MALFORMED, error.what(), nowhere);
	}
	return fail(e, ERR_NOMEM, "out of memory", nowhere);
}
