/** Images on this node: pulled from registries, verified, unpacked into layer trees that survive power cuts. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.image;
