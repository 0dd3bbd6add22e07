#define _GNU_SOURCE
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* "2026-11-23T21:00:00.123456789Z stdout F " has 40 characters for either stream. */
#define PREFIX_BYTES 40
#define BUFFER_BYTES 16384

struct buffer {
    size_t used;
    uint64_t text_bytes;
    char bytes[BUFFER_BYTES];
};

static void segment_name(char name[24], uint32_t number) {
    (void)snprintf(name, 24, "%08u.log", number);
}

static bool next_segment(struct log *log) {
    char name[24];
    int fd;
    uint32_t number = log->number;
    do {
        number++;
        segment_name(name, number);
        fd = openat(log->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    } while (fd < 0 && errno == EEXIST);
    if (fd < 0) {
        return false;
    }
    if (log->segment >= 0) {
        close(log->segment);
    }
    log->segment = fd;
    log->number = number;
    log->written = 0;
    log->torn = false;
    if (number > log->count) {
        segment_name(name, number - log->count);
        (void)unlinkat(log->directory, name, 0);
    }
    return true;
}

void log_open(struct log *log, const struct plan *plan, int directory) {
    *log = (struct log){.directory = -1, .segment = -1};
    struct step step;
    if (directory >= 0 && plan_find(plan, STEP_LOG, &step)) {
        log->count = take_u32(&step.fields);
        log->segment_bytes = take_u64(&step.fields);
        log->directory = directory;
        (void)next_segment(log);
    }
}

/* What a record begins with. It is the same for every line of a chunk, which may have thousands, but for the flag. */
struct prefix {
    size_t length;
    char bytes[PREFIX_BYTES + 1];
};

static struct prefix prefix_of(const struct timespec *now, const char *stream) {
    struct prefix prefix = {0};
    struct tm parts;
    (void)gmtime_r(&now->tv_sec, &parts);
    int length = snprintf(prefix.bytes, sizeof prefix.bytes, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s F ",
                          parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                          parts.tm_sec, now->tv_nsec, stream);
    prefix.length = length < 0 ? 0 : strlen(prefix.bytes);
    return prefix;
}

static void put_prefix(struct buffer *buffer, const struct prefix *prefix, bool complete) {
    memcpy(buffer->bytes + buffer->used, prefix->bytes, prefix->length);
    buffer->used += prefix->length;
    if (!complete && buffer->used > 1) {
        buffer->bytes[buffer->used - 2] = 'P';
    }
}

/* How many bytes of text lie in the records of the buffer that were not written as a whole. */
static uint64_t text_beyond(const struct buffer *buffer, size_t written) {
    uint64_t lost = 0;
    size_t start = buffer->bytes[0] == '\n' ? 1 : 0;
    while (start < buffer->used) {
        const char *newline = memchr(buffer->bytes + start, '\n', buffer->used - start);
        size_t end = newline == NULL ? buffer->used : (size_t)(newline - buffer->bytes) + 1;
        if (end > written && end - start > PREFIX_BYTES) {
            lost += end - start - PREFIX_BYTES - 1;
        }
        start = end;
    }
    return lost;
}

static bool append(struct log *log, const struct buffer *buffer) {
    if (log->segment < 0 || (log->written > 0 && log->written + buffer->used > log->segment_bytes)) {
        if (!next_segment(log) && log->segment < 0) {
            log->dropped += buffer->text_bytes;
            return false;
        }
    }
    ssize_t written = write(log->segment, buffer->bytes, buffer->used);
    size_t done = written < 0 ? 0 : (size_t)written;
    log->written += done;
    if (done == buffer->used) {
        log->torn = false;
        return true;
    }
    log->torn = log->torn || (done > 0 && buffer->bytes[done - 1] != '\n');
    if (buffer->text_bytes > 0) {
        log->dropped += text_beyond(buffer, done);
    }
    return false;
}

static void begin(const struct log *log, struct buffer *buffer) {
    buffer->used = 0;
    buffer->text_bytes = 0;
    if (log->torn) {
        buffer->bytes[buffer->used++] = '\n';
    }
}

/* Before anything else is written again: how much is missing here. */
static bool report_gap(struct log *log, struct buffer *buffer, const struct timespec *now) {
    if (log->dropped == 0) {
        return true;
    }
    begin(log, buffer);
    struct prefix prefix = prefix_of(now, "gap");
    put_prefix(buffer, &prefix, true);
    int length = snprintf(buffer->bytes + buffer->used, BUFFER_BYTES - buffer->used, "%llu\n",
                          (unsigned long long)log->dropped);
    buffer->used += length < 0 ? 0 : (size_t)length;
    if (!append(log, buffer)) {
        return false;
    }
    log->dropped = 0;
    return true;
}

void log_write(struct log *log, enum log_stream stream, const char *data, size_t length) {
    if (log->directory < 0 || length == 0) {
        return;
    }
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct buffer buffer;
    if (!report_gap(log, &buffer, &now)) {
        log->dropped += length;
        return;
    }
    struct prefix prefix = prefix_of(&now, stream == LOG_STDOUT ? "stdout" : "stderr");
    begin(log, &buffer);
    while (length > 0) {
        if (buffer.used + PREFIX_BYTES + 2 > BUFFER_BYTES) {
            (void)append(log, &buffer);
            begin(log, &buffer);
        }
        size_t room = BUFFER_BYTES - buffer.used - PREFIX_BYTES - 1;
        const char *newline = memchr(data, '\n', length);
        size_t line = newline == NULL ? length : (size_t)(newline - data);
        bool complete = newline != NULL && line <= room;
        size_t text = line < room ? line : room;
        put_prefix(&buffer, &prefix, complete);
        memcpy(buffer.bytes + buffer.used, data, text);
        buffer.used += text;
        buffer.bytes[buffer.used++] = '\n';
        buffer.text_bytes += text;
        data += text + (complete ? 1 : 0);
        length -= text + (complete ? 1 : 0);
    }
    (void)append(log, &buffer);
}
