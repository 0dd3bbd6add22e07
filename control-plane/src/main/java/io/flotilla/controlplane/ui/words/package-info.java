/** How things are written, in Java and in templates: statuses, quantities, sentences, command lines. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.words;
