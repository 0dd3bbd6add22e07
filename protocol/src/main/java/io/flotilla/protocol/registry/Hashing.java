package io.flotilla.protocol.registry;

import io.flotilla.protocol.Digest;
import java.security.MessageDigest;

/** Makes fresh digesters for the content of images: Java's own, or where these are slow another kind. */
public interface Hashing {

    MessageDigest digester(Digest digest);

    /** Java's own. */
    Hashing JAVA = Digest::digester;
}
