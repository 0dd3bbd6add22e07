package io.flotilla.controlplane.api;

import io.flotilla.controlplane.schedule.Verdict;
import java.util.UUID;

/** What the scheduler thinks of one candidate node. */
record VerdictBody(UUID node, String nodeName, boolean fits, boolean chosen, String reason) {

    static VerdictBody of(Verdict verdict) {
        return new VerdictBody(verdict.nodeId(), verdict.node(), verdict.fits(), verdict.chosen(), verdict.sentence());
    }
}
