/** What the node tells the control plane: a durable queue of events, and readings that may be lost. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.report;
