package io.flotilla.controlplane.api;

import io.flotilla.controlplane.listen.TlsKeys;
import io.flotilla.controlplane.node.ControlPlaneKey;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Announcement;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Handshake;
import java.util.HexFormat;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Tells nodes, and hosts that want to become one, by which TLS keys the control plane is reached. */
@RestController
class AnnouncementApi {

    private final ControlPlaneKey key;
    private final TlsKeys tlsKeys;

    AnnouncementApi(ControlPlaneKey key, TlsKeys tlsKeys) {
        this.key = key;
        this.tlsKeys = tlsKeys;
    }

    /** Nothing in it is secret: whoever asks has only a fingerprint from a join line to compare it with. */
    @GetMapping(Handshake.ANNOUNCEMENT_PATH)
    Announcement announce(@RequestParam String nonce) {
        if (!nonce.matches("[0-9a-f]{64}")) {
            throw ProblemException.invalid("nonce", "must be 32 random bytes as 64 hex digits, not \"" + nonce + "\"");
        }
        return key.announce(Bytes.of(HexFormat.of().parseHex(nonce)), tlsKeys.current());
    }
}
