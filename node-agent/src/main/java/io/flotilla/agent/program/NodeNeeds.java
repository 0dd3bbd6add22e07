package io.flotilla.agent.program;

import io.flotilla.agent.image.Needs;
import io.flotilla.agent.ledger.Ledger;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.NodeSpec.Order;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Images that the node shall run, and those that its containers stand on, wanted or not. */
record NodeNeeds(Ledger ledger, Snapshots snapshots) implements Needs {

    @Override
    public Set<Digest> images() throws IOException {
        Set<Digest> needed = new HashSet<>(snapshots.imagesInUse());
        for (Order order : ledger.current().orders()) {
            if (order instanceof Order.Run run) {
                needed.add(run.spec().digest());
            }
        }
        return needed;
    }

    @Override
    public Set<Path> layers() throws IOException {
        return snapshots.layersInUse();
    }
}
