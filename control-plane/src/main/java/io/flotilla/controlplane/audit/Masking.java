package io.flotilla.controlplane.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a state into JSON that may be kept for ever and read by auditors: environment values become hashes keyed with
 * a secret of this installation, so that a change shows and the value cannot be guessed; what is a secret by its name
 * is masked.
 */
@Component
class Masking {

    private static final Set<String> SECRET = Set.of(
            "password", "passwordhash", "token", "tokenhash", "secret", "privatekey", "credential", "credentials");
    private static final int SHOWN_HASH_DIGITS = 16;

    private final JsonMapper mapper;
    private final AuditStore store;
    private byte @Nullable [] key;

    Masking(JsonMapper mapper, AuditStore store) {
        this.mapper = mapper;
        this.store = store;
    }

    /** Null for null. */
    @Nullable
    String json(@Nullable Object state) {
        if (state == null) {
            return null;
        }
        JsonNode tree = mapper.valueToTree(state);
        mask(tree);
        return mapper.writeValueAsString(tree);
    }

    private void mask(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> property : object.properties()) {
                property.setValue(masked(object, property.getKey(), property.getValue()));
            }
        } else if (node instanceof ArrayNode array) {
            array.forEach(this::mask);
        }
    }

    private JsonNode masked(ObjectNode parent, String name, JsonNode value) {
        if (value.isNull()) {
            return value;
        }
        if (SECRET.contains(name.toLowerCase(Locale.ROOT))) {
            return parent.stringNode("***");
        }
        if (name.equals("env") && value instanceof ObjectNode variables) {
            for (Map.Entry<String, JsonNode> variable : variables.properties()) {
                variable.setValue(parent.stringNode(hash(variable.getValue().asString())));
            }
            return variables;
        }
        mask(value);
        return value;
    }

    private String hash(String value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key(), "HmacSHA256"));
            String digits = HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)));
            return "hmac:" + digits.substring(0, SHOWN_HASH_DIGITS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private synchronized byte[] key() {
        byte[] known = key;
        if (known == null) {
            known = store.maskingKey();
            key = known;
        }
        return known;
    }
}
