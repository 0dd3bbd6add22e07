package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.schedule.Preview;
import io.flotilla.protocol.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a launch would do, without doing it.
 *
 * @param digest what the image's name means now
 * @param replicas where each would go and why
 * @param quota one row for each bounded dimension, empty without a quota
 * @param refusal why the launch would be refused as it stands; null when it would not
 */
public record LaunchPreview(
        String name,
        String team,
        RevisionSpec spec,
        Digest digest,
        List<Preview> replicas,
        List<QuotaRow> quota,
        @Nullable String refusal) {

    public LaunchPreview {
        replicas = List.copyOf(replicas);
        quota = List.copyOf(quota);
    }

    /**
     * One dimension of the team's quota, in its own unit (millis of a core, bytes, or a count).
     *
     * @param dimension {@code cpu}, {@code memory}, {@code replicas} or {@code ports}
     */
    public record QuotaRow(String dimension, long used, long more, long limit) {

        public long left() {
            return limit - used - more;
        }
    }
}
