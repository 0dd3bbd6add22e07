package io.flotilla.controlplane.actor;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a user is to the whole installation. Membership in teams comes on top and is kept per team. */
public enum Role {
    /** Everything, including users, teams and tokens of others. */
    ADMIN,
    /** Nodes, images and the workloads of every team. */
    OPERATOR,
    /** The workloads of the teams they belong to. */
    MEMBER,
    /** Reads everything including the audit log, changes nothing and opens no terminal or log. */
    AUDITOR;

    /** The lower-case word used in JSON and in the database. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException naming the word and the known ones */
    @JsonCreator
    public static Role of(String word) {
        for (Role role : values()) {
            if (role.word().equals(word)) {
                return role;
            }
        }
        throw new IllegalArgumentException("role \"" + word + "\" is not one of admin, operator, member, auditor");
    }
}
