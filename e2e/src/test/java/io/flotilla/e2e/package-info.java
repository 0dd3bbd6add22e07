/** Tests of the whole system: the script, the control plane, agents, containers, the browser. */
@org.jspecify.annotations.NullMarked
package io.flotilla.e2e;
