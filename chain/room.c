/* Role: asks how many bytes are free on a file system.
 * Before: chain/store_disk.c, node/room_wait.c. After: the kernel. */
#include "chain/room.h"

#include <sys/statvfs.h>

/* False when the numbers say nothing: the file system is read-only, or reports no blocks at all, as
 * some FUSE file systems do. */
static bool read_room(const struct statvfs *v, uint64_t *bytes)
{
	if (v->f_blocks == 0 || v->f_flag & ST_RDONLY)
		return false;
	*bytes = (uint64_t)v->f_bavail * v->f_frsize;
	return true;
}

bool room_of(const char *dir, uint64_t *bytes)
{
	struct statvfs v;

	return statvfs(dir, &v) == 0 && read_room(&v, bytes);
}

bool room_of_fd(int fd, uint64_t *bytes)
{
	struct statvfs v;

	return fstatvfs(fd, &v) == 0 && read_room(&v, bytes);
}
