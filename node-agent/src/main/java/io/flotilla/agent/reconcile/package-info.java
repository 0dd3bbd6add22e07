/** Carries out plans: observes, plans, and gives every allocation's steps to a worker of its own, again and again. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.reconcile;
