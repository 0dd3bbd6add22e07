/** What is in force for a running container, read from the kernel, beside what was asked. */
@NullMarked
package io.flotilla.agent.applied;

import org.jspecify.annotations.NullMarked;
