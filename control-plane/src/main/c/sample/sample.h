/* The program of the sample image: a web server that shows the container it runs in, and a few tools for exec. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stddef.h>

enum { PORT = 8080 };

/* Text that grows up to a fixed size; what does not fit is left out. */
struct text {
    char bytes[16384];
    size_t length;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a value with the five characters escaped that mean something in HTML, or as the inside of a JSON string. */
void text_add_html(struct text *text, const char *value);
void text_add_json(struct text *text, const char *value);

/* Reads a small file; returns 0 and an empty string if there is none. */
int read_file(const char *path, char *buffer, size_t size);

/* The page and the same facts as JSON. */
void facts_html(struct text *text, unsigned long requests);
void facts_json(struct text *text, unsigned long requests);

int serve(void);
int tool(int argc, char **argv);
int shell(int argc, char **argv);

#endif
