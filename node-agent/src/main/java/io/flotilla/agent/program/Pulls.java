package io.flotilla.agent.program;

import io.flotilla.agent.image.Images;
import io.flotilla.agent.reconcile.FailedStepException;
import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.BadDocumentException;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryAwayException;
import io.flotilla.protocol.registry.RegistryException;
import io.flotilla.protocol.registry.RegistryRefusedException;
import io.flotilla.protocol.registry.TooManyRequestsException;
import io.flotilla.protocol.registry.UnauthorizedException;
import io.flotilla.protocol.registry.UnknownImageException;
import io.flotilla.protocol.registry.WrongPlatformException;
import java.io.IOException;
import java.util.UUID;
import java.util.function.Consumer;

/** Fetches images for allocations, and tells failures that pass from those that only a person can end. */
final class Pulls {

    /**
     * How a registry is reached.
     *
     * @param sure false while the login is a guess, because the control plane, which may know one, did not answer
     */
    record Way(RegistryAccess access, boolean sure) {}

    /** Finds the way to an image's registry. */
    interface Ways {

        Way to(UUID allocationId, ImageName image) throws FailedStepException, InterruptedException;
    }

    private final Images images;
    private final Ways ways;
    private final Consumer<AgentMessage.Pulling> pulling;

    Pulls(Images images, Ways ways, Consumer<AgentMessage.Pulling> pulling) {
        this.images = images;
        this.ways = ways;
        this.pulling = pulling;
    }

    void pull(UUID allocationId, ImageName image, Digest digest) throws FailedStepException, InterruptedException {
        Way way = ways.to(allocationId, image);
        try {
            images.pull(
                    image,
                    digest,
                    way.access(),
                    progress -> pulling.accept(new AgentMessage.Pulling(allocationId, progress)));
        } catch (IOException e) {
            throw new FailedStepException(sentence(image, way, e), null, lasting(image, way, e), e);
        }
    }

    private static String sentence(ImageName image, Way way, IOException failure) {
        String told = String.valueOf(failure.getMessage());
        String named = told.contains(image.familiar()) ? told : "image \"" + image + "\": " + told;
        return failure instanceof UnauthorizedException && !way.sure()
                ? named + "; the control plane, which may know a login, did not answer"
                : named;
    }

    private static boolean lasting(ImageName image, Way way, IOException failure) {
        return switch (failure) {
            case RegistryException registry -> lasting(image, way, registry);
            case ArchiveException _ -> true;
            default -> false;
        };
    }

    private static boolean lasting(ImageName image, Way way, RegistryException failure) {
        return switch (failure) {
            case RegistryAwayException _, TooManyRequestsException _ -> false;
            // The control plane's own token changes with every session, perhaps in the middle of a pull.
            case UnauthorizedException _ -> way.sure() && !image.isLocal();
            case BadDigestException _,
                    BadDocumentException _,
                    RegistryRefusedException _,
                    UnknownImageException _,
                    WrongPlatformException _ -> true;
        };
    }
}
