"""Mutants of the names that the DNS server knows itself: the chain filter, the look-up in the chain,
names that are addresses, hosts files."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("dns/zone.c", "test_dns_zone", "test_dns_zone_records", "replay tables/dns-answers*")
row("t->q->type == DNS_TYPE_SOA ? DNS_SECTION_ANSWER : DNS_SECTION_AUTHORITY",
    "DNS_SECTION_AUTHORITY", "the zone's own SOA", sample=True)
row("is_type(&t->records.r[i], DNS_TYPE_NS) && !t->records.answer[i] &&",
    "is_type(&t->records.r[i], DNS_TYPE_NS) &&", "name servers that are the answer")
row("if (!is_address(r) || zone_record_is(r, \"@\"))", "if (!is_address(r))",
    "the domain's own address is no server")
row("if (memcmp(d->ip[i], ip, sizeof ip) == 0) return;", "", "each server once")
row("if (d->count < DNS_DELEGATION_SERVERS)", "if (d->count < DNS_DELEGATION_SERVERS + 1)",
    "one server too many")
row("if (t->q->rd) return DNS_DELEGATED;", "return DNS_DELEGATED;", "referral")
row("t->out->aa = false; put_servers(t);", "put_servers(t);", "a referral is not authoritative")
row("if (t->name.odd || !has_name(r)) return false;", "if (!has_name(r)) return false;",
    "labels that are no text", equal="sub and the asked name are empty then, and no record that "
    "counts has an empty name but for the apex")
row("zone_text_is(r->value[0], t->name.sub) || zone_text_is(r->value[0], t->name.asked);",
    "zone_text_is(r->value[0], t->name.sub);", "a record of the whole name")
row("if (!found && cname < MAX_RECORDS)", "if (cname < MAX_RECORDS)", "data beside a CNAME")
row("cname = i; else", "cname = cname < MAX_RECORDS ? cname : i; else", "the last CNAME")
row("own.n > sub.n && own.p[own.n - sub.n - 1] == '.' &&", "own.n > sub.n &&",
    "names that only end alike")
row("t->out->aa = false; t->out->rcode = DNS_RCODE_SERVFAIL;",
    "t->out->rcode = DNS_RCODE_SERVFAIL;", "SERVFAIL without AA")
row("if (t->q->type != DNS_TYPE_NS && find_servers(t, to))", "if (find_servers(t, to))",
    "questions for NS are answered")

file("dns/zone_name.c", "test_dns_zone_records", "test_dns_zone", "replay tables/dns-answers*")
row("return !memchr(label.p, '.', label.n) && utf8_valid(label);", "return utf8_valid(label);",
    "a dot within a label")
row("return !memchr(label.p, '.', label.n) && utf8_valid(label);",
    "return !memchr(label.p, '.', label.n);", "labels that are no UTF-8")
row("if (!is_ascii(text)) { name_lower(text, &w); return wr_done(&w); }", "",
    "lower case beyond ASCII")
row("z.top.n == 0 || z.top.n > size", "z.top.n == 0 || z.top.n >= size", "just enough room")

file("dns/zone_records.c", "test_dns_zone_records", "test_dns_zone", "replay tables/dns-answers*")
row("if (all->n == MAX_RECORDS) all->many = true;", "if (all->n == MAX_RECORDS) ;",
    "too many records", "test_dns_zone")
row("return ttl >> TTL_BITS ? 0 : (uint32_t)ttl;", "return (uint32_t)ttl;", "large TTLs",
    sample=True)
row("if (w->n - start > TXT_STRING)", "if (w->n - start > TXT_STRING + 1)", "strings of 255")
row("return !bad && w->n - start <= RDATA_MAX;", "return !bad;", "data over 65,535 bytes")
row("a->left_out++;", "", "records left out are counted")

file("dns/codec_names.c", "test_dns_zone_records", "replay tables/dns-answers*")
row('moved[] = "yggdpire"', 'moved[] = "yggdpi"', "syllables that are moved")
row('gone[] = "ctft"', 'gone[] = "ct"', "syllables that are gone")
row("if (room < GROUP || a->before % GROUP || behind % GROUP)",
    "if (room < GROUP || a->before % GROUP)", "whole groups behind the gap")
row("if (room < GROUP ||", "if (", "a gap of one group at least")
row("if (a->gap) return false; a->gap = true;", "a->gap = true;", "two gaps")

file("dns/chain_names.c", "test_dns_chain")
row("return c->reading ? c->generation : store_commits(c->store) + 1;",
    "return store_commits(c->store) + 1;", "an answer of a turn is of its own moment", sample=True)
row("if (c->failed_at == now) return c->failed;", "", "one new reader a second")
row("struct slice owner = b->tx.signing.n ? b->tx.signing : b->pub_key;",
    "struct slice owner = b->tx.signing;", "the author is the owner")
row("slice_eq(b->tx.confirmation, slice_of(confirmation, sizeof confirmation))", "true",
    "the confirmation")
row("view_height(&c->view), &row))", "view_height(&c->view) + 1, &row))",
    "a row in the tip does not count")
row("!= DOMAIN_ALIVE) return true;", "== DOMAIN_FREE) return true;", "expired domains")
row("int64_t life = (int64_t)p->domain_lifetime + 1;", "int64_t life = (int64_t)p->domain_lifetime;",
    "the last second of a domain")

file("dns/hosts.c", "test_dns_hosts", "replay tables/dns-answers*")
row("dns_name_lower(&name); uint32_t place", "uint32_t place", "the case of a question")
row("if (kind != wanted(q->type)) continue;", "", "the asked family only")

file("dns/hosts_load.c", "test_dns_hosts", "replay tables/dns-answers*")
row("if (line.n > LINE_LONGEST)", "if (line.n >= LINE_LONGEST)", "the longest line")
row("if (rest.n && (end || rest.n > LINE_LONGEST))", "if (rest.n && end)", "a line without an end",
    equal="a full buffer takes no more, and nothing more is the end")
row("if (!is_text(line)) return refuse(f, \"this is no text\");", "", "binary files")
row("O_NONBLOCK | ", "", "a pipe that nobody writes to")
row("if (fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode)) return true;", "return true;",
    "folders and pipes")
row("f->is_list = !f->has_address;", "f->is_list = true;", "words alone in a hosts file")

file("dns/hosts_memory.c", "test_dns_hosts")
row("h->bytes > h->most || more > h->most - h->bytes", "h->bytes > h->most", "the bound")
row("h->bytes -= p ? had : size;", "h->bytes -= p ? 0 : size;", "what is given back")

file("dns/hosts_set.c", "test_dns_hosts")
row("count >= HOSTS_ADDRESSES", "count > HOSTS_ADDRESSES", "one address too many")
row("kind == HOSTS_POINTER ||", "", "one name of an address")
