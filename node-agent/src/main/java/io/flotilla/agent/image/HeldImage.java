package io.flotilla.agent.image;

/** An image that stays on this node until this is closed, for a container that is made of it meanwhile. */
public final class HeldImage implements AutoCloseable {

    private final LocalImage image;
    private final Leases.Lease lease;

    HeldImage(LocalImage image, Leases.Lease lease) {
        this.image = image;
        this.lease = lease;
    }

    public LocalImage image() {
        return image;
    }

    @Override
    public void close() {
        lease.close();
    }
}
