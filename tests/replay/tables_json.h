/* Players of the tables about domain data, names and the JSON form of a transaction. Each plays one
 * line: true = as expected, else `what` says the first difference. */
#ifndef TESTS_REPLAY_TABLES_JSON_H
#define TESTS_REPLAY_TABLES_JSON_H

#include "base/slice.h"

bool play_domain_data(struct slice line, char *what, size_t what_size);
bool play_json_accept(struct slice line, char *what, size_t what_size);
bool play_bytes_from_hex(struct slice line, char *what, size_t what_size);
bool play_addresses(struct slice line, char *what, size_t what_size);
bool play_domain_names(struct slice line, char *what, size_t what_size);
bool play_transaction_json(struct slice line, char *what, size_t what_size);

#endif
