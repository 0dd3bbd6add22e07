/** The last NodeSpec that this node accepted, on disk. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.ledger;
