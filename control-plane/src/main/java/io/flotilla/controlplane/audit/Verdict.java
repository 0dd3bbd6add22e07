package io.flotilla.controlplane.audit;

import java.util.List;

/**
 * The result of a check.
 *
 * @param entries how many entries were read
 * @param heads with how many heads kept outside of the database they were compared
 * @param findings at most one hundred, in the order of the log; empty if all is as it was written
 */
public record Verdict(boolean ok, long entries, long heads, List<Finding> findings) {}
