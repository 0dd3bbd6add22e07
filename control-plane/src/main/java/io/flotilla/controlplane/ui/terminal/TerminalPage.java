package io.flotilla.controlplane.ui.terminal;

/**
 * What the terminal's page shows before the first key.
 *
 * @param mode {@code exec} for a command of its own, {@code attach} for the container's first process
 * @param command what was typed, empty for a shell that is found
 * @param attachable whether the container has a terminal or keeps its input open
 * @param session what to come back to, empty for a new terminal
 * @param over whether there is nothing to come back to any more
 */
public record TerminalPage(
        String allocation,
        String workload,
        String name,
        int number,
        String node,
        String status,
        String mode,
        String command,
        String user,
        boolean attachable,
        String session,
        boolean over) {}
