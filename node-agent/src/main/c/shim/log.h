/*
 * The container's output on disk: one line per record, "2026-11-23T21:00:00.123456789Z stdout F text", F when the line is
 * complete and P when more of it follows. Segments are files with rising numbers; one that is full is left and the oldest
 * beyond the count are removed, nothing is ever truncated. What cannot be written (a full disk) is dropped and counted, and
 * a "gap" record tells how much was lost as soon as writing works again.
 */
#ifndef FLOTILLA_LOG_H
#define FLOTILLA_LOG_H

#include "plan.h"

#include <sys/types.h>

enum log_stream { LOG_STDOUT, LOG_STDERR };

struct log {
    int directory; /* -1 when the plan has no log */
    int segment;
    uint32_t number;
    uint32_t count;
    uint64_t segment_bytes;
    uint64_t written;
    uint64_t dropped;
    bool torn; /* the segment ends in the middle of a record */
};

/* Takes the limits from the plan. Without a log step, or without a directory, everything written is forgotten. */
void log_open(struct log *log, const struct plan *plan, int directory);

/* Writes output that was read from the container at once. Never blocks for longer than the file system does. */
void log_write(struct log *log, enum log_stream stream, const char *data, size_t length);

#endif
