package io.flotilla.controlplane.schedule;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where one replica would go.
 *
 * @param replica from 1
 * @param nodeId null if no node fits
 * @param reason one sentence
 * @param verdicts every candidate node's yes or no
 */
public record Preview(int replica, @Nullable UUID nodeId, String reason, List<Verdict> verdicts) {

    public Preview {
        verdicts = List.copyOf(verdicts);
    }
}
