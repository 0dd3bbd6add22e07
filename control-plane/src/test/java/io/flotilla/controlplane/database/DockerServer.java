package io.flotilla.controlplane.database;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * PostgreSQL in a container of whatever Docker engine Testcontainers finds (DOCKER_HOST, else the usual socket). The image
 * is made on the spot, so no registry is needed; the container uses the host's network, so neither a bridge nor iptables.
 */
record DockerServer(String url, Endpoint.Login superuser) {

    private static final String REPOSITORY = "flotilla-test-postgresql";

    /** Ended and removed by Testcontainers when the JVM ends. */
    static DockerServer start() throws IOException {
        Distribution programs = Distribution.unpack(TestServer.programs());
        String tag = programs.home().getFileName().toString();
        build(programs, tag);
        int port = freePort();
        String password = TestServer.password();
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(REPOSITORY + ":" + tag))
                .withImagePullPolicy(image -> false)
                .withNetworkMode("host")
                .withEnv("PASSWORD", password)
                .withEnv("PORT", String.valueOf(port))
                .waitingFor(Wait.forLogMessage(".*database system is ready to accept connections.*", 1));
        container.start();
        return new DockerServer(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres", new Endpoint.Login("postgres", password));
    }

    private static void build(Distribution programs, String tag) throws IOException {
        DockerClient docker = DockerClientFactory.instance().client();
        try {
            docker.inspectImageCmd(REPOSITORY + ":" + tag).exec();
        } catch (NotFoundException e) {
            docker.buildImageCmd(new ByteArrayInputStream(PostgresImage.context(programs)))
                    .withTags(Set.of(REPOSITORY + ":" + tag))
                    .withPull(false)
                    .exec(new BuildImageResultCallback())
                    .awaitImageId();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
