package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.workload.WorkloadService;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What can be done to one workload or to several. */
enum BulkAction {
    START,
    STOP,
    RESTART,
    DELETE;

    private static final Units UNITS = new Units();

    static BulkAction of(String word) {
        for (BulkAction action : values()) {
            if (action.word().equals(word)) {
                return action;
            }
        }
        throw ProblemException.invalid("action", "must be start, stop, restart or delete");
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Starting needs no question; what stops service does. */
    boolean asks() {
        return this != START;
    }

    void carryOut(WorkloadService workloads, Actor actor, UUID id) {
        switch (this) {
            case START -> workloads.start(actor, id);
            case STOP -> workloads.stop(actor, id);
            case RESTART -> workloads.restart(actor, id);
            case DELETE -> workloads.delete(actor, id);
        }
    }

    String title(int count) {
        return verb() + " " + UNITS.count(count, "workload", "workloads");
    }

    String question(int count) {
        return title(count) + "?";
    }

    String question(String name) {
        return verb() + " " + name + "?";
    }

    /** What happens to the containers, as a line of its own. */
    String impact(int containers) {
        if (containers == 0) {
            return "No container is there";
        }
        String text = UNITS.count(containers, "container", "containers");
        return switch (this) {
            case START -> "Its containers start";
            case STOP -> text + (containers == 1 ? " stops" : " stop");
            case RESTART -> text + (containers == 1 ? " restarts" : " restart");
            case DELETE -> text + (containers == 1 ? " stops and is removed" : " stop and are removed");
        };
    }

    String button(int workloads, int containers) {
        return this == DELETE || containers == 0
                ? title(workloads)
                : verb() + " " + UNITS.count(containers, "container", "containers");
    }

    String outcome(int containers) {
        String text = UNITS.count(containers, "container", "containers");
        return switch (this) {
            case START -> "starting";
            case STOP -> "stopping " + text;
            case RESTART -> "restarting " + text;
            case DELETE -> "deleting, with " + text;
        };
    }

    String mark() {
        return switch (this) {
            case START -> "starting";
            case STOP -> "stopping";
            case RESTART -> "working";
            case DELETE -> "stopping";
        };
    }

    @Nullable
    String remark() {
        return switch (this) {
            case START -> null;
            case STOP -> "Specs and revisions stay; it can be started again.";
            case RESTART -> "Each container stops and starts again where it is.";
            case DELETE -> "Containers, their writable layers and logs are removed. This cannot be undone.";
        };
    }

    private String verb() {
        return Character.toUpperCase(word().charAt(0)) + word().substring(1);
    }
}
