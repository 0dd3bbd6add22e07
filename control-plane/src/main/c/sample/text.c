#include "sample.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void text_add(struct text *text, const char *format, ...)
{
    size_t room = sizeof text->bytes - text->length;
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    if (count > 0) {
        text->length += (size_t)count < room ? (size_t)count : room - 1;
    }
}

void text_add_html(struct text *text, const char *value)
{
    for (; *value; value++) {
        switch (*value) {
        case '<': text_add(text, "&lt;"); break;
        case '>': text_add(text, "&gt;"); break;
        case '&': text_add(text, "&amp;"); break;
        case '"': text_add(text, "&quot;"); break;
        case '\'': text_add(text, "&#39;"); break;
        default: text_add(text, "%c", *value);
        }
    }
}

void text_add_json(struct text *text, const char *value)
{
    for (; *value; value++) {
        if (*value == '"' || *value == '\\') {
            text_add(text, "\\%c", *value);
        } else if ((unsigned char)*value < 0x20) {
            text_add(text, "\\u%04x", (unsigned)*value);
        } else {
            text_add(text, "%c", *value);
        }
    }
}

int read_file(const char *path, char *buffer, size_t size)
{
    buffer[0] = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    size_t length = 0;
    while (length < size - 1) {
        ssize_t count = read(fd, buffer + length, size - 1 - length);
        if (count <= 0) {
            break;
        }
        length += (size_t)count;
    }
    close(fd);
    while (length > 0 && (buffer[length - 1] == '\n' || buffer[length - 1] == ' ')) {
        length--;
    }
    buffer[length] = 0;
    return 1;
}
