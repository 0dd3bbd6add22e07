package io.flotilla.controlplane.ui.audit;

import java.util.List;

/**
 * What the page of a recording shows.
 *
 * @param where workload and replica
 * @param readable whether the file is there to be replayed
 * @param proofStatus the mark of the comparison with the audit log
 */
public record RecordingPage(
        String id,
        String actor,
        String where,
        boolean readable,
        String proofStatus,
        String proofTitle,
        String proofText,
        List<AuditPage.Fact> facts) {}
