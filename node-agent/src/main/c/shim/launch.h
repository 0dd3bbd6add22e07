/* Starting a process: clone3 into new namespaces, or inside joined ones, and what the shim itself does for it. */
#ifndef FLOTILLA_LAUNCH_H
#define FLOTILLA_LAUNCH_H

#include "failure.h"
#include "plan.h"

#include <sys/types.h>

/* A started process that waits for NOTE_PROCEED. */
struct launched {
    pid_t pid;
    int pidfd;
    int notes;
};

/* The namespaces of the running container, for an exec. */
struct inside {
    int pidfd;
    uint32_t namespaces;
};

/* Every kind of namespace that the container has of its own, created or joined. */
uint32_t plan_namespaces(const struct plan *plan);

/*
 * Starts the plan's process. inside is NULL for a container. place as for host_start. start_socket is where a container
 * that is handed over waits for the word to start, else -1.
 */
bool launch(const struct plan *plan, const struct inside *inside, const char *place, int start_socket,
            struct launched *out, struct failure *failure);

/*
 * Sets the plan's resource limits and scheduling with the host's privilege; after the process is ready, since they might be
 * too narrow for getting there.
 */
bool limit_process(const struct plan *plan, pid_t pid, struct failure *failure);

/* Writes a file below /proc/<pid>. */
bool write_proc(pid_t pid, const char *name, const char *content, struct failure *failure);

/* Field 22 of /proc/<pid>/stat, in clock ticks since boot; 0 when the process is gone. */
uint64_t start_time(pid_t pid);

#endif
