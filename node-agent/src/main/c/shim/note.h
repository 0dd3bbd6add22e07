/*
 * Notes between the shim, its helper on the host's side and the process that becomes the container. They travel over
 * SOCK_SEQPACKET pairs that close at exec, so that the end of the stream tells the shim that the program runs.
 *
 *   host helper -> process   NOTE_MOUNT with a descriptor (one per root or bind step, in the plan's order), NOTE_FAILED
 *   shim -> process          NOTE_PROCEED, NOTE_START
 *   process -> shim          NOTE_STREAMS with descriptors, NOTE_READY, NOTE_FAILED; NOTE_CHECKPOINT (the agent's turn) and
 *                            NOTE_CLOCKS (it has made its time namespace), which wait for another NOTE_PROCEED;
 *                            NOTE_LISTENER with the memory that listener.h describes
 *   namespace helper -> shim NOTE_PID (a process made inside joined namespaces), NOTE_FAILED
 */
#ifndef FLOTILLA_NOTE_H
#define FLOTILLA_NOTE_H

#include "failure.h"

#define NOTE_MOST_FDS 3

enum note_kind { NOTE_PROCEED = 1, NOTE_START, NOTE_MOUNT, NOTE_STREAMS, NOTE_PID, NOTE_READY, NOTE_FAILED, NOTE_CHECKPOINT, NOTE_CLOCKS, NOTE_LISTENER };

struct note {
    uint32_t kind;
    int32_t value;
    struct failure failure;
};

_Static_assert(sizeof(struct note) == 200, "the agent sends and reads one itself when a container is started that was handed over");

bool note_send(int socket, const struct note *note, const int *fds, int count);

/*
 * Returns 1 for a note, 0 at the end of the stream, -1 with errno. Received descriptors are close-on-exec; the places of
 * those that did not come are -1.
 */
int note_receive(int socket, struct note *note, int fds[NOTE_MOST_FDS]);

#endif
