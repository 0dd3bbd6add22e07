/** Reading and writing tar archives in bounded memory, whatever the archive says of itself. */
@org.jspecify.annotations.NullMarked
package io.flotilla.protocol.archive;
