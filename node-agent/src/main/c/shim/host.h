/*
 * What needs the host's privilege and the host's view of the file system: the root's overlay on idmapped layers and the
 * sources of bind mounts. A helper process does it in a mount namespace of its own, so that nothing of it ever appears on
 * the host, and hands the detached mounts to the container's process.
 */
#ifndef FLOTILLA_HOST_H
#define FLOTILLA_HOST_H

#include "plan.h"

#include <sys/types.h>

/*
 * Starts the helper. It sends one NOTE_MOUNT per step that needs it over the socket, or NOTE_FAILED, and ends.
 * place is a directory of ours that is used as a working mount point inside the helper's namespace; user_namespace is the
 * container's, or -1. Returns the helper's pid, or -1 with errno.
 */
pid_t host_start(const struct plan *plan, int socket, const char *place, int user_namespace);

/* Takes four numbers: what the mount gets and loses, and what it and all below it get and lose. False with errno. */
bool set_attributes(int mount, struct span *fields);

#endif
