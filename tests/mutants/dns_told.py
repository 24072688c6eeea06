"""Mutants of what is told of the DNS server, and of names that are asked for by hand: the parts in
api/, cli/ and node/."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

TOLD = "program test_dns_told.Told."

file("api/dns_pace.c", "test_api_dns")
row("if (p->last.ms && now_ms - p->last.ms < DNS_PACE_MARK_MS) return;", "", "marks are 10 seconds apart")
row("bool recent = p->before.ms && now_ms - p->before.ms <= 3 * DNS_PACE_MARK_MS;", "bool recent = p->before.ms;",
    "a mark from long ago", sample=True)
row("bool recent = p->before.ms &&", "bool recent = false &&", "the older mark is the better one")
row("ms && now_ms > ms ?", "ms ?", "the moment of the mark")

file("api/status_dns.c", "test_api_dns")
row('d->figures ? "on" : d->why[0] ? d->why : "off"', 'd->figures ? "on" : "off"', "why it does not run")
row("if (i <= DNS_RCODE_REFUSED || number(&f->rcode[i]))", "if (i <= DNS_RCODE_REFUSED)", "codes that are rare")
row("if (i < DNS_LATENCY_STEPS - 1)", "if (i < DNS_LATENCY_STEPS - 2)", "the last step has no end")
row('json_bool(j, "up", f->facts.up);', 'json_bool(j, "up", true);', "a forwarder that is down")

file("api/resolve.c", "test_api_dns")
row("c->waits_ms = a->config->limits.dns_query_time.max;", "", "the answer comes later")
row("if (err != ERR_NOT_FOUND) return api_error", "if (0) return api_error", "no place, or no server")
row("one ? &name : NULL", "NULL", "one name is forgotten")
row("return records ? \"\" : \"the name has no records of this type\";", 'return "";', "why nothing is found")
row("rcode == DNS_RCODE_NOERROR && count)", "rcode == DNS_RCODE_NOERROR)", "a name without such records is not found")
row("bool good = r->size >= DNS_HEADER_SIZE;", "bool good = r->message;", "a reply without an answer",
    equal="a reply without an answer has neither")
row("if (!dns_text_skip_questions(&r, message)) count = 0;", "", "the question is no record")
row("if (reply->trace) put_trace(reply->trace, j);", "", "the stages are told")

file("cli/print_dns.c", "test_print")
row("strcmp(state, \"off\") != 0", "1", "off is not a reason")
row("100 * print_number(dns, \"dns_cache_hit_ratio\")", "print_number(dns, \"dns_cache_hit_ratio\")", "percent")
row("up < all ?", "up <= all ?", "where to look when one is down")
row("if (print_u64(one, \"total\"))", "if (1)", "what is 0 is left out")
row("if (!print_bool(json, \"current\"))", "if (0)", "a chain that is not up to date")
row("data[fits ? n : 0] = 0;", "data[0] = 0;", "the data of a record", TOLD + "test_resolve")

file("node/node_dns_ask.c", TOLD + "test_resolve", TOLD + "test_resolve_without_a_server")
row("if (!n->dns.server) return ERR_NOT_FOUND;", "if (!n->dns.server) return ERR_FULL;", "the server does not run")
row("while (dns_server_take_reply(n->dns.server, &r)) {", "if (dns_server_take_reply(n->dns.server, &r)) {",
    "all replies that are there", equal="the descriptor stays readable while there are others")
row("if (w.bad) http_server_answer", "if (1) http_server_answer", "an answer that fits")
row("if (w.bad) http_server_answer", "if (0) http_server_answer", "an answer that does not fit",
    "program test_dns_forward.Forwarding.test_an_answer_longer_than_a_response")
