package io.flotilla.controlplane.node;

import io.flotilla.controlplane.database.OnDatabaseReady;
import io.flotilla.controlplane.id.Ids;
import io.flotilla.protocol.Announcement;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Handshake;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Service;

/** Who the control plane is to its nodes: an id and an Ed25519 key, made at the first start and shared by all replicas. */
@Service
@Order(10)
public class ControlPlaneKey implements OnDatabaseReady {

    private record Known(UUID id, PrivateKey key, Bytes publicKey) {}

    private final ControlPlaneStore store;
    private final Ids ids;
    private volatile @Nullable Known known;

    ControlPlaneKey(ControlPlaneStore store, Ids ids) {
        this.store = store;
        this.ids = ids;
    }

    @Override
    public void databaseReady() {
        KeyPair pair = newPair();
        store.createIfAbsent(
                ids.next(),
                pair.getPrivate().getEncoded(),
                Handshake.rawPublicKey(pair.getPublic()).array());
        ControlPlaneStore.Row row = store.get();
        known = new Known(row.id(), privateKey(row.privateKey()), Bytes.of(row.publicKey()));
    }

    public UUID id() {
        return present().id();
    }

    /** The 32 raw bytes. */
    public Bytes publicKey() {
        return present().publicKey();
    }

    /** What stands in a join line. */
    public String fingerprint() {
        return Handshake.fingerprint(publicKey());
    }

    public Bytes sign(byte[] statement) {
        return Handshake.sign(present().key(), statement);
    }

    /**
     * Says which keys TLS may end with.
     *
     * @param nonce whose asker shall know that the answer is new
     */
    public Announcement announce(Bytes nonce, List<Bytes> tlsKeys) {
        return new Announcement(publicKey(), tlsKeys, sign(Handshake.announcementStatement(nonce, tlsKeys)));
    }

    private Known present() {
        Known present = known;
        if (present == null) {
            throw new IllegalStateException("the control plane's key is not known before the database is ready");
        }
        return present;
    }

    private static KeyPair newPair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has Ed25519", e);
        }
    }

    private static PrivateKey privateKey(byte[] pkcs8) {
        try {
            return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the control plane's private key in the database cannot be read", e);
        }
    }
}
