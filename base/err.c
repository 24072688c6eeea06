/* Words for the error codes. Before: code that reports an error. After: the message or log line. */
#include "base/err.h"

const char *err_name(enum err e)
{
	switch (e) {
	case ERR_OK:
		return "ok";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_MALFORMED:
		return "malformed";
	case ERR_TOO_BIG:
		return "too big";
	case ERR_FULL:
		return "full";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_EXISTS:
		return "exists";
	case ERR_REFUSED:
		return "refused";
	case ERR_TIMEOUT:
		return "timed out";
	case ERR_IO:
		return "input/output error";
	case ERR_CORRUPT:
		return "corrupt";
	case ERR_BUSY:
		return "busy";
	case ERR_STOPPING:
		return "stopping";
	case ERR_USAGE:
		return "wrong use";
	}
	return "unknown error";
}
