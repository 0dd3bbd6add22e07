package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.workload.LaunchPreview.QuotaRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a launch of several workloads would do, without doing it.
 *
 * @param workloads each with the others before it in their places
 * @param quota of all of them together, one row for each bounded dimension
 * @param refusal why the launch would be refused as it stands; null when it would not
 */
public record BatchPreview(
        List<LaunchPreview> workloads,
        List<QuotaRow> quota,
        @Nullable String refusal) {

    public BatchPreview {
        workloads = List.copyOf(workloads);
        quota = List.copyOf(quota);
    }
}
