package io.flotilla.controlplane.problem;

/**
 * What is wrong with one field of a request.
 *
 * @param field the field's path as in the request's JSON, such as {@code resources.cpu} or {@code ports[0].host}
 * @param detail a sentence without the field's name: what is wrong and what would be right
 */
public record FieldError(String field, String detail) {}
