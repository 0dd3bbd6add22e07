package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** As whom a registry is asked. No secret shows in {@code toString}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Login.Anonymous.class, name = "anonymous"),
    @JsonSubTypes.Type(value = Login.Basic.class, name = "basic"),
    @JsonSubTypes.Type(value = Login.Bearer.class, name = "bearer"),
})
public sealed interface Login {

    /** Nobody; registries that hand out tokens are asked for an anonymous one. */
    record Anonymous() implements Login {}

    /** A user with a password or access token, sent only after the registry has asked for it. */
    record Basic(String user, String password) implements Login {

        public Basic {
            if (user.indexOf(':') >= 0) {
                throw new IllegalArgumentException("registry user \"" + user + "\" has a colon (RFC 7617)");
            }
        }

        @Override
        public String toString() {
            return "Basic[user=" + user + "]";
        }
    }

    /** A token that this very registry accepts as it is; sent with every request. */
    record Bearer(String token) implements Login {

        @Override
        public String toString() {
            return "Bearer[]";
        }
    }
}
