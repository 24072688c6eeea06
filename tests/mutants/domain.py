"""Mutants of domain data: names, records, addresses, and the JSON that they come in."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("domain/domain.c", "test_domain", "replay tables/domain-data*", "replay tables/json-accept*",
     "replay tables/bytes-from-hex*", "replay consensus/sp-json*", "replay tables/*")
row("(c >= 0x09 && c <= 0x0D)", "(c >= 0x09 && c < 0x0D)", "white space around hex")
row("int high = a == '+' ? 0 : hex_digit(a)", "int high = hex_digit(a)", "hex with a plus sign")
row("return c < 0 && first < 0 && *n > 0;", "return c < 0 && *n > 0;", "an odd digit at the end")
row("return c < 0 && first < 0 && *n > 0;", "return c < 0 && first < 0;", "white space alone")
row("return jt_decoded_size(raw) % 2 == 0 && domain_hex_stripped", "return domain_hex_stripped",
    "an odd number of bytes with white space")
row("if (*has || !read_text(r, is_name ? name : value))",
    "if (!read_text(r, is_name ? name : value))", "a contact's member twice")
row("return end && has_name && has_value;", "return end && has_name;", "a contact without a value")
row("if (seen >> i & 1 || !read_field(r, i, out, v))", "if (!read_field(r, i, out, v))",
    "a member twice")
row("return end && seen & 1u << ENCRYPTED && seen & 1u << ZONE;",
    "return end && seen & 1u << ENCRYPTED;", "data without a zone")
row("return end && seen & 1u << ENCRYPTED && seen & 1u << ZONE;",
    "return end && seen & 1u << ZONE;", "data without `encrypted`")
row("if (i > ZONE && jt_take(r, ']'))", "if (i >= ZONE && jt_take(r, ']'))",
    "the array form without a zone")
row("if (!utf8_valid(data)) return false;", "", "texts that are no UTF-8")
row("return good && rd_done(&r);", "return good && !r.bad;", "something behind the data")
row("if (t.records > MAX_RECORDS)", "if (t.records >= MAX_RECORDS)", "exactly thirty records")
row("if (t.records > MAX_RECORDS)", "if (t.records > MAX_RECORDS + 1)", "one record too many")
row("record_text_size(r) > MAX_DATA_LEN", "record_text_size(r) >= MAX_DATA_LEN",
    "exactly the length")
row("record_text_size(r) > MAX_DATA_LEN", "record_text_size(r) > MAX_DATA_LEN + 1",
    "one byte too long")
row('jt_is(raw_zone, "ygg") || jt_is(raw_zone, "anon")', 'jt_is(raw_zone, "ygg")',
    "the other Yggdrasil-only zone", "replay consensus/sp-zones*")
row("return zone_is_yggdrasil_only(text.zone) ? t.first : DOMAIN_OK;", "return t.first;",
    "the other zones may have such records", "replay consensus/sp-zones*")

file("domain/domain_record.c", "test_domain", "replay tables/domain-data*",
     "replay tables/json-accept*", "replay consensus/sp-json*")
row("LEVELS = 3,", "LEVELS = 2,", "how deep a record's values may be", "test_jsontext")
row("LEVELS = 3,", "LEVELS = 4,", "how deep a record's values may be", "test_jsontext")
row("return is_integer(value, UINT8_MAX);", "return is_integer(value, UINT16_MAX);",
    "a number of one byte")
row("return is_integer(value, UINT16_MAX);", "return is_integer(value, UINT16_MAX - 1);",
    "a number of two bytes")
row("return is_integer(value, UINT32_MAX);", "return is_integer(value, UINT64_MAX);",
    "a number of four bytes")
row("if (!is_integer(jt_number(&r), UINT8_MAX))", "if (!is_integer(jt_number(&r), UINT16_MAX))",
    "bytes of an array")
row("if (found || value.p[0] != '\"')", "if (value.p[0] != '\"')", "two types")
row("if (seen >> i & 1 || !take_value(", "if (!take_value(", "a field twice")
row("return seen == all;", "return seen != 0;", "a field that is missing")
row("return jt_take(r, ']'); } bool record_read", "return true; } bool record_read",
    "an array that is too long")
row("ip[0] != 0x02 && ip[0] != 0x03", "ip[0] != 0x02", "Yggdrasil's network for hosts behind a node")
row("ip[0] != 0x02 && ip[0] != 0x03", "ip[0] != 0x03", "Yggdrasil's network for nodes")
row('if (is_type(r, "A")) return true;', "", "IPv4 is clearnet")
row('field_size(r, "m_name") + 3 + field_size', 'field_size(r, "m_name") + 2 + field_size',
    "the text of a SOA")
row("(int64_t)(r->value[1].n + r->value[2].n + r->value[3].n) + 4",
    "(int64_t)(r->value[1].n + r->value[2].n + r->value[3].n) + 3", "the text of a TLSA")
row('field_size(r, "target") + 2', 'field_size(r, "target") + 3', "the text of an HTTPS")
row("(int64_t)(2 * count) : 0", "(int64_t)count : 0", "bytes as hex")
row('if (is_type(r, "OPT")) return -1;', 'if (is_type(r, "OPT")) return 256;',
    "OPT has no text")
row('is_type(r, "UNKNOWN") ? "domain" : "host"', '"host"', "the text of an unknown record")

file("domain/dnsaddr.c", "test_domain", "replay tables/domain-data*", "replay tables/json-accept*")
row("(n == 3 && v >= 100 && v <= 255)", "(n == 3 && v >= 100 && v <= 256)", "the greatest octet")
row("(n == 2 && v >= 10)", "n == 2", "an octet with a leading zero")
row("take_groups(&r, tail, 7 - head, &dotted)", "take_groups(&r, tail, 8 - head, &dotted)",
    "`::` stands for one group at least")
row("if (*count < 2) *count = 0;", "if (*count < 1) *count = 0;", "one zero group is written out")
row("if (run > *count)", "if (run >= *count)", "the first longest run of zeros")
row("if (memcmp(ip, mapped, sizeof mapped) == 0)", "if (0)", "the text of an IPv4 in IPv6")

file("domain/jsontext.c", "test_jsontext", "replay tables/json-accept*",
     "replay tables/domain-data*", "replay consensus/sp-json*", "replay tables/*")
row("return c >= 0xD800 && c < 0xDC00;", "return c > 0xD800 && c < 0xDC00;",
    "the first high surrogate")
row("return c >= 0xDC00 && c < 0xE000;", "return c >= 0xDC00 && c < 0xDFFF;",
    "the last low surrogate")
row("return c >= 0x20 && c != '\"' && c != '\\\\';", "return c >= 0x1F && c != '\"' && c != '\\\\';",
    "control characters in a string")
row("else if (!c || !strchr(\"\\\"\\\\/bfnrt\", c))", "else if (!strchr(\"\\\"\\\\/bfnrt\", c))",
    "an escaped zero byte")
row("if (!r->bad && strict && !jt_magnitude_ok(number))",
    "if (!r->bad && !jt_magnitude_ok(number))", "ignored numbers may be of any size")
row("if (!r->bad && strict && !jt_magnitude_ok(number))", "if (0)", "numbers too large to hold")
row("take_value(r, true, JSON_DEPTH_MAX - depth);", "take_value(r, true, JSON_DEPTH_MAX - depth + 1);",
    "the depth of values")
row("if (i >= most || i >= LEVELS)", "if (i >= LEVELS)", "the depth of values that are read")
row("case 'f': return '\\f';", "case 'f': return 'f';", "the form feed")
row("*r->p == ' ' || *r->p == '\\t' || *r->p == '\\n' || *r->p == '\\r'",
    "*r->p == ' ' || *r->p == '\\t' || *r->p == '\\n'", "white space between tokens")

file("domain/jsonnumber.c", "test_jsontext", "replay tables/json-accept*",
     "replay consensus/sp-json*")
row("if (n == 0 || (zero && n > 1))", "if (n == 0)", "leading zeros")
row("*v > max / 10 || *v * 10 > max - d", "*v > max / 10 || *v * 10 >= max - d",
    "the greatest number")
row("(uint64_t)1 << 63, &v) && v > 0", "(uint64_t)1 << 63, &v)", "-0 is no integer",
    equal="-0 is of a size that can be held, in whichever way it is looked at")
row("if (d->m > (UINT64_MAX - digit) / 10)", "if (d->m > (UINT64_MAX - digit) / 10 + 1)",
    "the digits that 64 bits hold")
row("*valid = d->m == 0 || minus;", "*valid = minus;", "zero with a huge exponent")
row("if (d.m == 0 || d.e < 289)", "if (d.e < 289)", "zero with a large exponent")
row("return d.e <= 308 && !isinf(", "return d.e < 308 && !isinf(", "the greatest exponent")
row("!isinf((double)d.m * power[d.e - 289])", "true", "a product that is infinite")
row("d->e -= fits;", "", "digits behind the point")
row("d->e += !fits;", "", "digits that 64 bits do not hold")

file("domain/names.c", "test_names", "replay tables/domain-names*")
row("lower.n - zone - 1 < 3", "lower.n - zone - 1 <= 3", "short names of digits")
row("(edge(lower.p[0]) || edge(lower.p[lower.n - 1]))", "edge(lower.p[0])", "a name's last byte")
row("return dot ? NAME_DOTS : NAME_FINE;", "return NAME_FINE;", "two dots")
row("return hyphen ? NAME_HYPHENS : NAME_FINE;", "return NAME_FINE;", "two hyphens")
row("return dot ? NAME_DOTS : NAME_FINE;", "return dot ? NAME_HYPHENS : NAME_FINE;",
    "which fault it is", "test_draft")
