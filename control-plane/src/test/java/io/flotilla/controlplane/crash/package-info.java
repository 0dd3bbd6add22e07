/** Control planes in processes of their own, killed at moments that nobody chose. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.crash;
