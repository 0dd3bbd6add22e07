package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.engine.ContainerListener;
import io.flotilla.agent.engine.Containers;
import io.flotilla.agent.engine.EngineParts;
import io.flotilla.agent.engine.launch.Shims;
import io.flotilla.agent.image.Images;
import io.flotilla.agent.ledger.Ledger;
import io.flotilla.agent.network.NetworkConfig;
import io.flotilla.agent.network.NodeNetwork;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.time.InstantSource;

/** The engine with everything it stands on. Closing lets go of the containers, which live on. */
record Parts(Shims shims, NodeNetwork network, Images images, EngineParts engine, Containers containers)
        implements AutoCloseable {

    static Parts open(AgentPaths paths, Ledger ledger, RegistryClient registries, ContainerListener listener)
            throws IOException {
        InstantSource clock = InstantSource.system();
        Snapshots snapshots = Snapshots.open(paths);
        Images images = Images.open(paths, registries, new NodeNeeds(ledger, snapshots), clock);
        Shims shims = Shims.open();
        NodeNetwork network = NodeNetwork.open(NetworkConfig.of(paths));
        EngineParts engine = EngineParts.of(paths, shims, snapshots, network, clock);
        return new Parts(shims, network, images, engine, Containers.open(engine, listener));
    }

    @Override
    public void close() throws IOException {
        containers.close();
        network.close();
        images.close();
        shims.close();
    }
}
