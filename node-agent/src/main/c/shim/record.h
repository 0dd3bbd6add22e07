/* The two small files in the runtime directory that tell a later agent what runs here and how it ended. */
#ifndef FLOTILLA_RECORD_H
#define FLOTILLA_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BOOT_ID_BYTES 37

struct identity {
    pid_t pid;
    uint64_t start; /* clock ticks since boot */
    pid_t shim;
    uint64_t shim_start;
    uint64_t created; /* nanoseconds since 1970 */
    char boot[BOOT_ID_BYTES];
};

struct ending {
    int32_t code;   /* -1 when a signal ended it */
    int32_t signal; /* 0 when it ended by itself */
    uint64_t started;
    uint64_t ended;
};

/* Nanoseconds since 1970. */
uint64_t now_ns(void);

void read_boot_id(char boot[BOOT_ID_BYTES]);

/* Both write a file under another name and rename it, so that a reader sees all of it or nothing. */
bool write_record(int directory, const struct identity *identity);
bool write_exit(int directory, const struct identity *identity, const struct ending *ending);

#endif
