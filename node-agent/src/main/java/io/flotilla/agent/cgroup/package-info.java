/** Control groups of the node's containers: limits, statistics, freeze and kill, on cgroup v2, v1 and hybrid hosts. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.cgroup;
